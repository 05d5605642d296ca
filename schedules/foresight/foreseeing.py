"""What a rule would bring before it is there: each of its slots planned, moved or refused, and what becomes of others.

Pure. The plan is worked out with the rule and without it; the difference is what the rule does to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from broadcast.clock import local_day
from schedules.facts import ChoiceFact, ExistingAiring, Plan, PlannedAiring, PolicyFact, RuleFact, StationFact, UnitFact
from schedules.placing.asking import rule_cards
from schedules.placing.day_settings import DaySettings, SettingKey
from schedules.placing.policies import PolicyBook
from schedules.placing.territory import ONE_DAY, Territory, stretches
from schedules.plan import Planner
from schedules.recurrence import asks_on

MOVED = "moved"
FIRST_PLACE = -1_000_000
"""Before every place that a commune counts from one."""


@dataclass(frozen=True)
class Ground:
    """Everything there is besides the rule that is being written; the window begins at `at`, `days` local days long."""

    rules: tuple[RuleFact, ...]
    units: tuple[UnitFact, ...]
    policies: tuple[PolicyFact, ...]
    at: datetime
    days: int
    zone: ZoneInfo

    @property
    def first(self) -> date:
        return local_day(self.at, self.zone)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def choosing(self, rule_id: str, first: Iterable[str] = (), none: Iterable[str] = ()) -> Ground:
        """The same, were the rule put before the others of its class by the units `first`, and nowhere by `none`."""
        places: dict[str, int | None] = dict.fromkeys(first, FIRST_PLACE) | dict.fromkeys(none)
        if not places:
            return self
        units = (_placed(unit, rule_id, places[unit.id]) if unit.id in places else unit for unit in self.units)
        return replace(self, units=tuple(units))

    def planner(self, *more: RuleFact) -> Planner:
        return Planner([*self.rules, *more], self.units, self.policies, self.at, window_days=self.days, zone=self.zone)


def _placed(unit: UnitFact, rule_id: str, place: int | None) -> UnitFact:
    """As if the unit chose this place; what else it said of the rule stays."""
    there = next((choice for choice in unit.choices if choice.rule_id == rule_id), ChoiceFact(rule_id))
    others = tuple(choice for choice in unit.choices if choice.rule_id != rule_id)
    return replace(unit, choices=(*others, replace(there, place=place)))


@dataclass(frozen=True)
class Situation:
    """Stations for which the same holds on every day of the window; `station` is planned for all of them."""

    station: StationFact
    stations: tuple[str, ...]


class Slot(NamedTuple):
    """What becomes of one asked slot: it begins at `starts_at`, or is refused (None).

    `code` is "" where it begins as asked, "moved" where later, else the code of the refusal; then `reason` says why.
    `after`: rule and bulletin of what a moved one waits for.
    """

    key: str
    station_id: str
    rule_id: str
    bulletin_id: str
    local_on: date
    slot_key: str
    asked_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    code: str
    reason: str
    facts: Mapping[str, str | int]
    after: tuple[str, str] | None = None


class Displaced(NamedTuple):
    """A slot of another rule that the rule would move or take the place of; `now` None: nothing asks for it."""

    was: Slot
    now: Slot | None


@dataclass(frozen=True)
class Foresight:
    """`slots` are those of the rule, in order of time; both stand for every station of their situation."""

    situations: tuple[Situation, ...]
    slots: tuple[Slot, ...]
    displaced: tuple[Displaced, ...]

    @cached_property
    def stations(self) -> Mapping[str, tuple[str, ...]]:
        """The stations for which the one that a slot names stands."""
        return {each.station.id: each.stations for each in self.situations}

    def weight(self, slots: Iterable[Slot]) -> int:
        """How many slots these are, each counted at every station that it stands for."""
        return sum(len(self.stations[slot.station_id]) for slot in slots)


def first_asked(rule: RuleFact, since: date, most_days: int = 800) -> date | None:
    """The first day from `since` on that the rule asks for; None where none of so many days is one."""
    start = max(since, rule.from_on or since)
    days = (start + timedelta(days=ahead) for ahead in range(most_days))
    return next((day for day in days if asks_on(rule, day)), None)


def situations(ground: Ground, rule: RuleFact, stations: Iterable[StationFact]) -> list[Situation]:
    """The stations by what holds for them, the greatest group first. What only today's airings make different between
    two stations is left aside."""
    batch = sorted(stations, key=lambda station: station.id)
    territory = Territory(ground.units)
    settings = DaySettings(rule_cards((*ground.rules, rule)), territory, PolicyBook(ground.policies))
    starts = set(stretches(ground.first, ground.last, ground.units, ground.policies, batch).values())
    grouped: dict[tuple[tuple[date, SettingKey], ...], list[StationFact]] = {}
    for station in batch:
        special = {day for day in settings.special_days(station) if ground.first <= day <= ground.last}
        days = sorted(starts | special | {day + ONE_DAY for day in special if day < ground.last})
        key = tuple((day, settings.key(station, day)) for day in days)
        grouped.setdefault(key, []).append(station)
    found = [Situation(own[0], tuple(station.id for station in own)) for own in grouped.values()]
    return sorted(found, key=lambda each: (-len(each.stations), each.station.id))


def foresee(
    ground: Ground, rule: RuleFact, among: Sequence[Situation], existing: Iterable[ExistingAiring]
) -> Foresight:
    """What `rule` brings in the window to the stations of these situations, and to the slots of other rules there.

    `existing`: the airings of the stations that stand for the situations, as `plan` needs them.
    """
    batch = [each.station for each in among]
    held = begun(existing, ground.at)
    before = outcomes(ground.planner().plan(batch, held), held, ground)
    after = outcomes(ground.planner(rule).plan(batch, held), held, ground)
    own = [slot for slot in after.values() if slot.rule_id == rule.id]
    displaced = [
        Displaced(was, after.get(was.key))
        for was in before.values()
        if was.rule_id != rule.id and was.starts_at is not None and _is_worse(was, after.get(was.key))
    ]
    own.sort(key=lambda slot: (slot.asked_at, slot.slot_key, slot.station_id))
    displaced.sort(key=lambda each: (each.was.asked_at, each.was.rule_id, each.was.station_id))
    return Foresight(tuple(among), tuple(own), tuple(displaced))


def _is_worse(was: Slot, now: Slot | None) -> bool:
    return now is None or now.starts_at is None or (was.starts_at is not None and now.starts_at > was.starts_at)


def begun(existing: Iterable[ExistingAiring], at: datetime) -> list[ExistingAiring]:
    """Those that the plan from `at` on cannot undo: what it lays out itself need not be compared with what is there."""
    return [airing for airing in existing if airing.starts_at < at or airing.asked_at < at]


def outcomes(result: Plan, held: Iterable[ExistingAiring], ground: Ground) -> dict[str, Slot]:
    """Every slot of the window as the plan leaves it, by its key."""
    gone = {each.id for each in result.change} | {each.id for each in result.cancel}
    stand = [each for each in held if each.state == "planned" and each.starts_at >= ground.at and each.id not in gone]
    airings: list[PlannedAiring | ExistingAiring] = [*result.add, *result.change, *stand]
    ends: dict[str, list[tuple[datetime, str, str]]] = {}
    for airing in airings:
        ends.setdefault(airing.station_id, []).append((airing.ends_at, airing.rule_id, airing.bulletin_id))
    found: dict[str, Slot] = {}
    for airing in airings:
        if ground.first <= airing.local_on <= ground.last:
            is_moved = airing.starts_at > airing.asked_at and airing.repeats is not None
            code = MOVED if is_moved and not in_session(airing.slot_key) else ""
            found[airing.id] = Slot(
                airing.id, airing.station_id, airing.rule_id, airing.bulletin_id, airing.local_on, airing.slot_key,
                airing.asked_at, airing.starts_at, airing.ends_at, code, "", {},
                _waited_for(airing.asked_at, airing.starts_at, ends[airing.station_id]) if code else None,
            )  # fmt: skip
    for refused in result.refused:
        found[refused.key] = Slot(
            refused.key, refused.station_id, refused.rule_id, refused.bulletin_id, refused.local_on, refused.slot_key,
            refused.asked_at, None, None, refused.code, refused.reason, refused.facts,
        )  # fmt: skip
    return found


def in_session(slot_key: str) -> bool:
    """Whether the slot was asked for in a session, where it begins wherever there is room."""
    return "#" in slot_key


def _waited_for(
    asked_at: datetime, starts_at: datetime, ends: Sequence[tuple[datetime, str, str]]
) -> tuple[str, str] | None:
    last = max((each for each in ends if asked_at < each[0] <= starts_at), default=None)
    return None if last is None else last[1:]
