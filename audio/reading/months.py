"""Times of the year and years: `8/2020`, `tháng 4-6/2021`, `T10`, `QIV/2025`, `9T/2025`, `2021-2025`."""

from __future__ import annotations

import re

from audio.reading.day_words import (
    BARE,
    LAST_MONTH,
    of_year,
    say_month,
    say_year,
)
from audio.reading.model import Piece
from audio.reading.numbers import say_integer, say_whole
from audio.reading.scan import Scan

_YEAR_SPAN = re.compile(r"((?:1[89]|20|21)\d{2})\s?[-–—/]\s?((?:1[89]|20|21)\d{2})(?![\d/]|[.,]\d)")


def year_span(scan: Scan, pos: int) -> Piece | None:
    """`2021-2025`, `năm học 2020 - 2021`."""
    found = _YEAR_SPAN.match(scan.text, pos, scan.end)
    if not found or not int(found[1]) < int(found[2]) <= int(found[1]) + 150:
        return None
    return Piece(f"{say_year(int(found[1]))} đến {say_year(int(found[2]))}", pos, found.end())


_MONTH_SPAN = re.compile(r"(\d{1,2})\s?[-–—]\s?(\d{1,2})(?:/((?:19|20)\d{2}))?(?![\d/])")
_YEARLY = re.compile(r"\b(?:quý|đợt|kỳ|học kỳ|lần|vụ|khóa|khoá|số|phiên|tuần|lần thứ)\s*$")
_QUARTERS = re.compile(r"\bquý\s$")
_SHORT_YEAR = re.compile(r"([1-4])/([2-9]\d)(?![\d/])")
_OF_YEAR = re.compile(r"(\d{1,3})\s?[/-]\s?((?:19|20)\d{2})(?![\d/])")
_SCALE = re.compile(r"1\s?/\s?2000(?!\d)")
_SCALE_LEAD = re.compile(
    r"\b(?:qh|qhct|qhpk|bđ|tl|tỷ lệ|tỉ lệ|bản đồ|bình đồ|quy hoạch|phân khu|trích đo|trích lục|đo vẽ)\b"
    r"(?:[^.;]|\.\d){0,48}"
    r"(?<!tháng)(?<!từ)(?<!đến)(?<!tới)(?<!trước)(?<!sau)(?<!vào)(?<!năm)\s$"
)
"""Of the scales of maps only 1/2000 looks like a month of a year."""
_MONTH_YEAR = re.compile(r"(\d{1,2})\s?[/-]\s?((?:19|20)\d{2})(?![\d/]|-?[A-ZĐ])")
_MONTHS_BEFORE = re.compile(r"\btháng\s+(?:\d{1,2}\s*(?:,|;|và|đến|tới|hoặc|-|–)\s*(?:tháng\s+)?){0,12}$")


def month_year(scan: Scan, pos: int) -> Piece | None:
    """`8/2020`; `tháng 4-6/2021`; `đợt 1/2020` counts within a year."""
    before = scan.tail(pos)
    if before.rstrip().endswith("tháng"):
        span = _MONTH_SPAN.match(scan.text, pos, scan.end)
        if span and 1 <= int(span[1]) < int(span[2]) <= LAST_MONTH:
            said = f"{say_month(int(span[1]))} đến tháng {say_month(int(span[2]))}{of_year(span[3])}"
            return Piece(said, pos, span.end())
    if _QUARTERS.search(before) and (found := _SHORT_YEAR.match(scan.text, pos, scan.end)):
        return Piece(f"{say_whole(found[1])}{of_year(2000 + int(found[2]))}", pos, found.end())
    if _YEARLY.search(before):
        found = _OF_YEAR.match(scan.text, pos, scan.end)
        if found:
            return Piece(f"{say_whole(found[1])}{of_year(found[2])}", pos, found.end())
    if _SCALE.match(scan.text, pos, scan.end) and _SCALE_LEAD.search(before.rstrip("( ") + " "):
        return None
    found = _MONTH_YEAR.match(scan.text, pos, scan.end)
    if not found or not 1 <= int(found[1]) <= LAST_MONTH:
        return None
    lead = "" if _MONTHS_BEFORE.search(before) else "tháng "
    return Piece(f"{lead}{say_month(int(found[1]))}{of_year(found[2])}", pos, found.end())


def month_number(scan: Scan, pos: int) -> Piece | None:
    """The number behind *tháng*, lists included: 4 is *tư*."""
    found = BARE.match(scan.text, pos, scan.end)
    if not found or not 1 <= int(found[0]) <= LAST_MONTH or not _MONTHS_BEFORE.search(scan.tail(pos)):
        return None
    return Piece(say_month(int(found[0])), pos, found.end())


_MONTHS = re.compile(r"(\d{1,2})\s?T(?:(?:\s?/\s?|\s)((?:19|20)\d{2})(?![\d.]\d|\d)|(?=\s(?:đầu|cuối|năm)\s))")


def months_of_year(scan: Scan, pos: int) -> Piece | None:
    """`6T đầu năm`, `9T/2025`: months of a year that are counted together."""
    found = _MONTHS.match(scan.text, pos, scan.end)
    if not found:
        return None
    return Piece(f"{say_integer(int(found[1]))} tháng{of_year(found[2])}", pos, found.end())


_QUARTER = re.compile(r"Q\.?\s?(I{1,3}|IV|[1-4])\s?/\s?((?:19|20)\d{2})(?!\d)")


def short_quarter(scan: Scan, pos: int) -> Piece | None:
    """`Q3/2025`, `QIV/2025`: a quarter."""
    found = _QUARTER.match(scan.text, pos, scan.end)
    if not found:
        return None
    number = {"I": 1, "II": 2, "III": 3, "IV": 4}.get(found[1]) or int(found[1])
    return Piece(f"quý {say_integer(number)}{of_year(found[2])}", pos, found.end())


_T_MONTH = re.compile(r"[Tt](1[0-2]|0?[1-9])\s?/\s?((?:19|20)\d{2})(?!\d)")
_T_ALONE = re.compile(r"T\.?(1[0-2]|0?[1-9])(?![^\W_]|[.,/]\d|\s?[-–&]\s?T?\d)")
_MONTH_LEAD = re.compile(
    r"(?:\b(?:kỳ|lương|tiền điện|tiền nước|hóa đơn|tiền|trợ cấp|số liệu)|(?:đầu|cuối|giữa|trong|hết|từ|đến|tới|sang"
    r"|tuần \w+|báo cáo|bc|công tác|kế hoạch|kh|kết quả|dự kiến|vào|lịch|cpi|ước))\s*$"
)
_ONLY_MONTH = re.compile(r"\b(?:kỳ|lương|tiền điện|tiền nước|hóa đơn|trợ cấp|số liệu|công tác)\s*$")


def short_month(scan: Scan, pos: int) -> Piece | None:
    """`T4/2021`, `kỳ T10`: a T before a year, or behind what comes month by month; else it is a weekday."""
    month = _T_MONTH.match(scan.text, pos, scan.end)
    if month:
        return Piece(f"tháng {say_month(int(month[1]))}{of_year(month[2])}", pos, month.end())
    alone = _T_ALONE.match(scan.text, pos, scan.end)
    if alone and (_is_month(scan, pos, int(alone[1])) or _tells_of_month(scan, pos, alone)):
        return Piece(f"tháng {say_month(int(alone[1]))}", pos, alone.end())
    return None


_REPORTED = re.compile(r"\s(?:có|so|tăng|giảm|đạt|này|sau|tới|vừa|ghi|toàn|thu|chi)\s")


def _tells_of_month(scan: Scan, pos: int, found: re.Match[str]) -> bool:
    """`SXH: T11 có 12 ca`: 8 to 12 are no weekdays, and what begins a clause and goes on so is no sign of a thing."""
    opens = not scan.tail(pos).strip() or scan.tail(pos).rstrip()[-1:] in ":;,("
    return int(found[1]) > 7 and opens and bool(_REPORTED.match(scan.text, found.end(), scan.end))


def _is_month(scan: Scan, pos: int, number: int) -> bool:
    """`kỳ T10`, `cuối T11`; 2 to 7 are weekdays, unless what comes month by month stands before."""
    lead = _ONLY_MONTH if 2 <= number <= 7 else _MONTH_LEAD
    return bool(lead.search(scan.tail(pos)))


_SCHOOL_YEAR = re.compile(r"NH\s?(?=20\d{2}\s?[-–—/]\s?(?:20)?\d{2}(?!\d))")


def school_year(scan: Scan, pos: int) -> Piece | None:
    """`NH2025-2026`: the year of schools; its two years are read by their own rule."""
    found = _SCHOOL_YEAR.match(scan.text, pos, scan.end)
    return Piece("năm học", pos, pos + len("NH")) if found else None
