"""Short names of people: `Ông N.V.T`, `gặp a. Tuấn`."""

from __future__ import annotations

import re

from audio.reading.letters import LETTER_NAMES
from audio.reading.model import Piece
from audio.reading.scan import Scan

_INITIALS = re.compile(r"[A-ZĐ](?:\.[A-ZĐ]){1,4}(?!\.?[^\W_])\.?")
_SHORT_PLACES = frozenset({"T.P", "T.X", "T.T", "T.M", "K.T", "T.L"})


def initials(scan: Scan, pos: int) -> Piece | None:
    """`Ông N.V.T`: a name kept back, letter by letter."""
    found = _INITIALS.match(scan.text, pos, scan.end)
    if not found or found[0].strip(".") in _SHORT_PLACES or (scan.text[pos - 1 : pos] == "." and pos > scan.start):
        return None
    end = found.end()
    if found[0].endswith(".") and (end >= scan.end or scan.text[end : end + 2].strip()[:1].isupper()):
        end -= 1
    return Piece(" ".join(LETTER_NAMES[letter.lower()] for letter in found[0] if letter != "."), pos, end)


_TITLE = re.compile(r"([aAcCbBôÔ])\.\s?(?=[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_TITLES = {"a": "anh", "c": "chị", "b": "bà", "ô": "ông"}
_TITLE_LEAD = re.compile(
    r"(?:\(|\b(?:gặp|liên hệ|lh|liên lạc|ông|bà|anh|chị|gọi|đ/c|do|cho|hỏi|và|hoặc|[\d.]{8,16}"
    r"|đến|với)\s?[:\-–(]?|[-–])\s*$"
)
_AMONG_PEOPLE = re.compile(
    r"\b(?:dự|họp|mời|gồm|gửi|thành phần)\b[^.;\d]{0,12}(?:(?:\b[abcô]\.\s?)?[^\W\d_.]+,\s){0,8}$"
    r"|\b[abcô]\.\s?\w+(?:\s\w+)?(?:,|\svà)\s$"
)
"""`mời họp: ô. Nam, b. Lan`: people one behind the other."""
_ENDED = re.compile(r"\b(?:ông|bà|anh|chị)\s*$")


def short_title(scan: Scan, pos: int) -> Piece | None:
    """`gặp a. Tuấn`, `0903 118 772 (c. Hoa)`: anh, chị, ông, bà before a name."""
    if scan.char(pos + 1) != ".":
        return None
    found = _TITLE.match(scan.text, pos, scan.end)
    if not found or (scan.text[pos - 1 : pos].isalnum() and pos > scan.start):
        return None
    if found[1] in "ABC" and _ENDED.search(scan.tail(pos)):
        return None
    if not _TITLE_LEAD.search(scan.tail(pos)) and not (found[1] in "abcô" and _AMONG_PEOPLE.search(scan.tail(pos))):
        return None
    return Piece(_TITLES[found[1].lower()], pos, pos + 2)
