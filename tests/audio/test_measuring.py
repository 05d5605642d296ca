from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly

from audio.coding import SAMPLE_RATE
from audio.measuring import Sound, amplitude, decibels, loudness_lufs, true_peak_db


@pytest.mark.parametrize("level", [0.02, 0.3, 1.0])
def test_our_loudness_is_what_pyloudnorm_measures(speech_like: Sound, level: float) -> None:
    sound = np.concatenate([speech_like * level, np.zeros(3 * SAMPLE_RATE, np.float32), speech_like * level * 0.1])
    assert loudness_lufs(sound, SAMPLE_RATE) == pytest.approx(
        pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound), abs=0.02
    )


def test_a_sine_of_full_scale_at_one_kilohertz_reads_about_minus_three() -> None:
    sine = np.sin(2 * np.pi * 997 * np.arange(48000 * 2) / 48000).astype(np.float32)
    assert loudness_lufs(sine, 48000) == pytest.approx(-3.01, abs=0.05)


def test_silence_and_a_quarter_of_a_second_have_no_loudness(speech_like: Sound) -> None:
    assert loudness_lufs(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE) == -math.inf
    assert loudness_lufs(speech_like[: SAMPLE_RATE // 4], SAMPLE_RATE) == -math.inf
    assert loudness_lufs(speech_like[:0], SAMPLE_RATE) == -math.inf


def test_the_peak_between_two_samples_is_seen() -> None:
    # A quarter of the sample rate, an eighth turn late: every sample is at 0.707, the wave itself reaches 1.
    sound = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4).astype(np.float32)
    assert decibels(float(np.abs(sound).max())) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_db(sound[1000:-1000] * np.hanning(2800).astype(np.float32), SAMPLE_RATE) == pytest.approx(
        0, abs=0.05
    )


def test_true_peak_agrees_with_an_independent_oversampling(speech_like: Sound) -> None:
    reference = decibels(float(np.abs(resample_poly(speech_like, 8, 1)).max()))
    assert true_peak_db(speech_like, SAMPLE_RATE) == pytest.approx(reference, abs=0.1)


def test_a_peak_in_the_last_sample_counts() -> None:
    sound = np.zeros(1001, np.float32)
    sound[-1] = 0.5
    assert true_peak_db(sound, SAMPLE_RATE) >= decibels(0.5)


def test_decibels_and_factors_are_opposites() -> None:
    assert decibels(amplitude(-7.3)) == pytest.approx(-7.3)
    assert decibels(0.0) == -math.inf
