"""A series is edited: which of its slots and days are which afterwards, and what "this and following" means.

Pure: RuleFacts in, RuleFacts out. What was changed for one slot or taken out for one day goes along with the series;
nothing goes from or to a day before the one that it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import NamedTuple, TypeVar

from schedules.facts import BulletinFact, RuleFact, SlotChange
from schedules.recurrence import ANY_SESSION, WallSlot, asks_on, bulletin_on, day_slots

T = TypeVar("T")

_LOOKED_AT_DAYS = 800
"""A pattern that asks for nothing in so many days is not looked at further."""


class DayMove(NamedTuple):
    """Where the days of a series go: weekdays to weekdays of the same week, chosen dates to chosen dates."""

    weekdays: Mapping[int, int]
    dates: Mapping[date, date]

    def of(self, day: date) -> date:
        """Where `day` goes; itself where it has no counterpart."""
        if day in self.dates:
            return self.dates[day]
        weekday = day.isoweekday()
        return day + timedelta(days=self.weekdays.get(weekday, weekday) - weekday)


class Split(NamedTuple):
    """`before` ends where `after` begins; None where nothing would be left of it: then the edit is of the whole."""

    before: RuleFact | None
    after: RuleFact


def moved_keys(old: RuleFact, new: RuleFact) -> dict[str, str]:
    """Key of a slot of `old` → key of the same slot in `new`.

    What kept its key is itself. Of the rest the i-th exact time is the i-th of the new ones, and the i-th session the
    i-th, where there are as many (a place in a session keeps its number). What has no counterpart is not in it.
    """
    there = {slot.key for slot in day_slots(new)}
    exact = _in_order(_exact(old), _exact(new))
    sessions = _in_order(_sessions(old), _sessions(new))
    moved = {}
    for slot in day_slots(old):
        key = exact.get(slot.key, slot.key)
        if slot.session in sessions:
            key = f"{sessions[slot.session]}#{slot.place}"
        if key in there:
            moved[slot.key] = key
    return moved


def moved_days(old: RuleFact, new: RuleFact) -> DayMove:
    """Where the days of `old` go: from some weekdays to as many others, from some dates to as many others."""
    return DayMove(
        _in_order(sorted(old.weekdays or ()), sorted(new.weekdays or ())),
        _in_order(sorted(old.dates or ()), sorted(new.dates or ())),
    )


def _exact(rule: RuleFact) -> list[str]:
    return [slot.key for slot in day_slots(rule) if slot.wall_time is not None]


def _sessions(rule: RuleFact) -> list[str]:
    named = [slot.session for slot in day_slots(rule) if slot.session not in {None, ANY_SESSION}]
    return [name for name in dict.fromkeys(named) if name is not None]


def _in_order(old: Sequence[T], new: Sequence[T]) -> dict[T, T]:
    """Those that leave → those that come, in order, where they are as many."""
    leaving = [each for each in old if each not in new]
    coming = [each for each in new if each not in old]
    return dict(zip(leaving, coming, strict=True)) if len(leaving) == len(coming) else {}


class Move:
    """Where exceptions and changes of single slots go when `old` becomes `new`.

    Nothing goes from or to a day before `since`; slots of that day in `begun` stay what they are.
    """

    def __init__(self, old: RuleFact, new: RuleFact, since: date, begun: frozenset[str] = frozenset()) -> None:
        self._keys, self._days = moved_keys(old, new), moved_days(old, new)
        self._since, self._begun = since, begun

    def slot(self, on: date, key: str) -> tuple[date, str]:
        """Where a change of slot `key` on day `on` goes; itself where it stays or has no counterpart."""
        if on < self._since or (on == self._since and key in self._begun):
            return on, key
        to = self._days.of(on)
        return (on, key) if to < self._since else (to, self._keys.get(key, key))

    def exceptions(self, days: frozenset[date]) -> frozenset[date]:
        """The days and those to which they go. The old ones stay: a later move back finds them again."""
        return days | {to for day in days if (to := self._days.of(day)) >= self._since}


def steady(
    old: RuleFact, new: RuleFact, on: date, begun: frozenset[str], until: time, *, apart: bool = False
) -> tuple[SlotChange, ...]:
    """What keeps every slot of day `on` single while the series moves in the middle of it, at wall time `until`.

    A slot in `begun` does not sound a second time at its new, later time; one that is still to come and whose new time
    is over keeps its old time for this day. `apart`: `new` is another rule, which would ask again for what stayed too.
    """
    if not (asks_on(old, on) and asks_on(new, on)):
        return ()
    were, are = _by_key(old), _by_key(new)
    held = list[SlotChange]()
    for key, new_key in moved_keys(old, new).items():
        was, to = were[key].wall_time, are[new_key].wall_time
        is_over = to is not None and to < until
        if key == new_key and not apart:
            continue
        if key in begun and not is_over:
            held.append(SlotChange(on, new_key, is_skipped=True))
        elif key not in begun and is_over and was is not None:
            held.append(SlotChange(on, new_key, to_time=was))
    return tuple(held)


def carried(old: RuleFact, new: RuleFact, since: date, until: time) -> RuleFact:
    """`new` with what was changed and taken out in `old`, as it stands once the edit is saved on day `since` at wall
    time `until`."""
    begun = begun_keys(old, since, until)
    move = Move(old, new, since, begun)
    places = {(each.local_on, each.slot_key, each.station_id): each for each in steady(old, new, since, begun, until)}
    for each in old.changes:
        on, key = move.slot(each.local_on, each.slot_key)
        places[on, key, each.station_id] = replace(each, local_on=on, slot_key=key)
    return replace(new, changes=tuple(places.values()), except_on=move.exceptions(new.except_on))


def begun_keys(rule: RuleFact, on: date, until: time) -> frozenset[str]:
    """Slots of day `on` asked for before wall time `until`, on any station. Of places in sessions only a station knows
    the time: they are not in it."""
    there = [change for change in rule.changes if change.local_on == on and change.to_time is not None]
    everywhere = {change.slot_key: change.to_time for change in there if change.station_id is None}
    asked = [(key, everywhere.get(key, slot.wall_time)) for key, slot in _by_key(rule).items()]
    asked += [(change.slot_key, change.to_time) for change in there if change.station_id is not None]
    return frozenset(key for key, wall in asked if wall is not None and wall < until)


def change_at(rule: RuleFact, on: date, key: str, station_id: str | None) -> SlotChange | None:
    """How slot `key` of day `on` is otherwise on that station, whose own change counts before that for all; None: on
    all alike."""
    there = {each.station_id: each for each in rule.changes if each.local_on == on and each.slot_key == key}
    return there.get(station_id) or there.get(None)


def _by_key(rule: RuleFact) -> dict[str, WallSlot]:
    return {slot.key: slot for slot in day_slots(rule)}


def split(rule: RuleFact, on: date, begun: frozenset[str] = frozenset()) -> Split:
    """`rule` up to day `on`, and from it on; together they ask for exactly what it asks for.

    The border is a whole day. Where slots of that day have `begun`, both parts have it: those stay with the one
    before, the others go with the one after, and each leaves out what is the other's.
    """
    shared = frozenset(slot.key for slot in day_slots(rule)) & begun if asks_on(rule, on) else frozenset()
    after = _after(rule, on, shared)
    if not shared and not _asks_before(rule, on):
        return Split(None, after)
    return Split(_before(rule, on, shared), after)


def _before(rule: RuleFact, on: date, shared: frozenset[str]) -> RuleFact:
    last = on if shared else on - timedelta(days=1)
    left_out = [slot.key for slot in day_slots(rule) if slot.key not in shared] if shared else []
    return replace(
        rule,
        until_on=last if rule.until_on is None else min(last, rule.until_on),
        dates=_divided(rule, frozenset(day for day in rule.dates or () if day <= last)),
        except_on=frozenset(day for day in rule.except_on if day < on),
        changes=tuple(change for change in rule.changes if _stays(change, on, shared))
        + tuple(SlotChange(on, key, is_skipped=True) for key in left_out),
    )


def _after(rule: RuleFact, on: date, shared: frozenset[str]) -> RuleFact:
    after = replace(
        rule,
        from_on=on if rule.from_on is None else max(on, rule.from_on),
        dates=_divided(rule, frozenset(day for day in rule.dates or () if day >= on)),
        except_on=frozenset(day for day in rule.except_on if day >= on),
        changes=tuple(change for change in rule.changes if not _stays(change, on, shared))
        + tuple(SlotChange(on, key, is_skipped=True) for key in sorted(shared)),
    )
    return replace(after, bulletins=tuple(rule.bulletins[place] for place in aligned(rule, after, on)))


def _divided(rule: RuleFact, dates: frozenset[date]) -> frozenset[date] | None:
    """The part's own dates. Beside another pattern they stay whole: `from_on` and `until_on` cut them already, and
    without them the turns of the bulletins would be counted otherwise."""
    alone = rule.weekdays is None and rule.lunar_days is None
    return dates if rule.dates is not None and alone else rule.dates


def _stays(change: SlotChange, on: date, shared: frozenset[str]) -> bool:
    return change.local_on < on or (change.local_on == on and change.slot_key in shared)


def _asks_before(rule: RuleFact, on: date) -> bool:
    first = rule.from_on
    if first is None and rule.dates is not None and rule.weekdays is None and rule.lunar_days is None:
        return any(asks_on(rule, day) for day in rule.dates if day < on)
    if first is None or (on - first).days > _LOOKED_AT_DAYS:
        return True
    return any(asks_on(rule, first + timedelta(days=later)) for later in range((on - first).days))


def aligned(old: RuleFact, new: RuleFact, on: date) -> tuple[int, ...]:
    """In which order `new` has to name its bulletins so that from day `on` on each has the turn that it had in `old`,
    on every day where the pattern is the same: places in `new.bulletins`. As they are, where they are not those of
    `old` in their order."""
    number = len(new.bulletins)
    if number > 1 and [each.id for each in old.bulletins] == [each.id for each in new.bulletins]:
        for later in range(_LOOKED_AT_DAYS):
            day = on + timedelta(days=later)
            if asks_on(old, day) and asks_on(new, day):
                ahead = _turn(old, day) - _turn(new, day)
                return tuple((place + ahead) % number for place in range(number))
    return tuple(range(number))


def _turn(rule: RuleFact, day: date) -> int:
    """Which place of the rotation begins `day`."""
    places = tuple(BulletinFact(str(place), "") for place in range(len(rule.bulletins)))
    return int(bulletin_on(replace(rule, bulletins=places), day, 0).id)
