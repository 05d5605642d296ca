from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import produce as producing
from audio.chime import CHIMES
from audio.coding import CODER_DELAY, FRAME_MS, SAMPLE_RATE, decode
from audio.measuring import Sound, loudness_lufs
from audio.produce import Script, estimated_ms, produce
from audio.production import ProducedSound, RenderingCancelled
from audio.profiles import profile_named
from audio.segments import SegmentCache
from audio.speech_cache import SpeechCache
from audio.store import MASTER, AudioStore
from audio.voices.base import Speech, Voice
from audio.voices.espeak import EspeakVoice
from audio.voices.tone import ToneVoice
from broadcast.errors import ConfigurationError, Invalid, NotFound, TooLarge, VoiceError
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
    around = {name: how.pop(name) for name in ("lead_in", "closing", "chime", "repeats", "gap_ms") if name in how}
    settings = {"cache": None, "segments": None, "profile": profile_named("gentle"), **how}
    return produce(Script(sentences, **around), voices=voices, store=store, **settings)  # type: ignore[arg-type]


def heard(store: AudioStore, sound: ProducedSound) -> Sound:
    """The finished MP3, decoded."""
    return decode(store.path(sound.sha256).read_bytes())


def silences_ms(sound: Sound) -> list[int]:
    """How long each silence of more than 0.15 s is, in order, the one at the beginning and the end left out."""
    loud = np.flatnonzero(np.abs(sound) > 0.003)
    gaps = np.diff(loud)
    return [round(gap * 1000 / SAMPLE_RATE) for gap in gaps[gaps > 0.15 * SAMPLE_RATE]]


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


def test_pauses_gap_and_what_stands_around_last_as_long_as_they_should_to_a_frame(
    store: AudioStore, tone: ToneVoice
) -> None:
    sentences = ("Đúng tám giờ:", "họp thôn, tại nhà văn hóa.", "Mời bà con!")
    sound = made(
        store, [tone], sentences, lead_in="Đây là xã", closing=("Xin cảm ơn.",), chime="none", repeats=2, gap_ms=2000
    )
    # A tone ends 50 ms before its samples do, and swells so slowly that some more counts as silence here.
    pauses = [gap for gap in silences_ms(heard(store, sound)) if gap > 250]
    assert pauses == [pytest.approx(pause + 60, abs=FRAME_MS) for pause in (700, 350, 450, 2000, 350, 450, 700)]


@pytest.mark.parametrize("name", sorted(CHIMES))
def test_a_chime_rings_before_and_after_as_long_as_it_lasts(store: AudioStore, tone: ToneVoice, name: str) -> None:
    bare, chime = made(store, [tone], chime="none").duration_ms, CHIMES[name]
    longer = chime.opening_s * 1000 + 400 + 700 + chime.closing_s * 1000
    assert made(store, [tone], chime=name).duration_ms - bare == pytest.approx(longer, abs=3 * FRAME_MS)


def test_an_unknown_chime_is_refused_before_a_word_is_spoken(store: AudioStore) -> None:
    voice = Picky()
    with pytest.raises(ConfigurationError, match="Không có nhạc hiệu “lạ”"):
        made(store, [voice], chime="lạ")
    with pytest.raises(NotFound):
        made(store, [voice], chime="0" * 64)
    assert voice.asked == []


def test_the_closing_is_said_once_and_is_no_sentence_of_the_body(store: AudioStore) -> None:
    voice = Picky()
    sound = made(store, [voice], ("Mời bà con.",), closing=("Xin cảm ơn.",), repeats=3)
    assert voice.asked == ["Mời bà con.", "Xin cảm ơn."]
    assert sound.sentence_voices == ("picky",)


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


def test_changing_one_sentence_speaks_and_codes_one_sentence(
    store: AudioStore, cache: SpeechCache, segments: SegmentCache
) -> None:
    voice = Picky()
    sentences = tuple(f"Thôn {name} họp lúc tám giờ." for name in ("Đông", "Tây", "Nam", "Bắc", "Trung"))
    first = made(store, [voice], sentences * 3, cache=cache, segments=segments)
    assert len(voice.asked) == 5
    assert (first.segments_new, first.segments_reused) == (7, 0), "five sentences, two chimes"
    changed = (*sentences[:2], "Thôn Nam họp lúc chín giờ.", *sentences[3:], *sentences * 2)
    second = made(store, [voice], changed, cache=cache, segments=segments)
    assert voice.asked[5:] == ["Thôn Nam họp lúc chín giờ."]
    assert (second.segments_new, second.segments_reused) == (1, 7)
    assert abs(second.lufs + 16) <= 0.5


def test_commune_variants_share_all_but_what_names_the_commune(
    store: AudioStore, cache: SpeechCache, segments: SegmentCache, tone: ToneVoice
) -> None:
    made(store, [tone], lead_in="Đây là xã Một.", cache=cache, segments=segments)
    for name in ("Hai", "Ba"):
        sound = made(store, [tone], lead_in=f"Đây là xã {name}.", cache=cache, segments=segments)
        assert (sound.segments_new, sound.segments_reused) == (1, 5)


def test_what_comes_from_kept_segments_is_byte_for_byte_what_is_made_anew(
    store: AudioStore, segments: SegmentCache, tone: ToneVoice, tmp_path: Path
) -> None:
    first = made(store, [tone], segments=segments)
    again = made(store, [tone], segments=segments)
    assert (again.sha256, again.master_sha256) == (first.sha256, first.master_sha256)
    assert again.segments_new == 0
    elsewhere = AudioStore(tmp_path / "elsewhere")
    assert made(elsewhere, [tone], segments=SegmentCache(tmp_path / "empty")).sha256 == first.sha256
    assert made(elsewhere, [tone], segments=None).sha256 == first.sha256


def test_a_damaged_segment_is_made_again(store: AudioStore, segments: SegmentCache, tone: ToneVoice) -> None:
    first = made(store, [tone], segments=segments)
    for path in segments.root.glob("??/*"):
        path.write_bytes(path.read_bytes()[:-40])
    again = made(store, [tone], segments=segments)
    assert (again.sha256, again.segments_reused) == (first.sha256, 0)


def test_the_master_is_what_went_into_the_coder_from_the_first_millisecond_to_the_last(
    store: AudioStore, segments: SegmentCache, tone: ToneVoice
) -> None:
    sound = made(store, [tone], segments=segments)
    assert sound.master_sha256
    master, rate = soundfile.read(store.path(sound.master_sha256, MASTER), dtype="float32")
    assert rate == SAMPLE_RATE
    assert len(master) * 1000 == sound.duration_ms * SAMPLE_RATE
    coded = heard(store, sound)[CODER_DELAY:] / 0.95
    assert np.corrcoef(coded, master[: len(coded)])[0, 1] > 0.995


def test_progress_moves_while_sentences_are_spoken_and_on_while_they_are_coded(store: AudioStore) -> None:
    seen: list[tuple[int, int]] = []
    voice = Picky()
    spoken_at: list[int] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        spoken_at.append(len(voice.asked))

    numbers = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
    made(
        store, [voice], tuple(f"Mời tổ {number} đến họp tại nhà văn hoá thôn." for number in numbers), progress=progress
    )
    assert {total for _, total in seen} == {12}
    assert seen == sorted(seen)
    assert [done for (done, _), said in zip(seen, spoken_at, strict=True) if said < 12][-1] <= 6
    assert {done for (done, _), said in zip(seen, spoken_at, strict=True) if said == 12} >= {6, 7, 8, 9, 10, 11, 12}
    assert seen[-1] == (12, 12)


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


class Faint(ToneVoice):
    """A tone voice that speaks 20 dB more softly."""

    name = "faint"

    def say(self, sentence: str) -> Speech:
        said = super().say(sentence)
        return Speech((said.samples // 10).astype(np.int16), said.sample_rate)


def test_two_voices_stand_at_one_level(store: AudioStore) -> None:
    words = "kính thưa toàn thể bà con trong xã nhà"
    sound = made(
        store, [Picky("Nhỏ"), Faint()], (f"To {words}.", f"Nhỏ {words}."), chime="none", profile=profile_named("bypass")
    )
    assert sound.sentence_voices == ("picky", "faint")
    both = heard(store, sound)
    half = len(both) // 2
    assert loudness_lufs(both[:half], SAMPLE_RATE) == pytest.approx(loudness_lufs(both[half:], SAMPLE_RATE), abs=0.5)


def test_a_level_that_is_known_does_not_depend_on_the_text(
    store: AudioStore, segments: SegmentCache, tone: ToneVoice
) -> None:
    made(store, [tone], tuple(f"Câu {word} của bài này khá dài." for word in ("một", "hai", "ba", "tư", "năm", "sáu")))
    made(store, [tone], SENTENCES * 2, segments=segments)
    (level,) = segments.levels_folder.iterdir()
    known = level.read_text()
    made(store, [tone], ("Mời họp.",), segments=segments)
    assert level.read_text() == known


def test_one_short_word_is_a_sound_of_its_own(store: AudioStore, tone: ToneVoice) -> None:
    sound = made(store, [tone], ("Alo",), chime="none")
    assert sound.duration_ms >= 500
    assert measured(store.path(sound.sha256).read_bytes())[0] == pytest.approx(-16, abs=0.5)
