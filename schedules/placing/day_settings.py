"""What holds for a station on a day: policy, rules, and which sound of a bulletin that has one for each unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from schedules.facts import BulletinFact, StationFact
from schedules.placing.asking import DaySetting, RuleCard, RuleHere
from schedules.placing.policies import EffectivePolicy, PolicyBook
from schedules.placing.territory import Territory, linked_unit


class SettingKey(NamedTuple):
    """What makes two stations' day the same: policy, rules by order (own or not), sounds that vary by unit."""

    policy: EffectivePolicy
    rules: tuple[tuple[int, bool, int | None, str | None, str], ...]
    """RuleHere, its card as the place among all."""
    variants: tuple[tuple[str, int], ...]
    lacking_unit: str | None = None
    """The station's unit where it lacks a sound of its own: its refusals name it."""
    changes: tuple[tuple[int, int], ...] = ()
    """Slots that are otherwise on this very station: rule by order, place among the rule's changes."""


class DaySettings:
    """The settings of stations' days, each worked out once for all stations of which it is the same."""

    def __init__(self, cards: Sequence[RuleCard], territory: Territory, book: PolicyBook) -> None:
        self._cards = cards
        self._territory = territory
        self._book = book
        self._by_target: dict[str, list[RuleCard]] = {}
        self._own_changes: dict[tuple[str, date], list[tuple[int, int]]] = {}
        self._changed_days: dict[str, set[date]] = {}
        for card in cards:
            for target in card.rule.targets:
                self._by_target.setdefault(target, []).append(card)
            for number, change in enumerate(card.rule.changes):
                if change.station_id is not None:
                    own = self._own_changes.setdefault((change.station_id, change.local_on), [])
                    own.append((card.order, number))
                    self._changed_days.setdefault(change.station_id, set()).add(change.local_on)
        self._order_of = {card.rule.id: card.order for card in cards}
        self._choices = {
            unit.id: {choice.rule_id: choice for choice in unit.choices}
            for unit in territory.units.values()
            if unit.choices
        }
        self._unit_keys: dict[tuple[str, date], SettingKey] = {}
        self._made: dict[SettingKey, DaySetting] = {}

    def forget(self) -> None:
        """What was made for stations and units so far: a country has too many of both."""
        self._made.clear()
        self._unit_keys.clear()
        self._territory.forget()

    def special_days(self, station: StationFact) -> set[date]:
        """Days on which something concerns this station alone: no stretch of days may run over them."""
        days = self._changed_days.get(station.id, set())
        return days | {day for _, day in station.met if day is not None} if station.met else days

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
        if direct is not None:
            chain = self._territory.chain(unit_id, day)
            inherited = [self._cards[each[0]] for each in key.rules]
            key = self._key_of(unit_id, chain, inherited + direct, day)
        if station.met:
            met = {self._order_of.get(rule_id) for rule_id, on in station.met if on is None or on == day}
            key = key._replace(rules=tuple(each for each in key.rules if each[0] not in met))
        changes = self._own_changes.get((station.id, day))
        return key._replace(changes=tuple(changes)) if changes else key

    def of(self, key: SettingKey) -> DaySetting:
        """What holds on a day of that key."""
        known = self._made.get(key)
        if known is None:
            rules = tuple(
                RuleHere(self._cards[order], own, place, declined_by, why)
                for order, own, place, declined_by, why in key.rules
            )
            known = DaySetting(key.policy, rules, dict(key.variants), key.lacking_unit)
            if key.changes:
                changes = [(order, self._cards[order].rule.changes[number]) for order, number in key.changes]
                known = known._replace(changes={(order, change.slot_key): change for order, change in changes})
            self._made[key] = known
        return known

    def _key_of(self, unit_id: str, chain: Sequence[str], cards: Iterable[RuleCard], day: date) -> SettingKey:
        ordered = sorted({card.order for card in cards})
        variants: dict[str, int] = {}
        for order in ordered:
            for bulletin in self._cards[order].bulletins:
                if any(audio.unit_id is not None for audio in bulletin.audios):
                    variants[bulletin.id] = variant_for(bulletin, unit_id)
        return SettingKey(
            self._book.effective(chain, day),
            tuple((order, *self._standing(self._cards[order], unit_id, chain)) for order in ordered),
            tuple(sorted(variants.items())),
            unit_id if -1 in variants.values() else None,
        )

    def _standing(self, card: RuleCard, unit_id: str, chain: Sequence[str]) -> tuple[bool, int | None, str | None, str]:
        """RuleHere without its card: what the nearest unit chose that said anything about the rule."""
        own = card.rule.unit_id == unit_id
        if self._choices:
            for each in chain:
                choice = self._choices.get(each, {}).get(card.rule.id)
                if choice is not None:
                    return own, choice.place, each if choice.is_declined else None, choice.note
        return own, None, None, ""


def variant_for(bulletin: BulletinFact, unit_id: str) -> int:
    """The place in `audios` of the sound for a station of `unit_id`, its own or everybody's; -1 where none is.

    Never the one of a unit above: it says another name. A commune that came later waits for its own.
    """
    places: dict[str | None, int] = {}
    for place, audio in enumerate(bulletin.audios):
        places.setdefault(audio.unit_id, place)  # an approved one stands before one that still waits
    return places.get(unit_id, places.get(None, -1))
