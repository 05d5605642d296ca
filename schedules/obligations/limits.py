"""Whether an obligation can be met at all: what the policies of its stations leave room for on its days.

Only what is certain is said: sessions, curfew, days, caps and the length of the sound. Other items are the plan's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcast.bulletin import Bulletin
from broadcast.obligation import DAY
from broadcast.policy import Policy
from broadcast.unit import Unit, UnitParent
from schedules.facts import PolicyFact, WallSpan
from schedules.facts_of import policy_fact, unit_fact, unit_key
from schedules.obligations.owing import Owing, Places, Span
from schedules.placing.policies import EffectivePolicy, PolicyBook
from schedules.placing.reasons import WEEKDAYS_VI
from schedules.placing.territory import Territory, stretches

_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Limit:
    """Why `stations` of them (`of_all` in all) cannot do it, told at `field`. Where all cannot, nobody should order it;
    where some cannot, the one who orders it may know."""

    field: str
    message_vi: str
    stations: int
    of_all: int

    @property
    def is_total(self) -> bool:
        return self.stations == self.of_all


@dataclass(frozen=True)
class Room:
    """What a policy leaves: so many airings of that length on an allowed day, and what says so."""

    a_day: int
    weekdays: frozenset[int]
    because: str
    days_because: str


def room_of(policy: EffectivePolicy, length_ms: int) -> Room:
    """At most how often a sound of that length fits into a day. Without a length only the cap counts."""
    sessions = _sessions(policy)
    longest = policy.longest_session_minutes
    fits = sorted(
        (min(minutes, longest or minutes) * 60_000 // max(length_ms, 1) for minutes in sessions), reverse=True
    )
    if policy.sessions_a_day is not None:
        if not policy.sessions and longest is not None:
            fits = [longest * 60_000 // max(length_ms, 1)] * policy.sessions_a_day
        fits = fits[: policy.sessions_a_day] if policy.sessions else fits
    a_day = sum(fits)
    minutes = -(-length_ms // 60_000)
    because = f"một lượt dài khoảng {minutes} phút, các giờ được phát chỉ đủ {a_day} lượt mỗi ngày"
    because += _whose(policy.sessions_by or policy.longest_by or policy.curfew_by)
    cap = policy.same_text_a_day
    if cap is not None and (cap <= a_day or not length_ms):
        a_day, because = cap, f"mỗi ngày chỉ được phát {cap} lần cùng một nội dung{_whose(policy.same_text_by)}"
    weekdays = policy.weekdays if policy.weekdays is not None else frozenset(range(1, 8))
    return Room(a_day, weekdays, because, _whose(policy.weekdays_by))


def _sessions(policy: EffectivePolicy) -> list[int]:
    """Minutes outside of curfew: of each session, or of each stretch of the day where there are none."""
    is_open = [True] * _DAY_MINUTES
    for wall in policy.curfew:
        for start, end in _parts(wall):
            is_open[start:end] = [False] * (end - start)
    if policy.sessions:
        spans = [(_minute(each.from_time), _minute(each.until_time) or _DAY_MINUTES) for each in policy.sessions]
        return [sum(is_open[start:end]) for start, end in spans]
    return [sum(is_open)]


def _parts(wall: WallSpan) -> list[tuple[int, int]]:
    start, end = _minute(wall.from_time), _minute(wall.until_time)
    return [(start, end)] if start < end else [(start, _DAY_MINUTES), (0, end)]


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _whose(policy: PolicyFact | None) -> str:
    return f" (theo {policy.source})" if policy is not None and policy.source else ""


def limits(
    session: Session,
    bulletin: Bulletin,
    unit_codes: Collection[str],
    at_least: int,
    per: str,
    span: Span,
    zone: ZoneInfo,
) -> list[Limit]:
    """Everything that keeps stations below these units from airing it so often on the days of `span`."""
    places = Places(session, zone)
    owing = places.owing(unit_codes, span)
    if not owing:
        return [Limit("units", "Các đơn vị đã chọn không có trạm nào trong những ngày này.", 0, 0)]
    length_ms = longest_ms(bulletin)
    situations = _policies(session, places, owing, span)
    told: dict[tuple[str, str], set[int]] = defaultdict(set)
    for station_id, days_of in situations.items():
        for field, sentence in _lacking(days_of, at_least, per, length_ms):
            told[field, sentence].add(station_id)
    return [Limit(field, sentence, len(ids), len(owing)) for (field, sentence), ids in told.items()]


def _lacking(
    days_of: Mapping[EffectivePolicy, Sequence[Span]], at_least: int, per: str, length_ms: int
) -> list[tuple[str, str]]:
    rooms = {policy: room_of(policy, length_ms) for policy in days_of}
    if per != DAY:
        most = sum(
            room.a_day * sum(_days_on(days, room.weekdays) for days in days_of[policy])
            for policy, room in rooms.items()
        )
        if most >= at_least:
            return []
        because = min(rooms.values(), key=lambda room: room.a_day).because
        return [("at_least", f"Cả đợt chỉ phát được nhiều nhất {most} lượt ở một trạm: {because}.")]
    found = []
    for policy, room in rooms.items():
        if room.a_day < at_least:
            found.append(("at_least", f"Không đạt được {at_least} lượt mỗi ngày: {room.because}."))
        barred = [number for number in range(1, 8) if number not in room.weekdays and _any_on(days_of[policy], number)]
        if barred:
            names = ", ".join(WEEKDAYS_VI[number - 1] for number in barred)
            found.append(("per", f"Không phát được vào {names}{room.days_because}; những ngày ấy sẽ thiếu."))
    return found


def _days_on(days: Span, weekdays: Collection[int]) -> int:
    """How many of the days are such weekdays."""
    number = (days.until_on - days.from_on).days + 1
    first = days.from_on.isoweekday()
    rest = {(first + offset - 1) % 7 + 1 for offset in range(number % 7)}
    return number // 7 * len(weekdays) + len(rest.intersection(weekdays))


def _any_on(spans: Sequence[Span], weekday: int) -> bool:
    return any(_days_on(days, (weekday,)) for days in spans)


def _policies(
    session: Session, places: Places, owing: Owing, span: Span
) -> dict[int, dict[EffectivePolicy, list[Span]]]:
    """Station id → the policies in force there, each with its days."""
    rows = session.scalars(select(Unit).options(selectinload(Unit.parents).joinedload(UnitParent.parent))).all()
    code_of = {unit.id: unit_key(unit.code) for unit in rows}
    units = [unit_fact(unit, code_of) for unit in rows]
    policies = [policy_fact(policy, code_of) for policy in session.scalars(select(Policy).order_by(Policy.id))]
    territory, book = Territory(units), PolicyBook(policies)
    days_of: dict[date, list[date]] = {}
    for day, start in stretches(span.from_on, span.until_on, units, policies, ()).items():
        days_of.setdefault(start, []).append(day)
    found: dict[int, dict[EffectivePolicy, list[Span]]] = {}
    for station_id, unit_id, there in places.homes(owing):
        for start, days in days_of.items():
            if (own := there.meet(Span(start, days[-1]))) is not None:
                policy = book.effective(territory.chain(code_of[unit_id], start), start)
                found.setdefault(station_id, {}).setdefault(policy, []).append(own)
    return found


def longest_ms(bulletin: Bulletin) -> int:
    """The length of its longest sound that airs, or would; 0 where it has none yet."""
    revision = bulletin.airing_revision or (bulletin.latest if bulletin.revisions else None)
    if revision is None:
        return 0
    if revision.relay_url is not None:
        return (revision.relay_minutes or 0) * 60_000
    return max((each.audio.duration_ms for each in revision.renderings if each.audio is not None), default=0)
