"""Local days as spans of instants, and what a policy makes of each: worked out once, used for every station."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from broadcast.clock import day_span, instant_of, local_day
from schedules.facts import SessionFact, WallSpan
from schedules.placing.identity import name_tail
from schedules.placing.policies import EffectivePolicy
from schedules.placing.territory import ONE_DAY

# Today's and tomorrow's airings give way to an emergency that has no end yet; later ones are expected to air, and
# give way when their day comes. So starting one rewrites two days of rows, not fifteen.
OPEN_EMERGENCY_DAYS = 2

# What airs late on the last day must not have to move when the window rolls on: the first hours after it are laid out
# too, and thrown away.
LOOK_AHEAD = timedelta(hours=6)


class CurfewSpan(NamedTuple):
    """The part of a curfew that lies in one local day."""

    start_at: datetime
    end_at: datetime
    wall: WallSpan


class SessionSpan(NamedTuple):
    """A session on one local day."""

    start_at: datetime
    end_at: datetime
    session: SessionFact


class Calendar:
    """The window of a plan in one zone: local days `first` to `last`, of which `first` is the day of `now`."""

    def __init__(self, now: datetime, window_days: int, zone: ZoneInfo) -> None:
        if now.tzinfo is None or window_days < 1:
            raise ValueError("now must be aware and the window at least one day")
        self.now = now.astimezone(UTC)
        self.zone = zone
        self.first = local_day(now, zone)
        self.last = self.first + ONE_DAY * (window_days - 1)
        # yesterday's slots may have been put after midnight, the last day's airings may reach into the next
        self.days = tuple(self.first + ONE_DAY * offset for offset in range(-1, window_days + 2))
        self.end_at = day_span(self.last, zone)[1]
        self.look_ahead_until = self.end_at + LOOK_AHEAD
        self.open_until = day_span(self.first + ONE_DAY * (OPEN_EMERGENCY_DAYS - 1), zone)[1]
        self._spans: dict[date, tuple[datetime, datetime]] = {}
        self._tails: dict[tuple[date, str], bytes] = {}
        self._instants: dict[tuple[date, time], datetime] = {}
        self._curfews: dict[tuple[date, tuple[WallSpan, ...]], tuple[CurfewSpan, ...]] = {}
        self._sessions: dict[tuple[date, tuple[SessionFact, ...]], tuple[SessionSpan, ...]] = {}

    def span(self, day: date) -> tuple[datetime, datetime]:
        """The half-open UTC span of local `day`."""
        known = self._spans.get(day)
        if known is None:
            known = self._spans[day] = day_span(day, self.zone)
        return known

    def instant(self, day: date, wall: time) -> datetime:
        """The UTC instant of `wall` on local `day`."""
        known = self._instants.get((day, wall))
        if known is None:
            known = self._instants[day, wall] = instant_of(day, wall, self.zone)
        return known

    def tail(self, day: date, slot_key: str) -> bytes:
        """`identity.name_tail`, made once."""
        known = self._tails.get((day, slot_key))
        if known is None:
            known = self._tails[day, slot_key] = name_tail(day, slot_key)
        return known

    def curfews(self, day: date, policy: EffectivePolicy) -> tuple[CurfewSpan, ...]:
        """What of the policy's curfew lies in local `day`: both ends of one that reaches over midnight."""
        key = (day, policy.curfew)
        known = self._curfews.get(key)
        if known is None:
            start, end = self.span(day)
            known = self._curfews[key] = tuple(
                CurfewSpan(from_at, until_at, wall)
                for wall in policy.curfew
                for from_at, until_at in self._inside(day, start, end, wall)
                if from_at < until_at
            )
        return known

    def _inside(
        self, day: date, start: datetime, end: datetime, wall: WallSpan
    ) -> tuple[tuple[datetime, datetime], ...]:
        if wall.from_time == wall.until_time:
            return ((start, end),)
        from_at, until_at = self.instant(day, wall.from_time), self.instant(day, wall.until_time)
        if wall.from_time < wall.until_time:
            return ((from_at, until_at),)
        return (start, until_at), (from_at, end)

    def sessions(self, day: date, policy: EffectivePolicy) -> tuple[SessionSpan, ...]:
        """The policy's sessions on local `day`, as the policy orders them; one that ends at 00:00 ends with the day."""
        key = (day, policy.sessions)
        known = self._sessions.get(key)
        if known is None:
            known = self._sessions[key] = tuple(
                SessionSpan(
                    self.instant(day, session.from_time),
                    self.instant(day if session.until_time > session.from_time else day + ONE_DAY, session.until_time),
                    session,
                )
                for session in policy.sessions
            )
        return known


def earliest_needed(now: datetime, zone: ZoneInfo) -> datetime:
    """From which start on `plan` must be told of existing airings: the beginning of yesterday, local.

    Airings that repeat until stopped and are not cancelled are needed however long ago they began.
    """
    return day_span(local_day(now, zone) - timedelta(days=1), zone)[0]
