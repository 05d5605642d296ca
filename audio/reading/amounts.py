"""One written number where it stands: a dotted one is a decimal, thousands or a section, by what is around it."""

from __future__ import annotations

import re

from audio.reading.numbers import NUMBER, say_integer, say_number
from audio.reading.scan import Scan
from audio.reading.units import UNIT

_DOTTED = re.compile(r"(\d{1,4})((?:\.\d{1,4}){1,6})(?!\d|,\d)")
_SECTION_LEAD = re.compile(
    r"\b(?:mục|điểm|tiết|khoản|phụ lục|bảng|biểu|hình|phiên bản|tiểu mục|phần|chương|mẫu)(?:\s+số)?\s*$"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_MARKS = re.compile(r"\b(?:hệ số|trị số|độ ph|ph|điểm (?:chuẩn|sàn|thi|tb|trung bình|số|xét)|đtb)\b[^.;]{0,24}$")
_ENGLISH_THOUSANDS = re.compile(r"(\d{1,3}),000(?!\d)")
_MONEY_WORD = re.compile(r"\s?(?:đ\b|đồng|VNĐ|VND|vnđ|₫)")


def number_at(scan: Scan, pos: int) -> tuple[str, int] | None:
    """(words, end) of the number at `pos`; a dotted one that is no grouping is read by what stands around it."""
    found = NUMBER.match(scan.text, pos, scan.end)
    if not found:
        return None
    written, end = found[0], found.end()
    dotted = _DOTTED.match(scan.text, pos, scan.end)
    if dotted and dotted.end() > end:
        return _say_dotted(scan, pos, dotted)
    if dotted and dotted.end() == end and not _GROUPED.fullmatch(written) and _SECTION_LEAD.search(scan.tail(pos)):
        return _say_dotted(scan, pos, dotted)
    english = _ENGLISH_THOUSANDS.fullmatch(written)
    if english and _MONEY_WORD.match(scan.text, end, scan.end):
        return say_integer(int(english[1]) * 1000), end
    return say_number(written), end


def _say_dotted(scan: Scan, pos: int, dotted: re.Match[str]) -> tuple[str, int]:
    parts = dotted[0].split(".")
    decimal = (
        len(parts) == 2
        and not _SECTION_LEAD.search(scan.tail(pos))
        and bool(
            _MARKS.search(scan.tail(pos))
            or UNIT.match(scan.text, dotted.end(), scan.end)
            or re.match(
                r"\s?(?:triệu|tỷ|tỉ|nghìn|ngàn|lần|điểm|độ|phần trăm|cây|sào|công|m\b)",
                scan.text[dotted.end() : dotted.end() + 12],
            )
        )
    )
    join = " phẩy " if decimal else " chấm "
    return join.join(say_integer(int(part)) for part in parts), dotted.end()
