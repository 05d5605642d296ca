"""Where something shall air: units with all below them, and single stations, within one's rights."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from broadcast.rule import Rule, RuleTarget
from broadcast.station import Station
from web.shell.access import current_rights, in_tree_order, today
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
