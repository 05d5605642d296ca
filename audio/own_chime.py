"""A chime that somebody uploads: decoded like any recording, trimmed, levelled, and kept without loss."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.coding import SAMPLE_RATE, encode_master
from audio.limiting import QUIETEST_LUFS, REFERENCE_LUFS, rounded_off
from audio.measuring import amplitude, loudness_lufs
from audio.recording import read_recording
from audio.reel import Reel
from audio.store import MASTER, AudioStore, storage_errors
from broadcast.errors import Invalid, TooLarge

SHORTEST_S, LONGEST_S = 0.4, 15
_LONGEST_FILE_MIN = 2  # silence around the chime included
_FULL = 0.9  # FLAC of 16 bit holds no more than 1.0
_FADE_MS = 10


@dataclass(frozen=True, slots=True)
class KeptChime:
    """An uploaded chime in the store (suffix .flac)."""

    sha256: str
    duration_ms: int


def keep_chime(path: Path, store: AudioStore, called: str | None = None) -> KeptChime:
    """The file at `path` as a chime in `store`. Raises Invalid, TooLarge or StorageError, with what is wrong."""
    with storage_errors(store.root), Reel(store.root / "tmp") as reel:
        recording = read_recording(path, reel, SAMPLE_RATE, longest_min=_LONGEST_FILE_MIN, called=called)
        length = recording.stop - recording.start
        if length > LONGEST_S * SAMPLE_RATE:
            seconds = f"{length / SAMPLE_RATE:.0f}"
            raise TooLarge(f"Nhạc hiệu dài {seconds} giây; dài nhất là {LONGEST_S} giây.", field="chime")
        if length < SHORTEST_S * SAMPLE_RATE:
            raise Invalid("Nhạc hiệu ngắn hơn 0,4 giây.", field="chime")
        (sound,) = reel.pieces(length, recording.start, recording.stop)
    sound = sound - np.float32(recording.mean)
    lufs = loudness_lufs(sound, SAMPLE_RATE)
    if lufs < QUIETEST_LUFS:
        raise Invalid("Nhạc hiệu hầu như im lặng.", field="chime")
    sound = sound * np.float32(amplitude(REFERENCE_LUFS - lufs))
    if float(np.abs(sound).max()) > _FULL:
        sound = rounded_off(sound, _FULL)
    fade = _FADE_MS * SAMPLE_RATE // 1000
    sound[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return KeptChime(store.put(encode_master(sound), MASTER), round(length * 1000 / SAMPLE_RATE))
