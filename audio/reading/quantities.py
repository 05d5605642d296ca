"""A number with its sign and its unit: `-5°C`, `≥42kg`, `>19h00`, `0,75đ`."""

from __future__ import annotations

import re

from audio.reading.amounts import number_at
from audio.reading.dates import day_month, full_date
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.times import clock
from audio.reading.units import NAMES, hours_at, unit_at

_SIGN = re.compile(r"(\+|-|±|~|≈|≥|≤|>=|<=|>|<|=|\$|€|£)\s?(?=\d)")
_SIGN_WORDS = {
    "+": "cộng", "±": "cộng trừ", "~": "khoảng", "≈": "xấp xỉ", "≤": "không quá", "<=": "không quá",
    ">": "trên", "<": "dưới", "=": "bằng",
}  # fmt: skip
_AGE = re.compile(r"(?:,|\(|\b(?:từ đủ|đủ|trẻ|nam|nữ|em|cháu|tuổi từ|tuổi|cụ|\d{4}))\s*$")


def quantity(scan: Scan, pos: int) -> Piece | None:
    """A number, with its sign and its unit where they are there."""
    sign = _SIGN.match(scan.text, pos, scan.end)
    start, lead, currency = pos, "", ""
    if sign and (hour := _beyond_hour(scan, pos, sign)):
        return hour
    if sign:
        start = sign.end()
        mark = sign[1]
        if mark in "$€£":
            currency = NAMES[mark]
        elif mark == "-":
            lead = "âm "
        elif mark in {"≥", ">="}:
            return _at_least(scan, pos, start)
        else:
            lead = _SIGN_WORDS[mark] + " "
    number = number_at(scan, start)
    if number is None:
        return None
    words, end = number
    if scan.char(end) == "t" and not scan.char(end + 1).isalnum() and _AGE.search(scan.tail(start, 16)):
        return Piece(f"{lead}{words} tuổi", pos, end + 1)
    unit = None
    if not currency:
        unit = (hours_at(scan, end) if sign else None) or _points(scan, start, end) or unit_at(scan, end)
    if unit:
        words, end = f"{words} {unit[0]}", unit[1]
        if "." in scan.text[end - 1 : end] and scan.text[end - 2 : end] != "đ.":
            end -= 1
    elif currency:
        words = f"{words} {currency}"
    return Piece(lead + words, pos, end)


_POINTS = re.compile(r"\d{1,2}(?:,\d{1,2})?đ(?![^\W_]|/(?!năm))")
_DRIVING = re.compile(r"\b(?:trừ|gplx|bằng lái)\s?\(?$|\d{1,2}đ gplx\b")


def _points(scan: Scan, start: int, end: int) -> tuple[str, int] | None:
    """`0,75đ`, or a small whole number where points are talked about. There is no half a đồng."""
    found = _POINTS.match(scan.text, start, scan.end)
    if found and ("," in found[0] or "điểm" in scan.tail(start, 160) or _DRIVING.search(scan.tail(start, 40))):
        return "điểm", end + 1
    return None


_BEYOND = {">": "sau", "<": "trước", "≥": "từ", ">=": "từ", "≤": "đến", "<=": "đến"}
_WITH_MINUTES = re.compile(r"\d{1,2}\s?[hHg:]\s?\d{2}")
_SURE_DAY = re.compile(
    r"(?:1[3-9]|2\d|3[01]|0\d)/\d{1,2}(?:/\d{4})?(?![\d/]|[.,]\d|\s?(?:%|m\b|kg|cm))|\d{1,2}/\d{1,2}/\d{4}(?!\d)"
)


def _beyond_hour(scan: Scan, pos: int, sign: re.Match[str]) -> Piece | None:
    """`>19h00`: after that hour; without minutes it may be so many hours."""
    if sign[1] not in _BEYOND:
        return None
    day = _SURE_DAY.match(scan.text, sign.end(), scan.end)
    if day and (date := full_date(scan, sign.end()) or day_month(scan, sign.end())):
        return Piece(f"{_BEYOND[sign[1]]} ngày {date.spoken.removeprefix('ngày ')}", pos, date.end)
    if not _WITH_MINUTES.match(scan.text, sign.end(), scan.end):
        return None
    hour = clock(scan, sign.end())
    return Piece(f"{_BEYOND[sign[1]]} {hour.spoken}", pos, hour.end) if hour else None


_COUNTED = re.compile(
    r"\s?(?:tháng tuổi|tuổi|tháng|năm|ngày|tuần|giờ|phút|giây|lần|điểm|độ|người|hộ|con|cây|liều|mũi|sao|bậc|cấp|tầng"
    r"|chỗ|suất|lượt|triệu|tỷ)(?:/[a-zà-ỹđ]{2,6}){0,2}(?!\w)"
)
_OF_WHAT = re.compile(
    r"\s(?:số|tổng|diện tích|dân số|hộ|người|cử tri|trẻ|đại biểu|học sinh|đảng viên|hội viên|dự toán)\b"
)
_LASTING = re.compile(r"\b(?:cách(?: (?!ly|mạng)[^\W_]+){0,3}|cách ly|nghỉ|chờ|giữ|trong|ủ)\s*$")
_ONWARD = re.compile(r"\s?trở lên")
_MORE_SAID = re.compile(r"\b(?:từ|ít nhất|tối thiểu|trên|hơn|không dưới)\s*$")


def _at_least(scan: Scan, pos: int, start: int) -> Piece | None:
    """`≥42kg` -> từ bốn mươi hai ki lô gam trở lên; before what is counted, `≥ 01 bình`, it is *ít nhất*."""
    number = number_at(scan, start)
    if number is None:
        return None
    words, end = number
    unit = hours_at(scan, end) or unit_at(scan, end)
    if unit:
        words, end = f"{words} {unit[0]}", unit[1]
    counted = _COUNTED.match(scan.text, end, scan.end)
    if counted:
        words, end = f"{words} {counted[0].strip().replace('/', ' một ')}", counted.end()
    said = _MORE_SAID.search(scan.tail(pos))
    if said and not said[0].startswith("từ"):
        return Piece(words, pos, end)
    lasting = _LASTING.search(scan.tail(pos))
    bare = not unit and not counted and scan.text[end : end + 2].strip()[:1].islower()
    if not said and (bare or lasting or _OF_WHAT.match(scan.text, end, scan.end)):
        return Piece(f"ít nhất {words}", pos, end)
    onward = "" if _ONWARD.match(scan.text, end, scan.end) else " trở lên"
    return Piece(f"{'' if said else 'từ '}{words}{onward}", pos, end)
