"""Piper's own code on real voice files: tiny ones made here, and the shared stand-in where it is."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.speaking import Speaker
from audio.speech_cache import SpeechCache
from audio.voices.base import syllables
from audio.voices.neural.files import About, about_as_json, about_path
from audio.voices.piper import PiperSettings, PiperVoice, pieces_of
from audio.voices.registry import VoiceSettings, all_offers, voices_from
from audio.voices.tone import ToneVoice
from broadcast.errors import VoiceError
from tests.audio.voices import hurt
from tests.audio.voices.hurt import SENTENCE
from tests.audio.voices.tiny_voice import onnx, write_voice
from tests.conftest import SHARED

STUB = SHARED / "voices" / "stub_vi" / "vi_VN-stub-test.onnx"

Make = Callable[..., PiperVoice]


@pytest.fixture(scope="module")
def piper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PiperVoice]:
    """One child for all tests that do not hurt it."""
    voice = PiperVoice("vi_VN-nho-thu", write_voice(tmp_path_factory.mktemp("voices")))
    yield voice
    voice.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A voice of its own for a test, from a file made as it is told."""
    made: list[PiperVoice] = []

    def voice(settings: PiperSettings | None = None, **how: Any) -> PiperVoice:
        made.append(PiperVoice("vi_VN-nho-thu", write_voice(tmp_path, **how), settings))
        return made[-1]

    yield voice
    for each in made:
        each.close()


def test_a_sentence_sounds_for_as_long_as_its_syllables_take(piper: PiperVoice) -> None:
    said = piper.say(SENTENCE)
    assert said.sample_rate == 22050
    assert 0.2 < said.duration_s / syllables(SENTENCE) < 0.8
    assert np.abs(said.samples.astype(int)).max() > 5000


@pytest.mark.skipif(not STUB.exists(), reason="the shared stand-in is not here")
def test_the_shared_stand_in_speaks_too() -> None:
    voice = PiperVoice("vi_VN-stub-test", STUB)
    try:
        assert 0.12 < voice.say(SENTENCE).duration_s / syllables(SENTENCE) < 1
    finally:
        voice.close()


def test_it_works_on_one_thread_and_in_one_process(piper: PiperVoice) -> None:
    piper.say("Xin chào.")
    child = piper.child.pid
    piper.say(SENTENCE)
    assert piper.child.pid == child
    status = Path(f"/proc/{child}/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        assert int(told["Threads"]) <= 4  # the one that works, the one that listens, and those of the imports
        assert int(told["VmRSS"].split()[0]) < 330_000  # kB


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"sound": onnx()[: len(onnx()) // 2]}, "hỏng hoặc bị cắt"),
        ({"sound": onnx()[:-5]}, "hỏng hoặc bị cắt"),
        ({"sound": b""}, "hỏng hoặc bị cắt"),
        ({"sound": b"\xff\xd8\xff\xe0 this is a picture" * 50}, "hỏng hoặc bị cắt"),
        ({"sound": onnx(amplitude=0.0)}, "im lặng"),
        ({"sound": onnx(amplitude=0.0005)}, "im lặng"),
        ({"sound": onnx(amplitude=float("inf"))}, "âm thanh hỏng"),
        ({"sound": onnx(amplitude=float("nan"))}, "âm thanh hỏng"),
        ({"sound": onnx(samples_a_phoneme=100)}, "quá ngắn"),
        ({"sound": onnx(samples_a_phoneme=20_000)}, "dài bất thường"),
        ({"sound": onnx(symbols=30)}, "không khớp tệp cấu hình"),
        ({"sound": onnx(sid=True)}, "không khớp tệp cấu hình"),
        ({"num_speakers": 4}, "không khớp tệp cấu hình"),
        ({"phoneme_id_map": {"_": [0], "^": [1], "$": [2]}}, "không khớp tệp giọng"),
        ({"espeak": {"voice": "en-us"}, "language": {"code": "en_US"}}, "không phải tiếng Việt"),
        ({"espeak": {"voice": "vi-không-có"}}, "cách đọc chữ không phải tiếng Việt"),
        ({"audio": {}}, "tần số lấy mẫu"),
        ({"phoneme_id_map": {"_": [0], "^": [1], "$": [5000]}}, "nằm ngoài bảng"),
        ({"phoneme_type": "pinyin"}, "kiểu âm vị"),
        ({"inference": {"noise_scale": "to"}}, "không phải là số"),
    ],
)
def test_a_file_that_is_no_voice_or_does_not_fit_is_told_and_crashes_nothing(
    make: Make, how: dict[str, Any], message: str
) -> None:
    with pytest.raises(VoiceError, match=message):
        make(**how).say(SENTENCE)


def test_no_file_and_no_config_are_told(tmp_path: Path) -> None:
    path = write_voice(tmp_path)
    path.with_name(path.name + ".json").unlink()
    for voice in (PiperVoice("x", path), PiperVoice("x", tmp_path / "không-có.onnx")):
        with pytest.raises(VoiceError, match="Thiếu tệp cấu hình"):
            voice.say("Xin chào.")
        voice.close()
    (tmp_path / "x.onnx.json").write_text("[" * 100_000)
    voice = PiperVoice("x", path, config=tmp_path / "x.onnx.json")
    with pytest.raises(VoiceError, match="không phải là JSON"):
        voice.say("Xin chào.")
    voice.close()


def test_a_child_killed_while_it_speaks_is_replaced(make: Make) -> None:
    hurt.killed_while_it_speaks(make(), most_sentences=500)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP here")
def test_a_child_that_hangs_is_killed_in_time_and_the_next_sentence_is_said(make: Make) -> None:
    voice = make()
    hurt.hangs(voice, PiperVoice(voice.name, voice._onnx, PiperSettings(time_limit_s=0.5)))


def test_what_a_broken_voice_cannot_say_the_next_one_says_and_the_record_names_it(tmp_path: Path) -> None:
    write_voice(tmp_path, sound=onnx(amplitude=float("nan")))
    voices = voices_from(["vi_VN-nho-thu", "tone"], settings=VoiceSettings(folder=str(tmp_path)))
    spoken = Speaker(voices, None).say("Kính thưa bà con.")
    assert spoken.voice == "tone"
    for voice in voices:
        voice.close()


def test_speech_is_kept_by_the_very_file_and_settings(make: Make, tmp_path: Path) -> None:
    voice = make()
    cache = SpeechCache(tmp_path / "speech")
    speaker = Speaker([voice, ToneVoice()], cache)
    first = speaker.say("Kính thưa bà con.")
    assert cache.get("Kính thưa bà con.", voice.name, voice.settings) is not None
    voice.close()
    assert np.array_equal(speaker.say("Kính thưa bà con.").speech.samples, first.speech.samples)
    assert voice.child.pid is None, "nothing was spoken again"
    before = voice.settings
    assert json.loads(before)["files"][0] != json.loads(before)["files"][1]
    write_voice(tmp_path, sound=onnx(amplitude=0.3))
    assert voice.settings != before, "another file under the same name is another voice"
    assert PiperVoice("x", voice._onnx, PiperSettings(length_scale=1.3)).settings != voice.settings
    assert PiperVoice("x", voice._onnx, PiperSettings(time_limit_s=3, threads=2)).settings == voice.settings


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Xin chào.", ["Xin chào."]),
        ("Một, hai; ba: bốn. Năm!", ["Một, hai; ba: bốn.", "Năm!"]),
        ("Một, hai", ["Một, hai"]),
    ],
)
def test_a_sentence_is_said_whole(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces


def test_a_very_long_sentence_is_cut_at_its_marks_and_loses_no_word(piper: PiperVoice) -> None:
    text = ", ".join(["đề nghị bà con neo đậu tàu thuyền cẩn thận"] * 20) + " " + "rồi " * 100 + "nghỉ."
    pieces = pieces_of(text)
    assert max(map(len, pieces)) <= 500
    assert " ".join(pieces).replace(",", "").split() == text.replace(",", "").split()
    assert piper.say(text).duration_s > 60


def test_a_voice_that_was_loaded_does_not_speak_on_from_memory_once_its_file_has_changed(
    make: Make, tmp_path: Path
) -> None:
    voice = make()
    voice.say("Xin chào.")
    child = voice.child.pid
    write_voice(tmp_path, sound=onnx()[: len(onnx()) // 2])
    with pytest.raises(VoiceError, match="hỏng hoặc bị cắt"):
        voice.say("Xin chào.")
    write_voice(tmp_path, sound=onnx(amplitude=0.2))
    assert np.abs(voice.say("Xin chào.").samples.astype(int)).max() < 8000, "the new file is what is heard"
    assert voice.child.pid == child


def test_a_voice_that_lists_call_unusable_is_silent_though_it_could_speak(tmp_path: Path) -> None:
    path = write_voice(tmp_path)
    about_path(path).write_bytes(about_as_json(About("", path.stat().st_size, "file", "", "2026-11-23T00:00:00")))
    settings = VoiceSettings(folder=str(tmp_path))
    (voice,) = voices_from(["vi_VN-nho-thu"], settings=settings, with_fallback=False)
    try:
        assert voice.say("Xin chào.").duration_s > 0.2
        with path.open("ab") as file:
            file.write(_field_nobody_knows())
        assert all_offers(settings)["vi_VN-nho-thu"].trouble_vi is not None
        with pytest.raises(VoiceError, match="không còn nguyên"):
            voice.say("Xin chào.")
    finally:
        voice.close()
    spoken = PiperVoice("vi_VN-nho-thu", path)
    try:
        assert spoken.say("Xin chào.").duration_s > 0.2, "the file itself could be spoken"
    finally:
        spoken.close()


def _field_nobody_knows() -> bytes:
    """Protocol buffers pass over it."""
    return bytes([0xFA, 0x3F, 0x01, 0x00])
