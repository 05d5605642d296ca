"""A recording with what sounds around it: in order, as long as it should be, as loud as all else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.chime import CHIMES
from audio.coding import SAMPLE_RATE, decode
from audio.joining import AFTER_CHIME_MS, BEFORE_CLOSING_MS
from audio.measuring import Sound, loudness_lufs
from audio.own_chime import keep_chime
from audio.produce_recording import Surroundings, produce_recording
from audio.production import ProducedSound, RenderingCancelled
from audio.profiles import profile_named
from audio.speech_cache import SpeechCache
from audio.store import AudioStore
from audio.voices.tone import ToneVoice
from broadcast.errors import ConfigurationError, Invalid, NotFound, TooLarge, VoiceError
from tests.audio.test_mastering import clicks, measured, noise
from tests.audio.test_recording import coded

CLOSING = ("Xin cảm ơn bà con đã lắng nghe.", "Kính chào.")


def file_of(folder: Path, sound: Sound, name: str = "thu.wav") -> Path:
    path = folder / name
    path.write_bytes(coded(sound, "WAV"))
    return path


def made(store: AudioStore, path: Path, *, profile: str = "gentle", how: dict[str, Any] | None = None, **around: Any):
    return produce_recording(
        path, store=store, profile=profile_named(profile), surroundings=Surroundings(**around),
        **{"voices": (ToneVoice(),), **(how or {})},
    )  # fmt: skip


def heard(store: AudioStore, sound: ProducedSound) -> tuple[Sound, bytes]:
    with store.open(sound.sha256) as source:
        mp3 = source.read()
    return decode(mp3), mp3


def test_with_nothing_around_it_a_recording_is_what_it_was(store: AudioStore, tmp_path: Path, speech_like: Sound):
    path = file_of(tmp_path, speech_like)
    bare = produce_recording(path, store=store, profile=profile_named("gentle"))
    assert made(store, path, gap_ms=60_000) == bare
    assert (bare.voice, bare.sentence_voices) == ("recording", ())


@pytest.mark.parametrize("profile", ["gentle", "horn", "bypass"])
@pytest.mark.parametrize("kind", ["soft speech", "loud speech", "knocks"])
def test_a_loud_chime_and_any_recording_come_to_where_all_sound_is(
    store: AudioStore, tmp_path: Path, speech_like: Sound, kind: str, profile: str
):
    sound = {"soft speech": speech_like * np.float32(0.03), "loud speech": np.clip(speech_like * 20, -1, 1)}
    path = file_of(tmp_path, sound.get(kind, clicks()))
    loud = file_of(tmp_path, np.clip(noise(3) * np.float32(20), -1, 1), "nhac.wav")
    own = keep_chime(loud, store).sha256
    finished = made(store, path, profile=profile, chime=own, repeats=2, closing=CLOSING)
    lufs, true_peak = measured(heard(store, finished)[1])
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5
    assert finished.lufs == pytest.approx(lufs, abs=0.1)


def test_what_is_around_stands_in_order_each_as_long_as_it_is(store: AudioStore, tmp_path: Path):
    """Found on the decoded file: the sound between silences, and how long each part of it is."""
    path = file_of(tmp_path, noise(2))
    finished = made(store, path, profile="bypass", chime="bamboo", repeats=2, gap_ms=3000, closing=("Kính chào.",))
    assert finished.sentence_voices == ("tone",)
    chime = CHIMES["bamboo"]
    said_ms = round(len(ToneVoice().say("Kính chào.").samples) / ToneVoice().say("Kính chào.").sample_rate * 1000)
    parts_ms = [chime.opening_s * 1000 + AFTER_CHIME_MS, 2000 + 3000, 2000 + BEFORE_CLOSING_MS]
    whole_ms = sum(parts_ms) + said_ms + BEFORE_CLOSING_MS + chime.closing_s * 1000
    assert finished.duration_ms == pytest.approx(whole_ms, abs=100)
    sound, _ = heard(store, finished)
    first, second = np.cumsum(parts_ms)[:2] / 1000
    late = (finished.duration_ms - whole_ms) / 1000
    readings = [sound[round((at + late) * SAMPLE_RATE) :][: 2 * SAMPLE_RATE] for at in (first, second)]
    alike = np.correlate(readings[0], readings[1], "full")
    assert alike.max() > 0.9 * float(np.sum(readings[0] ** 2)), "the same reading twice"
    gap = sound[round((first + 2.1) * SAMPLE_RATE) : round((second - 0.1) * SAMPLE_RATE)]
    assert float(np.abs(gap).max()) < 0.01
    assert loudness_lufs(readings[0], SAMPLE_RATE) == pytest.approx(loudness_lufs(readings[1], SAMPLE_RATE), abs=0.2)


def test_a_reading_that_is_cut_within_a_word_does_not_click(store: AudioStore, tmp_path: Path):
    """A tone that begins and ends at its loudest: what is heard in the first and last milliseconds comes up softly."""
    at_s = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    path = file_of(tmp_path, (0.3 * np.cos(2 * np.pi * 200 * at_s)).astype(np.float32))
    finished = made(store, path, profile="bypass", repeats=2, gap_ms=1000)
    sound, _ = heard(store, finished)
    steps = np.abs(np.diff(sound))
    within = float(steps[SAMPLE_RATE // 4 : SAMPLE_RATE // 2].max())
    assert float(steps.max()) < 1.5 * within


def test_all_readings_together_have_the_limit_of_one(store: AudioStore, tmp_path: Path, speech_like: Sound):
    path = file_of(tmp_path, speech_like)
    said = r"đọc 5 lần thành khoảng 1 phút, quá mức 0\.5 phút cho một lần phát\. Hãy giảm số lần đọc"
    with pytest.raises(TooLarge, match=said) as refused:
        made(store, path, repeats=5, how={"longest_min": 0.5}, gap_ms=5000)
    assert refused.value.field == "readings"
    assert list(store.all()) == []
    made(store, path, repeats=2, how={"longest_min": 0.5}, gap_ms=5000)


@pytest.mark.parametrize(
    ("around", "error", "message"),
    [
        ({"chime": "trống"}, ConfigurationError, "Không có nhạc hiệu"),
        ({"chime": "ab" * 32}, NotFound, "Không có tệp âm thanh này"),
        ({"closing": ("Gọi số 5.",)}, VoiceError, "Câu “Gọi số 5.”"),
        ({"repeats": 0}, Invalid, "ít nhất một lần"),
    ],
)
def test_what_cannot_be_put_around_it_is_told_and_nothing_is_kept(
    store: AudioStore, tmp_path: Path, speech_like: Sound, around: dict, error: type[Exception], message: str
):
    with pytest.raises(error, match=message):
        made(store, file_of(tmp_path, speech_like), **around)
    assert list(store.all()) == []
    assert list((store.root / "tmp").iterdir()) == []


def test_without_a_voice_closing_words_are_refused(store: AudioStore, tmp_path: Path, speech_like: Sound):
    with pytest.raises(VoiceError, match="Chưa chọn giọng đọc nào"):
        made(store, file_of(tmp_path, speech_like), closing=CLOSING, how={"voices": ()})


def test_a_sentence_that_was_spoken_before_is_not_spoken_again(
    store: AudioStore, cache: SpeechCache, tmp_path: Path, speech_like: Sound
):
    class Counting(ToneVoice):
        worth_keeping = True
        said = 0

        def say(self, sentence: str):
            self.said += 1
            return super().say(sentence)

    path, voice = file_of(tmp_path, speech_like), Counting()
    first = made(store, path, closing=CLOSING, how={"voices": (voice,), "cache": cache})
    assert made(store, path, closing=CLOSING, how={"voices": (voice,), "cache": cache}) == first
    assert voice.said == len(CLOSING)


def test_progress_goes_to_the_end_and_it_can_be_stopped_while_the_closing_is_spoken(
    store: AudioStore, tmp_path: Path, speech_like: Sound
):
    path, seen = file_of(tmp_path, np.tile(speech_like, 4)), list[tuple[int, int]]()
    around = {"chime": "bells", "repeats": 3, "closing": CLOSING}
    made(store, path, **around, how={"progress": lambda done, total: seen.append((done, total))})
    assert seen == sorted(set(seen))
    assert seen[-1] == (100, 100)
    assert len(seen) > 10
    kept = list(store.all())

    class Stopping(ToneVoice):
        asked = False

        def say(self, sentence: str):
            self.asked = True
            return super().say(sentence)

    voice = Stopping()
    with pytest.raises(RenderingCancelled):
        made(store, path, **around, how={"voices": (voice,), "cancelled": lambda: voice.asked})
    assert list(store.all()) == kept
