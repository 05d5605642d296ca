"""What every production has: a finished sound in the end, and somebody who hears how far it is and may stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from broadcast.errors import Conflict

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


class RenderingCancelled(Conflict):
    """Somebody asked to stop; nothing was kept but spoken sentences."""

    def __init__(self) -> None:
        super().__init__("Đã dừng làm âm thanh theo yêu cầu.")


@dataclass(frozen=True, slots=True)
class ProducedSound:
    """A finished sound that is in the store."""

    sha256: str
    bytes: int
    duration_ms: int
    lufs: float  # measured on the decoded MP3
    true_peak_db: float  # measured on the decoded MP3, four times oversampled
    media_type: str
    sample_rate: int
    voice: str  # who said most of it; "recording" for an upload
    sentence_voices: tuple[str, ...]  # who said each sentence of the body, in order
    lead_in_voice: str | None
    profile: str
    master_sha256: str | None  # the lossless master in the same store (suffix .flac), where it is kept
    segments_new: int = 0  # chimes and sentences that were coded for this sound
    segments_reused: int = 0  # those whose frames were there; each counts once, however often it is repeated


def counted(progress: Progress | None, cancelled: Cancelled | None, total: int) -> Callable[[float], None]:
    """Tells `progress` each new step of `total` for what is done from 0 to 1; stops where somebody asked for it."""
    told = -1

    def tell(done: float) -> None:
        nonlocal told
        stop_if(cancelled)
        if progress and (step := min(total, int(done * total))) > told:
            told = step
            progress(step, total)

    return tell


def stop_if(cancelled: Cancelled | None) -> None:
    if cancelled and cancelled():
        raise RenderingCancelled
