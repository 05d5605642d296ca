"""What holds for a station on a day: policy, rules, and which sound of a bulletin that has one for each unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from schedules.asking import DaySetting, RuleCard
from schedules.facts import BulletinFact, StationFact
from schedules.policies import EffectivePolicy, PolicyBook
from schedules.territory import Territory, linked_unit


class SettingKey(NamedTuple):
    """What makes two stations' day the same: policy, rules by order (own or not), sounds that vary by unit."""

    policy: EffectivePolicy
    rules: tuple[tuple[int, bool], ...]
    variants: tuple[tuple[str, int], ...]
    lacking_unit: str | None = None
    """The station's unit where it lacks a sound of its own: its refusals name it."""


class DaySettings:
    """The settings of stations' days, each worked out once for all stations of which it is the same."""

    def __init__(self, cards: Sequence[RuleCard], territory: Territory, book: PolicyBook) -> None:
        self._cards = cards
        self._territory = territory
        self._book = book
        self._by_target: dict[str, list[RuleCard]] = {}
        for card in cards:
            for target in card.rule.targets:
                self._by_target.setdefault(target, []).append(card)
        self._unit_keys: dict[tuple[str, date], SettingKey] = {}
        self._made: dict[SettingKey, DaySetting] = {}

    def forget(self) -> None:
        """What was made for stations so far; what their units share stays."""
        self._made.clear()

    def key(self, station: StationFact, day: date) -> SettingKey:
        """What `of` needs to know of that day of `station`."""
        unit_id = linked_unit(station.units, day)
        if unit_id is None:
            return SettingKey(self._book.effective((), day), (), ())
        key = self._unit_keys.get((unit_id, day))
        if key is None:
            chain = self._territory.chain(unit_id, day)
            cards = [card for each in chain for card in self._by_target.get(each, ())]
            key = self._unit_keys[unit_id, day] = self._key_of(unit_id, chain, cards, day)
        direct = self._by_target.get(station.id)
        if direct is None:
            return key
        chain = self._territory.chain(unit_id, day)
        inherited = [self._cards[order] for order, _ in key.rules]
        return self._key_of(unit_id, chain, inherited + direct, day)

    def of(self, key: SettingKey) -> DaySetting:
        """What holds on a day of that key."""
        known = self._made.get(key)
        if known is None:
            rules = tuple((self._cards[order], own) for order, own in key.rules)
            known = self._made[key] = DaySetting(key.policy, rules, dict(key.variants), key.lacking_unit)
        return known

    def _key_of(self, unit_id: str, chain: Sequence[str], cards: Iterable[RuleCard], day: date) -> SettingKey:
        ordered = sorted({card.order for card in cards})
        variants: dict[str, int] = {}
        for order in ordered:
            for bulletin in self._cards[order].rule.bulletins:
                if any(audio.unit_id is not None for audio in bulletin.audios):
                    variants[bulletin.id] = _variant_for(bulletin, unit_id)
        return SettingKey(
            self._book.effective(chain, day),
            tuple((order, self._cards[order].rule.unit_id == unit_id) for order in ordered),
            tuple(sorted(variants.items())),
            unit_id if -1 in variants.values() else None,
        )


def _variant_for(bulletin: BulletinFact, unit_id: str) -> int:
    """The place in `audios` of the sound for a station of `unit_id`, its own or everybody's; -1 where none is.

    Never the one of a unit above: it says another name. A commune that came later waits for its own.
    """
    places: dict[str | None, int] = {}
    for place, audio in enumerate(bulletin.audios):
        places.setdefault(audio.unit_id, place)  # an approved one stands before one that still waits
    return places.get(unit_id, places.get(None, -1))
