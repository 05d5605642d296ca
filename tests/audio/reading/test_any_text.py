"""Whatever text comes in: the reader never raises, and what goes to a voice is clean."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.reading import Lexicon, SpokenText, read_aloud
from audio.reading.letters import LETTER_NAMES
from audio.reading.respelling import respell
from audio.reading.syllables import is_syllable

SPOKEN = re.compile(r"(?:[^\W\d_]+[,.;:?!]? ?)*")
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
ALPHABET = frozenset("bcdđfghjklmnpqrstvwxz") | {
    unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in _TONES
}
"""The letters a Vietnamese voice knows: those of its alphabet with their tones, and f, j, w, z."""
PIECES = st.sampled_from(
    [
        "UBND",
        "HĐND-UBND",
        "12/9",
        "5-10",
        "7h30",
        "172/QĐ-UBND",
        "0912.345.678",
        "TT.Đảng",
        "ủy",
        "37,5°C",
        "1.000.000đ",
        "./.",
        "...",
        "-",
        "–",
        "/",
        "&",
        "(",
        ")",
        '"',
        "**",
        "<b>",
        "</b>",
        "http://a.vn",
        "khaibaoyte.vn",
        "a@b.vn",
        "Bluezone",
        "H5N1",
        "XIV",
        "quý",
        "II/2020",
        "ngày",
        "tháng",
        "năm",
        "thứ",
        "4",
        "T7",
        "CN",
        "km/h",
        "m2",
        "%",
        "$5",
        "+84",
        "Số:",
        "/UBND",
        "………",
        "____",
        "v.v...",
        "B/c",
        "Điều",
        "5",
        "điểm",
        "a",
        "khoản",
        "2",
        "QL1A",
        "KT.",
        "CHỦ",
        "TỊCH",
        "Nơi",
        "nhận:",
        "漢字",
        "Привет",
        "😀",
        "\u200b",
        "\u202e",
        "ệ",
        "½",
        "²",
        "Ⅷ",
        "１２",
        "Đ",
        "đ/c",
        "TP.HCM",
        "x",
        "*",
        "#",
        "@",
        "~",
        "≥5",
        "<2",
        "5x20m",
        "Uû ban nh©n d©n",
        "UÛy ban nhaân",
        "á»¦y ban nhÃ¢n",
        "&agrave;",
        "&#7841;",
        "<script>",
        "\ufffd",
        "\ud83d",
        "\x00",
        "\u202b",
        "\u0323",
        "√2",
        "thong bao cup dien ngay mai",
    ]
)
SOUP = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=30).flatmap(
    lambda parts: st.sampled_from(["", " ", "\n", "-", "/", "."]).map(lambda glue: glue.join(parts))
)


def check(script: str, lexicon: Lexicon | None = None) -> SpokenText:
    heard = read_aloud(script, lexicon=lexicon)
    last = 0
    for sentence in heard.sentences:
        assert SPOKEN.fullmatch(sentence.spoken), sentence.spoken
        assert sentence.spoken[0].isalpha()
        assert sentence.spoken[-1] in ".?!:;"
        neighbours = zip(sentence.spoken, sentence.spoken[1:], strict=False)
        assert not any(one.isupper() and two.isupper() for one, two in neighbours), sentence.spoken
        assert script[sentence.start : sentence.end] == sentence.written
        assert last <= sentence.start <= sentence.end <= len(script)
        last = sentence.end
        words = [word.spoken for word in sentence.words]
        assert words == re.findall(r"[^\W\d_]+", sentence.spoken)
        assert all(is_syllable(word) for word in words), [word for word in words if not is_syllable(word)]
        assert all(sentence.start <= word.start < word.end <= sentence.end for word in sentence.words)
        assert sentence.syllables == len(words)
        assert ALPHABET.issuperset("".join(words).lower()), words
    for doubt in heard.doubts:
        assert doubt.kind != "failed", doubt.written
        assert script[doubt.start : doubt.end] == doubt.written
        assert doubt.written
        assert doubt.message.endswith(".")
        assert script.split("\n")[doubt.line - 1 :][0:1] or not script
    return heard


ANY_TEXT = st.text(st.characters(), max_size=200)
"""Halves of characters too: an argument of a command line may hold bytes that are no UTF-8."""


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_read_without_an_error_and_leaves_only_words_a_voice_can_say(script: str) -> None:
    check(script)


@settings(max_examples=3000, deadline=None)
@given(SOUP)
def test_any_mixture_of_what_officials_write_leaves_only_words_a_voice_can_say(script: str) -> None:
    check(script)


STAFF = Lexicon.shipped().with_entries(
    [("4G", "bốn gờ", "term"), ("5-10K", "năm ca", "word"), ("2 chiều", "hai chiều", "word"), ("5 điểm a", "a", "name")]
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.one_of(SOUP, st.sampled_from(["4G", "4g", "2 Chiều", "5-10k", "5-10", "5 điểm a"])), max_size=6))
def test_staff_entries_that_begin_with_a_number_leave_no_digit_either(parts: list[str]) -> None:
    for glue in (" ", "", "/"):
        check(glue.join(parts), STAFF)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzàáâãèéêìíòóôõùúýăđĩũơưạảấầ'-", min_size=1, max_size=30))
def test_a_foreign_word_becomes_syllables_whatever_its_letters(word: str) -> None:
    assert all(is_syllable(part) for part in respell(word).split())


@pytest.mark.parametrize(
    "script",
    [
        "xin chào bà con " * 25_000,
        "a" * 5_000,
        ".,;-/" * 5_000,
        "1" * 5_000,
        "1.1/1-" * 2_000,
        "ABC-" * 2_000,
        "BCĐPCTT" * 2_000,
        "a." * 5_000,
        "a@" * 5_000,
        "(A) " * 3_000,
        "1," * 3_000,
        "ngày 1, " * 2_000,
        ".... số /UBND " * 1_000,
        "<" * 5_000,
        "😀" * 3_000,
        " " * 50_000 + "a",
        "\n" * 20_000,
        "- " * 5_000,
        "Nơi nhận:\n" * 3_000,
        "http://" * 2_000,
        "e\u0301" * 5_000,
        "x· " * 5_000,
        "xaõ\n" * 5_000,
        "Ã¢" * 5_000,
        "&agrave;" * 3_000,
        "&" * 5_000,
        "<script>" * 2_000,
        "<!--" * 2_000,
        "\ud800" * 3_000,
    ],
    ids=lambda script: f"{script[:8]!r}x{len(script)}",
)
def test_a_monster_is_read_in_one_pass(script: str) -> None:
    check(script)


def test_every_reading_that_ships_is_made_of_vietnamese_syllables() -> None:
    for entry in Lexicon.shipped().entries():
        words = re.findall(r"[^\s,]+", entry.spoken)
        assert words
        assert all(is_syllable(word) for word in words), entry
    assert all(is_syllable(word) for name in LETTER_NAMES.values() for word in name.split())


def test_the_lexicon_ships_well_over_250_abbreviations_of_administration() -> None:
    written = {entry.written for entry in Lexicon.shipped().entries() if not entry.any_case}
    assert len(written) > 500
