"""What is still to be played, by the newest programme: what waits, for what, and when it is tried again."""

from __future__ import annotations

from uuid import UUID

from broadcast.wire import EntryReason, Manifest, ManifestAiring, milliseconds
from station.clock import Clock
from station.judgement import is_emergency, is_endless
from station.memory import Memory

_RETRY_FIRST_MS = 5_000
_RETRY_MOST_MS = 300_000


class Agenda:
    """Airings that have neither begun nor been missed, and the endless ones, which may begin again."""

    def __init__(self, memory: Memory, clock: Clock, enrolled_ms: int) -> None:
        """Airings before `enrolled_ms` were another enrolment's business."""
        self._memory = memory
        self._clock = clock
        self._enrolled_ms = enrolled_ms
        self._waits: dict[UUID, EntryReason] = {}
        self._retry: dict[UUID, tuple[int, int]] = {}
        self.pending: list[ManifestAiring] = []

    def follow(self, manifest: Manifest) -> None:
        """Take up another programme; why things waited is kept for what it still names."""
        mine = [a for a in manifest.airings if milliseconds(a.starts_at) >= self._enrolled_ms]
        self.pending = sorted(
            (a for a in mine if is_endless(a) or not self._memory.knows(a)),
            key=lambda a: (not is_emergency(a), a.starts_at),
        )
        named = {airing.id for airing in manifest.airings}
        self._waits = {airing: why for airing, why in self._waits.items() if airing in named}
        self._retry = {airing: again for airing, again in self._retry.items() if airing in named}

    def due(self, now_ms: int) -> list[ManifestAiring]:
        """Those whose instant has come, emergencies first; not those that rest after a failure and still have time."""
        monotonic_ms = self._clock.monotonic_ms()
        found = []
        for airing in self.pending:
            if milliseconds(airing.starts_at) <= now_ms:
                is_late = not is_endless(airing) and now_ms > milliseconds(airing.latest_start_at)
                if is_late or monotonic_ms >= self._retry.get(airing.id, (0, 0))[0]:
                    found.append(airing)
        return found

    def done(self, airing: ManifestAiring) -> None:
        """It has begun or was missed: never again, unless it is endless."""
        if not is_endless(airing):
            self.pending = [other for other in self.pending if other.id != airing.id]
            self._waits.pop(airing.id, None)
            self._retry.pop(airing.id, None)

    def waits(self, airing: ManifestAiring, why: EntryReason) -> None:
        """Not now; if it never comes to pass this was why."""
        self._waits[airing.id] = why

    def waited_for(self, airing: ManifestAiring) -> EntryReason | None:
        """Why it has not begun before."""
        return self._waits.get(airing.id)

    def missed_in_silence(self, since_ms: int, until_ms: int) -> list[ManifestAiring]:
        """Those whose latest start lies in `[since_ms, until_ms)`."""
        return [a for a in self.pending if since_ms <= milliseconds(a.latest_start_at) < until_ms]

    def retry_later(self, airing: ManifestAiring) -> None:
        """The device failed: pauses grow from seconds to minutes."""
        wait_ms = min(self._retry.get(airing.id, (0, _RETRY_FIRST_MS // 2))[1] * 2, _RETRY_MOST_MS)
        self._retry[airing.id] = (self._clock.monotonic_ms() + wait_ms, wait_ms)
