from __future__ import annotations

import logging
import os

import numpy as np
import pytest

from audio.speech_cache import SpeechCache
from audio.voices.base import Speech
from audio.voices.tone import ToneVoice

SAID = ToneVoice().say("Xin chào bà con")


def test_what_was_said_comes_back_sample_by_sample(cache: SpeechCache) -> None:
    cache.put("Xin chào bà con", "tone", "1", SAID)
    kept = cache.get("Xin chào bà con", "tone", "1")
    assert kept is not None
    assert kept.sample_rate == SAID.sample_rate
    assert np.array_equal(kept.samples, SAID.samples)


@pytest.mark.parametrize(
    ("sentence", "voice", "settings"),
    [("Xin chào bà con.", "tone", "1"), ("Xin chào bà con", "espeak", "1"), ("Xin chào bà con", "tone", "2")],
)
def test_another_sentence_voice_or_setting_is_another_sound(
    cache: SpeechCache, sentence: str, voice: str, settings: str
) -> None:
    cache.put("Xin chào bà con", "tone", "1", SAID)
    assert cache.get(sentence, voice, settings) is None


@pytest.mark.parametrize(
    "damage", [lambda kept: kept[:-1], lambda kept: b"", lambda kept: kept[:50] + b"!" + kept[51:]]
)
def test_a_damaged_file_is_made_again(cache: SpeechCache, damage: object) -> None:
    cache.put("Xin chào", "tone", "1", SAID)
    path = cache.path("Xin chào", "tone", "1")
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert cache.get("Xin chào", "tone", "1") is None
    assert not path.exists()


def test_a_cache_that_cannot_be_written_stops_nobody(cache: SpeechCache, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cache.root.write_text("a file where the folder should be")
    cache.put("Xin chào", "tone", "1", SAID)
    assert cache.get("Xin chào", "tone", "1") is None
    assert "cannot write" in caplog.text


def test_pruning_takes_the_oldest(cache: SpeechCache) -> None:
    silence = Speech(np.zeros(5000, np.int16), 24000)
    for age, sentence in enumerate(["một", "hai", "ba"]):
        cache.put(sentence, "tone", "1", silence)
        os.utime(cache.path(sentence, "tone", "1"), (1000 - age, 1000 - age))
    assert cache.prune(25_000) == 1
    assert cache.get("ba", "tone", "1") is None
    assert cache.get("một", "tone", "1") is not None
