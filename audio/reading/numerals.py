"""Roman numerals in their places (`quý II`, `Đại hội XIII`, `khóa XV`) and the markers of lists (`1.`, `a)`, `II.`)."""

from __future__ import annotations

import re

from audio.reading.day_words import of_year
from audio.reading.letters import spell
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.roman import roman_value
from audio.reading.scan import Scan

_NUMERAL = re.compile(r"[IVXLCDM]{1,15}(?![^\W_])")
_LEAD = re.compile(
    r"\b(chương|mục|phần|quý|khóa|khoá|kỳ|lần thứ|lần|thứ|thế kỷ|đại hội|hội nghị|hạng|loại|cấp|bậc|vùng"
    r"|khu vực|giai đoạn|đợt|nhóm"
    r"|phụ lục|mẫu|bảng|tập|quyển|nhiệm kỳ|bước|khối|tiểu khu|phân khu|khu|độ|kỳ họp|huân chương|chuyên khoa"
    r"|học kỳ|hk|giải|đẳng|cấp độ|báo động|bđ)"
    r"\s+(?:số\s+)?(?:[ivxl]{1,6}\s*(?:,|;|và|đến|-|–|hoặc)\s*){0,6}$"
)
_YEAR = re.compile(r"\s?/\s?((?:19|20)\d{2})(?!\d)")
_SPAN = re.compile(r"\s?[-–—]\s?([IVXLCDM]{1,15})(?![^\W_])")
_NOT_NUMERALS = frozenset(
    {
        "CM", "MC", "CD", "DC", "CV", "MD", "DM", "CC", "MI", "LI", "CI", "DI", "DV", "LX", "MM", "MV", "CL", "XD",
        "DL", "LL", "MX", "XL", "LC", "DX", "CX", "CVI", "MIX", "DCM",
    }
)  # fmt: skip
_BARE = frozenset(
    {
        "II", "III", "IV", "VI", "VII", "VIII", "IX", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX",
        "XX", "XXI",
    }
)  # fmt: skip
_MARKER = re.compile(r"[-–—+•*\s]*\(?([0-9]{1,2}(?:\.\d{1,2}){0,3}|[a-zđ]|[IVX]{1,5})[.)/]")


def say_roman(value: int, *, ordinal: bool) -> str:
    """Ordinals have *nhất* and *tư*."""
    if ordinal:
        return {1: "nhất", 4: "tư"}.get(value, say_integer(value))
    return say_integer(value)


def roman(scan: Scan, pos: int) -> Piece | None:
    """A roman numeral behind a word that asks for one, or one that can be nothing else."""
    found = _NUMERAL.match(scan.text, pos, scan.end)
    if not found:
        return None
    value = roman_value(found[0])
    if value is None or scan.char(found.end()) == "=":
        return None
    before = scan.tail(pos, 40)
    lead = _LEAD.search(before)
    if not lead:
        if found[0] not in _BARE or (found[0] == "VI" and scan.capitals) or scan.char(found.end()) in {"&", "/"}:
            return None
        return _behind(scan, pos, found.end(), value, "")
    if found[0] in _NOT_NUMERALS:
        return None
    return _behind(scan, pos, found.end(), value, lead[1])


_TERM = re.compile(r"K(?!V(?!I))\.?\s?([IVX]{1,6})(?![^\W_])")
_TERM_LEAD = re.compile(
    r"\b(?:hđnd|qh|quốc hội|đbqh|tỉnh|huyện|xã|phường|đảng|đảng bộ|trung ương|nhân dân|hội nghị)\s*,?\s*$"
)


def term(scan: Scan, pos: int) -> Piece | None:
    """`ĐB HĐND tỉnh K.XI`: the term of a council."""
    found = _TERM.match(scan.text, pos, scan.end)
    value = roman_value(found[1]) if found else None
    if not found or not value or not _TERM_LEAD.search(scan.tail(pos)):
        return None
    return Piece(f"khóa {say_integer(value)}", pos, found.end())


_SAID_AGAIN = frozenset({"quý", "cấp", "bậc", "loại", "hạng", "chương", "báo động"})
"""Before both ends of a span, as before numbers in digits: `quý I-II`, `cấp IV-V`."""


def _behind(scan: Scan, pos: int, end: int, value: int, lead: str) -> Piece:
    words = say_roman(value, ordinal=lead in {"lần thứ", "thứ"})
    if lead == "giải":
        words = {1: "nhất", 2: "nhì"}.get(value, words)
    if lead == "đại hội":
        words = f"lần thứ {say_roman(value, ordinal=True)}"
    span = _SPAN.match(scan.text, end, scan.end)
    last = roman_value(span[1]) if span else None
    if span and last and last > value:
        again = f"{lead} " if lead in _SAID_AGAIN else ""
        words, end = f"{words} đến {again}{say_integer(last)}", span.end()
    year = _YEAR.match(scan.text, end, scan.end)
    if year:
        words, end = words + of_year(year[1]), year.end()
    return Piece(words, pos, end)


def say_marker(written: str) -> str:
    """`1.` -> một; `1.2.` -> một chấm hai; `a)` -> a; `II.` -> hai; a bullet -> ""."""
    written = written.strip().rstrip("*_")
    found = _MARKER.fullmatch(written) or re.fullmatch(r"(\d{1,2}(?:\.\d{1,2}){1,3})", written)
    if not found:
        return ""
    mark = found[1]
    if mark[0].isdecimal():
        return " chấm ".join(say_integer(int(part)) for part in mark.split("."))
    value = roman_value(mark)
    return say_integer(value) if value is not None else spell(mark)


_CAPITALS = re.compile(r"[IVX]{2,5}")


def is_no_numeral(written: str) -> bool:
    """`IIII.`, `VX.` at the head of a line: meant as a numeral, and none."""
    found = _CAPITALS.search(written)
    return found is not None and roman_value(found[0]) is None
