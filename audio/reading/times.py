"""Clock times and weekdays: `7h30`, `13g30`, `08:00`, `5h30 - 6h30`, `thứ 4`, `T7`."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan

_MINUTE_MARK = r"(?:\s?(?:phút|ph|p|'|′)(?![^\W\d_]))?"
_CLOCK = re.compile(
    r"(\d{1,3})(?:\s?(?:h|H|g|G|giờ)\s?(\d{2})(?!\d|\s?(?:%|[kmc]?m\b|kg|người))"
    + _MINUTE_MARK
    + r"|:([0-5]\d)(?::[0-5]\d)?(?![\d:])"
    r"|\s?(?:h|H|giờ)(?!\w))(?:\s?(AM|PM|am|pm|SA|CH)\b)?"
)
_HOUR_G = re.compile(r"(\d{1,2})\s?g(?!\w)")
_JOIN = re.compile(r"\s?[-–—]\s?")
_HOUR_SPAN = re.compile(r"(\d{1,2})\s?[-–—]\s?(\d{1,2})\s?(?:h|H|giờ|g)(?![\w])")
_CLOCK_LEAD = re.compile(
    r"\b(?:lúc|từ|đến|tới|vào|sáng|trưa|chiều|tối|đêm|trước|sau|khoảng|hồi|là|gian|,"
    r"|\()\s*:?\s*$"
)
_RATIO = re.compile(r"(\d{1,4}):(\d{1,4})(?![\d:])")
_RATIO_LEAD = re.compile(r"(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|pha|trộn|nồng độ|bản đồ)[^.;]{0,24}$")
_HALF = {"AM": "sáng", "SA": "sáng", "PM": "chiều", "CH": "chiều"}
_WEEKDAYS = {2: "hai", 3: "ba", 4: "tư", 5: "năm", 6: "sáu", 7: "bảy"}
_WEEKDAY = re.compile(r"([2-7])(?![\d/.:h%]|,\d)")
_WEEKDAY_LEAD = re.compile(r"\bthứ\s+(?:[2-7]\s*(?:,|;|và|đến|tới|hoặc|-|–)\s*){0,6}$")
_WEEKDAY_SPAN = re.compile(r"([2-6])\s?[-–—]\s?(?:thứ\s)?([3-7])(?!\d)")
_WEEKDAY_CHAIN = re.compile(r"[2-7](?:-[2-7]){2,5}(?![\d/])")
_T_DAY = re.compile(r"[Tt]\.?([2-7])(?!\w)")
_T_SPAN = re.compile(r"[Tt]([2-6])\s?[-–—]\s?(?:[Tt]([3-7])|CN)(?!\w)")
_T_MONTH = re.compile(r"[Tt](1[0-2]|0?[1-9])\s?/\s?((?:19|20)\d{2})(?!\d)")
_ORDINAL = re.compile(r"(\d{1,4})(?![\d/:]|[.,]\d)")
_ORDINAL_LEAD = re.compile(r"\bthứ\s+$")


def _clock_words(hour: str, minute: str | None, half: str | None = None) -> str:
    words = f"{say_integer(int(hour))} giờ"
    if minute and int(minute):
        words += f" {say_integer(int(minute))} phút"
    return f"{words} {_HALF[half.upper()]}" if half else words


def clock(scan: Scan, pos: int) -> Piece | None:
    """One time or a span of two: `5h30 - 6h30` -> `từ năm giờ ba mươi phút đến sáu giờ ba mươi phút`."""
    span = _hour_span(scan, pos)
    if span:
        return span
    first = _one_clock(scan, pos)
    if first is None:
        return None
    join = _JOIN.match(scan.text, first.end, scan.end)
    second = _one_clock(scan, join.end()) if join and scan.char(join.end()).isdecimal() else None
    if second is None:
        return first
    return Piece(f"{_lead(scan, pos)}{first.spoken} đến {second.spoken}", pos, second.end)


def _lead(scan: Scan, pos: int) -> str:
    return "" if scan.last_word(pos) in {"từ", "khoảng", "lúc", "vào"} else "từ "


def _hour_span(scan: Scan, pos: int) -> Piece | None:
    found = _HOUR_SPAN.match(scan.text, pos, scan.end)
    if not found or not int(found[1]) < int(found[2]) <= 72:
        return None
    words = f"{_lead(scan, pos)}{say_integer(int(found[1]))} giờ đến {say_integer(int(found[2]))} giờ"
    return Piece(words, pos, found.end())


def _one_clock(scan: Scan, pos: int) -> Piece | None:
    found = _CLOCK.match(scan.text, pos, scan.end)
    if found:
        minute = found[2] or found[3]
        if minute and (int(found[1]) > 24 or int(minute) > 59):
            return None
        if found[3] and _RATIO_LEAD.search(scan.tail(pos)):
            return None
        if "iờ" in found[0] and not minute:
            return None  # a plain number before the word giờ: the number rule reads it
        return Piece(_clock_words(found[1], minute, found[4]), pos, found.end())
    bare = _HOUR_G.match(scan.text, pos, scan.end)
    if bare and int(bare[1]) <= 24 and _CLOCK_LEAD.search(scan.tail(pos)):
        return Piece(_clock_words(bare[1], None), pos, bare.end())
    return None


def ratio(scan: Scan, pos: int) -> Piece | None:
    """`tỷ lệ 1:500` -> `một trên năm trăm`; `tỷ số 2:1` -> `hai một`."""
    found = _RATIO.match(scan.text, pos, scan.end)
    if not found:
        return None
    join = " " if "số" in scan.tail(pos, 16) and "tỷ" in scan.tail(pos, 16) else " trên "
    return Piece(f"{say_integer(int(found[1]))}{join}{say_integer(int(found[2]))}", pos, found.end())


def weekday(scan: Scan, pos: int) -> Piece | None:
    """The number behind *thứ*: `thứ 4` -> tư, `thứ 2-6`, `thứ 2, 4, 6`; `thứ 1` -> nhất, else an ordinal."""
    before = scan.tail(pos)
    if not _WEEKDAY_LEAD.search(before):
        return None
    chain = _WEEKDAY_CHAIN.match(scan.text, pos, scan.end)
    if chain:
        said = ", thứ ".join(_WEEKDAYS[int(day)] for day in chain[0].split("-"))
        return Piece(said, pos, chain.end())
    span = _WEEKDAY_SPAN.match(scan.text, pos, scan.end)
    if span and int(span[1]) < int(span[2]):
        return Piece(f"{_WEEKDAYS[int(span[1])]} đến thứ {_WEEKDAYS[int(span[2])]}", pos, span.end())
    found = _WEEKDAY.match(scan.text, pos, scan.end)
    direct = bool(_ORDINAL_LEAD.search(before))
    if found:
        return Piece(("" if direct else "thứ ") + _WEEKDAYS[int(found[1])], pos, found.end())
    ordinal = _ORDINAL.match(scan.text, pos, scan.end)
    if not ordinal or not direct:
        return None
    return Piece("nhất" if int(ordinal[1]) == 1 else say_integer(int(ordinal[1])), pos, ordinal.end())


def short_weekday(scan: Scan, pos: int) -> Piece | None:
    """`T7` -> thứ bảy, `T2-T6`, `T2 - CN`; before a year it is a month: `T4/2021`."""
    month = _T_MONTH.match(scan.text, pos, scan.end)
    if month:
        name = "tư" if int(month[1]) == 4 else say_integer(int(month[1]))
        return Piece(f"tháng {name} năm {say_integer(int(month[2]))}", pos, month.end())
    span = _T_SPAN.match(scan.text, pos, scan.end)
    if span:
        last = f"thứ {_WEEKDAYS[int(span[2])]}" if span[2] else "chủ nhật"
        return Piece(f"thứ {_WEEKDAYS[int(span[1])]} đến {last}", pos, span.end())
    found = _T_DAY.match(scan.text, pos, scan.end)
    return Piece(f"thứ {_WEEKDAYS[int(found[1])]}", pos, found.end()) if found else None
