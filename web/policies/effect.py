"""What a change of policies would do to what is planned. Computed by the plan; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from broadcast.clock import day_span
from broadcast.unit import Unit, UnitTree
from schedules.checks.policy_checks import clashes, openings_cut
from schedules.facts import ExistingAiring, Plan, PlannedAiring, PolicyFact, Problem, Refused
from schedules.loading import District, existing_airings, load_district, load_stations
from schedules.obligations.met import station_facts
from schedules.placing.territory import Territory
from schedules.plan import Planner
from schedules.recurrence import ANY_SESSION
from web.services import services
from web.shell import lookups
from web.shell.sounds import store

DAYS = 14
MOST_STATIONS = 300
MOST_GROUPS = 6
MOST_HOURS = 8

Airing = PlannedAiring | ExistingAiring


@dataclass
class Group:
    """Slots of one rule that fare alike. `reason` is that of the first of them; empty where they return."""

    title: str
    reason: str = ""
    slots: set[str] = field(default_factory=set)
    count: int = 0
    days: set[date] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)

    @property
    def when(self) -> str:
        """`lúc 05:45, 17:15`, `trong khung giờ sáng`, or both."""
        exact = sorted(slot for slot in self.slots if "#" not in slot)
        named = sorted({slot.partition("#")[0] for slot in self.slots if "#" in slot} - {ANY_SESSION})
        told = [f"lúc {', '.join(exact[:MOST_HOURS])}{' …' if len(exact) > MOST_HOURS else ''}"] if exact else []
        told += [f"trong khung giờ {', '.join(named)}"] if named else []
        return ", ".join(told)


@dataclass(frozen=True)
class Effect:
    """`refused`, `returning` and `moved` count airings of `looked` stations in `first`–`last`; `left_out` stations were
    not looked at. `warnings` are what becomes impossible, airings or not."""

    first: date
    last: date
    looked: int
    left_out: int
    refused: int
    returning: int
    moved: int
    silenced: int
    """Stations that would air nothing any more in these days, and do now."""
    refused_groups: list[Group]
    returning_groups: list[Group]
    warnings: tuple[Problem, ...] = ()

    @property
    def is_harsh(self) -> bool:
        return bool(self.refused or self.warnings)


def effect(
    session: Session,
    unit: Unit,
    now: datetime,
    first: date,
    *,
    new: PolicyFact | None = None,
    ended: dict[str, date | None] | None = None,
) -> Effect:
    """From local day `first` on, were `new` there and the policies `ended` (id → last day, None: never there) over."""
    zone = services().zone
    at = max(now, day_span(first, zone)[0])
    district = load_district(session, at, zone, store().has)
    stations = lookups.stations_in(session, UnitTree.on(session, first).below([unit.id]), first)
    shown = load_stations(session, [station.id for station in stations[:MOST_STATIONS]])
    facts = station_facts(session, shown, district.rules, district.code_of_unit, at, zone)
    existing = existing_airings(session, shown, district, at, zone)
    others = _left(district.policies, ended or {})

    def planned(policies: Iterable[PolicyFact]) -> Plan:
        return Planner(district.rules, district.units, policies, at, window_days=DAYS, zone=zone).plan(facts, existing)

    after_plan = planned(others if new is None else [*others, new])
    before, after = _standing(planned(district.policies), existing, at), _standing(after_plan, existing, at)
    lost = [before[key] for key in before.keys() - after.keys()]
    back = [after[key] for key in after.keys() - before.keys()]
    local = at.astimezone(zone).date()
    return Effect(
        first=local,
        last=local + timedelta(days=DAYS - 1),
        looked=len(shown),
        left_out=len(stations) - len(shown),
        refused=len(lost),
        returning=len(back),
        moved=sum(1 for key in before.keys() & after.keys() if before[key].starts_at != after[key].starts_at),
        silenced=len({one.station_id for one in lost} - {one.station_id for one in after.values()}),
        refused_groups=_groups(lost, district, after_plan.refused),
        returning_groups=_groups(back, district, ()),
        warnings=_warnings(new, others, district),
    )


def _left(policies: Iterable[PolicyFact], ended: dict[str, date | None]) -> list[PolicyFact]:
    left = []
    for policy in policies:
        if policy.id not in ended:
            left.append(policy)
        elif (last := ended[policy.id]) is not None:
            left.append(replace(policy, until_on=last))
    return left


def _standing(plan: Plan, existing: Iterable[ExistingAiring], at: datetime) -> dict[str, Airing]:
    """What airs from `at` on once `plan` is applied."""
    cancelled = {airing.id for airing in plan.cancel}
    standing: dict[str, Airing] = {
        airing.id: airing for airing in existing if airing.state == "planned" and airing.id not in cancelled
    }
    standing |= {airing.id: airing for airing in (*plan.add, *plan.change)}
    return {key: airing for key, airing in standing.items() if airing.starts_at >= at}


def _groups(airings: Iterable[Airing], district: District, refused: Sequence[Refused]) -> list[Group]:
    """The most of one kind first."""
    why = {entry.key: entry for entry in refused}
    titles = {each.id: each.title for rule in district.rules for each in rule.bulletins}
    groups: dict[tuple[str, str], Group] = {}
    for airing in sorted(airings, key=lambda one: (one.starts_at, one.station_id)):
        entry = why.get(airing.id)
        key = (airing.rule_id, entry.code if entry is not None else "")
        group = groups.get(key)
        if group is None:
            title = titles.get(airing.bulletin_id, airing.bulletin_id)
            group = groups[key] = Group(title, entry.reason if entry is not None else "")
        group.slots.add(airing.slot_key)
        group.count += 1
        group.days.add(airing.local_on)
        group.stations.add(airing.station_id)
    return sorted(groups.values(), key=lambda group: -group.count)


def _warnings(new: PolicyFact | None, others: list[PolicyFact], district: District) -> tuple[Problem, ...]:
    if new is None:
        return ()
    territory = Territory(district.units)
    return (*clashes(new, territory, others), *openings_cut(new, territory, others, district.rules))
