from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import produce as producing
from audio.joining import join
from audio.mastering import SAMPLE_RATE
from audio.measuring import loudness_lufs
from audio.produce import ProducedSound, RenderingCancelled, estimated_ms, produce
from audio.profiles import profile_named
from audio.speaking import Spoken
from audio.speech_cache import SpeechCache
from audio.store import MASTER, AudioStore
from audio.voices.base import Speech, Voice
from audio.voices.espeak import EspeakVoice
from audio.voices.tone import ToneVoice
from broadcast.errors import Invalid, TooLarge, VoiceError
from tests.audio.conftest import SENTENCES
from tests.audio.test_mastering import measured

LEAD_IN = "Đây là Đài truyền thanh xã Tân Châu."


class Picky(ToneVoice):
    """A tone voice that cannot say what holds `word`, and counts what it was asked."""

    name = "picky"
    worth_keeping = True

    def __init__(self, word: str = "-") -> None:
        self.word = word
        self.asked: list[str] = []

    def say(self, sentence: str) -> Speech:
        self.asked.append(sentence)
        if self.word in sentence:
            raise VoiceError("Không đọc được từ này.")
        return super().say(sentence)


def made(
    store: AudioStore, voices: list[Voice], sentences: tuple[str, ...] = SENTENCES, **how: object
) -> ProducedSound:
    settings = {"lead_in": None, "cache": None, "profile": profile_named("gentle"), **how}
    return produce(sentences, voices=voices, store=store, **settings)  # type: ignore[arg-type]


def test_spoken_sentences_become_a_levelled_mp3_in_the_store(
    store: AudioStore, cache: SpeechCache, espeak: EspeakVoice
) -> None:
    sound = made(store, [espeak], lead_in=LEAD_IN, cache=cache)
    assert store.verify(sound.sha256)
    mp3 = store.path(sound.sha256).read_bytes()
    lufs, true_peak = measured(mp3)
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5
    assert sound.lufs == pytest.approx(lufs, abs=0.1)
    assert sound.bytes == len(mp3)
    assert sound.duration_ms == pytest.approx(soundfile.info(store.path(sound.sha256)).duration * 1000, abs=1)
    assert sound.duration_ms == pytest.approx(estimated_ms([LEAD_IN, *SENTENCES]) + 8000, rel=0.25)
    assert (sound.media_type, sound.sample_rate, sound.profile) == ("audio/mpeg", 24000, "gentle")
    assert (sound.voice, sound.sentence_voices, sound.lead_in_voice) == ("espeak", ("espeak",) * 3, "espeak")
    assert sound.master_sha256
    assert store.verify(sound.master_sha256, MASTER)


def test_the_same_sentences_and_voice_give_the_same_sound(store: AudioStore, tone: ToneVoice) -> None:
    assert made(store, [tone]).sha256 == made(store, [tone]).sha256


def test_chime_lead_in_and_repeats_lengthen_the_sound_by_what_they_last(store: AudioStore, tone: ToneVoice) -> None:
    bare = made(store, [tone], chime=False).duration_ms
    assert made(store, [tone], chime=True).duration_ms - bare == pytest.approx(4200 + 400 + 700 + 2200, abs=50)
    assert made(store, [tone], chime=False, repeats=3, gap_ms=2000).duration_ms == pytest.approx(
        3 * bare + 4000, abs=50
    )
    assert made(store, [tone], chime=False, lead_in="Đây là xã").duration_ms - bare == pytest.approx(750 + 700, abs=50)


def test_a_sentence_that_one_voice_cannot_read_goes_to_the_next_and_the_record_says_so(
    store: AudioStore, tone: ToneVoice
) -> None:
    sound = made(store, [Picky("sổ tiêm"), tone])
    assert sound.sentence_voices == ("picky", "tone", "picky")
    assert sound.voice == "picky"


def test_a_voice_that_keeps_failing_is_not_asked_for_every_sentence(store: AudioStore, tone: ToneVoice) -> None:
    broken = Picky("")
    sound = made(store, [broken, tone], tuple(f"Câu {word}." for word in ("một", "hai", "ba", "tư", "năm", "sáu")))
    assert len(broken.asked) == 3
    assert sound.sentence_voices == ("tone",) * 6


def test_a_sentence_that_no_voice_can_read_stops_this_bulletin_with_its_words_and_leaves_nothing(
    store: AudioStore,
) -> None:
    with pytest.raises(VoiceError, match=r"“Đề nghị gia đình.*Không đọc được từ này"):
        made(store, [Picky("sổ tiêm")])
    assert list(store.all()) == []


@pytest.mark.parametrize("sentence", ["Gọi 115.", "…", "新年", "<b>"])
def test_text_that_was_not_made_speakable_is_refused(store: AudioStore, tone: ToneVoice, sentence: str) -> None:
    with pytest.raises(VoiceError, match="Câu “"):
        made(store, [tone], (*SENTENCES, sentence if sentence != "<b>" else "giá 5 < 6"))


def test_changing_one_sentence_speaks_one_sentence(store: AudioStore, cache: SpeechCache) -> None:
    voice = Picky()
    sentences = tuple(f"Thôn {name} họp lúc tám giờ." for name in ("Đông", "Tây", "Nam", "Bắc", "Trung"))
    made(store, [voice], sentences, cache=cache)
    assert len(voice.asked) == 5
    made(store, [voice], (*sentences[:2], "Thôn Nam họp lúc chín giờ.", *sentences[3:]), cache=cache)
    assert voice.asked[5:] == ["Thôn Nam họp lúc chín giờ."]


def test_progress_counts_sentences_and_reaches_the_end(store: AudioStore, tone: ToneVoice) -> None:
    seen: list[tuple[int, int]] = []
    made(store, [tone], lead_in=LEAD_IN, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_cancelled_rendering_stops_before_the_next_sentence_and_keeps_no_sound(store: AudioStore) -> None:
    voice = Picky()
    with pytest.raises(RenderingCancelled):
        made(store, [voice], cancelled=lambda: len(voice.asked) == 2)
    assert len(voice.asked) == 2
    assert list(store.all()) == []


@pytest.mark.parametrize("sentences", [(), ("", "  ")])
def test_nothing_to_say_is_refused(store: AudioStore, tone: ToneVoice, sentences: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="chưa có câu nào"):
        made(store, [tone], sentences)


def test_a_script_of_more_than_half_an_hour_is_refused_before_a_word_is_spoken(store: AudioStore) -> None:
    voice = Picky()
    with pytest.raises(TooLarge, match="khoảng 30 phút, quá mức 30 phút"):
        made(store, [voice], ("từ " * 500 + ".",) * 10)
    assert voice.asked == []
    assert producing.LONGEST_SCRIPT_MIN == 30


def test_a_folder_full_of_other_things_is_no_reason_to_fail(tmp_path: Path, tone: ToneVoice) -> None:
    (tmp_path / "audio" / "ab").mkdir(parents=True)
    (tmp_path / "audio" / "ab" / "note.txt").write_text("of somebody else")
    store = AudioStore(tmp_path / "audio")
    assert store.has(made(store, [tone]).sha256)


def test_two_voices_stand_at_one_level_in_the_joined_sound() -> None:
    said = ToneVoice().say("Kính thưa toàn thể bà con trong xã nhà")
    faint = Speech((said.samples // 10).astype(np.int16), said.sample_rate)
    joined = join(None, [Spoken("x.", "a", said), Spoken("y.", "b", faint)], with_chime=False)
    first, second = joined[: len(said.samples)], joined[-len(faint.samples) :]
    assert loudness_lufs(first, SAMPLE_RATE) == pytest.approx(loudness_lufs(second, SAMPLE_RATE), abs=0.3)
