"""The rules that reach the stations of a unit, in the order in which they go when they meet (DESIGN §5.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcast.bulletin import BulletinClass
from broadcast.rule import Rule, RuleChoice, RuleTarget
from broadcast.station import Station
from broadcast.unit import Unit
from broadcast.wire import canonical_json
from web.rules.words import EAGER, RuleWords, words_of
from web.shell import lookups
from web.shell.access import current_rights, now, today

CLASSES = (BulletinClass.PRIORITY.value, BulletinClass.NORMAL.value)
"""Those that are ordered, the higher first; an emergency goes over everything."""


@dataclass(frozen=True)
class Item:
    """A rule as it stands for one unit. `choice` is what the nearest unit chose about it, this one or one above."""

    told: RuleWords
    bulletin_class: str
    is_own: bool
    stations: tuple[Station, ...]
    choice: RuleChoice | None
    inherited: RuleChoice | None
    """What the nearest unit above chose."""

    @property
    def rule(self) -> Rule:
        return self.told.rule

    @property
    def name(self) -> str:
        """Without its places: those of other communes are none of this one's business."""
        return self.rule.name or ", ".join(self.told.titles) or self.rule.code

    @property
    def place(self) -> int | None:
        return self.choice.place if self.choice is not None else None

    @property
    def is_declined(self) -> bool:
        """Heeded by normal bulletins only."""
        chosen = self.choice is not None and self.choice.is_declined
        return chosen and self.bulletin_class == BulletinClass.NORMAL.value

    @property
    def rank(self) -> tuple[object, ...]:
        """As the plan orders them: class, place, own before others', the older rule."""
        unplaced = self.place is None
        age = (self.rule.created_at, self.rule.code)
        return (CLASSES.index(self.bulletin_class), unplaced, self.place or 0, not self.is_own, *age)


@dataclass(frozen=True)
class Order:
    """All of a unit's items in their order."""

    unit: Unit
    stations: tuple[Station, ...]
    items: tuple[Item, ...]

    def aired(self, bulletin_class: str) -> list[Item]:
        return [item for item in self.items if item.bulletin_class == bulletin_class and not item.is_declined]

    @cached_property
    def declined(self) -> list[Item]:
        return [item for item in self.items if item.is_declined]

    @cached_property
    def is_chosen(self) -> bool:
        """Whether this unit itself ordered them."""
        return any(_is_of(item.choice, self.unit) and item.place is not None for item in self.items)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with everything that one decides upon when one moves an item."""
        seen = [[item.rule.id, item.bulletin_class, item.place, item.is_declined] for item in self.items]
        return hashlib.sha256(canonical_json(seen).encode()).hexdigest()[:20]

    def item(self, code: str) -> Item | None:
        return next((item for item in self.items if item.rule.code == code), None)

    def moved(self, code: str, how: str) -> list[Item] | None:
        """The items with this one a place up ("len"), down ("xuong") or first of its class ("dau"); None where it
        cannot go there."""
        item = self.item(code)
        if item is None or item.is_declined:
            return None
        group = self.aired(item.bulletin_class)
        at = group.index(item)
        to = {"len": at - 1, "xuong": at + 1, "dau": 0}.get(how, -1)
        if not 0 <= to < len(group) or to == at:
            return None
        group.insert(to, group.pop(at))
        return [
            each for name in CLASSES for each in (group if name == item.bulletin_class else self.aired(name))
        ] + self.declined


def _is_of(choice: RuleChoice | None, unit: Unit) -> bool:
    return choice is not None and choice.unit_id == unit.id


def order_of(session: Session, unit: Unit) -> Order:
    """What reaches the stations that belong to `unit` itself today."""
    stations = tuple(lookups.stations_in(session, {unit.id}, today()))
    chain = current_rights().tree.path(unit.id)
    rules = _reaching(session, chain, stations, now())
    choices = _choices(session, chain, [rule.id for rule in rules])
    tree = current_rights().tree
    nearest = sorted((each for each in chain if each != unit.id), key=lambda each: -len(tree.path(each)))
    items = []
    for rule in rules:
        bulletin_class = _class_of(rule)
        if bulletin_class not in CLASSES:
            continue
        own = choices.get((unit.id, rule.id))
        above = next(
            (choices[each, rule.id] for each in nearest if each != unit.id and (each, rule.id) in choices), None
        )
        items.append(
            Item(
                words_of(rule, now()),
                bulletin_class,
                rule.unit_id == unit.id,
                _reached(rule, set(chain), stations),
                own or above,
                above,
            )
        )
    return Order(unit, stations, tuple(sorted(items, key=lambda item: item.rank)))


def _reaching(session: Session, chain: Iterable[int], stations: Sequence[Station], at: datetime) -> list[Rule]:
    """Rules that run or are to come; none that was started by hand."""
    if not stations:
        return []
    targets = select(RuleTarget.rule_id).where(
        or_(RuleTarget.unit_id.in_(chain), RuleTarget.station_id.in_([station.id for station in stations]))
    )
    rules = session.scalars(
        select(Rule)
        .where(Rule.id.in_(targets), Rule.starts_at.is_(None), Rule.stopped_at.is_(None))
        .where(or_(Rule.until_on.is_(None), Rule.until_on >= today()))
        .options(*EAGER)
    )
    return [rule for rule in rules if words_of(rule, at).is_live]


def _choices(session: Session, units: Iterable[int], rules: Iterable[int]) -> dict[tuple[int, int], RuleChoice]:
    rows = session.scalars(select(RuleChoice).where(RuleChoice.unit_id.in_(units), RuleChoice.rule_id.in_(rules)))
    return {(row.unit_id, row.rule_id): row for row in rows}


def _class_of(rule: Rule) -> str:
    """The highest of its bulletins: what takes turns with a priority one is not put behind as if it were none."""
    classes = {link.bulletin.bulletin_class for link in rule.bulletins}
    ordered = (BulletinClass.EMERGENCY.value, *CLASSES)
    return next((each for each in ordered if each in classes), BulletinClass.NORMAL.value)


def _reached(rule: Rule, chain: set[int], stations: Sequence[Station]) -> tuple[Station, ...]:
    if any(target.unit_id in chain for target in rule.targets):
        return tuple(stations)
    single = {target.station_id for target in rule.targets}
    return tuple(station for station in stations if station.id in single)
