"""While a station does not know the time it is silent, and says afterwards what went by."""

from __future__ import annotations

from broadcast.wire import EntryReason, ManifestAiring
from station.agenda import PAST_AT_ONCE, Agenda
from station.clock import TrustedTime
from station.troubles import Troubles

TELL_AFTER_MS = 30_000
"""A station that has just been switched on is given so long to measure the time before it complains."""


class Silence:
    """Since when the time has not been known. A station begins in silence."""

    def __init__(self, agenda: Agenda, time: TrustedTime, troubles: Troubles) -> None:
        self._agenda = agenda
        self._time = time
        self._troubles = troubles
        self._since_ms: int | None = time.clock.monotonic_ms()

    def _lasted_ms(self) -> int:
        now_ms = self._time.clock.monotonic_ms()
        if self._since_ms is None:
            self._since_ms = now_ms
        return now_ms - self._since_ms

    def go_on(self) -> list[ManifestAiring]:
        """The time is not known now. Gives what is long past all the same, by a rough idea of the server's time."""
        silent_ms = self._lasted_ms()
        if silent_ms >= TELL_AFTER_MS:
            self._troubles.report(
                "clock", "Trạm chưa biết giờ đúng nên im lặng: chưa đo được giờ với máy chủ.", EntryReason.CLOCK
            )
        rough_ms = self._time.estimated_ms()
        if rough_ms is None:
            return []
        return self._agenda.missed_in_silence(rough_ms - silent_ms, rough_ms - TELL_AFTER_MS)[:PAST_AT_ONCE]

    def end(self, now_ms: int) -> None:
        """The time is known. What went by meanwhile was kept waiting by the clock."""
        if self._since_ms is None:
            return
        since_ms = now_ms - self._lasted_ms()
        self._since_ms = None
        self._troubles.clear("clock")
        for airing in self._agenda.missed_in_silence(since_ms, now_ms):
            if self._agenda.waited_for(airing) is None:
                self._agenda.waits(airing, EntryReason.CLOCK)
