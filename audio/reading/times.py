"""Times of day: `7h30`, `13g30`, `08:00`, `5h30 - 6h30`, `6-8h`. A g is an hour or a gram."""

from __future__ import annotations

import re

from audio.reading.day_words import (
    real_date,
    say_date,
)
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
_HOUR_THEN_DATE = re.compile(r"\d{1,2}\s?[hHg](?=\s\d{1,2}/\d{1,2}(?!\d))")
"""`đến 9h 13/4`: what follows the hour is a day, no minutes."""
_PER_WHAT = r"\s?/\s?(?:l|lít|kg|m2|m3|ml|cây|gốc|con|bình|ha|người|suất|km|kW)(?!\w)"
"""Behind a g: grams in something, `50g/con`."""
_HOUR_G = re.compile(r"(\d{1,2})\s?g(?!\w|" + _PER_WHAT + r")")
_JOIN = re.compile(r"\s?[-–—]\s?")
_HOUR_SPAN = re.compile(r"(\d{1,2})\s?[-–—]\s?(\d{1,2})\s?(?:h|H|giờ|g(?!" + _PER_WHAT + r"))(?![\w])")
_CLOCK_LEAD = re.compile(
    r"\b(?:lúc|từ|đến|tới|vào|sáng|trưa|chiều|tối|đêm|trước|sau|khoảng|hồi|là|gian|,"
    r"|\()\s*:?\s*$"
)
_HALF = {"AM": "sáng", "SA": "sáng", "PM": "chiều", "CH": "chiều"}


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
    low, high = say_integer(int(found[1])), say_integer(int(found[2]))
    if int(found[2]) > LAST_HOUR or _LASTS.search(scan.tail(pos)) or _LASTED.match(scan.text, found.end(), scan.end):
        return Piece(f"{low} đến {high} giờ", pos, found.end())
    return Piece(f"{_lead(scan, pos)}{low} giờ đến {high} giờ", pos, found.end())


LAST_HOUR = 24
_LASTS = re.compile(
    r"\b(?:trong|trong vòng|mất|dài|chờ|đợi|mỗi|thêm|sau khoảng|suốt|ủ|ngâm|phơi|cách|cách nhau|nhau|dùng|chậm|sớm|còn)"
    r"(?: khoảng| chừng)?\s*$"
)
_LASTED = re.compile(r"\s?(?:/\s?(?:ngày|lần|tuần|ca)|(?:tới|qua|tiếp|đầu|liên tục|liền|một|sau khi|sau đó|đồng hồ)\b)")
"""`3-6 giờ tới`, `8-10h/ngày`: so many hours, no hours of the day."""
_RATIO_LEAD = re.compile(r"(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|pha|trộn|nồng độ|bản đồ)[^.;]{0,24}$")


def _one_clock(scan: Scan, pos: int) -> Piece | None:
    found = _CLOCK.match(scan.text, pos, scan.end)
    alone = _HOUR_THEN_DATE.match(scan.text, pos, scan.end)
    if found and alone:
        return Piece(_clock_words(found[1], None), pos, alone.end())
    if found:
        minute = found[2] or found[3]
        if minute and (int(found[1]) > 24 or int(minute) > 59):
            return None
        if (found[3] and _RATIO_LEAD.search(scan.tail(pos))) or ("iờ" in found[0] and not minute):
            return None  # a plain number before the word giờ is left to the rule of numbers
        return _with_day(scan, Piece(_clock_words(found[1], minute, found[4]), pos, found.end()))
    bare = _HOUR_G.match(scan.text, pos, scan.end)
    if (
        bare
        and int(bare[1]) <= 24
        and not _is_weighed(scan, pos)
        and (_CLOCK_LEAD.search(scan.tail(pos)) or _spans_hours(scan, pos))
    ):
        return Piece(_clock_words(bare[1], None), pos, bare.end())
    return None


_G_SPAN = re.compile(r"\d{1,2}\s?g(?:\d{2})?\s?[-–—]\s?\d{1,2}\s?g(?:[0-5]\d)?(?!\w|/)")
_G_BEHIND = re.compile(r"\d{1,2}\s?g(?:\d\d)?\s?(?:[-–—]|đến|tới)\s?$")
_G_TO_EACH = re.compile(
    r"\d{1,3}\s?g(?:\s?(?:[-–—]|đến|tới)\s?\d{1,4}\s?g)?(?:\s?/\s?(?!\d)\w"
    r"|\s(?:muối|đường|thuốc|bột|phân|vôi|men|đạm|hạt|thịt|cá|rau|tỏi|gừng)\b)"
)
_WEIGHED = re.compile(r"\b(?:uống|ăn|liều|bón|rắc|pha|hòa|trộn|nặng|muối|đường|gói|lượng)\s*(?:từ\s*)?$")


def _is_weighed(scan: Scan, pos: int) -> bool:
    """`uống 5g - 10g`, `từ 5g - 10g/gốc`, `từ 5g đến 10g muối` are grams at both ends."""
    before = scan.tail(pos, 32)
    first = _G_BEHIND.search(before)
    lead = before[: first.start()] if first else before
    return bool(_WEIGHED.search(lead) or _G_TO_EACH.match(scan.text, pos, scan.end))


def _spans_hours(scan: Scan, pos: int) -> bool:
    """`7g - 11g` is said of an office that is open."""
    return bool(_G_BEHIND.search(scan.tail(pos, 24)) or _G_SPAN.match(scan.text, pos, scan.end))


_DAY_BEHIND = re.compile(r"(?:\s?/\s?(\d{1,2})[-/.](\d{1,2})(?:[-/.]((?:19|20)\d{2}))?)(?![\d/-]|[.,]\d|\s?[-–]\s?\d)")


def _with_day(scan: Scan, piece: Piece) -> Piece:
    """`7h/15-10`, `8h00 - 04/11/2025`: a day right behind the hour."""
    found = _DAY_BEHIND.match(scan.text, piece.end, scan.end)
    if not found or not real_date(int(found[1]), int(found[2])):
        return piece
    words = f"{piece.spoken} ngày {say_date(int(found[1]), int(found[2]), found[3])}"
    return Piece(words, piece.start, found.end())
