"""Spans of numbers: `5-10 người`, `70-80%`, `cấp 8-9`, `từ 1,5 - 2 m`."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import NUMBER, say_number, value_of
from audio.reading.scan import Scan
from audio.reading.units_money import number_at, unit_at

_DASH = re.compile(r"\s?[-–—÷]\s?(?=[\d])")
_NUMBERED = re.compile(
    r"\b(cấp|lớp|điều|khoản|tổ|đội|khu phố|ấp|thôn|bài|chương|mức|hạng|trang|khối|tầng|tháng|tuần|quý|vòng|lô"
    r"|bước|câu|bậc"
    r"|nhóm|đợt|khóa|mục|phần|giai đoạn|tập|số)\s+(?:số\s+)?$"
)
_SCORE = re.compile(r"\b(?:tỷ số|tỉ số|thắng|hòa|thua|dẫn)\s*$")
_CHAIN = re.compile(r"\s?[-–—]\s?\d")
_NO_FROM = frozenset(
    {
        "từ", "khoảng", "chừng", "tầm", "độ", "mức", "gần", "hơn", "trên", "dưới", "rộng", "sâu", "cao", "dài", "nặng",
        "uống", "mỗi", "trong", "sau", "trước", "thêm", "được", "với", "có", "đạt", "tăng", "giảm", "cách", "còn",
    }
)  # fmt: skip


_WORDED = re.compile(
    r"\s(nghìn|ngàn|triệu|tỷ|tỉ|trăm|ngày|giờ|phút|tuần|tháng|năm|tuổi|người|lần|hộ|đồng|độ|mét|tấn|tạ)\s?[-–—]\s?(?=\d)"
)


def worded_range(scan: Scan, pos: int) -> Piece | None:
    """`800 nghìn - 1 triệu đồng`, `5 ngày - 7 ngày`: up to the dash; the second number is read by its own rule."""
    first = number_at(scan, pos)
    worded = _WORDED.match(scan.text, first[1], scan.end) if first else None
    if not first or not worded:
        return None
    lead = "" if scan.last_word(pos) in _NO_FROM else "từ "
    return Piece(f"{lead}{first[0]} {worded[1]} đến", pos, worded.end())


def number_range(scan: Scan, pos: int) -> Piece | None:
    """Two numbers with a dash between, the first smaller; a unit may stand behind both or behind the last."""
    first = number_at(scan, pos)
    if first is None:
        return None
    first_unit = unit_at(scan, first[1])
    dash = _DASH.match(scan.text, first_unit[1] if first_unit else first[1], scan.end)
    if not dash:
        return None
    second = number_at(scan, dash.end())
    if second is None or _CHAIN.match(scan.text, second[1], scan.end) or _continues(scan, second[1]):
        return None
    last_unit = unit_at(scan, second[1])
    end = last_unit[1] if last_unit else second[1]
    unit = f" {last_unit[0]}" if last_unit else ""
    if _SCORE.search(scan.tail(pos)):
        return Piece(f"{first[0]} {second[0]}", pos, second[1])
    if not _rises(scan, pos, dash.end()):
        return Piece(f"{first[0]}, {second[0]}{unit}", pos, end)
    numbered = _NUMBERED.search(scan.tail(pos))
    again = f"{numbered[1]} " if numbered and not last_unit and numbered[1] != "số" else ""
    low = first[0]
    if first_unit and last_unit and first_unit[0] != last_unit[0]:
        low += f" {first_unit[0]}"
    bare = numbered or scan.last_word(pos) in _NO_FROM or scan.tail(pos).rstrip().endswith("/")
    return Piece(f"{'' if bare else 'từ '}{low} đến {again}{second[0]}{unit}", pos, end)


def _continues(scan: Scan, end: int) -> bool:
    """Does the second number run on into something else: `5-10/9`, `12-A`?"""
    following = scan.char(end)
    return (following == "/" and scan.char(end + 1).isdecimal()) or following == ":"


def _rises(scan: Scan, first: int, second: int) -> bool:
    low, high = NUMBER.match(scan.text, first, scan.end), NUMBER.match(scan.text, second, scan.end)
    return bool(low and high and value_of(low[0]) < value_of(high[0]))


_DASHED = re.compile(r"\d{1,3}(?:-\d{1,3}){2,5}(?![\d/]|[.,]\d)")


def dashed_numbers(scan: Scan, pos: int) -> Piece | None:
    """Three and more small numbers in a row, `NPK 16-16-8`: one after the other."""
    found = _DASHED.match(scan.text, pos, scan.end)
    if not found:
        return None
    return Piece(" ".join(say_number(part) for part in found[0].split("-")), pos, found.end())


def number_list(scan: Scan, pos: int) -> Piece | None:
    """`khoản 1,2,3` and `tổ 1,2`: numbers in a row without spaces are a list, not a decimal."""
    found = _LIST.match(scan.text, pos, scan.end)
    if not found:
        return None
    parts = found[0].split(",")
    if len(parts) == 2 and not _LISTED.search(scan.tail(pos)):
        return None
    if len(parts) > 2 and all(len(part) == 3 for part in parts[1:]):
        return None
    return Piece(", ".join(say_number(part) for part in parts), pos, found.end())


_LIST = re.compile(r"\d{1,3}(?:,\d{1,3}){1,12}(?![\d%]|[.,]\d|\s?(?:tỷ|tỉ|triệu|nghìn|lần|%|điểm))")
_LISTED = re.compile(
    r"\b(?:khoản|điểm|điều|tổ|ấp|thôn|khu phố|lớp|khối|tháng|ngày|thứ|đội|số|quận|khu vực|mục|câu|chương|các)\s+$"
)
