"""The day of a station as one row: what airs, what was refused, which session stays empty, what is forbidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from broadcast.airing import Refusal
from broadcast.station import Station
from broadcast.unit import Unit
from schedules.placing.calendar import Calendar, SessionSpan
from schedules.placing.policies import EffectivePolicy
from web.airings import Shown
from web.today.lanes import SINGLE_WIDE, Hours, Lane, lane

TROUBLES = frozenset({"missed", "partial", "late", "unknown"})
HEIGHT, WITH_REFUSALS = 40, 58
"""Of a row in pixels."""
FEWEST_HOURS = 4
"""Across, also where all of the day lies in one."""
LEAST_WIDE = 0.25
"""In percent: an announcement of a minute is still seen."""


class Band(NamedTuple):
    """A part of the lane in percent. `kind`: curfew, session, hole."""

    at: float
    wide: float
    kind: str


class RefusalMark(NamedTuple):
    """One refused slot, or several that stand too close. `is_meant`: somebody wanted all of them not to air."""

    at: float
    refusals: tuple[Refusal, ...]
    is_meant: bool


@dataclass(frozen=True)
class StationDay:
    """What is known of one station and day, before it is drawn."""

    station: Station
    unit: Unit | None
    health: str
    airings: tuple[Shown, ...]
    refusals: tuple[Refusal, ...]
    sessions: tuple[SessionSpan, ...]
    holes: tuple[SessionSpan, ...]
    curfews: tuple[tuple[datetime, datetime], ...]

    @property
    def unmeant(self) -> list[Refusal]:
        return [refusal for refusal in self.refusals if not is_meant(refusal)]

    @property
    def needs_a_hand(self) -> bool:
        troubled = any(one.kind in TROUBLES for one in self.airings)
        return troubled or bool(self.unmeant) or bool(self.holes) or self.health in {"silent", "ailing"}

    @property
    def looks(self) -> tuple[object, ...]:
        """Equal where two stations have the same day."""
        return (
            tuple((one.airing.starts_at, one.kind, one.airing.bulletin_id) for one in self.airings),
            tuple((refusal.asked_at, refusal.code, refusal.bulletin_id) for refusal in self.refusals),
            tuple((span.start_at, span.end_at) for span in self.sessions),
            self.curfews,
            self.health,
        )


@dataclass(frozen=True)
class Row:
    """One line of the page: a station, or (`same`) all those that have the same day as the first."""

    day: StationDay
    same: tuple[StationDay, ...]
    lane: Lane
    bands: tuple[Band, ...]
    extents: tuple[tuple[float, float, str], ...]
    refused: tuple[RefusalMark, ...]

    @property
    def height(self) -> int:
        return WITH_REFUSALS if self.refused else HEIGHT


def is_meant(refusal: Refusal) -> bool:
    """Withdrawn, run out, or declined by the commune: nobody waits for it."""
    return refusal.code in {"withdrawn", "expired"} or "declined_by" in refusal.facts


def holes_of(
    sessions: Sequence[SessionSpan], airings: Sequence[Shown], day: date, policy: EffectivePolicy
) -> tuple[SessionSpan, ...]:
    """Sessions of the day in which nothing was to air. Where only so many sessions may be used, no more are missed."""
    if policy.weekdays is not None and day.isoweekday() not in policy.weekdays:
        return ()
    heard = [one.airing for one in airings if one.kind != "cancelled"]
    empty = [
        span for span in sessions if not any(a.starts_at < span.end_at and span.start_at < a.ends_at for a in heard)
    ]
    if policy.sessions_a_day is not None:
        empty = empty[: max(0, policy.sessions_a_day - (len(sessions) - len(empty)))]
    return tuple(empty)


def curfews_of(calendar: Calendar, day: date, policy: EffectivePolicy) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((span.start_at, span.end_at) for span in calendar.curfews(day, policy))


def hours_shown(days: Sequence[StationDay], midnight: datetime, now: datetime | None) -> Hours:
    """From the hour of the first airing, refusal or session to that of the last; office hours where there is none."""
    instants = [now] if now is not None else []
    for each in days:
        instants += [at for one in each.airings for at in (one.airing.starts_at, one.airing.ends_at)]
        instants += [refusal.asked_at for refusal in each.refusals]
        instants += [at for span in each.sessions for at in (span.start_at, span.end_at)]
    hours = [(at - midnight) / timedelta(hours=1) for at in instants]
    if not hours:
        return Hours(5, 22, midnight)
    first = max(0, int(min(hours)))
    # one that was put after midnight is drawn beyond it; an emergency that goes on for days is not
    last = min(26, max(first + 1, -int(-max(hours) // 1)))
    first = max(0, min(first, last - FEWEST_HOURS))
    return Hours(first, max(last, first + FEWEST_HOURS), midnight)


def row_of(same: Sequence[StationDay], hours: Hours) -> Row:
    first = same[0]
    return Row(
        first,
        tuple(same),
        lane(first.station, first.health, first.airings, hours),
        tuple(_bands(first, hours)),
        tuple(_extent(one, hours) for one in first.airings if one.kind != "cancelled"),
        tuple(_refusal_marks(first.refusals, hours)),
    )


def _bands(day: StationDay, hours: Hours) -> list[Band]:
    spans = [(start, end, "curfew") for start, end in day.curfews]
    spans += [(span.start_at, span.end_at, "hole" if span in day.holes else "session") for span in day.sessions]
    found = []
    for start, end, kind in spans:
        left, right = max(0.0, hours.place(start)), min(100.0, hours.place(end))
        if left < right:
            found.append(Band(left, round(right - left, 2), kind))
    return found


def _extent(one: Shown, hours: Hours) -> tuple[float, float, str]:
    """How long it sounds, to scale: place, width, class."""
    left = hours.place(one.airing.starts_at)
    wide = max(LEAST_WIDE, min(100.0, hours.place(one.airing.ends_at)) - left)
    return left, round(wide, 2), one.airing.bulletin_class


def _refusal_marks(refusals: Sequence[Refusal], hours: Hours) -> list[RefusalMark]:
    groups: list[list[Refusal]] = []
    for refusal in refusals:
        at = hours.place(refusal.asked_at)
        if groups and at - hours.place(groups[-1][0].asked_at) < SINGLE_WIDE:
            groups[-1].append(refusal)
        else:
            groups.append([refusal])
    return [
        RefusalMark(hours.place(group[0].asked_at), tuple(group), all(is_meant(each) for each in group))
        for group in groups
    ]
