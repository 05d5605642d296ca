"""At which times of a day a station still has room for a slot: what a form offers, and what mends a shortage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from schedules.facts import ExistingAiring, RuleFact, StationFact
from schedules.placing.outlook import Outlook
from schedules.plan import Planner

STEP = timedelta(minutes=5)
EARLIEST, LATEST = time(5, 30), time(20, 30)
"""Nobody wants to be offered an hour outside of these, unless a session lies there."""
LIKED = (time(6), time(17, 15), time(11, 15), time(19))
"""When people listen, the best first: where no time is asked for, free times near these are taken."""
APART = (timedelta(hours=2), timedelta(minutes=30), timedelta())
"""Slots of one text lie as far apart as they can."""


def free_times(
    planner: Planner,
    station: StationFact,
    existing: Iterable[ExistingAiring],
    rule: RuleFact,
    day: date,
    near: time | None,
    most: int,
) -> list[time]:
    """At most `most` times of `day` at which a slot of `rule` would begin exactly as asked, so that all of them fit
    together: the nearest to `near` first, or where that is None well spread over the day.

    `rule` is asked last of all, as the youngest. `day` lies in the planner's window.
    """
    return free_in(planner.outlook(station, existing), rule, day, near, most)


def free_in(outlook: Outlook, rule: RuleFact, day: date, near: time | None, most: int) -> list[time]:
    """`free_times` of a station that is laid out already."""
    probed = outlook.probe(rule, day, _candidates(outlook, day))
    fitting = [each for each in probed if each.starts_at == outlook.instant(day, each.wall_time)]
    walls = [each.wall_time for each in fitting]
    wanted = (near,) if near is not None else LIKED
    chosen: list[time] = []
    for apart in APART if near is None else APART[-1:]:
        for goal in wanted if near is None else wanted * max(1, most):
            if len(chosen) >= most:
                return chosen
            gap = max(apart, outlook.length(rule, day))
            open_walls = [wall for wall in walls if all(_between(wall, other) >= gap for other in chosen)]
            if open_walls:
                chosen.append(min(open_walls, key=lambda wall: (_between(wall, goal), wall)))
    while len(chosen) < most:
        gap = outlook.length(rule, day)
        open_walls = [wall for wall in walls if all(_between(wall, other) >= gap for other in chosen)]
        if not open_walls:
            break
        chosen.append(max(open_walls, key=lambda wall: min((_between(wall, other) for other in chosen), default=STEP)))
    return chosen


def _candidates(outlook: Outlook, day: date) -> list[time]:
    """Every five minutes of the sessions, or of the hours in which people are offered anything; and the whole minute
    after each airing."""
    spans = [(span.start_at, span.end_at) for span in outlook.sessions(day)]
    if not spans:
        spans = [(outlook.instant(day, EARLIEST), outlook.instant(day, LATEST))]
    instants = {_whole_minute(end) for end in outlook.silences_from(day)}
    for start, end in spans:
        instants |= {start + STEP * number for number in range((end - start) // STEP + 1)}
    inside = sorted(at for at in instants if any(start <= at < end for start, end in spans))
    return [outlook.wall(at) for at in inside]


def _whole_minute(instant: datetime) -> datetime:
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(minutes=1)


def _between(one: time, other: time) -> timedelta:
    minutes = abs((one.hour - other.hour) * 60 + one.minute - other.minute)
    return timedelta(minutes=minutes)
