"""Loudness (ITU-R BS.1770-4) and true peak of mono sound, piece by piece, in one pass each and in flat memory.

Both are kept for every millisecond: the limiter and the gain are then found without touching the samples
again. numpy alone: scipy takes longer to import than a bulletin takes to be measured.
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
_AT_ONCE_MS = 1200  # worked on at once; with what rings before it just under 32,768 samples at 24 kHz
_WEIGHTING_RINGS_MS = 120  # after which the slowest filter of the K-weighting is 200 dB down
_GATE_BLOCK_MS, _GATE_STEP_MS = 400, 100
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, -10.0
_OFFSET = -0.691  # of BS.1770: a 997 Hz sine of 0 dBFS in one channel reads -3.01


def samples_a_ms(sample_rate: int) -> int:
    """Samples in a millisecond. Raises ValueError for a rate that has no whole number of them."""
    if sample_rate % 1000:
        raise ValueError(f"{sample_rate} Hz has no whole number of samples a millisecond")
    return sample_rate // 1000


class Meter:
    """Listens to sound that arrives in pieces; at the end it knows loudness and true peak of the whole.

    With `every_peak` it keeps the peak of each millisecond, otherwise only the highest, which is quicker.
    """

    def __init__(self, sample_rate: int, *, every_peak: bool = False) -> None:
        self._rate = sample_rate
        self._width = samples_a_ms(sample_rate)
        self._every_peak = every_peak
        self._before = np.zeros(_WEIGHTING_RINGS_MS * self._width, np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._energies: list[Track] = []
        self._peaks: list[Sound] = []
        self._highest = 0.0
        self.samples = 0  # heard so far

    def hear(self, piece: Sound) -> None:
        """The next piece, of any length."""
        self.samples += len(piece)
        self._waiting = np.concatenate([self._waiting, piece])
        # A peak between two samples needs the millisecond after it.
        self._work(len(self._waiting) // self._width - 1)

    def finish(self) -> None:
        """Nothing follows but silence."""
        left = len(self._waiting)
        whole, short = divmod(left, self._width)
        self._waiting = np.concatenate([self._waiting, np.zeros(2 * self._width, np.float32)])
        self._work(whole + (short > 0))
        if short:
            # As BS.1770 has no part of a block, a part of a millisecond has no energy here.
            self._energies[-1] = self._energies[-1][:-1]

    @property
    def energies(self) -> Track:
        """Mean K-weighted square of every whole millisecond."""
        return np.concatenate(self._energies) if self._energies else np.zeros(0)

    @property
    def peaks(self) -> Sound:
        """The largest absolute value, four times oversampled, of every millisecond, a short last one too."""
        return np.concatenate(self._peaks) if self._peaks else np.zeros(0, np.float32)

    @property
    def lufs(self) -> float:
        """Integrated loudness; see `integrated_lufs`."""
        return integrated_lufs(self.energies)

    @property
    def true_peak_db(self) -> float:
        """Highest value between the samples too, in dB of full scale (dBTP); minus infinity for silence."""
        return decibels(float(self.peaks.max(initial=0.0)) if self._every_peak else self._highest)

    def _work(self, whole_ms: int) -> None:
        while whole_ms > 0:
            now_ms = min(whole_ms, _AT_ONCE_MS)
            length = now_ms * self._width
            known = np.concatenate([self._before, self._waiting[: length + self._width]])
            self._energies.append(_weighted_energies(known[: len(self._before) + length], self._rate, now_ms))
            self._note_peaks(known[len(self._before) - self._width :], now_ms)
            self._before = known[length : length + len(self._before)]
            self._waiting = self._waiting[length:]
            whole_ms -= now_ms

    def _note_peaks(self, padded: Sound, count: int) -> None:
        """`padded` is `count` milliseconds, the one before them and the one after."""
        found = np.abs(padded).reshape(count + 2, self._width).max(axis=1)
        near = np.maximum(np.maximum(found[:-2], found[2:]), found[1:-1])
        floor = 0.0 if self._every_peak else max(self._highest, float(found[1:-1].max()))
        matrix, most = _interpolation(self._width)
        reach = _TAPS // 2 - 1
        starts = np.flatnonzero(near * most > floor)
        windows = np.lib.stride_tricks.sliding_window_view(padded[self._width - reach :], self._width + _TAPS - 1)[
            :: self._width
        ]
        between = np.abs(windows[starts] @ matrix).max(axis=1, initial=0.0)
        exact = found[1:-1]
        exact[starts] = np.maximum(exact[starts], between)
        if self._every_peak:
            self._peaks.append(exact)
        else:
            self._highest = max(self._highest, float(exact.max(initial=0.0)))


def energies(sound: Sound, sample_rate: int) -> Track:
    """Mean K-weighted square of every whole millisecond of `sound`."""
    return _heard(sound, sample_rate).energies


def loudness_lufs(sound: Sound, sample_rate: int) -> float:
    """Integrated loudness of `sound`; see `integrated_lufs`."""
    return _heard(sound, sample_rate).lufs


def true_peak_db(sound: Sound, sample_rate: int) -> float:
    """Highest value between the samples too, in dB of full scale (dBTP); minus infinity for silence."""
    return _heard(sound, sample_rate).true_peak_db


def peaks(sound: Sound, sample_rate: int) -> Sound:
    """`Meter.peaks` of `sound`."""
    return _heard(sound, sample_rate, every_peak=True).peaks


def tracks(sound: Sound, sample_rate: int) -> tuple[Track, Sound]:
    """`Meter.energies` and `Meter.peaks` of `sound`."""
    meter = _heard(sound, sample_rate, every_peak=True)
    return meter.energies, meter.peaks


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


def decibels(amplitude: float) -> float:
    """`amplitude` against full scale 1.0."""
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def amplitude(level_db: float) -> float:
    """The factor that is `level_db`."""
    return float(10 ** (level_db / 20))


def _heard(sound: Sound, sample_rate: int, *, every_peak: bool = False) -> Meter:
    meter = Meter(sample_rate, every_peak=every_peak)
    meter.hear(sound)
    meter.finish()
    return meter


def _lufs(power: float) -> float:
    return _OFFSET + 10 * math.log10(power) if power > 0 else -math.inf


def _power(level_lufs: float) -> float:
    return float(10 ** ((level_lufs - _OFFSET) / 10))


def _weighted_energies(sound: Sound, sample_rate: int, last_ms: int) -> Track:
    """Mean K-weighted square of the last milliseconds of `sound`; what comes before only lets the filters settle."""
    width = samples_a_ms(sample_rate)
    size = 1 << (len(sound) - 1).bit_length()
    weighted = np.fft.irfft(np.fft.rfft(sound, size) * _weighting(sample_rate, size), size)
    rows = weighted[len(sound) - last_ms * width : len(sound)].reshape(last_ms, width)
    return np.asarray(np.einsum("ij,ij->i", rows, rows) / width, np.float64)


@lru_cache(maxsize=16)
def _weighting(sample_rate: int, size: int) -> NDArray[np.complex64]:
    """The K-weighting of BS.1770 as a spectrum of `size` real samples: a shelf above 1.5 kHz, a high-pass at 38 Hz.

    The filters are those of pyloudnorm (De Man's formulae), which hold for every rate. They ring for less than
    `_WEIGHTING_RINGS_MS`, so a product of spectra is the filter once so much sound lies before.
    """
    turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    found = np.ones(size // 2 + 1, np.complex128)
    for gain_db, quality, hertz in ((4.0, 1 / math.sqrt(2), 1500.0), (0.0, 0.5, 38.0)):
        w0 = 2 * math.pi * hertz / sample_rate
        alpha, cosine = math.sin(w0) / (2 * quality), math.cos(w0)
        if gain_db:
            height = 10 ** (gain_db / 40)
            slope = 2 * math.sqrt(height) * alpha
            more, less = height + 1, height - 1
            b = (
                height * (more + less * cosine + slope),
                -2 * height * (less + more * cosine),
                height * (more + less * cosine - slope),
            )
            a = (more - less * cosine + slope, 2 * (less - more * cosine), more - less * cosine - slope)
        else:
            b = ((1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2)
            a = (1 + alpha, -2 * cosine, 1 - alpha)
        found *= np.polynomial.polynomial.polyval(turn, b) / np.polynomial.polynomial.polyval(turn, a)
    return found.astype(np.complex64)


@lru_cache(maxsize=4)
def _interpolation(width: int) -> tuple[Sound, float]:
    """The matrix from a window (one millisecond and its neighbours) to the three values between each two samples.

    And how many times larger than the largest sample such a value can be at most.
    """
    at = np.arange(_TAPS) - (_TAPS // 2 - 1)
    matrix = np.zeros((width + _TAPS - 1, (_OVERSAMPLING - 1) * width), np.float32)
    for phase in range(1, _OVERSAMPLING):
        distance = at - phase / _OVERSAMPLING
        window = np.i0(8.0 * np.sqrt(1 - (distance / (_TAPS / 2)) ** 2)) / np.i0(8.0)
        taps = np.sinc(distance) * window
        taps /= taps.sum()
        for sample in range(width):
            matrix[sample : sample + _TAPS, (phase - 1) * width + sample] = taps
    return matrix, float(np.abs(matrix).sum(axis=0).max())
