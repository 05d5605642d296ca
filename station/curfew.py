"""When nothing may sound: the curfews of the newest programme, and every instant that it says nothing about."""

from __future__ import annotations

from broadcast.wire import AiringClass, Manifest, ManifestAiring, milliseconds


def may_break_curfew(airing: ManifestAiring) -> bool:
    """Only an emergency whose approver is named may sound inside a curfew."""
    return airing.class_ is AiringClass.EMERGENCY and bool(airing.approved_by.strip())


class Curfew:
    """Every decision about a curfew is made here. Instants are milliseconds, spans half-open.

    A programme speaks for its window only: beyond it the curfews are not known, and what is not known is closed.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._spans = [(milliseconds(span.from_), milliseconds(span.until)) for span in manifest.curfew]
        self._opens_ms = milliseconds(manifest.window.from_)
        self._closes_ms = milliseconds(manifest.window.until)

    def forbids(self, airing: ManifestAiring, begin_ms: int, end_ms: int) -> bool:
        """Whether `airing` may not sound in `[begin_ms, end_ms)`: as much as a millisecond is too much."""
        if may_break_curfew(airing):
            return False
        if begin_ms < self._opens_ms or end_ms > self._closes_ms:
            return True
        return any(begin_ms < until_ms and from_ms < end_ms for from_ms, until_ms in self._spans)

    def forbids_whole(self, airing: ManifestAiring) -> bool:
        """Whether it would touch one where it began on its second."""
        starts_ms = milliseconds(airing.starts_at)
        return self.forbids(airing, starts_ms, starts_ms + airing.whole_ms())

    def left_ms(self, airing: ManifestAiring, now_ms: int) -> int | None:
        """How long `airing` may sound from now on; None for what may break a curfew."""
        if may_break_curfew(airing):
            return None
        if self.forbids(airing, now_ms, now_ms + 1):
            return 0
        return min([from_ms for from_ms, _ in self._spans if from_ms > now_ms] + [self._closes_ms]) - now_ms
