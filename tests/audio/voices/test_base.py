from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from audio.voices.base import Speech, checked, speakable, syllables, trimmed
from audio.voices.tone import ToneVoice
from broadcast.errors import VoiceError


@pytest.mark.parametrize(
    ("written", "said", "why"),
    [
        ("Kính gửi: (-phòng ban)", "Kính gửi: phòng ban", "a clause that begins with a mark crashes eSpeak"),
        ("  , . Xin   chào\n bà con . ", "Xin chào bà con .", "no mark before the first letter"),
        ("“Vì an ninh – trật tự…”", "Vì an ninh trật tự", "quotes and dashes have no sound"),
        ("Uỷ ban", "Uỷ ban", "decomposed letters are composed"),
        ("xã\u200b Tân\u00a0Châu\ufeff", "xã Tân Châu", "invisible signs"),
    ],
)
def test_only_letters_spaces_and_six_marks_reach_a_voice(written: str, said: str, why: str) -> None:
    assert speakable(unicodedata.normalize("NFD", written)) == said, why


@pytest.mark.parametrize("written", ["", "...", "gọi 115", "90%", "新年好", "مرحبا", "vui 😀", "x" * 61, "a b " * 2000])
def test_what_would_lose_its_sound_is_refused_and_not_dropped(written: str) -> None:
    with pytest.raises(VoiceError):
        speakable(written)


def test_syllables_are_words_with_a_letter() -> None:
    assert syllables("Kính thưa , bà con .") == 4


def test_silence_and_an_answer_that_is_too_short_are_no_speech() -> None:
    loud = np.full(2400, 5000, np.int16)
    long_enough = Speech(np.tile(loud, 3), 24000)
    assert checked(long_enough, "xin chào", "Giọng") is long_enough
    with pytest.raises(VoiceError, match="im lặng"):
        checked(Speech(loud * 0, 24000), "xin chào", "Giọng")
    with pytest.raises(VoiceError, match="quá ngắn"):
        checked(Speech(loud, 24000), "kính thưa toàn thể bà con", "Giọng")


def test_silence_at_the_ends_is_cut_and_a_breath_is_kept() -> None:
    sound = np.concatenate([np.zeros(4800, np.int16), np.full(2400, 900, np.int16), np.zeros(9600, np.int16)])
    assert len(trimmed(sound, 24000)) == 2400 + 2 * 240
    assert len(trimmed(sound * 0, 24000)) == 0


def test_the_tone_voice_says_the_same_sentence_in_the_same_way() -> None:
    first, again = ToneVoice().say("Kính thưa bà con."), ToneVoice().say("Kính thưa bà con.")
    assert np.array_equal(first.samples, again.samples)
    assert first.duration_s == pytest.approx(1.0)
    assert not np.array_equal(first.samples, ToneVoice().say("Kính mời bà con.").samples)
