"""Runs of letters that no entry fits: syllables as they are, single letters by name, foreign words by their sound.

A foreign word is a doubt until the lexicon knows it.
"""

from __future__ import annotations

import re

from audio.reading.letters import LETTER_NAMES, spell
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.respelling import respell_name
from audio.reading.scan import OF_PERSON, Scan
from audio.reading.syllables import is_syllable, toned, toneless_syllables
from audio.reading.topics import topics_of

LONGEST_WORD = 40
"""A longer run of letters is no word: nothing is said for it, staff are told."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NAMED = re.compile(r"(TP|Tp|TX|TT|Q|P|KP|H|X|T)\.\s?(?=[^\W_])")
_PLACES = {
    "TP": "thành phố", "Tp": "thành phố", "TX": "thị xã", "TT": "thị trấn", "Q": "quận", "P": "phường", "KP": "khu phố",
    "H": "huyện", "X": "xã", "T": "tỉnh",
}  # fmt: skip


def word_at(scan: Scan, pos: int) -> str:
    """The run of letters at `pos`."""
    found = _WORD.match(scan.text, pos, scan.end)
    return found[0] if found else ""


def place_prefix(scan: Scan, pos: int) -> Piece | None:
    """`P.5`, `Q.1`, `TP. Hà Nội`: the prefix alone; what follows is read by its own rule."""
    found = _NAMED.match(scan.text, pos, scan.end)
    if not found:
        return None
    following = scan.char(found.end())
    if not (following.isdecimal() or following.isupper()):
        return None
    if len(found[1]) == 1 and OF_PERSON.search(scan.tail(pos)):
        return None
    if found[1] in {"T", "H", "X"} and (following.isdecimal() or found.end() - found.start() < 2):
        return None
    return Piece(_PLACES[found[1]], pos, pos + len(found[1]) + 1)


_ROOM = re.compile(
    r"\b(?:ông|bà|anh|chị|cô|đ/c|đồng chí|gặp|cán bộ|công chức|tầng|một cửa|tiếp dân|kế toán)\b[^\d;.(]{0,30}\($"
)
_ROOM_NUMBER = re.compile(r"P\.\s?(?=\d{1,3}\))")


def room(scan: Scan, pos: int) -> Piece | None:
    """`gặp bà Mai (P.5)`: the room of somebody."""
    found = _ROOM_NUMBER.match(scan.text, pos, scan.end)
    return Piece("phòng", pos, pos + 2) if found and _ROOM.search(scan.tail(pos)) else None


_INITIALS = re.compile(r"[A-ZĐ](?:\.[A-ZĐ]){1,4}(?!\.?[^\W_])\.?")


def initials(scan: Scan, pos: int) -> Piece | None:
    """`Ông N.V.T`: a name kept back, letter by letter."""
    found = _INITIALS.match(scan.text, pos, scan.end)
    if not found or found[0].strip(".") in _SHORT_PLACES or (scan.text[pos - 1 : pos] == "." and pos > scan.start):
        return None
    end = found.end()
    if found[0].endswith(".") and (end >= scan.end or scan.text[end : end + 2].strip()[:1].isupper()):
        end -= 1
    return Piece(" ".join(LETTER_NAMES[letter.lower()] for letter in found[0] if letter != "."), pos, end)


_SHORT_PLACES = frozenset({"T.P", "T.X", "T.T", "T.M", "K.T", "T.L"})
_NUMBERED_PLACE = re.compile(r"(KP|P|Q|K)\s?(\d{1,2}(?:,\d{1,2}){0,9})(?![^\W_]|[.,]\d)")
_AMONG_PLACES = re.compile(r"\b(?:đường|kp\d*|khu phố|phường|quận|q\d+|p\d+|tp|hẻm|địa chỉ|đ/c|số nhà|tại|ở|ngụ|các)\b")


def numbered_place(scan: Scan, pos: int) -> Piece | None:
    """`KP2, P3, Q10` in an address."""
    found = _NUMBERED_PLACE.match(scan.text, pos, scan.end)
    if found and found[1] == "K":
        return _school_grade(scan, pos, found)
    if not found or not (found[1] == "KP" or _AMONG_PLACES.search(scan.tail(pos))):
        return None
    numbers = ", ".join(say_integer(int(number)) for number in found[2].split(","))
    return Piece(f"{_PLACES[found[1]]} {numbers}", pos, found.end())


def _school_grade(scan: Scan, pos: int, found: re.Match[str]) -> Piece | None:
    """`K6,7` in a notice of a school: the sixth and seventh year; elsewhere K is a channel or a course."""
    if topics_of(scan.text[scan.start : min(scan.end, scan.start + 300)]) != {"school"}:
        return None
    numbers = ", ".join(say_integer(int(number)) for number in found[2].split(","))
    return Piece(f"khối {numbers}", pos, found.end())


_GLUED = re.compile(r"([^\W\d_]{2,7})\d")


def glued_word(scan: Scan, pos: int) -> Piece | None:
    """`ngày01`, `tổ1`: the space was forgotten; a word with a mark on it begins no code."""
    found = _GLUED.match(scan.text, pos, scan.end)
    if not found or found[1].isascii() or found[1][1:] != found[1][1:].lower() or not is_syllable(found[1]):
        return None
    return Piece(found[1], pos, found.end() - 1)


_TITLE = re.compile(r"([aAcCbBôÔ])\.\s?(?=[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_TITLES = {"a": "anh", "c": "chị", "b": "bà", "ô": "ông"}
_TITLE_LEAD = re.compile(
    r"(?:\(|\b(?:gặp|liên hệ|lh|liên lạc|ông|bà|anh|chị|gọi|đ/c|do|cho|hỏi|và|hoặc|[\d.]{8,16}"
    r"|đến|với)\s?[:\-–(]?|[-–])\s*$"
)


def short_title(scan: Scan, pos: int) -> Piece | None:
    """`gặp a. Tuấn`, `0903 118 772 (c. Hoa)`: anh, chị, ông, bà before a name."""
    if scan.char(pos + 1) != ".":
        return None
    found = _TITLE.match(scan.text, pos, scan.end)
    if not found or (scan.text[pos - 1 : pos].isalnum() and pos > scan.start):
        return None
    if found[1] in "ABC" and _ENDED.search(scan.tail(pos)):
        return None
    if not _TITLE_LEAD.search(scan.tail(pos)):
        return None
    return Piece(_TITLES[found[1].lower()], pos, pos + 2)


_ENDED = re.compile(r"\b(?:ông|bà|anh|chị)\s*$")
_LED_BY_SMALL = re.compile(r"[a-z][A-ZĐ]{2,5}")
"""`bOPV`, `mARN`: letters, whatever vowels are among them."""


def foreign_word(scan: Scan, pos: int) -> Piece | None:
    """Any other run of letters: a syllable as it is, a single letter by name, a foreign word by its sound."""
    word = word_at(scan, pos)
    if not word:
        return None
    end = pos + len(word)
    if len(word) == 1:
        said = _one_letter(scan, pos, word)
        return Piece(said, pos, end) if said else scan.doubted("unreadable", Piece("", pos, end))
    if is_syllable(word):
        return Piece(word if word[1:].islower() else word.lower(), pos, end)
    if scan.toneless and word.lower() in toneless_syllables():
        return Piece(toned(word.lower()), pos, end)
    said = spell(word) if _LED_BY_SMALL.fullmatch(word) else respell_name(word) if len(word) <= LONGEST_WORD else ""
    if not said:
        return scan.doubted("unreadable", Piece("", pos, end))
    return scan.doubted("not_a_syllable", Piece(said, pos, end))


def _one_letter(scan: Scan, pos: int, letter: str) -> str:
    """Its name; `y tế` and `y sĩ` are words."""
    if letter in "yY" and not _AFTER_MARK.search(scan.tail(pos, 20)):
        return letter
    return LETTER_NAMES.get(letter.lower()) or (letter.lower() if is_syllable(letter) else "")


_AFTER_MARK = re.compile(r"\b(?:điểm|khu|nhóm|lớp|loại|mục|phương án|dãy|lô|chữ|văn|thị)\s*$")
