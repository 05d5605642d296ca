"""Speech at a voice's own rate to the rate that everything here works at."""

from __future__ import annotations

from math import ceil, gcd

import numpy as np

from audio.measuring import Sound

_SILENCE_S = 0.02  # put behind the sound, so that its end does not ring into its beginning


def resampled_length(samples: int, sample_rate: int, wanted_rate: int) -> int:
    """How many samples `resampled` gives."""
    return ceil(samples * wanted_rate / sample_rate)


def resampled(sound: Sound, sample_rate: int, wanted_rate: int) -> Sound:
    """`sound` at `wanted_rate`, by its spectrum: exact up to the lower of the two rates' limits."""
    if sample_rate == wanted_rate:
        return sound
    common = gcd(sample_rate, wanted_rate)
    down, up = sample_rate // common, wanted_rate // common
    times = _quick_size(ceil((len(sound) + _SILENCE_S * sample_rate) / down))
    spectrum = np.fft.rfft(sound, times * down)
    longer = np.fft.irfft(spectrum[: times * up // 2 + 1], times * up)
    length = resampled_length(len(sound), sample_rate, wanted_rate)
    return np.asarray(longer[:length] * np.float32(up / down), np.float32)


def _quick_size(least: int) -> int:
    """The least number of at least `least` that has no prime factor above 3: its transform is quick."""
    best = 1 << max(0, least - 1).bit_length()
    three = 3
    while three < best:
        size = three << max(0, -(-least // three) - 1).bit_length()
        if least <= size < best:
            best = size
        three *= 3
    return best
