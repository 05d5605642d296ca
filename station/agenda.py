"""What is still to be played, by the newest programme: what waits, for what, and when it is tried again."""

from __future__ import annotations

from bisect import bisect_right
from uuid import UUID

from broadcast.wire import EntryReason, Manifest, ManifestAiring, milliseconds
from station.clock import Clock
from station.judgement import is_emergency, is_endless
from station.memory import Memory

PAST_AT_ONCE = 20
"""So many that are past their latest start are looked at in one go: each is an entry, and each entry a wait for the
disk. After two weeks without power there may be thousands, and what is due now must not stand behind them."""

_RETRY_FIRST_MS = 5_000
_RETRY_MOST_MS = 300_000


class Agenda:
    """Airings that have neither begun nor been missed, and the endless ones, which may begin again."""

    def __init__(self, memory: Memory, clock: Clock, enrolled_ms: int) -> None:
        """Airings before `enrolled_ms` were another enrolment's business, but for those that go on until stopped."""
        self._memory = memory
        self._clock = clock
        self._enrolled_ms = enrolled_ms
        self._waits: dict[UUID, EntryReason] = {}
        self._retry: dict[UUID, tuple[int, int]] = {}
        self._pending: list[ManifestAiring] = []
        self._starts_ms: list[int] = []

    @property
    def pending(self) -> list[ManifestAiring]:
        """All of them, in order of time."""
        return self._pending

    def follow(self, manifest: Manifest) -> None:
        """Take up another programme; why things waited is kept for what it still names."""
        self._set(
            sorted(
                (
                    airing
                    for airing in manifest.airings
                    if is_endless(airing)
                    or (milliseconds(airing.starts_at) >= self._enrolled_ms and not self._memory.knows(airing))
                ),
                key=lambda airing: airing.starts_at,
            )
        )
        named = {airing.id for airing in manifest.airings}
        self._waits = {airing: why for airing, why in self._waits.items() if airing in named}
        self._retry = {airing: again for airing, again in self._retry.items() if airing in named}

    def _set(self, pending: list[ManifestAiring]) -> None:
        self._pending = pending
        self._starts_ms = [milliseconds(airing.starts_at) for airing in pending]

    def due(self, now_ms: int) -> list[ManifestAiring]:
        """Those whose instant has come: emergencies, then what may still begin, then some of what is too late.

        Not those that rest after a failure and still have time.
        """
        monotonic_ms = self._clock.monotonic_ms()
        urgent: list[ManifestAiring] = []
        due: list[ManifestAiring] = []
        past: list[ManifestAiring] = []
        for airing in self._pending[: bisect_right(self._starts_ms, now_ms)]:
            is_past = not is_endless(airing) and now_ms > milliseconds(airing.latest_start_at)
            if is_past:
                past.append(airing)
            elif monotonic_ms >= self._retry.get(airing.id, (0, 0))[0]:
                (urgent if is_emergency(airing) else due).append(airing)
        return urgent + due + past[:PAST_AT_ONCE]

    def next_look_ms(self, now_ms: int) -> list[int]:
        """In how many milliseconds the next one begins, and those that rest are to be tried again."""
        place = bisect_right(self._starts_ms, now_ms)
        monotonic_ms = self._clock.monotonic_ms()
        looks = [again_ms - monotonic_ms for again_ms, _ in self._retry.values() if again_ms > monotonic_ms]
        return [*looks, *(starts_ms - now_ms for starts_ms in self._starts_ms[place : place + 1])]

    def done(self, airing: ManifestAiring) -> None:
        """It has begun or was missed: never again, unless it is endless."""
        if not is_endless(airing):
            self._set([other for other in self._pending if other.id != airing.id])
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
        begun = self._pending[: bisect_right(self._starts_ms, until_ms)]
        return [airing for airing in begun if since_ms <= milliseconds(airing.latest_start_at) < until_ms]

    def retry_later(self, airing: ManifestAiring) -> None:
        """The device failed: pauses grow from seconds to minutes."""
        wait_ms = min(self._retry.get(airing.id, (0, _RETRY_FIRST_MS // 2))[1] * 2, _RETRY_MOST_MS)
        self._retry[airing.id] = (self._clock.monotonic_ms() + wait_ms, wait_ms)
