"""The rows of a week: its sessions and the times between them, instead of twenty-four hours, most of them empty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from broadcast.clock import day_span, instant_of
from schedules.facts import SessionFact
from schedules.placing.calendar import Calendar
from schedules.placing.policies import EffectivePolicy

MOST = 24
"""Rows that the page has places for. Days of many different sessions are shown by the hour."""

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Band:
    """[`first`, `until`) in minutes of the day; `name` is that of the session it belongs to on some day of the week."""

    first: int
    until: int
    name: str = ""

    @property
    def words(self) -> str:
        """`05:30–06:30`; a whole hour of no session as `05:00`."""
        if not self.name and self.until - self.first == 60 and self.first % 60 == 0:
            return _clock(self.first)
        return f"{_clock(self.first)}–{_clock(self.until)}"

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        start, end = day_span(day, zone)
        return (
            instant_of(day, time(*divmod(self.first, 60)), zone) if self.first else start,
            instant_of(day, time(*divmod(self.until, 60)), zone) if self.until < MINUTES_A_DAY else end,
        )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def bands_of(policies: Iterable[EffectivePolicy]) -> list[Band]:
    """One row a session and one for each time between, over all policies of the week. Without sessions: the hours."""
    held = list(policies)
    sessions = [session for policy in held for session in policy.sessions]
    if not sessions:
        return _hours()
    cuts = {0, MINUTES_A_DAY}
    for session in sessions:
        cuts |= {_minutes(session.from_time), _minutes(session.until_time) or MINUTES_A_DAY}
    for policy in held:
        for curfew in policy.curfew:
            cuts |= {_minutes(curfew.from_time), _minutes(curfew.until_time)}
    ordered = sorted(cuts)
    if len(ordered) - 1 > MOST:
        return _hours()
    return [Band(first, until, _name(sessions, first)) for first, until in pairwise(ordered)]


def _hours() -> list[Band]:
    return [Band(hour * 60, hour * 60 + 60) for hour in range(24)]


def _name(sessions: Sequence[SessionFact], first: int) -> str:
    for session in sessions:
        if _minutes(session.from_time) <= first < (_minutes(session.until_time) or MINUTES_A_DAY):
            return session.name
    return ""


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def band_at(bands: list[Band], instant: datetime, day: date, zone: ZoneInfo) -> int:
    """The row in which it is shown on its own day; what was put after midnight stays in the last one."""
    local = instant.astimezone(zone)
    if local.date() != day:
        return len(bands) - 1
    minute = local.hour * 60 + local.minute
    return next(place for place, band in enumerate(bands) if band.first <= minute < band.until)


def shade(calendar: Calendar, day: date, policy: EffectivePolicy | None, span: tuple[datetime, datetime]) -> str:
    """ "curfew" (all of it), "part" (some of it), "session" (one lies in it) or nothing."""
    if policy is None:
        return ""
    start, end = span
    for curfew in calendar.curfews(day, policy):
        if curfew.start_at <= start and end <= curfew.end_at:
            return "curfew"
        if curfew.start_at < end and start < curfew.end_at:
            return "part"
    if any(each.start_at < end and start < each.end_at for each in calendar.sessions(day, policy)):
        return "session"
    return ""
