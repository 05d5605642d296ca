"""Two numbers of which one is out of the other: `2/3 số hộ`, `10/10 xã`, `24/7`."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import say_integer, say_number
from audio.reading.scan import Scan
from audio.reading.units import hours_at, unit_at

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,7})\s?/\s?(\d{1,3}(?:\.\d{3})+|\d{1,7})(?![\d/]|[.,]\d)")
_PART_OF = re.compile(
    r"(?:1/[234]|2/3|3/4)\s(?!(?:xã|ấp|thôn|phường|hộ|người|tiêu chí|đơn vị|trường|nhiệm vụ|chỉ tiêu|thành viên"
    r"|đại biểu|chi bộ|lớp|điểm)\b)[a-zà-ỹđ]{2,}"
)
"""`1/2 mặt đường`; what can be counted one by one is `2/3 xã`, two of three."""
_SHARE_WORD = re.compile(
    r"\s+(?:số|tổng|diện tích|dân số|quân số|chặng|quãng|lượng|thời gian|phần|khối|giá|mức|chiều|vốn|kinh phí"
    r"|thu nhập"
    r"|tài sản|dung tích|sản lượng|nước|muỗng|thìa|cốc|viên|liều|công|mẫu|sào|cử tri|người dân"
    r"|đại biểu có mặt|ngày)\b"
)
_SHARE_LEAD = re.compile(
    r"\b(?:hơn|gần|quá|trên|dưới|khoảng|bằng|ít nhất|tối thiểu|chiếm|giảm|tăng|còn|tỷ lệ|tỉ lệ)\s*$"
)
_SCORE_LEAD = re.compile(r"\b(?:huyết áp|thị lực|số nhà|nhà số|hẻm|ngõ|ngách|kiệt|thửa|tờ|số|lô)\s*$")


def share(scan: Scan, pos: int) -> Piece | None:
    """`2/3 số hộ` -> hai phần ba; `10/10 xã` -> mười trên mười; `24/7`."""
    found = _SHARE.match(scan.text, pos, scan.end)
    if not found:
        return None
    top, bottom = (int(found[i].replace(".", "")) for i in (1, 2))
    before = scan.tail(pos)
    part = (
        0 < top < bottom <= 20
        and not _SCORE_LEAD.search(before)
        and bool(
            _SHARE_WORD.match(scan.text, found.end(), scan.end)
            or _PART_OF.match(scan.text, pos, scan.end)
            or (_SHARE_LEAD.search(before) and bottom <= 10)
        )
    )
    words = f"{say_number(found[1])} {'phần' if part else 'trên'} {_bottom(bottom, part=part)}"
    end = found.end()
    unit = hours_at(scan, end) or unit_at(scan, end)
    if unit and scan.text[end : end + 2].strip():
        return Piece(f"{words} {unit[0]}", pos, unit[1])
    return Piece(words, pos, end)


def _bottom(value: int, *, part: bool) -> str:
    return "tư" if part and value == 4 else say_integer(value)
