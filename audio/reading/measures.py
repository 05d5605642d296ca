"""Numbers around a sign that parts them: `1m57`, `1tr2`, `5x20m`, `2 viên x 3 lần`."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import say_integer, say_number
from audio.reading.scan import Scan
from audio.reading.units import UNITS

_SPLIT_MEASURE = re.compile(r"(\d{1,3})(m|kg|Kg|tấn|tạ|lít)(\d{1,2})(?![^\W_]|[.,]\d)")
_HEIGHT_LEAD = re.compile(
    r"\b(?:cao|sâu|dày|ngập|mực nước|tĩnh không|khổ|đường kính|đỉnh|đỉnh lũ|dâng|triều|sóng|hạ|rút|lên|xuống|dưới|trên"
    r"|quá|từ|là|khoảng|hơn|mức|đến|tới|đạt|ở|chỗ|nơi)\s*$"
)
_HEIGHT_NEAR = re.compile(r"\b(?:cao|sâu|dày|ngập|mực nước|tĩnh không|đỉnh|dâng|triều|sóng|mét|lũ)\b")
_SPLIT_NAMES = {"m": "mét", "kg": "ki lô gam", "Kg": "ki lô gam", "tấn": "tấn", "tạ": "tạ", "lít": "lít"}


def split_measure(scan: Scan, pos: int) -> Piece | None:
    """`1m57`, `2kg5`, `sâu 3m2`: the unit stands where the comma would; `30m2` is an area unless a height is meant."""
    found = _SPLIT_MEASURE.match(scan.text, pos, scan.end)
    if not found:
        return None
    if found[2] == "m" and found[3] in {"2", "3"}:
        before = scan.tail(pos, 40)
        if int(found[1]) > 20 or not (_HEIGHT_LEAD.search(before) and _HEIGHT_NEAR.search(before)):
            return None
    rest = f"không {say_integer(int(found[3]))}" if found[3][0] == "0" else say_integer(int(found[3]))
    return Piece(f"{say_integer(int(found[1]))} {_SPLIT_NAMES[found[2]]} {rest}", pos, found.end())


_SPOKEN_MONEY = re.compile(
    r"(\d{1,3})(?:(tr|triệu|tỷ|tỉ)|\s?(tr|triệu|tỷ|tỉ)\s?(?!\d{1,3}\s[^\W\d_]))(\d{1,3})"
    r"(?!\d|[.,]\d|[^\W\d_]|\s?(?:triệu|tr|nghìn|ngàn|đồng|%))"
)


def spoken_money(scan: Scan, pos: int) -> Piece | None:
    """`1tr2`, `3tỷ5` as people say prices: một triệu hai. Typed apart (`1 tỷ 200 hộ`) the second number may count what
    follows, so nothing may follow it."""
    found = _SPOKEN_MONEY.match(scan.text, pos, scan.end)
    if not found:
        return None
    size = "triệu" if (found[2] or found[3]).startswith("tr") else "tỷ"
    return Piece(f"{say_number(found[1])} {size} {say_number(found[4])}", pos, found.end())


_DIMENSION = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?(?:\s?(m|cm|mm|km))?\s?[xX×]\s?(?=\d)")
_LEADING_NUMBER = re.compile(r"[\d.,]+")


def dimensions(scan: Scan, pos: int) -> Piece | None:
    """`5x20m`, `3 x 4 x 2 m`: a number up to its x; the next one is read by its own rule."""
    found = _DIMENSION.match(scan.text, pos, scan.end)
    number = _LEADING_NUMBER.match(found[0]) if found else None
    if not found or not number:
        return None
    unit = f" {UNITS[found[1]]}" if found[1] else ""
    return Piece(f"{say_number(number[0])}{unit} nhân", pos, found.end())


_X = re.compile(r"[xX]\s?(?=\d)")
_X_WORD = re.compile(r"[xX]\s(?=(?:số|giá|đơn giá|diện tích|hệ số|mức|tỷ lệ|lãi|thời gian)\b)")
_X_LEAD = re.compile(r"(?:\d(?:\s[^\W\d_]{1,8}){1,3}|/[^\W_]{1,8}|\d\s?[^\W_]{0,6}(?:/[^\W_]{1,6}){0,3}|%|\))\s?$")


def times_sign(scan: Scan, pos: int) -> Piece | None:
    """A single x between quantities: `2 viên x 3 lần`."""
    found = _X.match(scan.text, pos, scan.end) or _X_WORD.match(scan.text, pos, scan.end)
    if found and _X_LEAD.search(scan.tail(pos, 24)):
        return Piece("nhân", pos, pos + 1)
    return None
