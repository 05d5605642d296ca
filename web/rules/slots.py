"""One slot of a rule on one day: found by its address, told in words, and whether it may still be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.clock import instant_of
from broadcast.errors import BroadcastError, Forbidden, NotFound
from broadcast.rights import Act
from broadcast.rule import Rule
from broadcast.station import Station
from schedules.facts import RuleFact, SlotChange
from schedules.recurrence import ANY_SESSION, WallSlot, asks_on, bulletin_on, day_slots
from schedules.series import change_at
from web.rules.days import parse_day
from web.rules.places import stations_of
from web.rules.series import begun_today, shape_of
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, now, today
from web.shell.formats import vn_date, vn_time
from web.shell.words import plan_reason_word


class FromAbove(Forbidden):
    """The rule is that of a unit above: the commune orders or declines it, but changes no slot of it."""


@dataclass(frozen=True)
class Standing:
    """How the slot stands at some stations: one of planned, moved, playing, refused, cancelled, skipped, awaited."""

    state: str
    words: str
    stations: list[Station]


@dataclass(frozen=True)
class SlotHere:
    """Slot `wall` of `rule` on day `on`; at `station`, or (None) at all that the rule reaches."""

    rule: Rule
    shape: RuleFact
    on: date
    wall: WallSlot
    station: Station | None
    stations: list[Station]
    rows: Mapping[int, Airing | Refusal]
    """The airing or the refusal at each station, by its id."""
    has_begun_somewhere: bool

    @property
    def key(self) -> str:
        return self.wall.key

    @property
    def name(self) -> str:
        return key_words(self.key)

    @property
    def change(self) -> SlotChange | None:
        return change_at(self.shape, self.on, self.key, None if self.station is None else self.station.code)

    @property
    def general(self) -> SlotChange | None:
        """The change for all stations."""
        return change_at(self.shape, self.on, self.key, None)

    @property
    def title(self) -> str:
        """Of what airs."""
        change = self.change
        if change is not None and change.bulletin is not None:
            return change.bulletin.title
        return self.usual_title

    @property
    def usual_title(self) -> str:
        """Of what airs where nothing is changed."""
        return bulletin_on(self.shape, self.on, self.wall.turn).title

    @property
    def when(self) -> str:
        """Its time, or where it stands in the sessions."""
        change = self.change
        if change is not None and change.to_time is not None:
            return f"lúc {change.to_time.strftime('%H:%M')} (đổi từ {self.name})"
        return f"lúc {self.name}" if self.wall.wall_time is not None else f"{self.name}"

    @property
    def others_changed(self) -> list[Station]:
        """Stations with a change of their own, which one for all leaves as it is."""
        own = {each.station_id for each in self.shape.changes if (each.local_on, each.slot_key) == (self.on, self.key)}
        return [station for station in self.stations if station.code in own]

    @cached_property
    def is_over(self) -> bool:
        """Whether it was asked for before now: at its station, or at any of all."""
        if self.station is None:
            return self.on < today() or (self.on == today() and self.has_begun_somewhere)
        asked_at = self.asked_at(self.station)
        row = self.rows.get(self.station.id)
        return (
            self.on < today()
            or (asked_at is not None and asked_at < now())
            or (row is not None and row.asked_at < now())
        )

    def asked_at(self, station: Station) -> datetime | None:
        """When it is asked for there; None for a place in a session that was not planned yet."""
        change = change_at(self.shape, self.on, self.key, station.code)
        wall = change.to_time if change is not None and change.to_time is not None else self.wall.wall_time
        if wall is not None:
            return instant_of(self.on, wall, services().zone)
        row = self.rows.get(station.id)
        return None if row is None else row.asked_at

    @cached_property
    def standings(self) -> list[Standing]:
        """How it stands, stations of which the same is true together."""
        found: dict[tuple[str, str], list[Station]] = {}
        for station in self.stations if self.station is None else [self.station]:
            found.setdefault(self._standing(station), []).append(station)
        return [Standing(state, words, stations) for (state, words), stations in found.items()]

    def _standing(self, station: Station) -> tuple[str, str]:
        change = change_at(self.shape, self.on, self.key, station.code)
        row = self.rows.get(station.id)
        if isinstance(row, Airing) and row.cancelled_at is None and row.starts_at <= now():
            return "playing", f"đã bắt đầu lúc {vn_time(row.starts_at)}"
        if change is not None and change.is_skipped:
            return "skipped", "đã bỏ, không phát"
        if row is None:
            return "awaited", "chưa xếp; lượt phát được xếp trước 14 ngày"
        if row.asked_at != self.asked_at(station):
            return "awaited", "vừa đổi, đang được xếp lại"
        return self._planned(row)

    def _planned(self, row: Airing | Refusal) -> tuple[str, str]:
        if isinstance(row, Refusal):
            return "refused", f"không xếp được: {row.reason}"
        if row.cancelled_at is not None:
            return "cancelled", f"đã huỷ: {plan_reason_word(row.cancel_reason)}"
        is_late = row.starts_at > row.asked_at and self.wall.wall_time is not None
        late = f", muộn hơn giờ đặt {vn_time(row.asked_at)}" if is_late else ""
        return "planned", f"sẽ phát lúc {vn_time(row.starts_at)}{late}"


def key_words(key: str) -> str:
    """`05:45`, `lượt 2 trong khung sáng`, `lượt 2 trong ngày`."""
    name, mark, place = key.rpartition("#")
    if not mark:
        return key
    return f"lượt {place} trong ngày" if name == ANY_SESSION else f"lượt {place} trong khung {name}"


def rule_here(session: Session, code: str, act: Act) -> Rule:
    """The rule, as `lookups.rule`; one of a unit above that airs at one's own stations is Forbidden, with the way
    out."""
    try:
        return lookups.rule(session, code, act)
    except BroadcastError:
        found = session.scalar(select(Rule).where(Rule.code == code))
        if found is None or not _is_from_above(session, found):
            raise
    raise FromAbove(
        f"Lịch này do {found.unit.name} đặt nên đơn vị của bạn không đổi được từng lượt của nó. Ở trang Thứ tự, bạn "
        f"xếp được nó trước hay sau bản tin của mình, hoặc không phát ở xã mình; muốn bỏ hay dời lượt, hãy gọi "
        f"{found.unit.name}."
    )


def _is_from_above(session: Session, rule: Rule) -> bool:
    rights = current_rights()
    if rights.may(Act.READ, rule.unit_id):
        return False
    readable = rights.units(Act.READ)
    homes = lookups.units_of_stations(session, today())
    return any(homes.get(station.id) in readable for station in stations_of(session, list(rule.targets)))


def slot_here(session: Session, rule: Rule, day: str, key: str, station: str) -> SlotHere:
    """The slot that an address names. Raises NotFound where the rule asks for no such slot, or not there."""
    on = parse_day(day.strip(), now())
    shape = shape_of(session, rule)
    wall = next((each for each in day_slots(shape) if each.key == key), None)
    if on is None or wall is None or not asks_on(shape, on):
        told = f" ngày {vn_date(on)}" if on is not None else ""
        raise NotFound(f"Lịch này không có lượt nào vào giờ đó{told}. Hãy mở lịch và chọn lại.")
    stations = stations_of(session, list(rule.targets))
    one = next((each for each in stations if each.code == station), None)
    if station and one is None:
        raise NotFound("Lịch này không phát ở trạm đó. Hãy mở lịch và chọn lại.")
    begun = on == today() and key in begun_today(session, rule, shape)
    return SlotHere(rule, shape, on, wall, one, stations, _rows(session, rule, on, key), begun)


def _rows(session: Session, rule: Rule, on: date, key: str) -> dict[int, Airing | Refusal]:
    """A refusal counts before a cancelled airing: it says why."""
    airings = session.scalars(
        select(Airing).where(Airing.rule_id == rule.id, Airing.local_date == on, Airing.slot_key == key)
    )
    rows: dict[int, Airing | Refusal] = {row.station_id: row for row in airings}
    refusals = session.scalars(
        select(Refusal).where(Refusal.rule_id == rule.id, Refusal.local_date == on, Refusal.slot_key == key)
    )
    for refusal in refusals:
        there = rows.get(refusal.station_id)
        if not isinstance(there, Airing) or there.cancelled_at is not None:
            rows[refusal.station_id] = refusal
    return rows
