"""What is to happen with an airing whose time has come: a pure decision, applied by the player."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from broadcast.wire import AiringClass, EntryReason, ManifestAiring, milliseconds
from station.curfew import Curfew

OVERRUN_GRACE_MS = 1_000
"""What has less than this left is let finish: clocks and devices are never exact to the sample."""


@dataclass(frozen=True)
class Begin:
    """Let it sound now; what plays makes way, for this reason."""

    displaces: EntryReason | None = None


@dataclass(frozen=True)
class Wait:
    """Not now; where it never comes to pass this was why."""

    why: EntryReason


@dataclass(frozen=True)
class Miss:
    """It will not sound."""

    why: EntryReason


@dataclass(frozen=True)
class Busy:
    """What plays now, with the milliseconds it has left (None: endless)."""

    airing: ManifestAiring
    left_ms: int | None


def is_emergency(airing: ManifestAiring) -> bool:
    """Whether it interrupts what plays."""
    return airing.class_ is AiringClass.EMERGENCY


def is_endless(airing: ManifestAiring) -> bool:
    """Whether it sounds again and again until it leaves the manifest."""
    return airing.repeats is None


def judge(
    airing: ManifestAiring,
    now_ms: int,
    *,
    length_ms: int,
    curfew: Curfew,
    busy: Busy | None,
    has_audio: Callable[[], bool],
    waited_for: EntryReason | None,
    may_begin_late: bool,
) -> Begin | Wait | Miss:
    """What to do with an airing that is due and has not begun. `now_ms` is trusted.

    `length_ms` is how long it would sound from now, `waited_for` why it has not begun before, `may_begin_late`
    whether an endless one is known to be wanted still.
    """
    starts_ms = milliseconds(airing.starts_at)
    # The plan is exact, the moment of looking is not: a hair's breadth of delay must not make it touch a curfew.
    begins_ms = starts_ms if now_ms - starts_ms < OVERRUN_GRACE_MS else now_ms
    if curfew.forbids(airing, begins_ms, begins_ms + length_ms):
        return Miss(EntryReason.CURFEW)
    if now_ms > milliseconds(airing.latest_start_at) and not may_begin_late:
        return Miss(waited_for or EntryReason.TOO_LATE)
    if not has_audio():
        return Wait(EntryReason.NO_AUDIO)
    if busy is None:
        return Begin()
    return _beside(airing, busy)


def _beside(airing: ManifestAiring, busy: Busy) -> Begin | Wait:
    if is_emergency(busy.airing):
        return Wait(EntryReason.EMERGENCY)
    if is_emergency(airing):
        return Begin(EntryReason.EMERGENCY)
    # Far past its stated length it is no longer "nearly over": its file is longer than the programme says.
    nearly_over = busy.left_ms is not None and abs(busy.left_ms) <= OVERRUN_GRACE_MS
    cuts = busy.airing.on_overrun == "cut" and airing.starts_at > busy.airing.starts_at
    if cuts and not nearly_over:
        return Begin(EntryReason.INTERRUPTED)
    return Wait(EntryReason.TOO_LATE)
