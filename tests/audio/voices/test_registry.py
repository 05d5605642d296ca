from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import audio.voices
from audio.speaking import Speaker
from audio.voices.espeak import EspeakSettings
from audio.voices.gtts import GttsSettings
from audio.voices.piper import PiperSettings
from audio.voices.registry import VoiceSettings, all_offers, voices_from
from broadcast.errors import ConfigurationError
from tests.audio.voices.tiny_voice import write_voice

# All that a voice of tomorrow needs: one file in the package.
NEW_VOICE = """
import numpy as np

from audio.voices.base import Offer, Speech, speakable


class HumVoice:
    name = "hum"
    label_vi = "Giọng ngân"
    settings = "1"
    worth_keeping = False

    def say(self, sentence):
        length = 4800 * len(speakable(sentence).split())
        return Speech((9000 * np.sin(np.arange(length) / 20)).astype(np.int16), 16000)

    def close(self):
        pass


def offers(_settings, _state_dir):
    yield Offer("hum", "Giọng ngân", "giọng thử", "vi-VN", "ngân nga", "của bài kiểm tra", HumVoice)
"""


@pytest.fixture
def new_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "hum.py").write_text(NEW_VOICE, "utf-8")
    monkeypatch.setattr(audio.voices, "__path__", [*audio.voices.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield
    sys.modules.pop("audio.voices.hum", None)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["gtts"], ["gtts", "espeak"]),
        (["espeak"], ["espeak"]),
        (["espeak", "gtts", "espeak"], ["espeak", "gtts"]),
        ([], ["espeak"]),
        (["tone"], ["tone", "espeak"]),
    ],
)
def test_voices_come_in_the_order_asked_and_the_offline_one_is_never_missing(
    names: list[str], order: list[str]
) -> None:
    assert [voice.name for voice in voices_from(names)] == order


def test_the_last_resort_can_be_left_out() -> None:
    assert [voice.name for voice in voices_from(["tone"], with_fallback=False)] == ["tone"]


def test_an_unknown_voice_names_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="espeak, gtts, tone"):
        voices_from(["giọng lạ"])


def test_a_voice_file_that_is_missing_leaves_its_sentences_to_the_next_voice() -> None:
    speaker = Speaker(voices_from(["vi_VN-vais1000-medium", "tone"]), None)
    assert [speaker.say(sentence).voice for sentence in ("Kính thưa bà con.", "Xin cảm ơn.")] == ["tone", "tone"]


def test_settings_survive_the_way_to_a_child() -> None:
    settings = VoiceSettings(
        EspeakSettings(words_a_minute=140),
        GttsSettings("https://example.org/x", deadline_s=5),
        PiperSettings(length_scale=1.2),
        "/var/lib/x/voices",
    )
    assert VoiceSettings.from_json(settings.as_json()) == settings


def test_lists_have_words_for_every_voice() -> None:
    there = all_offers()
    assert set(there) == {"espeak", "gtts", "tone"}
    for name, offer in there.items():
        assert offer.name == offer.make().name == name
        assert offer.label_vi == offer.make().label_vi
        assert offer.kind_vi
        assert offer.licence_vi
    assert [name for name, offer in there.items() if offer.leaves_country] == ["gtts"]
    assert [name for name, offer in there.items() if offer.for_tests] == ["tone"]


def test_a_new_voice_is_one_new_file(new_module: None) -> None:
    assert all_offers()["hum"].label_vi == "Giọng ngân"
    spoken = Speaker(voices_from(["hum", "espeak"]), None).say("Kính thưa bà con.")
    assert spoken.voice == "hum"
    assert spoken.speech.duration_s == pytest.approx(1.2)


def test_a_voice_file_never_takes_the_name_of_a_voice_of_the_program(tmp_path: Path) -> None:
    write_voice(tmp_path, "espeak")
    assert all_offers(VoiceSettings(folder=str(tmp_path)))["espeak"].kind_vi == "giọng máy"
