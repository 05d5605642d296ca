"""Several days, and days whose month stands elsewhere: `25,26/5`, `01-05/9/2020`, `ngày 1, 5 và 7`."""

from __future__ import annotations

import re

from audio.reading.dates import say_date_at
from audio.reading.day_words import (
    BARE,
    DATE_LEAD,
    DAY_LIST,
    DAY_WORD,
    HOLIDAYS,
    of_year,
    real_date,
    say_date,
    say_day,
    say_month,
)
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan
from audio.reading.shares import COUNTED

_LISTED_DAYS = re.compile(r"(\d{1,2}(?:,\d{1,2}){1,5})/(\d{1,2})(?:/((?:19|20)\d{2}))?(?![\d/])")


def listed_days(scan: Scan, pos: int) -> Piece | None:
    """`ngày 25,26/5`, `sáng 1,2,3/9/2025`: days in a row without spaces, the month stands behind the last."""
    found = _LISTED_DAYS.match(scan.text, pos, scan.end)
    if not found or not (DAY_WORD.search(scan.tail(pos)) or DATE_LEAD.search(scan.tail(pos))):
        return None
    days, month = [int(day) for day in found[1].split(",")], int(found[2])
    if not all(real_date(day, month) for day in days) or days != sorted(days):
        return None
    words = f"{', '.join(map(say_day, days))} tháng {say_month(month)}{of_year(found[3])}"
    return Piece(words, pos, found.end())


_DATE_SPAN = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?\s?[-–—]\s?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])")
_DAY_SPAN = re.compile(
    r"(\d{1,2})\s?[-–—]\s?(\d{1,2})\s?(?:[/.]\s?(\d{1,2})(?:[/.](\d{4}))?|\s+tháng\s+(\d{1,2}))(?![\d/.]\d|\d)"
)


def date_span(scan: Scan, pos: int) -> Piece | None:
    """`01-05/9/2020`, `12/8 - 15/8/2020`."""
    found = _DATE_SPAN.match(scan.text, pos, scan.end)
    return (_between_dates(scan, pos, found) if found else None) or _days_of_month(scan, pos) or _monthly(scan, pos)


_MONTHLY = re.compile(r"(\d{1,2})\s?[-–—]\s?(\d{1,2})(?=\s(?:hàng|hằng|mỗi)\stháng\b|\stháng\s(?:[Gg]iêng|[Cc]hạp)\b)")


_FIRST_DAYS = re.compile(r"([1-9])\s?[-–—]\s?([2-9]|10)(?![\d/]|[.,]\d)")
_OF_TET = re.compile(r"\s(?:Tết|tết|TẾT|âm lịch|ÂL)")


def _of_new_moon(scan: Scan, pos: int) -> re.Match[str] | None:
    """`mùng 1-3 Tết`; a feast as `mùng 2-9` is one day."""
    found = _FIRST_DAYS.match(scan.text, pos, scan.end) if scan.last_word(pos) in {"mùng", "mồng"} else None
    if not found or (
        (int(found[1]), int(found[2])) in HOLIDAYS and not _OF_TET.match(scan.text, found.end(), scan.end)
    ):
        return None
    return found


def _monthly(scan: Scan, pos: int) -> Piece | None:
    """`ngày 5-7 hằng tháng`, `mùng 10-11 tháng Giêng`: days of a month that has no number."""
    found = _MONTHLY.match(scan.text, pos, scan.end) or _of_new_moon(scan, pos)
    if not found or not DAY_WORD.search(scan.tail(pos)) or not 1 <= int(found[1]) < int(found[2]) <= 31:
        return None
    first = say_day(int(found[1]))
    if scan.last_word(pos) in {"mùng", "mồng"}:
        first = first.removeprefix("mùng ")
    return Piece(f"{first} đến {say_day(int(found[2]))}", pos, found.end())


def _between_dates(scan: Scan, pos: int, found: re.Match[str]) -> Piece | None:
    d1, m1, d2, m2 = (int(found[i]) for i in (1, 2, 4, 5))
    y1, y2 = (int(found[i]) if found[i] else None for i in (3, 6))
    if not (real_date(d1, m1, y1) and real_date(d2, m2, y2)):
        return None
    if _are_feasts(scan, pos, (d1, m1), (d2, m2)):
        return Piece(f"{say_date(d1, m1, y1)}, {say_date(d2, m2, y2)}", pos, found.end())
    first = say_date_at(scan, pos, d1, m1, y1)
    if not first.startswith("ngày") and not DAY_WORD.search(scan.tail(pos)):
        first = f"ngày {first}"
    jubilee = y1 and y2 and (d1, m1) == (d2, m2) and _IN_BRACKETS.search(scan.tail(pos))
    lead = "" if jubilee else _span_lead(scan, pos, first)
    return Piece(f"{lead}{first} đến ngày {say_date(d2, m2, y2)}", pos, found.end())


_IN_BRACKETS = re.compile(r"\([^()]*$")
"""`kỷ niệm 50 năm … (30/4/1975-30/4/2025)`: two days of remembrance, nothing lasts from one to the other."""


def _days_of_month(scan: Scan, pos: int) -> Piece | None:
    found = _DAY_SPAN.match(scan.text, pos, scan.end)
    if not found:
        return None
    d1, d2, month = int(found[1]), int(found[2]), int(found[3] or found[5])
    year = int(found[4]) if found[4] else None
    if d1 >= d2 or not (real_date(d1, month) and real_date(d2, month, year)):
        return None
    if COUNTED.match(scan.text, found.end(), scan.end):
        return None
    first = say_day(d1) if DAY_WORD.search(scan.tail(pos)) else f"ngày {say_day(d1)}"
    last = say_date(d2, month, year)
    counted = _COUNTED_DAYS.search(scan.tail(pos))
    if counted and (counted[1] == "các" or _count(counted[1]) == d2 - d1 + 1):
        return Piece(f"{first} {'và' if d2 == d1 + 1 else 'đến'} {last}", pos, found.end())
    return Piece(f"{_span_lead(scan, pos, first)}{first} đến ngày {last}", pos, found.end())


_COUNTED_DAYS = re.compile(r"\b(các|hai|ba|bốn|\d{1,2})\sngày\s*$")
"""`vào các ngày 16-17/10`, `trong 2 ngày 16-17/10`: *ngày* stands for both."""


def _count(word: str) -> int:
    return int(word) if word.isdecimal() else {"hai": 2, "ba": 3, "bốn": 4}[word]


_TWIN_FEASTS = frozenset({(30, 4, 1, 5), (19, 8, 2, 9)})
_OF_FEASTS = re.compile(r"\b(?:chào mừng|kỷ niệm|dịp|lễ|thành tích)\s(?:các ngày |các ngày lễ |ngày |lễ )?$")
_OPENED = re.compile(r"\b(?:từ|kể từ|bắt đầu)\s(?:ngày\s)?$")


def _are_feasts(scan: Scan, pos: int, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """`nghỉ lễ 30/4 - 1/5`, `chào mừng 20/10-20/11`: two feasts are named, no span of days."""
    before = scan.tail(pos)
    if _OPENED.search(before) or not {first, last} <= HOLIDAYS:
        return False
    return (*first, *last) in _TWIN_FEASTS or ("nghỉ" not in before and bool(_OF_FEASTS.search(before)))


def _span_lead(scan: Scan, pos: int, first: str) -> str:
    """*từ*, unless it or *ngày* already stands before."""
    before = scan.tail(pos).rstrip()
    return (
        ""
        if before.endswith(("từ", "nhằm", "tức", "tức là", "ngày", "đêm", "sáng", "chiều", "tối"))
        or not first.startswith("ngày")
        else "từ "
    )


_NOT_DAY_AFTER = re.compile(
    r"\s*(?:lần|viên|buổi|bữa|ca\b|người|lượt|suất|gói|ly|cốc|liều|kg|tiếng|tháng\s+\d+\s+ngày|ngày|phút|km"
    r"|chuyến|đêm\b)"
)
_MONTH_FOLLOWS = re.compile(r"\s+tháng\s+(?:\d|này|sau|tới|trước|giêng|chạp|[a-zđ]+)")
_SO_OFTEN = re.compile(r"\s?[-–—]\s?\d{1,2}\s(?:lần|viên|buổi|bữa|gói|cữ|liều|giờ|tiếng|ly|cốc|chuyến|lượt)\b")
"""`ngày 2-3 lần`: every day so often."""
_PAIRED_DAY = re.compile(
    r"\s*(?:và|,|đến|-|–)\s*(?:(?:rạng\s)?sáng|trưa|chiều|tối|đêm|ngày)(?:\s+ngày)?\s+\d{1,2}(?:/\d|\s+tháng\s)"
)
"""`sáng 5 và chiều 6/10`: the month stands behind the second day only."""


def day_number(scan: Scan, pos: int) -> Piece | None:
    """A lone day: behind *ngày* (and in its lists) or before *tháng*."""
    found = BARE.match(scan.text, pos, scan.end)
    if not found or not 1 <= int(found[0]) <= 31:
        return None
    before = scan.tail(pos)
    day = int(found[0])
    months = bool(_MONTH_FOLLOWS.match(scan.text, found.end(), scan.end))
    counted = _NOT_DAY_AFTER.match(scan.text, found.end(), scan.end) and not months
    if counted or _SO_OFTEN.match(scan.text, found.end(), scan.end):
        return None
    if before.rstrip().endswith(("mùng", "mồng")):
        return Piece(say_integer(day), pos, found.end())
    if DAY_LIST.search(before) and _counts_days(scan, pos):
        return Piece(say_integer(day), pos, found.end())
    paired = DAY_WORD.search(before) and _PAIRED_DAY.match(scan.text, found.end(), scan.end)
    if paired or DAY_LIST.search(before) or (months and _starts_date(scan, found.end(), before)):
        return Piece(say_day(day), pos, found.end())
    return None


_COUNTED_FROM = re.compile(
    r"\b(?:f0|f1|cách ly|tiếp xúc|phơi nhiễm|bị cắn|chó cắn|sau tiêm|sau sinh|sau sạ|ngày mắc"
    r"|khởi phát|dengue|(?:sốt|bệnh) ngày)\b"
)
"""Days that are counted from an event, `test vào ngày 1, 5`: no days of a month."""
_LIST_HAS_MONTH = re.compile(
    r"\d{1,2}(?:\s*(?:,|;|và|hoặc|-|–|đến)\s*(?:ngày\s)?\d{1,2}){0,12}\s*(?:/|tháng\b|hàng|hằng|mỗi)"
)


def _counts_days(scan: Scan, pos: int) -> bool:
    before = scan.tail(pos, 120)
    counted = _COUNTED_FROM.search(before) or re.search(r"\bngày 0\b", before)
    return bool(counted) and not _LIST_HAS_MONTH.match(scan.text, pos, scan.end)


_NUMBERED_MONTH = re.compile(r"\s+tháng\s+\d{1,2}(?!\d|\s+(?:ngày|tuổi|lương))")


def _starts_date(scan: Scan, end: int, before: str) -> bool:
    return bool(_NUMBERED_MONTH.match(scan.text, end, scan.end)) and not before.rstrip().endswith(
        ("trong", "được", "khoảng", "sau", "hơn")
    )
