"""Loudness (ITU-R BS.1770-4) and true peak of mono sound, in one pass each and in flat memory.

Both are kept for every millisecond: the limiter and the gain are then found without touching the samples
again.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Track = NDArray[np.float64]

_TAPS = 24  # input samples that each interpolated value is made of
_OVERSAMPLING = 4
_CHUNK = 1 << 19  # samples worked on at once
_GATE_BLOCK_MS, _GATE_STEP_MS = 400, 100
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, -10.0
_OFFSET = -0.691  # of BS.1770: a 997 Hz sine of 0 dBFS in one channel reads -3.01


def samples_a_ms(sample_rate: int) -> int:
    """Samples in a millisecond. Raises ValueError for a rate that has no whole number of them."""
    if sample_rate % 1000:
        raise ValueError(f"{sample_rate} Hz has no whole number of samples a millisecond")
    return sample_rate // 1000


def energies(sound: Sound, sample_rate: int) -> Track:
    """Mean K-weighted square of every whole millisecond of `sound`."""
    from scipy.signal import lfilter

    width = samples_a_ms(sample_rate)
    chunk = _CHUNK // width * width
    states = [np.zeros(2), np.zeros(2)]
    found: list[Track] = []
    for start in range(0, len(sound), chunk):
        weighted = sound[start : start + chunk].astype(np.float64)
        for at, (b, a) in enumerate(_weighting(sample_rate)):
            weighted, states[at] = lfilter(b, a, weighted, zi=states[at])
        whole = weighted[: len(weighted) // width * width].reshape(-1, width)
        found.append(np.einsum("ij,ij->i", whole, whole) / width)
    return np.concatenate(found) if found else np.zeros(0)


def integrated_lufs(track: Track) -> float:
    """Gated loudness of `energies`; minus infinity where all of it is under the gate or it is shorter than 400 ms."""
    steps = len(track) // _GATE_STEP_MS
    if steps * _GATE_STEP_MS < _GATE_BLOCK_MS:
        return -math.inf
    tenths = track[: steps * _GATE_STEP_MS].reshape(steps, _GATE_STEP_MS).mean(axis=1)
    blocks = np.lib.stride_tricks.sliding_window_view(tenths, _GATE_BLOCK_MS // _GATE_STEP_MS).mean(axis=1)
    loud = blocks[blocks > _power(_ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return -math.inf
    gate = loud.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
    return _lufs(float(loud[loud > gate].mean()))


def loudness_lufs(sound: Sound, sample_rate: int) -> float:
    """Integrated loudness of `sound`; see `integrated_lufs`."""
    return integrated_lufs(energies(sound, sample_rate))


def peaks(sound: Sound, sample_rate: int) -> Sound:
    """The largest absolute value, four times oversampled, of every millisecond of `sound`, a short last one too."""
    width = samples_a_ms(sample_rate)
    count = -(-len(sound) // width)
    before, after = _TAPS // 2 - 1, _TAPS // 2
    padded = np.zeros(before + count * width + after, np.float32)
    padded[before : before + len(sound)] = sound
    matrix = _interpolation(width)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width + before + after)[::width]
    found = np.abs(padded[before : before + count * width]).reshape(count, width).max(axis=1)
    rows = max(1, _CHUNK // width // 8)
    for start in range(0, count, rows):
        between = windows[start : start + rows] @ matrix
        np.abs(between, out=between)
        np.maximum(found[start : start + rows], between.max(axis=1), out=found[start : start + rows])
    return np.asarray(found)


def true_peak_db(sound: Sound, sample_rate: int) -> float:
    """Highest value between the samples too, in dB of full scale (dBTP); minus infinity for silence."""
    return decibels(float(peaks(sound, sample_rate).max(initial=0.0)))


def decibels(amplitude: float) -> float:
    """`amplitude` against full scale 1.0."""
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def amplitude(level_db: float) -> float:
    """The factor that is `level_db`."""
    return float(10 ** (level_db / 20))


def _lufs(power: float) -> float:
    return _OFFSET + 10 * math.log10(power) if power > 0 else -math.inf


def _power(level_lufs: float) -> float:
    return float(10 ** ((level_lufs - _OFFSET) / 10))


@lru_cache(maxsize=4)
def _weighting(sample_rate: int) -> tuple[tuple[Track, Track], ...]:
    """The two K-weighting filters of BS.1770 for this rate, as pyloudnorm computes them: (b, a) each."""
    import pyloudnorm

    shelf = pyloudnorm.IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, sample_rate, "high_shelf")
    high_pass = pyloudnorm.IIRfilter(0.0, 0.5, 38.0, sample_rate, "high_pass")
    return (shelf.b, shelf.a), (high_pass.b, high_pass.a)


@lru_cache(maxsize=4)
def _interpolation(width: int) -> Sound:
    """The matrix from a window (one millisecond and its neighbours) to the three values between each two samples."""
    at = np.arange(_TAPS) - (_TAPS // 2 - 1)
    matrix = np.zeros((width + _TAPS - 1, (_OVERSAMPLING - 1) * width), np.float32)
    for phase in range(1, _OVERSAMPLING):
        distance = at - phase / _OVERSAMPLING
        window = np.i0(8.0 * np.sqrt(1 - (distance / (_TAPS / 2)) ** 2)) / np.i0(8.0)
        taps = np.sinc(distance) * window
        taps /= taps.sum()
        for sample in range(width):
            matrix[sample : sample + _TAPS, (phase - 1) * width + sample] = taps
    return matrix
