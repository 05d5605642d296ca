"""Spans of numbers: `5-10 người`, `70-80%`, `cấp 8-9`, `từ 1,5 - 2 m`."""

from __future__ import annotations

import re

from audio.reading.amounts import number_at
from audio.reading.letters import say_digits
from audio.reading.model import Piece
from audio.reading.numbers import NUMBER, say_number, value_of
from audio.reading.phones import phone
from audio.reading.scan import Scan
from audio.reading.units import unit_at

_DASH = re.compile(r"\s?(?:[-–—÷~→]|->)\s?(?=[\d])")
_NUMBERED = re.compile(
    r"(?<!mỗi )(?<!hàng )(?<!hằng )(?<!một )(?<!trong )(?<!cả )(?<!các )(?<!nửa )\b"
    r"(cấp|lớp|điều|khoản|tổ|đội|khu phố|ấp|thôn|bài|chương|hạng|trang|khối|tầng|tháng|tuần|quý|vòng|lô"
    r"|bước|câu|bậc"
    r"|nhóm|đợt|khóa|mục|phần|giai đoạn|tập|phòng|bàn|quầy|thửa|trụ|cột|tiết|xóm|khóm|buôn|tiểu khu|số)\s+(?:số\s+)?$"
)
_SCORE = re.compile(
    r"\b(?:tỷ số|tỉ số|luân lưu|chung cuộc|thắng|(?<!điều )(?<!ôn )hòa|thua|dẫn|dap|npk|np|pk|công thức)\s*$"
)
"""What stands before two numbers that are said one behind the other: goals, the shares of a fertiliser."""
_CHAIN = re.compile(r"\s?[-–—]\s?\d")
_NO_FROM = frozenset(
    {
        "từ", "khoảng", "chừng", "tầm", "độ", "mức", "gần", "hơn", "trên", "dưới", "rộng", "sâu", "cao", "dài", "nặng",
        "uống", "mỗi", "trong", "sau", "trước", "thêm", "được", "với", "có", "đạt", "tăng", "giảm", "cách", "còn",
        "là", "nhau", "vòng", "mất", "chờ", "đợi", "chậm", "sớm", "chỉ", "cỡ", "đa", "thiểu", "quân",
        "bình", "liều", "suốt", "lên", "xuống", "chiếm", "bằng", "đủ", "tới", "qua", "lại", "ngày", "tuần", "lần",
    }
)  # fmt: skip
"""Where an announcer names the two ends at once. *Từ* goes where the two open a statement of their own: behind what is
measured (`mưa 50-70mm`, `trẻ 6-59 tháng`, `phạt 4-6 triệu`), not behind a word that takes how much or how long."""
_SO_OFTEN = re.compile(r"\s(?:lần|ngày|giờ|tiếng|phút|buổi|bữa|tuần|mũi|đợt|sao)(?!\stuổi)\b")
"""Behind two neighbouring small numbers: about so many, `nghỉ 2-3 ngày`, as people say them at any rate."""


_Measured = tuple[tuple[str, int], tuple[str, int] | None]
"""A number and its unit, each with where it ends."""
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


_NAME_BEFORE = re.compile(r"(?:^|[^\W\d_]\s)[A-ZĐÀ-Ỹ][a-zà-ỹ]+\s[A-ZĐÀ-Ỹ][a-zà-ỹ]+\s$")
_BELOW = re.compile(r"\s?[-–—]\s?(<=?|≤)\s?(?=\d)")


def range_below(scan: Scan, pos: int) -> Piece | None:
    """`5 - <12 tuổi`, `9th-<10 tuổi`: up to the sign; the second number is read by its own rule."""
    near = scan.text[pos : pos + 24]
    if "<" not in near and "≤" not in near:
        return None
    first = number_at(scan, pos)
    unit = unit_at(scan, first[1]) if first else None
    below = _BELOW.match(scan.text, unit[1] if unit else first[1], scan.end) if first else None
    if not first or not below:
        return None
    lead = "" if scan.last_word(pos) in _NO_FROM else "từ "
    words = f"{lead}{first[0]}{f' {unit[0]}' if unit else ''} đến{' dưới' if below[1] == '<' else ''}"
    return Piece(words, pos, below.end())


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
    if (
        second is None
        or _continues(scan, dash.end(), second[1])
        or (not first_unit and _is_named(scan, pos, dash[0], second[1]))
    ):
        return None
    last_unit = unit_at(scan, second[1])
    end = last_unit[1] if last_unit else second[1]
    unit = f" {last_unit[0]}" if last_unit else ""
    if _SCORE.search(scan.tail(pos)) or (not last_unit and _MATCH.search(scan.tail(pos)) and _is_goals(scan, pos, end)):
        return Piece(f"{first[0]} {second[0]}", pos, second[1])
    if first_unit and first_unit[0].startswith("độ vĩ") and unit.startswith(" độ kinh"):
        return Piece(f"{first[0]} {first_unit[0]}, {second[0]}{unit}", pos, end)  # a place on the map
    return _span(scan, Piece(unit, pos, end), dash.end(), (first, first_unit), (second, last_unit))


_PADDED_SPAN = re.compile(r"(0\d{2,6})\s?(?:->|→|[-–—])\s?(0\d{2,6})(?![^\W_]|[.,/-]\d)")


def padded_range(scan: Scan, pos: int) -> Piece | None:
    """`066->0276`, `phiếu 001-015`: a code keeps its zeros at both ends."""
    found = _PADDED_SPAN.match(scan.text, pos, scan.end)
    if not found:
        return None
    lead = "" if scan.last_word(pos) in _NO_FROM or _NUMBERED.search(scan.tail(pos)) else "từ "
    return Piece(f"{lead}{say_digits(found[1])} đến {say_digits(found[2])}", pos, found.end())


def _span(scan: Scan, piece: Piece, at: int, first: _Measured, last: _Measured) -> Piece:
    """`piece` (its words are the unit) from the first number to the last, which begins at `at`."""
    unit, pos, end = piece
    (low, first_unit), (high, last_unit) = (first[0][0], first[1]), (last[0][0], last[1])
    if not _rises(scan, pos, at) and not _grows_in_words(first_unit, last_unit):
        return Piece(f"{low}, {high}{unit}", pos, end)
    numbered = _NUMBERED.search(scan.tail(pos))
    counted = _STAGE_OF.match(scan.text, end, scan.end)
    again = f"{numbered[1]} " if numbered and not (last_unit or counted or numbered[1] == "số") else ""
    if first_unit and last_unit and first_unit[0] != last_unit[0]:
        low += f" {first_unit[0]}"
    bare = (
        numbered
        or _INSTAR.search(scan.tail(pos))
        or _FROM_SAID.search(scan.tail(pos, 24))
        or scan.last_word(pos) in _NO_FROM
        or scan.tail(pos).rstrip().endswith("/")
        or (not last_unit and _SO_OFTEN.match(scan.text, end, scan.end) and _are_neighbours(scan, pos, at))
    )
    return Piece(f"{'' if bare else 'từ '}{low} đến {again}{high}{unit}", pos, end)


_INSTAR = re.compile(
    r"\b(?:rầy|sâu|bọ|nhện|ấu trùng|tằm|châu chấu)\b(?:(?!\b(?:trẻ|người|học sinh|công dân)\b).)*\btuổi\s*$"
)
"""`sâu non tuổi 1-2`: the ages of insects are numbered, not measured."""
_STAGE_OF = re.compile(r"\s(?:NSS|NSG|NST|ngày|tuần|tháng|năm|phút|giờ|người|hộ|thành viên|lần)(?!\w|\s(?:học|\d))")
"""`giai đoạn 40-45 NSS`, `đội 5-7 người`: what follows is counted, the word before is not numbered."""
_SIZES = {"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9}


def _grows_in_words(first: tuple[str, int] | None, last: tuple[str, int] | None) -> bool:
    """`500k-1tr`, `800g-1kg`: the smaller number counts the greater unit."""
    low, high = (_SIZES.get(unit[0].split()[0], 0) if unit else 0 for unit in (first, last))
    return low < high or bool(first and last and f"ki lô {first[0]}" == last[0])


def signed_range(scan: Scan, pos: int) -> Piece | None:
    """`>0,25-0,4mg/l`: the sign, then the span."""
    sign = _OPEN_SIGN.match(scan.text, pos, scan.end)
    span = number_range(scan, sign.end()) if sign else None
    if not sign or not span:
        return None
    return Piece(f"{_SIGNS_SAID[sign[0].strip()]} {span.spoken.removeprefix('từ ')}", pos, span.end)


_OPEN_SIGN = re.compile(r"[>≥~≈]\s?(?=\d)")
_SIGNS_SAID = {">": "trên", "≥": "từ", "~": "khoảng", "≈": "khoảng"}
_FROM_SAID = re.compile(r"\btừ(?:\s(?!đó|đây)\w+)?\s*$")


def _continues(scan: Scan, start: int, end: int) -> bool:
    """Does the second number run on into something else: `5-10/9`, `12-A`, `tổ 3 - 0905 66 88 42`?"""
    if scan.char(start) == "0" and phone(scan, start):
        return True
    following = scan.char(end)
    if _CHAIN.match(scan.text, end, scan.end):
        return True
    return (following == "/" and scan.char(end + 1).isdecimal()) or following == ":"


def _is_named(scan: Scan, pos: int, dash: str, end: int) -> bool:
    """`TBA Long Thành Bắc 3 - 400kVA`: the first number belongs to a name, the second is a measure."""
    named = dash[0].isspace() and _NAME_BEFORE.search(scan.text[max(scan.start, pos - 24) : pos])
    return bool(named and unit_at(scan, end))


_MATCH = re.compile(r"\b(?:thắng|thua|hòa|tỷ số|tỉ số|hiệp|(?<!uốn )ván)\b[^.;:]{0,60}$")
_GOALS = re.compile(r"\d{1,2}-\d{1,2}\s*(?:[,();.]|$|trước|để|và|ở|trong|sau)")


def _is_goals(scan: Scan, pos: int, end: int) -> bool:
    """`xã A thắng xã B 3-2 (25-20, 23-25)`: what is won or lost."""
    return bool(_GOALS.match(scan.text[pos : min(end + 8, scan.end)]))


def _rises(scan: Scan, first: int, second: int) -> bool:
    low, high = NUMBER.match(scan.text, first, scan.end), NUMBER.match(scan.text, second, scan.end)
    return bool(low and high and value_of(low[0]) < value_of(high[0]))


def _are_neighbours(scan: Scan, first: int, second: int) -> bool:
    low, high = NUMBER.match(scan.text, first, scan.end), NUMBER.match(scan.text, second, scan.end)
    return bool(low and high and value_of(low[0]) + 1 == value_of(high[0]) <= 10)


_ONE_BY_ONE = re.compile(
    r"\b(?:thửa|tờ|tổ|lớp|khối|ấp|thôn|đội|khu phố|kp|lô|nhà|tuyến|kênh|điều|khoản|ngày|ngày thứ|tuần"
    r"|tháng thứ|mũi|số)\s*(?:số\s*)?$"
)
_DASHED = re.compile(r"\d{1,3}(?:-\d{1,3}){2,5}(?![\d/]|[.,]\d)")


def dashed_numbers(scan: Scan, pos: int) -> Piece | None:
    """Three and more small numbers in a row, `NPK 16-16-8`: one after the other."""
    found = _DASHED.match(scan.text, pos, scan.end)
    if not found:
        return None
    join = ", " if _ONE_BY_ONE.search(scan.tail(pos)) else " "
    return Piece(join.join(say_number(part) for part in found[0].split("-")), pos, found.end())


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
    r"\b(?:khoản|điều|tổ|ấp|thôn|khu phố|lớp|khối|tháng|ngày|thứ|đội|quận|khu vực|mục|câu|chương|các"
    r"|(?<!hệ )(?<!chỉ )(?<!trị )(?<!mật )(?<!tham )(?<!tỷ )(?<!tỉ )số)\s+$"
)
