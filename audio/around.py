"""What sounds around a recording: the chime before it, each of its readings with the gap between, closing words, chime.

The recording itself is read off its reel in pieces: an hour of it, read once or more often, never lies in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from audio.coding import SAMPLE_RATE
from audio.joining import Ring, joined
from audio.measuring import Sound
from audio.recording import Recording
from audio.segments import Piece

_FADE_MS = 10  # at both ends of a reading: a recording that is cut within a word would click against the silence


@dataclass(frozen=True, slots=True)
class Around:
    """Sounds near REFERENCE_LUFS in order, each with the samples of silence behind it; None is the recording."""

    placed: tuple[tuple[Sound | None, int], ...] = ((None, 0),)

    def samples(self, recording: Recording) -> int:
        """How long the whole is with `recording` in its places."""
        return sum((recording.samples if sound is None else len(sound)) + pause for sound, pause in self.placed)

    def pieces(self, recording: Recording, at_once: int) -> Iterator[Sound]:
        """The whole, the recording at REFERENCE_LUFS, at most `at_once` samples of it at a time."""
        if len(self.placed) == 1:
            yield from recording.pieces(at_once)
            return
        for sound, pause in self.placed:
            if sound is None:
                yield from _faded(recording, at_once)
            else:
                yield sound
            if pause:
                yield np.zeros(pause, np.float32)


BARE = Around()
"""The recording alone, once."""


def around_of(ring: Ring, closing: Sequence[tuple[Piece, str]], *, repeats: int, gap_ms: int) -> Around:
    """`ring` and `closing` around a recording as around a body that is spoken. `closing`: pieces and what they say."""
    body = Piece("recording", _unheard)
    placed = joined(ring, None, [(body, ".")], closing, repeats=repeats, gap_ms=gap_ms)
    return Around(
        tuple((None if one.piece is body else one.piece.sound(), one.pause_ms * SAMPLE_RATE // 1000) for one in placed)
    )


def _unheard() -> Sound:
    raise AssertionError("a recording is read off its reel")


def _faded(recording: Recording, at_once: int) -> Iterator[Sound]:
    """The recording, coming up from silence and going back to it."""
    fade, at = SAMPLE_RATE * _FADE_MS // 1000, 0
    for piece in recording.pieces(at_once):
        place = np.arange(at, at + len(piece))
        edge = np.minimum(place, recording.samples - 1 - place) / fade
        yield piece * np.minimum(edge, 1).astype(np.float32)
        at += len(piece)
