"""Pieces of a sound (a chime, a sentence), each shaped, limited and coded once and kept: the whole is their frames.

What is kept of a piece: its loudness and peaks, millisecond by millisecond, from which the gain of any whole is found
without touching samples; its frames at each gain that was ever used; and, where a lossless master is asked for, what
went into the coder.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from audio import coding
from audio.coding import CODER_VERSION, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, frames_for
from audio.kept_files import KeptFiles
from audio.limiting import CEILING_DB, SAFE_PEAK_DB, applied, gains_at, rounded_off
from audio.measuring import Sound, Track, amplitude, tracks, true_peak_db
from audio.profiles import Profile, shaped
from broadcast.errors import Invalid

LARGEST_CACHE_BYTES = 512 * 1024 * 1024  # some eight hours of sound with loudness and peaks, four with masters
_FILTERS_RING_MS = 20  # of what a profile's filters still sound after a piece
_FADE_MS = 5
_ATTEMPTS = 6
_HEAD = struct.Struct("<II")


class SegmentCache(KeptFiles):
    """What is known of pieces and their frames, and how loud each voice is."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, ".segment")
        self.levels_folder = root / "levels"


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound that stands on its own: it begins and ends in silence."""

    identity: str
    """The same for two pieces only where they sound the same."""
    sound: Callable[[], Sound] = field(compare=False)
    """Mono, at SAMPLE_RATE, near REFERENCE_LUFS. Called only where nothing is kept."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is done to every piece of a sound before its gain."""

    profile: Profile
    knee: float | None = None
    """Where peaks are rounded off; None for speech, which never needs it."""


@dataclass(slots=True)
class Prepared:
    """A piece after its filters: what is known of it, and the samples unless they are kept only as frames."""

    key: str
    samples: int
    """Of the piece itself; its frames hold more."""
    energy: Track
    peak: Sound
    sound: Sound | None

    @property
    def frames(self) -> int:
        """How many frames it takes, the coder's delay and ringing included."""
        return len(self.peak) // FRAME_MS

    def pause_frames(self, pause_ms: int) -> int:
        """Frames of silence behind its own until `pause_ms` after its last sample, to the nearest frame."""
        return max(0, round((self.samples + pause_ms * SAMPLE_RATE / 1000) / FRAME_SAMPLES) - self.frames)


@dataclass(frozen=True, slots=True)
class Coded:
    """A piece at one gain."""

    frames: bytes
    master: bytes | None
    """What went into the coder, as FLAC, where it was asked for."""
    is_new: bool


def prepared(piece: Piece, shape: Shape, kept: SegmentCache | None) -> Prepared:
    """`piece` after the filters of `shape`, measured; what was measured comes from `kept` where it is there."""
    key = _key("shape", piece.identity, list(shape.profile.filters), shape.knee)
    if kept is not None and (known := kept.get(key)) is not None:
        samples, count = _HEAD.unpack_from(known)
        both = np.frombuffer(known, "<f4", offset=_HEAD.size).astype(np.float32, copy=False)
        return Prepared(key, samples, both[:count].astype(np.float64), both[count:], None)
    samples, sound = _shaped(piece, shape)
    energy, peak = tracks(sound, SAMPLE_RATE)
    if kept is not None:
        both = np.concatenate([energy.astype("<f4"), peak.astype("<f4")])
        kept.put(key, _HEAD.pack(samples, len(energy)) + both.tobytes())
    # As it will be read from what is kept, so that both ways lead to the same gain.
    return Prepared(key, samples, energy.astype("<f4").astype(np.float64), peak, sound)


def is_coded(ready: Prepared, gain_db: float, kept: SegmentCache | None) -> bool:
    """Whether this piece's frames at this gain are kept."""
    return kept is not None and kept.has(_frames_key(ready, gain_db))


def coded(
    piece: Piece, ready: Prepared, shape: Shape, gain_db: float, *, kept: SegmentCache | None, with_master: bool
) -> Coded:
    """The frames of `piece` at `gain_db`; no true peak of theirs is above SAFE_PEAK_DB once decoded.

    Raises Invalid where no limiter brings them there.
    """
    frames_key, master_key = _frames_key(ready, gain_db), _key("master", ready.key, gain_db)
    if kept is not None:
        frames = kept.get(frames_key)
        master = kept.get(master_key) if with_master else None
        if frames is not None and (master is not None or not with_master):
            return Coded(frames, master, is_new=False)
    sound = ready.sound if ready.sound is not None else _shaped(piece, shape)[1]
    finished, frames = _under_the_limit(sound, ready.peak, gain_db)
    master = coding.encode_master(finished) if with_master else None
    if kept is not None:
        kept.put(frames_key, frames)
        if master is not None:
            kept.put(master_key, master)
    return Coded(frames, master, is_new=True)


def _under_the_limit(sound: Sound, peak: Sound, gain_db: float) -> tuple[Sound, bytes]:
    """`sound` limited, and coded; again under a lower ceiling where the coder added too much."""
    ceiling_db = CEILING_DB
    for _ in range(_ATTEMPTS):
        finished = applied(sound, gains_at(peak, gain_db, amplitude(ceiling_db)), SAMPLE_RATE)
        frames = coding.encode_frames(finished)
        over_db = true_peak_db(coding.decode(frames), SAMPLE_RATE) - SAFE_PEAK_DB
        if over_db <= 0:
            return finished, frames
        ceiling_db -= over_db + 0.2
    raise Invalid("Không thể đưa âm thanh này về độ to chuẩn: tiếng quá ngắt quãng hoặc bị méo.", field="sound")


def _shaped(piece: Piece, shape: Shape) -> tuple[int, Sound]:
    """How long `piece` is, and its filtered sound, as long as its frames less what the coder adds; it ends in zero."""
    bare = piece.sound()
    ring, fade = _FILTERS_RING_MS * SAMPLE_RATE // 1000, _FADE_MS * SAMPLE_RATE // 1000
    sound = shaped(np.concatenate([bare, np.zeros(ring, np.float32)]), SAMPLE_RATE, shape.profile)
    if shape.knee is not None:
        sound = rounded_off(sound, shape.knee)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    whole = np.zeros(frames_for(len(sound)) * FRAME_SAMPLES, np.float32)
    whole[: len(sound)] = sound
    return len(bare), whole


def _frames_key(ready: Prepared, gain_db: float) -> str:
    return _key("frames", ready.key, gain_db)


def _key(*what: object) -> str:
    return hashlib.sha256(json.dumps([CODER_VERSION, *what]).encode()).hexdigest()
