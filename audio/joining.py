"""What follows what in a finished sound: chime, lead-in, sentences with their pauses, gap, closing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from audio import chime as chimes
from audio.coding import SAMPLE_RATE, decode_master
from audio.levels import levels, sound_of
from audio.limiting import REFERENCE_LUFS
from audio.measuring import Sound, amplitude, loudness_lufs
from audio.pauses import PAUSE_S
from audio.segments import Piece, SegmentCache
from audio.speaking import Spoken
from audio.store import MASTER, AudioStore

AFTER_CHIME_MS = 400
AFTER_LEAD_IN_MS = 700
BEFORE_CLOSING_MS = 700
GAP_MS = 1500  # between two readings of the body
PAUSE_MS = {mark: round(pause_s * 1000) for mark, pause_s in PAUSE_S.items()}
_CHIME_LUFS = REFERENCE_LUFS - 3  # a bell sounds louder than it measures
_UPLOADED = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece, and the silence from its last sample to the first of the next."""

    piece: Piece
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Ring:
    """The sounds around a bulletin; an uploaded chime has no closing, none has neither."""

    opening: Piece | None
    closing: Piece | None


def joined(
    ring: Ring,
    lead_in: Piece | None,
    body: Sequence[tuple[Piece, str]],
    closing: Sequence[tuple[Piece, str]],
    *,
    repeats: int = 1,
    gap_ms: int = GAP_MS,
) -> list[Placed]:
    """Everything in order. `body` and `closing` are pieces and what they say; its last mark makes the pause."""
    placed: list[Placed] = []
    if ring.opening is not None:
        placed.append(Placed(ring.opening, AFTER_CHIME_MS))
    if lead_in is not None:
        placed.append(Placed(lead_in, AFTER_LEAD_IN_MS))
    for number in range(repeats):
        placed += _said(body, gap_ms if number < repeats - 1 else BEFORE_CLOSING_MS)
    placed += _said(closing, BEFORE_CLOSING_MS)
    if ring.closing is not None:
        placed.append(Placed(ring.closing, 0))
    return [*placed[:-1], Placed(placed[-1].piece, 0)]


def spoken_piece(spoken: Spoken, level_db: float) -> Piece:
    """One sentence, `level_db` louder than its voice said it."""
    speech = spoken.speech
    digest = hashlib.sha256(speech.samples.astype("<i2", copy=False).tobytes()).hexdigest()
    return Piece(f"speech {digest} {speech.sample_rate} {level_db:.1f}", partial(_at_level, spoken, level_db))


def levelled(said: Sequence[Spoken], segments: SegmentCache | None) -> Callable[[Spoken], tuple[Piece, str]]:
    """Makes of each of `said` its piece, at one level whoever spoke it, with what it says."""
    level = levels(said, segments.levels_folder if segments else None)
    return lambda one: (spoken_piece(one, level[one.voice, one.settings]), one.sentence)


def ring_named(name: str, store: AudioStore) -> Ring:
    """The chime of that name (`audio.chime`), or the uploaded one of that sha256 in `store`.

    Raises ConfigurationError for a name that there is not, NotFound for an upload that is not in the store.
    """
    if name == chimes.NONE:
        return Ring(None, None)
    if _UPLOADED.fullmatch(name):
        with store.open(name, MASTER) as source:
            coded = source.read()
        return Ring(Piece(f"chime {name}", lambda: _chimed(decode_master(coded))), None)
    chime = chimes.chime_named(name)
    known = f"chime {chime.name} {chime.version}"
    return Ring(
        Piece(f"{known} opening", lambda: _chimed(chimes.opening(chime, SAMPLE_RATE))),
        Piece(f"{known} closing", lambda: _chimed(chimes.closing(chime, SAMPLE_RATE))),
    )


def _said(pieces: Sequence[tuple[Piece, str]], pause_after_ms: int) -> list[Placed]:
    placed = [Placed(piece, PAUSE_MS.get(sentence[-1:], PAUSE_MS["."])) for piece, sentence in pieces]
    return [*placed[:-1], *(Placed(last.piece, pause_after_ms) for last in placed[-1:])]


def _at_level(spoken: Spoken, level_db: float) -> Sound:
    return sound_of(spoken.speech) * np.float32(amplitude(level_db))


def _chimed(sound: Sound) -> Sound:
    return sound * np.float32(amplitude(_CHIME_LUFS - loudness_lufs(sound, SAMPLE_RATE)))
