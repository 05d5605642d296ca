from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.reading import read_aloud
from audio.supervised import ChildDied
from audio.voices.base import MIN_SECONDS_A_SYLLABLE, syllables
from audio.voices.espeak import EspeakSettings, EspeakVoice, clauses_of
from broadcast.errors import VoiceError
from tests.audio.voices import hurt
from tests.audio.voices.hurt import SENTENCE


@pytest.fixture
def own_espeak() -> Iterator[EspeakVoice]:
    """A voice whose child may be hurt."""
    voice = EspeakVoice(EspeakSettings(time_limit_s=1.0))
    yield voice
    voice.close()


def test_a_sentence_sounds_for_as_long_as_its_syllables_take(espeak: EspeakVoice) -> None:
    said = espeak.say(SENTENCE)
    assert said.sample_rate == 22050
    assert 0.25 < said.duration_s / syllables(SENTENCE) < 0.5
    assert np.abs(said.samples.astype(int)).max() > 5000


def test_pauses_at_commas_and_colons_are_ours(espeak: EspeakVoice) -> None:
    quiet = np.abs(espeak.say(SENTENCE).samples.astype(int)) <= 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    longest = sorted((edges[1::2] - edges[::2]) / 22050)[-2:]
    assert longest == pytest.approx([0.30, 0.35], abs=0.03)


def test_a_child_killed_while_it_speaks_is_replaced(own_espeak: EspeakVoice) -> None:
    hurt.killed_while_it_speaks(own_espeak, most_sentences=200)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP here")
def test_a_child_that_hangs_is_killed_in_time_and_the_next_sentence_is_said(own_espeak: EspeakVoice) -> None:
    hurt.hangs(own_espeak)


def test_a_text_that_crashes_the_library_costs_one_child_and_never_reaches_it_through_the_voice(
    own_espeak: EspeakVoice,
) -> None:
    crashing = "Kính gửi: (-phòng ban);-Lưu: VT"
    request = {"text": crashing, "voice": "vi", "words_a_minute": 120, "amplitude": 100}
    with pytest.raises(ChildDied):
        own_espeak.child.ask(json.dumps(request).encode(), within_s=5)
    assert own_espeak.say(crashing).duration_s > 1


def test_a_silent_answer_is_an_error_and_not_a_silent_bulletin() -> None:
    mute = EspeakVoice(EspeakSettings(amplitude=0))
    try:
        with pytest.raises(VoiceError, match="im lặng"):
            mute.say("Xin chào bà con.")
    finally:
        mute.close()


def test_a_voice_that_the_library_does_not_have_is_said() -> None:
    unknown = EspeakVoice(EspeakSettings(voice="không-có"))
    try:
        with pytest.raises(VoiceError, match="không có giọng"):
            unknown.say("Xin chào.")
    finally:
        unknown.close()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Xin chào.", [("Xin chào", ".")]),
        ("Một, hai; ba: bốn", [("Một", ","), ("hai", ";"), ("ba", ":"), ("bốn", "")]),
        ("Đi ngay!? Vâng ,.", [("Đi ngay", "?"), ("Vâng", ".")]),
        ("từ " * 130, [("từ " * 59 + "từ", ","), ("từ " * 59 + "từ", ","), ("từ " * 9 + "từ", "")]),
    ],
)
def test_clauses_never_begin_with_a_mark(text: str, clauses: list[tuple[str, str]]) -> None:
    assert clauses_of(text) == clauses


def test_a_syllable_is_never_shorter_than_speech_can_be(espeak: EspeakVoice) -> None:
    for word in ("à", "ừ", "đi", "nghiêng"):
        assert espeak.say(word).duration_s >= MIN_SECONDS_A_SYLLABLE


def test_the_time_limit_is_no_part_of_what_is_kept_and_the_speed_is() -> None:
    normal = EspeakVoice().settings
    assert EspeakVoice(EspeakSettings(time_limit_s=3)).settings == normal
    assert EspeakVoice(EspeakSettings(words_a_minute=150)).settings != normal


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("aăâbcđêghiơuưyạếộừ,.;:?!-()“ \n'/…"), max_size=80))
def test_no_text_that_reaches_the_voice_crashes_it(espeak: EspeakVoice, text: str) -> None:
    espeak.say("Xin chào.")
    child = espeak.child.pid
    with suppress(VoiceError):  # nothing to say, or nothing that is speech: refused, not crashed
        assert espeak.say(text).duration_s > 0.1
    assert espeak.child.pid == child


# What official texts are made of, cut by bars.
OFFICIAL = (
    "Kính gửi: (-phòng ban)|;-Lưu: VT|NĐ-CP|72/2013/NĐ-CP|7h30|05/9/2020|37,5°C|- |./.|**|B/c|…|(a)|HĐND-UBND|"
    "https://x.gov.vn/a|0912 345 678|20-30%|H5N1|😀|新|\u200b|\u202e|1.005.000đ|IV|V/v|m2|\n|, |. |: |; |? |! |- - |"
    "xã Tân Châu|bà con|x|đ|ng|ư|\u0301"
)
PIECES = st.sampled_from(OFFICIAL.split("|"))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(written=st.lists(PIECES | st.text(max_size=6), max_size=12).map("".join))
def test_whatever_the_reader_puts_out_never_crashes_the_voice(espeak: EspeakVoice, written: str) -> None:
    espeak.say("Xin chào.")
    child = espeak.child.pid
    for sentence in read_aloud(written).sentences:
        with suppress(VoiceError):  # refused with words: another voice may say it
            assert espeak.say(sentence.spoken).duration_s > 0.1
    assert espeak.child.pid == child
