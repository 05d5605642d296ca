"""Free slots that would mend a shortage while it can be mended; and why there is none where there is none.

Stations for which the same holds are looked at once. What is offered was planned first: it exceeds no cap and takes no
other item's place.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from broadcast.clock import WINDOW_DAYS
from broadcast.obligation import DAY
from schedules.facts import ExistingAiring, RuleFact, StationFact
from schedules.facts_of import HasAudio, bulletin_fact
from schedules.foresight.foreseeing import Ground, begun, situations
from schedules.foresight.free_times import free_in
from schedules.loading import existing_airings, load_district, load_stations
from schedules.obligations.met import station_facts
from schedules.obligations.standing import Standing, State
from schedules.placing.outlook import Outlook

MOST_GROUPS = 12
"""Groups of stations alike that are looked at in one go; those that are left follow once these are mended."""
MOST_A_DAY = 12
LEAD = timedelta(minutes=15)
"""Nothing is offered sooner: a person decides, the plan follows, the station fetches."""
_TRIED = [time(hour, minute) for hour in range(5, 22) for minute in (0, 30)]
_RULE = "bu"

Need = tuple[tuple[date, int], ...]
"""(day, airings that are short on it), in order."""
Pattern = dict[date, tuple[time, ...]]


@dataclass(frozen=True)
class Offer:
    """One rule that could be made: these times on these days at these stations (by code)."""

    stations: tuple[str, ...]
    days: tuple[date, ...]
    times: tuple[time, ...]

    @property
    def key(self) -> str:
        """What a click names it by: the same offer has the same key."""
        said = repr((self.stations, [day.isoformat() for day in self.days], [wall.isoformat() for wall in self.times]))
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def airings(self) -> int:
        return len(self.stations) * len(self.days) * len(self.times)


@dataclass(frozen=True)
class Hopeless:
    """What cannot be mended: so many airings at these stations on these days, and the plan's own reason."""

    stations: tuple[str, ...]
    days: tuple[date, ...]
    airings: int
    reason: str
    example: str
    """The station that the reason speaks of; at the others it is the same with other names."""


@dataclass(frozen=True)
class Mending:
    """The offers, the greatest first. `left_out` stations were not looked at yet."""

    offers: list[Offer] = field(default_factory=list)
    hopeless: list[Hopeless] = field(default_factory=list)
    left_out: int = 0


def needs_of(made: Standing) -> dict[int, Need]:
    """Station id → what would have to be added on which day, today and later. What a whole range is short of is spread
    over the days that are left, the next first."""
    found: dict[int, Need] = {}
    for one in made.stations:
        if one.state is not State.SHORT and not one.short:
            continue
        if made.obligation.per == DAY:
            need = {day: cell.short for day, cell in one.days.items() if cell.state is State.SHORT}
        else:
            days = [day for day in one.days if made.today <= day <= made.last_planned]
            need = dict(Counter(days[number % len(days)] for number in range(one.short))) if days else {}
        if need:
            found[one.station_id] = tuple(sorted((day, min(number, MOST_A_DAY)) for day, number in need.items()))
    return found


def mend(session: Session, made: Standing, now: datetime, zone: ZoneInfo, has_audio: HasAudio | None = None) -> Mending:
    """What would mend the shortages of `made`. Reads, and writes nothing."""
    needs = needs_of(made)
    if not needs:
        return Mending()
    district = load_district(session, now, zone, has_audio)
    obligation = made.obligation
    bulletin = bulletin_fact(obligation.bulletin, district.code_of_unit, zone, has_audio)
    owner = district.code_of_unit[obligation.unit_id or obligation.bulletin.unit_id]
    rule = RuleFact(_RULE, _RULE, owner, now, (bulletin,), frozenset(), on_collision="refuse")
    rules, units, policies = tuple(district.rules), tuple(district.units), tuple(district.policies)
    ground = Ground(rules, units, policies, now + LEAD, WINDOW_DAYS, zone)
    rows = load_stations(session, list(needs))
    need_of = {station.code: needs[station.id] for station in rows}
    facts = station_facts(session, rows, rules, district.code_of_unit, now, zone)
    grouped = alike(ground, rule, facts, need_of)
    looked_at, left = grouped[:MOST_GROUPS], grouped[MOST_GROUPS:]
    standing_for = {own[0].id for own in looked_at}
    existing = existing_airings(session, [row for row in rows if row.code in standing_for], district, now, zone)
    return offers(ground, rule, looked_at, need_of, existing, left_out=sum(len(own) for own in left))


def alike(
    ground: Ground, rule: RuleFact, stations: Iterable[StationFact], need_of: Mapping[str, Need]
) -> list[list[StationFact]]:
    """The stations by what holds for them and what they need, the greatest group first."""
    by_id = {station.id: station for station in stations}
    grouped: list[list[StationFact]] = []
    for situation in situations(ground, rule, by_id.values()):
        parts: defaultdict[Need, list[StationFact]] = defaultdict(list)
        for station_id in situation.stations:
            parts[need_of[station_id]].append(by_id[station_id])
        grouped += parts.values()
    return sorted(grouped, key=lambda own: (-len(own), own[0].id))


def offers(
    ground: Ground,
    rule: RuleFact,
    groups: Sequence[Sequence[StationFact]],
    need_of: Mapping[str, Need],
    existing: Iterable[ExistingAiring],
    *,
    left_out: int = 0,
) -> Mending:
    """What can be offered to each group; the first of it stands for all. `rule` has the bulletin, no days and times."""
    held = begun(existing, ground.at)
    planner = ground.planner()
    stations_of: defaultdict[tuple[tuple[date, ...], tuple[time, ...]], list[str]] = defaultdict(list)
    hopeless: defaultdict[tuple[tuple[date, ...], str, int], list[str]] = defaultdict(list)
    for group in groups:
        need = dict(need_of[group[0].id])
        outlook = planner.outlook(group[0], held)
        wanted = {day: tuple(sorted(free_in(outlook, rule, day, None, number))) for day, number in need.items()}
        found, refused = _planned(ground, rule, group[0], wanted, held)
        codes = [station.id for station in group]
        for key in _rectangles(found):
            stations_of[key] += codes
        lacking = {day: number - len(found.get(day, ())) for day, number in need.items()}
        for days, reason in _reasons(outlook, rule, lacking, refused):
            hopeless[days, reason, sum(lacking[day] for day in days)] += codes
    made = [Offer(tuple(sorted(codes)), days, times) for (days, times), codes in stations_of.items()]
    return Mending(
        sorted(made, key=lambda offer: (-offer.airings, offer.days, offer.stations)),
        [
            Hopeless(tuple(sorted(codes)), days, number * len(codes), reason, codes[0])
            for (days, reason, number), codes in hopeless.items()
        ],
        left_out,
    )


def _planned(
    ground: Ground, rule: RuleFact, station: StationFact, wanted: Pattern, held: list[ExistingAiring]
) -> tuple[Pattern, dict[date, str]]:
    """What of `wanted` the plan would really grant, all of it together; day → why something of it was refused."""
    rules = [
        replace(
            rule, id=f"{_RULE}{number}", code=f"{_RULE}{number}", targets=frozenset({station.id}),
            dates=frozenset(days), times=times,
        )
        for number, (days, times) in enumerate(_rectangles(wanted))
    ]  # fmt: skip
    if not rules:
        return {}, {}
    own = {each.id for each in rules}
    refused = [each for each in ground.planner(*rules).plan([station], held).refused if each.rule_id in own]
    gone = {(each.local_on, each.asked_at) for each in refused}
    left = {
        day: tuple(wall for wall in times if (day, datetime.combine(day, wall, ground.zone)) not in gone)
        for day, times in wanted.items()
    }
    return {day: times for day, times in left.items() if times}, {each.local_on: each.reason for each in refused}


def _rectangles(pattern: Pattern) -> list[tuple[tuple[date, ...], tuple[time, ...]]]:
    """The days that have the same times, together."""
    days_of: defaultdict[tuple[time, ...], list[date]] = defaultdict(list)
    for day, times in sorted(pattern.items()):
        if times:
            days_of[times].append(day)
    return [(tuple(days), times) for times, days in days_of.items()]


def _reasons(
    outlook: Outlook, rule: RuleFact, lacking: Mapping[date, int], refused: Mapping[date, str]
) -> list[tuple[tuple[date, ...], str]]:
    """The days on which something is still lacking, by the reason."""
    days_of: defaultdict[str, list[date]] = defaultdict(list)
    for day, number in lacking.items():
        if number > 0:
            days_of[refused.get(day) or _why_none(outlook, rule, day)].append(day)
    return [(tuple(days), reason) for reason, days in days_of.items()]


def _why_none(outlook: Outlook, rule: RuleFact, day: date) -> str:
    """What is most in the way on that day, at the hours in which anything may air at all."""
    walls = _TRIED
    if spans := outlook.sessions(day):
        step = timedelta(minutes=10)
        walls = [
            outlook.wall(span.start_at + step * number)
            for span in spans
            for number in range(max(1, (span.end_at - span.start_at) // step))
        ]
    reasons = [probed.reason for probed in outlook.probe(rule, day, walls) if probed.reason is not None]
    if not reasons:
        return "Hôm nay không còn giờ nào trống để phát thêm."
    code, _ = Counter(reason.code for reason in reasons).most_common(1)[0]
    return next(reason.sentence for reason in reasons if reason.code == code)
