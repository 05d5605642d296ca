"""What the next seven days would bring if a rule were as it is typed. Computed by the plan; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.clock import day_span
from broadcast.rule import Rule
from broadcast.station import Station
from schedules.facts import PlannedAiring, Refused, RuleFact
from schedules.facts_of import bulletin_fact, rule_fact, station_fact
from schedules.loading import existing_airings, load_district, load_stations
from schedules.plan import Planner
from schedules.rule_checks import problems_of
from web.services import services
from web.shell.forms import Form
from web.shell.sounds import store

DAYS = 7
MOST_STATIONS = 300
# Fields of the set-up file, in which the checks speak, → fields of the form.
FIELDS = {"bulletin": "bulletins", "days": "days", "until": "until_on", "between": "between_until"}


@dataclass(frozen=True)
class Slot:
    """One slot of a day: when it was asked, when it would begin, and why not at all or not then."""

    asked_at: datetime
    starts_at: datetime | None
    reason: str = ""

    @property
    def is_moved(self) -> bool:
        return self.starts_at is not None and self.starts_at != self.asked_at


@dataclass(frozen=True)
class Row:
    """Stations with the same week."""

    stations: list[Station]
    days: list[tuple[date, list[Slot]]]

    @property
    def refusals(self) -> list[tuple[datetime, list[date], str]]:
        """An asked instant, the days on which its time is refused for the same reason, and the reason."""
        return self._reasons(lambda slot: slot.starts_at is None)

    @property
    def shifts(self) -> list[tuple[datetime, list[date], str]]:
        """The same for what begins later than asked."""
        return self._reasons(lambda slot: slot.is_moved)

    def _reasons(self, wanted: Callable[[Slot], bool]) -> list[tuple[datetime, list[date], str]]:
        found: dict[tuple[time, str], tuple[datetime, list[date]]] = {}
        for day, slots in self.days:
            for slot in filter(wanted, slots):
                found.setdefault((slot.asked_at.timetz(), slot.reason), (slot.asked_at, []))[1].append(day)
        return [(at, days, reason) for (_, reason), (at, days) in found.items()]


@dataclass(frozen=True)
class Preview:
    rows: list[Row]
    first: date
    planned: int
    refused: int
    stations: int
    left_out: int = 0
    """Stations beyond MOST_STATIONS, which are not shown."""

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=offset) for offset in range(DAYS)]


def fact_of(session: Session, rule: Rule, now: datetime) -> RuleFact:
    """The typed rule as the plan takes it."""
    zone = services().zone
    district = load_district(session, now, zone, store().has)
    return _fact(session, rule, district.code_of_unit)


def _fact(session: Session, rule: Rule, code_of_unit: dict[int, str]) -> RuleFact:
    zone = services().zone
    bulletins = [session.get_one(Bulletin, link.bulletin_id) for link in rule.bulletins]
    facts = {bulletin.id: bulletin_fact(bulletin, code_of_unit, zone, store().has) for bulletin in bulletins}
    return rule_fact(rule, facts, code_of_unit)


def check(form: Form, fact: RuleFact) -> None:
    """What is wrong with the rule by itself, told at the fields of the form."""
    for problem in problems_of(fact):
        form.fail(FIELDS.get(problem.field, problem.field), problem.message_vi)


def preview(session: Session, rule: Rule, stations: list[Station], now: datetime) -> Preview:
    """The seven days from today, or from the rule's first day where that is later."""
    zone = services().zone
    at = max(now, day_span(rule.from_on, zone)[0]) if rule.from_on is not None else now
    district = load_district(session, at, zone, store().has)
    fact = _fact(session, rule, district.code_of_unit)
    others = [other for other in district.rules if other.id != fact.id]
    shown = load_stations(session, [station.id for station in stations[:MOST_STATIONS]])
    planner = Planner([*others, fact], district.units, district.policies, at, window_days=DAYS, zone=zone)
    existing = existing_airings(session, shown, district, at, zone)
    plan = planner.plan([station_fact(station, district.code_of_unit, zone) for station in shown], existing)
    slots: dict[str, list[tuple[date, Slot]]] = {station.code: [] for station in shown}
    changed = {airing.id for airing in (*plan.add, *plan.change)}
    cancelled = {airing.id for airing in plan.cancel}
    standing = [
        airing
        for airing in existing
        if airing.state == "planned" and airing.id not in changed | cancelled and airing.starts_at >= at
    ]
    planned = [PlannedAiring._make(airing[:-1]) for airing in standing]
    first = at.astimezone(zone).date()
    last = first + timedelta(days=DAYS - 1)
    airings = [*plan.add, *plan.change, *planned]
    titles = {each.id: each.title for rule_of in district.rules for each in rule_of.bulletins}
    titles |= {each.id: each.title for each in fact.bulletins}
    entries: list[PlannedAiring | Refused] = [*airings, *plan.refused]
    for entry in entries:
        if entry.rule_id == fact.id and first <= entry.local_on <= last:
            slots[entry.station_id].append((entry.local_on, _slot(entry, airings, titles)))
    return Preview(
        rows=_rows(shown, slots, first),
        first=first,
        planned=sum(1 for own in slots.values() for _, slot in own if slot.starts_at is not None),
        refused=sum(1 for own in slots.values() for _, slot in own if slot.starts_at is None),
        stations=len(shown),
        left_out=len(stations) - len(shown),
    )


def _slot(entry: PlannedAiring | Refused, airings: list[PlannedAiring], titles: dict[str, str]) -> Slot:
    if isinstance(entry, Refused):
        return Slot(entry.asked_at, None, entry.reason)
    if entry.starts_at == entry.asked_at:
        return Slot(entry.asked_at, entry.starts_at)
    before = [
        other
        for other in airings
        if other.station_id == entry.station_id and entry.asked_at < other.ends_at <= entry.starts_at
    ]
    last = max(before, key=lambda other: other.ends_at, default=None)
    what = f"“{titles[last.bulletin_id]}”" if last is not None and last.bulletin_id in titles else "lượt khác"
    return Slot(entry.asked_at, entry.starts_at, f"phát sau {what} vì trùng giờ")


def _rows(stations: list[Station], slots: dict[str, list[tuple[date, Slot]]], first: date) -> list[Row]:
    """Stations whose week is the same share a row."""
    days = [first + timedelta(days=offset) for offset in range(DAYS)]
    grouped: dict[tuple[tuple[date, Slot], ...], list[Station]] = {}
    for station in stations:
        key = tuple(sorted(slots[station.code], key=lambda pair: pair[1].asked_at))
        grouped.setdefault(key, []).append(station)
    return [Row(own, [(day, [slot for on, slot in key if on == day]) for day in days]) for key, own in grouped.items()]
