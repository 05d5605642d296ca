"""The day as lanes, worked out before any template: where each mark stands, in percent of the hours shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from broadcast.clock import day_span
from broadcast.station import Station
from web.airings import Shown

FIRST_HOUR, LAST_HOUR = 5, 22
"""Shown on every day; further hours where something airs in them, or it is that hour now."""
# In percent of the narrowest lane that is drawn (55rem): what would cover its neighbour becomes one mark with it.
SINGLE_WIDE = 2.7
SEVERAL_WIDE = 4.3
# The gravest first: a mark that stands for several shows the worst.
GRAVITY = ("missed", "partial", "late", "unknown", "playing", "planned", "complete", "cancelled")


@dataclass(frozen=True)
class Mark:
    """One airing, or several that stand too close. `at` is its place in percent of the lane."""

    at: float
    kind: str
    airings: tuple[Shown, ...]
    hours: tuple[int, int]


@dataclass(frozen=True)
class Lane:
    station: Station
    health: str
    marks: tuple[Mark, ...]
    worst: int


@dataclass(frozen=True)
class Hours:
    """The hours across: [first, last)."""

    first: int
    last: int
    midnight: datetime

    def place(self, at: datetime) -> float:
        """In percent; rounded, so that an unchanged page stays the same text."""
        hour = (at - self.midnight) / timedelta(hours=1)
        return round(100 * (hour - self.first) / (self.last - self.first), 2)

    @property
    def ticks(self) -> list[tuple[int, float]]:
        return [
            (hour, round(100 * (hour - self.first) / (self.last - self.first), 2))
            for hour in range(self.first, self.last)
        ]


def hours_of(day: date, instants: Sequence[datetime], now: datetime, zone: ZoneInfo) -> Hours:
    midnight, end = day_span(day, zone)
    inside = [at for at in (*instants, now) if midnight <= at < end]
    hours = [int((at - midnight) / timedelta(hours=1)) for at in inside]
    return Hours(min([FIRST_HOUR, *hours]), max([LAST_HOUR, *(hour + 1 for hour in hours)]), midnight)


def lane(station: Station, health: str, airings: Sequence[Shown], hours: Hours) -> Lane:
    """Marks by time. What would overlap is one mark, and a mark of several stands for all of its clock hours: the list
    behind it has exactly its airings."""
    groups: list[list[Shown]] = []
    for one in sorted(airings, key=lambda one: one.airing.starts_at):
        groups.append([one])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], hours):
            groups[-2:] = [groups[-2] + groups[-1]]
    marks = tuple(_mark(group, hours) for group in groups)
    worst = min((GRAVITY.index(mark.kind) for mark in marks), default=len(GRAVITY))
    return Lane(station, health, marks, worst)


def _touch(left: list[Shown], right: list[Shown], hours: Hours) -> bool:
    """Whether two neighbours become one."""
    if len(left) + len(right) > 2 and _hour(left[-1], hours) == _hour(right[0], hours):
        return True
    wide = [SINGLE_WIDE if len(group) == 1 else SEVERAL_WIDE for group in (left, right)]
    return _middle(right, hours) - _middle(left, hours) < sum(wide) / 2


def _middle(group: list[Shown], hours: Hours) -> float:
    first, last = group[0].airing.starts_at, group[-1].airing.starts_at
    return hours.place(first + (last - first) / 2)


def _hour(one: Shown, hours: Hours) -> int:
    return int((one.airing.starts_at - hours.midnight) / timedelta(hours=1))


def _mark(group: list[Shown], hours: Hours) -> Mark:
    kind = min((one.kind for one in group), key=GRAVITY.index)
    return Mark(_middle(group, hours), kind, tuple(group), (_hour(group[0], hours), _hour(group[-1], hours) + 1))


def needing_a_hand_first(lanes: list[Lane]) -> list[Lane]:
    """Silent stations and those with trouble before the others, each group by name."""
    troubled = GRAVITY.index("unknown")
    return sorted(
        lanes,
        key=lambda each: (each.health != "silent", min(each.worst, troubled + 1), each.station.name),
    )
