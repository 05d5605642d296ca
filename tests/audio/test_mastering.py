from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy.signal import resample_poly

from audio import chime
from audio.coding import SAMPLE_RATE
from audio.mastering import Mastered, mastered
from audio.measuring import Sound, decibels, loudness_lufs
from audio.profiles import Filtering, profile_named, profiles, shaped
from audio.recording import Recording
from audio.reel import Reel
from broadcast.errors import ConfigurationError, Invalid


def measured(mp3: bytes) -> tuple[float, float]:
    """Loudness and true peak of an MP3 by means other than ours."""
    heard, rate = soundfile.read(io.BytesIO(mp3))
    assert heard.ndim == 1, "mono"
    assert rate == SAMPLE_RATE
    return pyloudnorm.Meter(rate).integrated_loudness(heard), decibels(float(np.abs(resample_poly(heard, 8, 1)).max()))


def master(sound: Sound, profile: str, folder: Path, *, mean: float = 0.0) -> tuple[Mastered, bytes]:
    """`sound` as if it were a recording; the MP3 beside what was measured on it, the master as `folder/master.flac`."""
    with Reel(folder) as reel:
        reel.write(sound)
        recording = Recording(reel, 0, len(sound), loudness_lufs(sound, SAMPLE_RATE), mean)
        made = mastered(
            recording, profile_named(profile), folder=folder, mp3=folder / "a.mp3", master=folder / "master.flac"
        )
    return made, (folder / "a.mp3").read_bytes()


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
def test_every_finished_mp3_is_equally_loud_and_never_peaks(
    speech_like: Sound, kind: str, profile: str, tmp_path: Path
) -> None:
    sound = {
        "speech": lambda: speech_like,
        "quiet speech": lambda: speech_like * np.float32(0.03),
        "clipped speech": lambda: np.clip(speech_like * 20, -1, 1),
        "noise": lambda: noise(3),
        "clicks": clicks,
        "chime": lambda: chime.opening(chime.CHIMES["bells"], SAMPLE_RATE),
        "sine": lambda: np.sin(2 * np.pi * 1000 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32),
    }[kind]()
    finished, mp3 = master(sound, profile, tmp_path)
    lufs, true_peak = measured(mp3)
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5
    assert finished.lufs == pytest.approx(lufs, abs=0.1)
    assert finished.true_peak_db == pytest.approx(true_peak, abs=0.25)
    assert finished.duration_ms == pytest.approx(len(sound) * 1000 / SAMPLE_RATE, abs=60)


def test_a_finished_mp3_has_64_kbit_a_second(tmp_path: Path) -> None:
    finished, mp3 = master(noise(5), "bypass", tmp_path)
    assert len(mp3) * 8 / finished.duration_ms == pytest.approx(64, rel=0.03)


def test_what_is_shorter_than_400_ms_is_refused_with_words(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="ngắn hơn 0,4 giây"):
        master(noise(0.39), "bypass", tmp_path)


@pytest.mark.parametrize("level", [0.0, 1e-6])
def test_what_is_silent_is_refused_with_words(level: float, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="im lặng"):
        master(noise(2) * np.float32(level), "gentle", tmp_path)


def test_the_master_is_lossless_and_as_long_as_the_sound(tmp_path: Path) -> None:
    sound = noise(25) * np.float32(0.3)  # longer than what is worked on at once
    master(sound, "bypass", tmp_path)
    kept, rate = soundfile.read(tmp_path / "master.flac")
    assert rate == SAMPLE_RATE
    assert len(kept) == len(sound)
    louder = float(kept @ sound / (sound @ sound))
    assert np.abs(kept - louder * sound).max() < 2**-14, "one gain from end to end: nothing here needs the limiter"


def test_direct_current_is_taken_out(speech_like: Sound, tmp_path: Path) -> None:
    mean = float(speech_like.mean()) + 0.3
    _, mp3 = master(speech_like * np.float32(0.5) + np.float32(mean), "bypass", tmp_path, mean=mean)
    heard, _ = soundfile.read(io.BytesIO(mp3))
    assert abs(float(heard.mean())) < 0.01
    assert measured(mp3)[0] == pytest.approx(-16, abs=0.5)


def test_bypass_touches_nothing_and_the_horn_profile_takes_the_depth_away(speech_like: Sound) -> None:
    assert np.array_equal(shaped(speech_like, SAMPLE_RATE, profile_named("bypass")), speech_like)
    low = np.sin(2 * np.pi * 80 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32) * 0.05
    horn = shaped(low, SAMPLE_RATE, profile_named("horn"))
    assert np.abs(horn[SAMPLE_RATE:]).max() < 0.05 * 0.05


def test_every_profile_keeps_the_length(speech_like: Sound) -> None:
    for profile in profiles().values():
        assert len(shaped(speech_like[:-7], SAMPLE_RATE, profile)) == len(speech_like) - 7


def test_filters_hear_no_joints_between_pieces(speech_like: Sound) -> None:
    profile = profile_named("horn")
    whole = shaped(speech_like, SAMPLE_RATE, profile)
    filtering = Filtering(profile, SAMPLE_RATE)
    pieces = [filtering.push(speech_like[start : start + 9001]) for start in range(0, len(speech_like), 9001)]
    assert np.abs(np.concatenate([*pieces, filtering.finish()]) - whole).max() < 1e-5


def test_an_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="gentle, horn, bypass"):
        profile_named("loud")


@pytest.mark.parametrize("name", sorted(chime.CHIMES))
def test_chimes_are_pleasantly_short_and_end_in_silence(name: str) -> None:
    for ring, shortest_s, longest_s in ((chime.opening, 2, 6), (chime.closing, 1, 3)):
        sound = ring(chime.CHIMES[name], SAMPLE_RATE)
        assert shortest_s <= len(sound) / SAMPLE_RATE <= longest_s
        assert np.abs(sound).max() <= 0.5
        assert abs(float(sound[-1])) < 0.001
        assert abs(float(sound[0])) < 0.001
    assert chime.LABELS_VI[name]
