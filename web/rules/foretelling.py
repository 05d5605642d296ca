"""What would come of one slot, were it changed: computed by the plan, nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.clock import day_span
from broadcast.station import Station
from schedules.facts import BulletinFact, RuleFact, SlotChange
from schedules.facts_of import bulletin_fact
from schedules.foresight.foreseeing import MOVED, Displaced, Foresight, Ground, Slot, begun, outcomes, situations
from schedules.loading import existing_airings, load_district, load_stations
from schedules.obligations.met import station_facts
from web.rules.effects import Displacing, displacing
from web.services import services
from web.shell.access import now
from web.shell.formats import vn_time
from web.shell.sounds import store

MOST_SITUATIONS = 300
# What no waiting and no other airing's giving way mends: nobody saves it for a reason.
_HOPELESS = {"withdrawn", "expired", "curfew", "policy", "day"}


@dataclass(frozen=True)
class Outcome:
    """What comes of the slot at these stations."""

    is_planned: bool
    is_as_asked: bool
    is_hopeless: bool
    words: str
    stations: list[Station]


@dataclass(frozen=True)
class Foretold:
    """`displacing`: slots that would give way to it."""

    outcomes: list[Outcome]
    displacing: list[Displacing]

    @property
    def is_clean(self) -> bool:
        return all(each.is_as_asked for each in self.outcomes) and not self.displacing

    @property
    def is_hopeless(self) -> bool:
        return bool(self.outcomes) and all(each.is_hopeless for each in self.outcomes)


def foretell(
    session: Session, rule_code: str, on: date, key: str, stations: Sequence[Station], change: SlotChange,
    instead: Bulletin | None,
) -> Foretold:  # fmt: skip
    """What the day brings with `change` in the place of the one of that slot and station. `instead`: its bulletin."""
    zone = services().zone
    at = max(now(), day_span(on, zone)[0])
    district = load_district(session, at, zone, store().has)
    was = next((each for each in district.rules if each.id == rule_code), None)
    if was is None:
        return Foretold([], [])
    fact = None if instead is None else bulletin_fact(instead, district.code_of_unit, zone, store().has)
    after = with_change(was, replace(change, bulletin=fact))
    others = tuple(each for each in district.rules if each.id != rule_code)
    ground = Ground(others, tuple(district.units), tuple(district.policies), at, 1, zone)
    rows = load_stations(session, [station.id for station in stations])
    facts = station_facts(session, rows, district.rules, district.code_of_unit, at, zone)
    among = situations(ground, after, facts)[:MOST_SITUATIONS]
    ahead = {each.station.id for each in among}
    held = begun(existing_airings(session, [row for row in rows if row.code in ahead], district, at, zone), at)
    batch = [each.station for each in among]
    before, then = (outcomes(ground.planner(rule).plan(batch, held), held, ground) for rule in (was, after))
    own = tuple(slot for slot in then.values() if (slot.rule_id, slot.local_on, slot.slot_key) == (rule_code, on, key))
    losing = [Displaced(slot, then.get(number)) for number, slot in before.items() if _loses(slot, then, own)]
    foresight = Foresight(tuple(among), own, tuple(losing))
    names = {row.code: row for row in rows}
    titles = {each.id: each.title for rule in (*others, after) for each in _bulletins(rule)}
    return Foretold(_told(foresight, names, titles), displacing(session, foresight, names))


def with_change(rule: RuleFact, change: SlotChange) -> RuleFact:
    """The rule with the change, which takes the place of the one of the same slot and station."""
    place = (change.local_on, change.slot_key, change.station_id)
    others = [each for each in rule.changes if (each.local_on, each.slot_key, each.station_id) != place]
    return replace(rule, changes=(*others, change))


def _bulletins(rule: RuleFact) -> list[BulletinFact]:
    return [*rule.bulletins, *(each.bulletin for each in rule.changes if each.bulletin is not None)]


def _loses(was: Slot, then: dict[str, Slot], own: Collection[Slot]) -> bool:
    """Whether another slot that was planned is later, or nowhere."""
    after = then.get(was.key)
    if was.starts_at is None or any(was.key == slot.key for slot in own):
        return False
    return after is None or after.starts_at is None or after.starts_at > was.starts_at


def _told(foresight: Foresight, names: dict[str, Station], titles: dict[str, str]) -> list[Outcome]:
    grouped: dict[tuple[bool, bool, bool, str], list[Station]] = {}
    for slot in foresight.slots:
        group = (slot.starts_at is not None, not slot.code, slot.code in _HOPELESS, _words(slot, titles))
        grouped.setdefault(group, []).extend(names[code] for code in foresight.stations[slot.station_id])
    told = [Outcome(*group, sorted(own, key=lambda one: (one.name, one.id))) for group, own in grouped.items()]
    return sorted(told, key=lambda each: (each.is_planned, each.is_as_asked))


def _words(slot: Slot, titles: dict[str, str]) -> str:
    if slot.starts_at is None:
        return slot.reason
    if slot.code != MOVED:
        return f"Phát lúc {vn_time(slot.starts_at)}."
    title = titles.get(slot.after[1]) if slot.after is not None else None
    after = f"“{title}”" if title else "lượt khác"
    return f"Phát lúc {vn_time(slot.starts_at, slot.starts_at.second > 0)}, sau {after} vì trùng giờ."
