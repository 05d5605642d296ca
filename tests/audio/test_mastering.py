from __future__ import annotations

import io

import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy.signal import resample_poly

from audio import chime
from audio.mastering import SAMPLE_RATE, encode_master, master
from audio.measuring import Sound, decibels
from audio.profiles import profile_named, profiles, shaped
from broadcast.errors import ConfigurationError, Invalid


def measured(mp3: bytes) -> tuple[float, float]:
    """Loudness and true peak of an MP3 by means other than ours."""
    heard, rate = soundfile.read(io.BytesIO(mp3))
    assert heard.ndim == 1, "mono"
    assert rate == SAMPLE_RATE
    return pyloudnorm.Meter(rate).integrated_loudness(heard), decibels(float(np.abs(resample_poly(heard, 8, 1)).max()))


def noise(seconds: float, seed: int = 1) -> Sound:
    return (np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE)) * 0.1).astype(np.float32)


def clicks() -> Sound:
    """Six short bursts a second, 25 dB above a murmur: hard work for a limiter."""
    sound = noise(5) * 0.1
    for start in range(0, len(sound), SAMPLE_RATE // 6):
        sound[start : start + 240] *= 18
    return sound


@pytest.mark.parametrize("profile", ["gentle", "horn", "bypass"])
@pytest.mark.parametrize("kind", ["speech", "quiet speech", "clipped speech", "noise", "clicks", "chime", "sine"])
def test_every_finished_mp3_is_equally_loud_and_never_peaks(speech_like: Sound, kind: str, profile: str) -> None:
    sound = {
        "speech": lambda: speech_like,
        "quiet speech": lambda: speech_like * np.float32(0.03),
        "clipped speech": lambda: np.clip(speech_like * 20, -1, 1),
        "noise": lambda: noise(3),
        "clicks": clicks,
        "chime": lambda: chime.opening(SAMPLE_RATE),
        "sine": lambda: np.sin(2 * np.pi * 1000 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32),
    }[kind]()
    finished = master(sound, profile_named(profile))
    lufs, true_peak = measured(finished.mp3)
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5
    assert finished.lufs == pytest.approx(lufs, abs=0.1)
    assert finished.true_peak_db == pytest.approx(true_peak, abs=0.25)
    assert finished.duration_ms == pytest.approx(len(sound) * 1000 / SAMPLE_RATE, abs=60)


def test_a_finished_mp3_has_64_kbit_a_second() -> None:
    finished = master(noise(5), profile_named("bypass"))
    assert len(finished.mp3) * 8 / finished.duration_ms == pytest.approx(64, rel=0.03)


def test_what_is_shorter_than_400_ms_is_refused_with_words() -> None:
    with pytest.raises(Invalid, match="ngắn hơn 0,4 giây"):
        master(noise(0.39), profile_named("bypass"))


@pytest.mark.parametrize("level", [0.0, 1e-6])
def test_what_is_silent_is_refused_with_words(level: float) -> None:
    with pytest.raises(Invalid, match="im lặng"):
        master(noise(2) * np.float32(level), profile_named("gentle"))


def test_the_master_is_lossless_and_as_long_as_the_sound() -> None:
    finished = master(noise(2), profile_named("bypass"))
    kept, rate = soundfile.read(io.BytesIO(encode_master(finished.master)))
    assert rate == SAMPLE_RATE
    assert len(kept) == 2 * SAMPLE_RATE
    assert np.abs(kept - finished.master).max() < 2**-14


def test_bypass_touches_nothing_and_the_horn_profile_takes_the_depth_away(speech_like: Sound) -> None:
    assert np.array_equal(shaped(speech_like, SAMPLE_RATE, profile_named("bypass")), speech_like)
    low = np.sin(2 * np.pi * 80 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32) * 0.05
    horn = shaped(low, SAMPLE_RATE, profile_named("horn"))
    assert np.abs(horn[SAMPLE_RATE:]).max() < 0.05 * 0.05


def test_every_profile_keeps_the_length(speech_like: Sound) -> None:
    for profile in profiles().values():
        assert len(shaped(speech_like[:-7], SAMPLE_RATE, profile)) == len(speech_like) - 7


def test_an_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="gentle, horn, bypass"):
        profile_named("loud")


def test_chimes_are_pleasantly_short_and_end_in_silence() -> None:
    for ring, shortest_s, longest_s in ((chime.opening, 3, 6), (chime.closing, 1, 3)):
        sound = ring(SAMPLE_RATE)
        assert shortest_s <= len(sound) / SAMPLE_RATE <= longest_s
        assert np.abs(sound).max() <= 0.5
        assert abs(float(sound[-1])) < 0.001
        assert abs(float(sound[0])) < 0.001
