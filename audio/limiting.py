"""The limiter and the gain before it, both found on loudness and peak of each millisecond: samples are touched once.

VOICE.md: equaliser, then gain, then a four times oversampled limiter at -3 dBTP or less before coding held, where
FFmpeg's two-pass loudnorm overshot silently.
"""

from __future__ import annotations

import math

import numpy as np

from audio.measuring import Sound, Track, amplitude, integrated_lufs, samples_a_ms

TARGET_LUFS, TOLERANCE_LU = -16.0, 0.5
TRUE_PEAK_LIMIT_DB = -1.5
SAFE_PEAK_DB = TRUE_PEAK_LIMIT_DB - 0.1  # another meter may read a few hundredths more
CEILING_DB = -3.5  # before coding; MP3 added up to 1.5 dB in minutes of speech, and coding twice costs most
REFERENCE_LUFS = -23.0  # where profiles expect the sound to stand
QUIETEST_LUFS = -60.0  # below this there is hiss, not speech
LOOK_MS = 8  # the limiter sees this far ahead, and lets go over as long


def gains_to(loudness: Track, peak: Sound, target_lufs: float, ceiling: float) -> Sound:
    """The factor for each millisecond that brings the whole to `target_lufs` and every peak under `ceiling`.

    A limiter takes loudness away, so the gain before it is raised until the whole is where it should be.
    """
    gain_db = target_lufs - integrated_lufs(loudness)
    for _ in range(12):
        gains = gains_at(peak, gain_db, ceiling)
        off = loudness_after(loudness, gains) - target_lufs
        if abs(off) < 0.02 or not math.isfinite(off):
            break
        gain_db -= off
    return gains


def gains_at(peak: Sound, gain_db: float, ceiling: float) -> Sound:
    """The factor for each millisecond: `gain_db`, and less where a peak would rise above `ceiling`."""
    gain = np.float32(amplitude(gain_db))
    return gain * limited(peak * gain, ceiling)


def loudness_after(loudness: Track, gains: Sound) -> float:
    """The loudness in LUFS that `gains` lead to."""
    return integrated_lufs(loudness * gains[: len(loudness)].astype(np.float64) ** 2)


def limited(peak: Sound, ceiling: float) -> Sound:
    """The limiter's factor for each millisecond: smooth, never above what its peak and its neighbours' allow."""
    if not len(peak) or float(peak.max()) <= ceiling:
        return np.ones(len(peak), np.float32)
    allowed = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9)).astype(np.float32)
    # Between two milliseconds the factor is interpolated, so each must also suit the next: hence the two
    # more.
    held = _least_near(allowed, LOOK_MS + 1)
    for _ in range(2):
        held = _mean_near(held, LOOK_MS // 2)
    return held


def applied(sound: Sound, gains: Sound, sample_rate: int) -> Sound:
    """`sound` times `gains`, in straight lines from the middle of each millisecond to the middle of the next."""
    return applied_between(sound, gains, gains[:1], gains[-1:], sample_rate)


def applied_between(sound: Sound, gains: Sound, first: Sound, last: Sound, sample_rate: int) -> Sound:
    """`applied` to a part of a sound: `first` and `last` are the factors just before and just after `gains`."""
    width = samples_a_ms(sample_rate)
    before = np.concatenate([first, gains[:-1]])
    after = np.concatenate([gains[1:], last])
    share = ((np.arange(width) + 0.5) / width).astype(np.float32)
    early, late = share[: width // 2], share[width // 2 :]
    curve = np.empty((len(gains), width), np.float32)
    curve[:, : width // 2] = before[:, None] * (0.5 - early) + gains[:, None] * (0.5 + early)
    curve[:, width // 2 :] = gains[:, None] * (1.5 - late) + after[:, None] * (late - 0.5)
    return sound * curve.reshape(-1)[: len(sound)]


def rounded_off(sound: Sound, knee: float) -> Sound:
    """`sound` with its peaks bent down towards `knee`, what is far below it left as it is."""
    return np.asarray(np.tanh(sound / np.float32(knee)) * np.float32(knee), np.float32)


def _least_near(track: Sound, reach: int) -> Sound:
    """The least of each value and its `reach` neighbours on both sides; the ends are repeated."""
    found = np.pad(track, reach, mode="edge")
    width, wanted = 1, 2 * reach + 1
    while width < wanted:
        step = min(width, wanted - width)
        found = np.minimum(found[:-step], found[step:])
        width += step
    return found


def _mean_near(track: Sound, reach: int) -> Sound:
    """The mean of each value and its `reach` neighbours on both sides; the ends are repeated."""
    sums = np.cumsum(np.pad(track, (reach + 1, reach), mode="edge"), dtype=np.float64)
    width = 2 * reach + 1
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)
