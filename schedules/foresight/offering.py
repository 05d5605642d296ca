"""What could be done about the slots of a rule that would be refused or moved: another time, after what is there,
before it. Pure; nothing is decided here, the one who writes the rule chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from schedules.checks.rule_checks import MOST_SHIFT_MINUTES
from schedules.facts import BulletinClass, ExistingAiring, RuleFact
from schedules.foresight.foreseeing import MOVED, Foresight, Ground, Situation, Slot, begun, in_session, outcomes
from schedules.foresight.free_times import free_in
from schedules.placing.outlook import Outlook

MOST_TIMES = 3
MOST_LOOKED_AT = 20
"""Situations that an offer is tried in: the preview that follows it shows the rest."""
REACH = timedelta(hours=3)
STEP_MINUTES = 5
_KEPT = 12  # of the times that fit in the first situation, the nearest are tried in the others
_ORDER: Mapping[BulletinClass, int] = {"emergency": 0, "priority": 1, "normal": 2}
_IN_THE_WAY = {"collision", "session_full", MOVED}


@dataclass(frozen=True)
class Trouble:
    """Slots of the rule asked for at one time (or in one session) that fare badly in one way."""

    slot_key: str
    code: str
    slots: tuple[Slot, ...]

    @property
    def wall(self) -> time | None:
        """The exact time asked; None in a session."""
        return None if in_session(self.slot_key) else time.fromisoformat(self.slot_key)

    @property
    def days(self) -> list[date]:
        return sorted({slot.local_on for slot in self.slots})


@dataclass(frozen=True)
class Offers:
    """`times`: instead of the asked one, the nearest first. `shift_minutes`: so much patience lets it air after what is
    there. `first_units`: units that could put it first, where that helps. `barred`: what stands in the way is of a
    higher class, which nobody can put it before."""

    times: tuple[time, ...] = ()
    shift_minutes: int | None = None
    first_units: tuple[str, ...] = ()
    barred: bool = False


def troubles(foresight: Foresight) -> list[Trouble]:
    """The slots that are refused or moved, by the time asked and what is the matter, in order of time."""
    grouped: dict[tuple[str, str], list[Slot]] = {}
    for slot in foresight.slots:
        if slot.code:
            key = slot.slot_key.partition("#")[0] + "#" if in_session(slot.slot_key) else slot.slot_key
            grouped.setdefault((key, slot.code), []).append(slot)
    return [Trouble(key, code, tuple(own)) for (key, code), own in sorted(grouped.items())]


class Offering:
    """Looks for offers about one foreseen rule. `unit_of`: the units of its stations; `orderable`: those whose order of
    items is one's own to decide."""

    def __init__(
        self,
        ground: Ground,
        rule: RuleFact,
        foresight: Foresight,
        existing: Iterable[ExistingAiring],
        unit_of: Mapping[str, str],
        orderable: Iterable[str],
    ) -> None:
        self._ground = ground
        self._rule = rule
        self._foresight = foresight
        self._held = begun(existing, ground.at)
        self._unit_of = unit_of
        self._orderable = set(orderable)

    def about(self, trouble: Trouble) -> Offers:
        """What can be offered."""
        if trouble.code in {"withdrawn", "expired", "not_approved", "no_audio", "declined", "day"}:
            return Offers()
        in_the_way = trouble.code in _IN_THE_WAY
        return Offers(
            self._times(trouble),
            self._shift(trouble) if trouble.code == "collision" else None,
            self._first_units(trouble) if in_the_way else (),
            in_the_way and self._is_barred(trouble),
        )

    # ---- another time

    def _times(self, trouble: Trouble) -> tuple[time, ...]:
        wall = trouble.wall
        if wall is None or wall not in self._rule.times:
            return ()
        days = sorted({slot.local_on for slot in self._foresight.slots})
        rest = replace(self._rule, times=tuple(each for each in self._rule.times if each != wall))
        planner = self._ground.planner(rest)
        fitting: list[time] | None = None
        for situation in self._looked_at(trouble):
            outlook = planner.outlook(situation.station, self._held)
            if fitting is None:
                near = [*_around(wall), *free_in(outlook, self._rule, days[0], wall, MOST_TIMES)]
                fitting = [each for each in dict.fromkeys(near) if each not in self._rule.times]
            fitting = _fitting(outlook, self._rule, days, fitting)
            fitting = sorted(fitting, key=lambda each: (_apart(each, wall), each))[:_KEPT]
            if not fitting:
                return ()
        return tuple((fitting or [])[:MOST_TIMES])

    def _looked_at(self, trouble: Trouble) -> list[Situation]:
        """Those of the trouble before the others: the new time is asked on every station."""
        troubled = {slot.station_id for slot in trouble.slots}
        ordered = sorted(self._foresight.situations, key=lambda each: each.station.id not in troubled)
        return ordered[:MOST_LOOKED_AT]

    # ---- after what is there

    def _shift(self, trouble: Trouble) -> int | None:
        patient = replace(self._rule, on_collision="after", shift_minutes=MOST_SHIFT_MINUTES)
        better = self._would_be(self._ground, patient, trouble)
        waits = [slot.starts_at - slot.asked_at for slot in better if slot.starts_at is not None]
        if not waits:
            return None
        needed = -(-max(waits) // timedelta(minutes=STEP_MINUTES)) * STEP_MINUTES
        is_enough = self._rule.on_collision == "after" and needed <= self._rule.shift_minutes
        return None if is_enough else min(needed, MOST_SHIFT_MINUTES)

    # ---- before it

    def _first_units(self, trouble: Trouble) -> tuple[str, ...]:
        concerned = {
            unit
            for slot in trouble.slots
            for station in self._foresight.stations[slot.station_id]
            if (unit := self._unit_of.get(station)) in self._orderable
        }
        if not concerned:
            return ()
        ground = self._ground.choosing(self._rule.id, concerned)
        was = {slot.key: slot for slot in trouble.slots}
        tried = self._would_be(ground, self._rule, trouble)
        helped = {slot.station_id for slot in tried if slot.starts_at not in {None, was[slot.key].starts_at}}
        if not helped:
            return ()
        # what was not tried is taken to be as what was
        vain = {slot.station_id for slot in tried} - helped
        units = {self._unit_of.get(each) for station in vain for each in self._foresight.stations[station]}
        of_help = {self._unit_of.get(each) for station in helped for each in self._foresight.stations[station]}
        return tuple(sorted(concerned - (units - of_help)))

    def _is_barred(self, trouble: Trouble) -> bool:
        class_of = {name: _class_of(rule) for rule in self._ground.rules for name in (rule.id, rule.code)}
        mine = _class_of(self._rule)
        return any(
            class_of.get(slot.after[0] if slot.after else str(slot.facts.get("with_rule", "")), mine) < mine
            for slot in trouble.slots
        )

    def _would_be(self, ground: Ground, rule: RuleFact, trouble: Trouble) -> list[Slot]:
        """What the slots of the trouble would become in the situations that are looked at."""
        troubled = {slot.station_id for slot in trouble.slots}
        batch = [each.station for each in self._foresight.situations if each.station.id in troubled][:MOST_LOOKED_AT]
        result = ground.planner(rule).plan(batch, self._held)
        found = outcomes(result, self._held, ground)
        return [found[slot.key] for slot in trouble.slots if slot.key in found]


def _class_of(rule: RuleFact) -> int:
    return min((_ORDER[bulletin.bulletin_class] for bulletin in rule.bulletins), default=_ORDER["normal"])


def _around(wall: time) -> list[time]:
    """Every five minutes for some hours before and after, on the same day."""
    day = datetime(2000, 1, 3)  # noqa: DTZ001  # wall times only
    at = datetime.combine(day, wall)
    steps = range(1, REACH // timedelta(minutes=STEP_MINUTES) + 1)
    around = [at + sign * timedelta(minutes=STEP_MINUTES) * step for step in steps for sign in (1, -1)]
    return [each.time() for each in around if each.date() == day.date()]


def _fitting(outlook: Outlook, rule: RuleFact, days: Sequence[date], times: Sequence[time]) -> list[time]:
    """Those of the times at which a slot would begin as asked on every one of the days that are still to come."""
    left = list(times)
    for day in days:
        probed = outlook.probe(rule, day, left)
        answers = {each.wall_time: each.starts_at for each in probed}
        # a time of today that is over is no hindrance
        left = [each for each in left if each not in answers or answers[each] == outlook.instant(day, each)]
        if not left:
            break
    return left


def _apart(one: time, other: time) -> int:
    return abs((one.hour - other.hour) * 60 + one.minute - other.minute)
