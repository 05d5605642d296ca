"""Pieces in order to one finished MP3: a gain for the whole, frames that are there or are made, and a last look.

The gain goes in steps, and of two that would do the one is taken at which more is coded already: so a sentence changed
does not make every other one anew. What counts is measured at the end, on the decoded whole.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from audio import coding
from audio.coding import CODER_LOSS_LU, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE
from audio.joining import Placed
from audio.limiting import (
    CEILING_DB,
    QUIETEST_LUFS,
    TARGET_LUFS,
    TOLERANCE_LU,
    TRUE_PEAK_LIMIT_DB,
    gains_at,
    loudness_after,
)
from audio.lossless import joined_master
from audio.measuring import Meter, Sound, Track, amplitude, integrated_lufs
from audio.profiles import Profile
from audio.segments import Coded, Piece, Prepared, SegmentCache, Shape, coded, is_coded, prepared
from broadcast.errors import Invalid

log = logging.getLogger(__name__)

T = TypeVar("T")

GAIN_STEP_DB = 0.5
_NEAR_LU = 0.3  # a step this near to the wanted loudness will do; there is always one, sometimes two
_STILL_NEAR_LU = 0.4  # and this near, where most is coded at it: a step just left is not made anew for a tenth
_CLOSE_ENOUGH_LU = 0.42  # of the decoded whole; beyond it another gain is taken
_ATTEMPTS = 4
_ROUNDINGS = 4
_FEWEST_FRAMES = 21  # 504 ms; a single word is shorter than one block of the loudness measure
_PREPARED, _CODED = 0.2, 0.8  # of the time that it all takes (measured: filters, coding, listening to the whole)
_WORKERS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Assembled:
    """A finished MP3, what was measured on it after decoding, and how much of it was there before."""

    mp3: bytes
    master: bytes | None  # FLAC of what went into the coder, as long as the MP3
    duration_ms: int
    lufs: float
    true_peak_db: float
    segments_new: int
    segments_reused: int


def assembled(
    placed: Sequence[Placed],
    profile: Profile,
    kept: SegmentCache | None,
    *,
    with_master: bool = False,
    tell: Callable[[float], None] = lambda _: None,
) -> Assembled:
    """`placed` at -16 LUFS within 0.5 LU and at most -1.5 dBTP.

    `tell` hears after each piece how much is done, from 0 to 1 (less than before where a gain has to be tried once
    more), and may raise to stop. Raises Invalid for what is silent or cannot be brought to that loudness.
    """
    with ThreadPoolExecutor(_WORKERS) as workers:
        run = _Run(placed, kept, with_master, tell, workers)
        return run.finished(profile)


class _Run:
    """One assembly: what all its steps share."""

    def __init__(
        self,
        placed: Sequence[Placed],
        kept: SegmentCache | None,
        with_master: bool,
        tell: Callable[[float], None],
        workers: ThreadPoolExecutor,
    ) -> None:
        self.placed = placed
        self.pieces = list({one.piece.identity: one.piece for one in placed}.values())
        self.kept, self.with_master, self.tell, self.workers = kept, with_master, tell, workers

    def finished(self, profile: Profile) -> Assembled:
        shape, ready = self._prepared(profile)
        energy, peak = self._tracks(ready)
        wanted, tried = TARGET_LUFS + CODER_LOSS_LU, set[float]()
        for _ in range(_ATTEMPTS):
            gain_db = self._gain(energy, peak, wanted, ready, tried)
            tried.add(gain_db)
            made = self._each(partial(self._coded, ready, shape, gain_db), _PREPARED, _CODED)
            parts = self._parts(ready, made)
            # Beside the listening, which takes as long; for nothing only where another gain has to be tried.
            master = self.workers.submit(self._master, ready, made)
            meter = self._heard(parts)
            off = meter.lufs - TARGET_LUFS
            if abs(off) <= _CLOSE_ENOUGH_LU:
                break
            log.info("%s dB of gain gave %.2f LUFS: once more", gain_db, meter.lufs)
            wanted -= off
        if not abs(off) <= TOLERANCE_LU or meter.true_peak_db > TRUE_PEAK_LIMIT_DB:
            raise _unreachable()
        new = sum(one.is_new for one in made.values())
        mp3 = b"".join(parts)
        return Assembled(
            mp3=mp3,
            master=master.result(),
            duration_ms=len(mp3) // coding.FRAME_BYTES * FRAME_MS,
            lufs=round(meter.lufs, 2),
            true_peak_db=round(meter.true_peak_db, 2),
            segments_new=new,
            segments_reused=len(made) - new,
        )

    def _prepared(self, profile: Profile) -> tuple[Shape, dict[str, Prepared]]:
        """The pieces after their filters, with peaks that a limiter can bring down far enough.

        Speech never needs more than the filters. A buzz or a knock whose peaks stand too far above its loudness is
        rounded off, gently at first.
        """
        shape = Shape(profile)
        for rounding in range(_ROUNDINGS + 1):
            ready = self._each(partial(prepared, shape=shape, kept=self.kept), 0, _PREPARED)
            energy, peak = self._tracks(ready)
            if integrated_lufs(energy) < QUIETEST_LUFS:
                raise Invalid("Âm thanh hầu như im lặng nên không thể phát.", field="sound")
            if rounding == _ROUNDINGS or steps_near(energy, peak, TARGET_LUFS + CODER_LOSS_LU)[1]:
                break
            shape = Shape(profile, knee=round(float(peak.max()) / 2, 4))
        return shape, ready

    def _gain(self, energy: Track, peak: Sound, wanted: float, ready: dict[str, Prepared], tried: set[float]) -> float:
        nearest, near = steps_near(energy, peak, wanted)
        left = {gain_db: off for gain_db, off in near.items() if gain_db not in tried}
        if not left:
            return nearest
        return max(left, key=lambda gain_db: (self._worth(ready, gain_db, left[gain_db]), -abs(left[gain_db])))

    def _worth(self, ready: dict[str, Prepared], gain_db: float, off: float) -> int:
        """How many frames need not be coded at `gain_db`, which is `off` the wanted loudness; less than none where
        that is too far off for so few."""
        there = sum(one.frames for one in ready.values() if is_coded(one, gain_db, self.kept))
        is_near = abs(off) <= _NEAR_LU or 2 * there > sum(one.frames for one in ready.values())
        return there if is_near else -1

    def _coded(self, ready: dict[str, Prepared], shape: Shape, gain_db: float, piece: Piece) -> Coded:
        return coded(piece, ready[piece.identity], shape, gain_db, kept=self.kept, with_master=self.with_master)

    def _each(self, work: Callable[[Piece], T], since: float, until: float) -> dict[str, T]:
        """`work` on every piece, several at once, by identity; the rest is dropped where `tell` raises.

        `since` and `until` are how much of everything is done before and after.
        """
        waiting = {piece.identity: self.workers.submit(work, piece) for piece in self.pieces}
        try:
            made: dict[str, T] = {}
            for identity, result in waiting.items():
                self.tell(since + (until - since) * len(made) / len(waiting))
                made[identity] = result.result()
            return made
        finally:
            for result in waiting.values():
                result.cancel()

    def _tracks(self, ready: dict[str, Prepared]) -> tuple[Track, Sound]:
        """Loudness and peak of every millisecond of the whole, before its gain."""
        energy: list[Track] = []
        peak: list[Sound] = []
        for identity, pause in self._timed(ready):
            energy += [ready[identity].energy, np.zeros(pause * FRAME_MS)]
            peak += [ready[identity].peak, np.zeros(pause * FRAME_MS, np.float32)]
        return np.concatenate(energy), np.concatenate(peak)

    def _parts(self, ready: dict[str, Prepared], made: dict[str, Coded]) -> list[bytes]:
        return [made[identity].frames + coding.silence(pause) for identity, pause in self._timed(ready)]

    def _heard(self, parts: Sequence[bytes]) -> Meter:
        """What is heard of the whole: a decoder begins each part as it would after the one before (`audio.coding`)."""
        meter = Meter(SAMPLE_RATE)
        for at, part in enumerate(parts):
            self.tell(_CODED + (1 - _CODED) * at / len(parts))
            meter.hear(coding.decode(part))
        meter.finish()
        return meter

    def _master(self, ready: dict[str, Prepared], made: dict[str, Coded]) -> bytes | None:
        if not self.with_master:
            return None
        return joined_master(
            (coding.decode_master(made[identity].master or b""), pause * FRAME_SAMPLES)
            for identity, pause in self._timed(ready)
        )

    def _timed(self, ready: dict[str, Prepared]) -> list[tuple[str, int]]:
        """Identity of each piece in order, and the frames of silence behind its own."""
        timed = [(one.piece.identity, ready[one.piece.identity].pause_frames(one.pause_ms)) for one in self.placed]
        frames = sum(ready[identity].frames + pause for identity, pause in timed)
        last, pause = timed[-1]
        return [*timed[:-1], (last, pause + max(0, _FEWEST_FRAMES - frames))]


def steps_near(energy: Track, peak: Sound, wanted_lufs: float) -> tuple[float, dict[float, float]]:
    """The gain step that comes nearest to `wanted_lufs`, and all within _STILL_NEAR_LU of it with how far off they
    are.

    None is that near where a limiter takes away what a gain gives.
    """
    off_at = partial(_off, energy, peak, wanted_lufs)
    known: dict[float, float] = {}
    gain_db = _step(wanted_lufs - integrated_lufs(energy))
    while gain_db not in known and len(known) < 12:
        known[gain_db] = off = off_at(gain_db)
        if abs(off) <= _STILL_NEAR_LU:
            beside = gain_db - GAIN_STEP_DB if off > 0 else gain_db + GAIN_STEP_DB
            known.setdefault(beside, off_at(beside))
            break
        gain_db -= _step(off) or (GAIN_STEP_DB if off > 0 else -GAIN_STEP_DB)
    near = {gain: off for gain, off in known.items() if abs(off) <= _STILL_NEAR_LU}
    return min(known, key=lambda gain: abs(known[gain])), near


def _off(energy: Track, peak: Sound, wanted_lufs: float, gain_db: float) -> float:
    return loudness_after(energy, gains_at(peak, gain_db, amplitude(CEILING_DB))) - wanted_lufs


def _step(level_db: float) -> float:
    return round(level_db / GAIN_STEP_DB) * GAIN_STEP_DB


def _unreachable() -> Invalid:
    return Invalid("Không thể đưa âm thanh này về độ to chuẩn: tiếng quá ngắt quãng hoặc bị méo.", field="sound")
