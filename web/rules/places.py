"""Where something shall air: units with all below them, and single stations, within one's rights."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.rights import Act
from broadcast.rule import Rule, RuleChoice, RuleTarget
from broadcast.station import Station
from broadcast.unit import Unit
from web.shell.access import current_person, current_rights, in_tree_order, now, today
from web.shell.forms import Form
from web.shell.lookups import stations_in, unit_of_station, units_of_stations


@dataclass(frozen=True)
class Place:
    """A box to tick. `value` is `unit:CODE` or `station:CODE`; `depth` counts from the topmost unit."""

    value: str
    words: str
    depth: int
    is_unit: bool
    stations: int = 1
    """How many stations ticking it reaches."""


def places_in(session: Session, unit_ids: set[int]) -> list[Place]:
    """Units in the order of the tree, each followed by its own stations."""
    stations = stations_in(session, unit_ids, today())
    homes = units_of_stations(session, today())
    tree = current_rights().tree
    found = []
    for unit, depth in in_tree_order(unit_ids):
        below = tree.below([unit.id]) & unit_ids
        reached = sum(1 for station in stations if homes[station.id] in below)
        found.append(Place(f"unit:{unit.code}", unit.name, depth, True, reached))
        found += [
            Place(f"station:{station.code}", station.name, depth + 1, False)
            for station in stations
            if homes[station.id] == unit.id
        ]
    return found


def value_of(target: RuleTarget) -> str:
    """How a target of a rule is ticked."""
    if target.unit is not None:
        return f"unit:{target.unit.code}"
    assert target.station is not None
    return f"station:{target.station.code}"


def read_places(session: Session, form: Form, unit_ids: set[int], keep: Rule | None = None) -> list[RuleTarget]:
    """The ticked places as new targets (of no rule yet). One outside the units is refused on the form.

    What `keep` targets outside of them stays: an edit never drops what one cannot see.
    """
    tree = current_rights().tree
    units = {f"unit:{unit.code}": unit for unit in tree.units.values() if unit.id in unit_ids}
    stations = {f"station:{station.code}": station for station in stations_in(session, unit_ids, today())}
    chosen: list[RuleTarget] = []
    for value in dict.fromkeys(form.values("targets")):
        if value in units:
            chosen.append(RuleTarget(unit_id=units[value].id))
        elif value in stations:
            chosen.append(RuleTarget(station_id=stations[value].id, station=stations[value]))
        else:
            form.fail("targets", "Có nơi phát không còn, hoặc nằm ngoài phạm vi đơn vị của bạn. Hãy chọn lại.")
    if keep is not None:
        chosen += [_again(target) for target in keep.targets if not _is_offered(target, unit_ids)]
    if not chosen:
        form.fail("targets", "Hãy chọn ít nhất một nơi phát.")
    return chosen


def _is_offered(target: RuleTarget, unit_ids: set[int]) -> bool:
    if target.unit_id is not None:
        return target.unit_id in unit_ids
    assert target.station is not None
    return target.station.retired_at is None and unit_of_station(target.station, today()) in unit_ids


def _again(target: RuleTarget) -> RuleTarget:
    return RuleTarget(unit_id=target.unit_id, station_id=target.station_id, station=target.station)


def stations_of(session: Session, targets: list[RuleTarget]) -> list[Station]:
    """The stations that these targets reach today, by name."""
    tree = current_rights().tree
    below = tree.below([target.unit_id for target in targets if target.unit_id is not None])
    singles = {target.station_id for target in targets if target.station_id is not None}
    found = {station.id: station for station in stations_in(session, below, today())} if below else {}
    for station_id in singles:
        found[station_id] = session.get_one(Station, station_id)
    return sorted(found.values(), key=lambda station: (station.name, station.id))


def units_reached(session: Session, targets: list[RuleTarget]) -> set[int]:
    """The units whose stations these targets reach today; without targets all in which one may write."""
    if not targets:
        return current_rights().units(Act.WRITE)
    homes = units_of_stations(session, today())
    return {homes[station.id] for station in stations_of(session, targets) if station.id in homes}


# ---- where the rule goes before the others of its class


def first_in(session: Session, rule: Rule) -> list[str]:
    """Codes of the units of one's own that gave the rule a place among the others."""
    mine = current_rights().units(Act.WRITE)
    return [each.unit.code for each in _choices(session, rule) if each.unit_id in mine and each.place is not None]


def _choices(session: Session, rule: Rule) -> list[RuleChoice]:
    return list(session.scalars(select(RuleChoice).where(RuleChoice.rule_id == rule.id).order_by(RuleChoice.unit_id)))


def units_to_order(session: Session, targets: list[RuleTarget]) -> list[Unit]:
    """The units that the targets reach and in which one writes oneself, so that their order is one's own to decide."""
    reached = units_reached(session, targets) & current_rights().units(Act.WRITE)
    return sorted((current_rights().tree.units[number] for number in reached), key=lambda unit: (unit.name, unit.id))


def put_first(session: Session, rule: Rule, codes: list[str]) -> list[str]:
    """The units of these codes have the rule before the others of its class from now on, other units of one's own
    have it nowhere in particular. One that has given it a place already leaves it there. Returns names of units whose
    order changed."""
    there = {choice.unit_id: choice for choice in _choices(session, rule)}
    changed = []
    for unit in units_to_order(session, list(rule.targets)):
        choice = there.get(unit.id)
        is_first = choice is not None and choice.place is not None
        if (unit.code in codes) == is_first:
            continue
        place = None if is_first else _before_all(session, unit)
        if choice is None:
            choice = RuleChoice(unit_id=unit.id, rule_id=rule.id, chosen_at=now())
            _goes_on_from(choice, [there[above] for above in current_rights().tree.path(unit.id) if above in there])
            session.add(choice)
        choice.place, choice.chosen_at, choice.chosen_by_id = place, now(), current_person().id
        changed.append(unit.name)
    session.flush()
    return changed


def _goes_on_from(choice: RuleChoice, above: list[RuleChoice]) -> None:
    """A unit's first word about a rule says no more than its place: what held from above goes on."""
    if above:
        choice.is_declined, choice.note = above[0].is_declined, above[0].note


def _before_all(session: Session, unit: Unit) -> int:
    """A place before every other that the unit has given."""
    least = session.scalar(select(func.min(RuleChoice.place)).where(RuleChoice.unit_id == unit.id))
    return 1 if least is None else least - 1
