"""One day: `12/02/2020`, `02/9`, `ngày 5.8`. Days 1 to 10 are *mùng*, month 4 is *tư*.

`d/m` without a year is a date or a share; what stands before and behind decides, and where nothing does, staff are
asked.
"""

from __future__ import annotations

import re

from audio.reading.day_words import (
    DATE_LEAD,
    DAY_LIST,
    DAY_WORD,
    HOLIDAYS,
    LAST_MONTH,
    real_date,
    say_date,
    say_day,
)
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan
from audio.reading.shares import is_share

_FULL = re.compile(r"(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4})(?![\d/])")
_SHORT_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})(?![\d/])")
_ISO = re.compile(r"((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_AFTER_CLOCK = re.compile(r"\d\s?(?:h|g|giờ|:)\s?(?:\d{2})?(?:\s?(?:phút|'))?\s*[-–]?\s*$")
_NAMED_DAY = re.compile(
    r"\bngày\s(?:sinh|cấp|bầu cử|thi|họp|ban hành|ký|hết hạn|nộp|khai giảng|lập|mất|tiêm|khởi công"
    r"|thành lập|khai mạc)\s*$"
)
_TIME_OF_DAY = re.compile(r"\b(?:sáng|trưa|chiều|tối|đêm|khuya|hôm)(?:\s+ngày)?\s*[(,]?\s*$")
_MANY_DAYS_LEAD = re.compile(r"\d/\d{1,2}(?:/\d{4})?\s*(?:,|và|hoặc|đến|-|–)\s*$")
_ASKS_DAY = re.compile(r"\b(?:từ|đến|tới|trước|sau|vào|hết)\s*$")


def say_date_at(scan: Scan, pos: int, day: int, month: int, year: int | None) -> str:
    """The date at `pos` with *ngày* before it, unless the text has it or *mùng* there already."""
    before = scan.tail(pos)
    after_mung = before.rstrip().endswith(("mùng", "mồng"))
    lead = "" if DAY_WORD.search(before) else "ngày " if year or _ASKS_DAY.search(before) else ""
    if _AFTER_CLOCK.search(before):
        lead = "ngày "
    if _NAMED_DAY.search(before) or _TIME_OF_DAY.search(before):
        lead = ""
    if (_MANY_DAYS_LEAD.search(before) or DAY_LIST.search(before)) and not _ASKS_DAY.search(before):
        lead = ""
    said = say_date(day, month, year)
    return lead + (said.removeprefix("mùng ") if after_mung else said)


def full_date(scan: Scan, pos: int) -> Piece | None:
    """`12/02/2020`, `24-8-2020`, `2020-02-12`, `12/02/20` behind *ngày*."""
    found = _FULL.match(scan.text, pos, scan.end)
    if found:
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if day > 31 or month > 31 or not 1000 <= year <= 2999:
            return None
        return _checked(scan, Piece(say_date_at(scan, pos, day, month, year), pos, found.end()), day, month, year)
    found = _ISO.match(scan.text, pos, scan.end)
    if found and real_date(int(found[3]), int(found[2]), int(found[1])):
        return Piece(say_date_at(scan, pos, int(found[3]), int(found[2]), int(found[1])), pos, found.end())
    found = _SHORT_YEAR.match(scan.text, pos, scan.end)
    if found and real_date(int(found[1]), int(found[2]), 2000 + int(found[3])):
        day, month, year = int(found[1]), int(found[2]), 2000 + int(found[3])
        return scan.doubted("ambiguous_date", Piece(say_date_at(scan, pos, day, month, year), pos, found.end()))
    return None


def _checked(scan: Scan, piece: Piece, day: int, month: int, year: int | None) -> Piece:
    return piece if real_date(day, month, year) else scan.doubted("ambiguous_date", piece)


_DAY_MONTH = re.compile(r"(\d{1,2})\s?/\s?(\d{1,2})(?![^\W_]|/|[.,]\d)")
_LUNAR = re.compile(r"\s?\(?(?:ÂL|AL|âl|al|âm lịch|Âm lịch)(?!\w)")
_HOUSE_LEAD = re.compile(
    r"\b(?:số nhà|nhà số|nhà|hẻm|ngõ|ngách|kiệt|thửa|tờ|lô|huyết áp|thị lực|(?<!giỗ )tổ|lớp|đường số"
    r"|phòng|thương binh|bệnh binh|tb|bb|hạng)\s*(?:số\s*)?(?:\d{1,4}[a-h]?/\d{1,4}\s?(?:,|;|và)\s?){0,9}$"
)
_NUMBER_LEAD = re.compile(r"(?:\bsố|\bđịa chỉ|\bđc)\s*:?\s*$")
_STREET = re.compile(r"\s+(?:đường\s|[A-ZĐÀ-Ỹ][a-zà-ỹ])")


def day_month(scan: Scan, pos: int) -> Piece | None:
    """`2/9` as a date, where it is one; a share is left to `shares.share`."""
    found = _DAY_MONTH.match(scan.text, pos, scan.end)
    before = scan.tail(pos)
    if _NAMED_FOR.search(before) and (place := _named_for_day(scan, pos)):
        return place
    if not found:
        return _dotted_day(scan, pos, before) or _dashed_day(scan, pos, before)
    day, month = int(found[1]), int(found[2])
    named = bool(DAY_WORD.search(before))
    if named or DAY_LIST.search(before):
        return _named_day(scan, Piece("", pos, found.end()), day, month, named=named)
    if real_date(day, month) and _LUNAR.match(scan.text, found.end(), scan.end):
        return Piece(say_date_at(scan, pos, day, month, None), pos, found.end())
    if (
        found[0] == "24/7"
        or _HOUSE_LEAD.search(before)
        or (_NUMBER_LEAD.search(before) and _STREET.match(scan.text, found.end(), scan.end))
        or not real_date(day, month)
        or is_share(scan, found.end(), day, month, before)
    ):
        return None
    piece = Piece(say_date_at(scan, pos, day, month, None), pos, found.end())
    padded = found[1].startswith("0") or found[2].startswith("0")
    led = DATE_LEAD.search(before) or _AFTER_CLOCK.search(before) or _MANY_DAYS_LEAD.search(before)
    sure = led or padded or day > LAST_MONTH or (day, month) in HOLIDAYS
    return piece if sure else scan.doubted("ambiguous_date", piece)


_NAMED_FOR = re.compile(r"\b(?:đường|phố|công viên|quảng trường|mầm non|mn|mẫu giáo|nhà máy)\s$")
_FEAST = re.compile(r"(\d{1,2})[/-](\d{1,2})(?![\w/-]|[.,]\d)")


def _named_for_day(scan: Scan, pos: int) -> Piece | None:
    """`đường 3/2`, `mầm non 1-6`: a place that bears the name of a feast, said without mùng."""
    found = _FEAST.match(scan.text, pos, scan.end)
    if not found or (int(found[1]), int(found[2])) not in HOLIDAYS | {(23, 9), (23, 10)}:
        return None
    return Piece(say_date(int(found[1]), int(found[2])).removeprefix("mùng "), pos, found.end())


def _named_day(scan: Scan, piece: Piece, day: int, month: int, *, named: bool) -> Piece | None:
    """What follows *ngày* is a date even where there is no such day; then staff are asked."""
    if real_date(day, month):
        return piece._replace(spoken=say_date_at(scan, piece.start, day, month, None))
    if named and 1 <= day <= 31 and 1 <= month <= 31:
        said = f"{say_day(day)} tháng {say_integer(month)}"
        return scan.doubted("ambiguous_date", piece._replace(spoken=said))
    return None


_DAY_MONTH_DASH = re.compile(r"(\d{1,2})-(\d{1,2})(?![\d/-]|[.,]\d)")
_DAYS_OF = re.compile(r"\s*(?:/|tháng|hàng tháng|hằng tháng|mỗi tháng|của tháng|âm lịch|tết)", re.IGNORECASE)
_GAME = re.compile(r"\b(?:thắng|thua|hòa|tỷ số|tỉ số|hiệp|(?<!uốn )ván)\b")
_FEAST_LEAD = re.compile(
    r"\b(?:giỗ|giỗ tổ|hùng vương|vía|lễ hội|cúng|tết|nguyên tiêu|trung thu|vu lan|thanh minh)\s*\(?$"
)
_WEEKDAY_BEHIND = re.compile(r"\s?\(\s?(?:CN|T[2-7]|[Tt]hứ (?:[2-7]|hai|ba|tư|năm|sáu|bảy)|[Cc]hủ nhật)\s?\)")
_FESTIVE = re.compile(r"\b(?:khánh|lễ|dịp|ngày|mừng|niệm|phụ nữ|nhà giáo|lao động|lập|và)\s*\(?$")


def _dashed_day(scan: Scan, pos: int, before: str) -> Piece | None:
    """`ngày 20-11`, `Quốc khánh 2-9`: a dash between day and month, where it can be no span of days."""
    found = _DAY_MONTH_DASH.match(scan.text, pos, scan.end)
    if not found or not real_date(int(found[1]), int(found[2])) or _SO_OFTEN.match(scan.text, found.end(), scan.end):
        return None
    day, month = int(found[1]), int(found[2])
    piece = Piece(say_date_at(scan, pos, day, month, None), pos, found.end())
    if _LUNAR.match(scan.text, found.end(), scan.end) or _FEAST_LEAD.search(before):
        feast = day >= month or (day, month) in HOLIDAYS
        return piece if feast else scan.doubted("ambiguous_date", piece)
    festive = (day, month) in HOLIDAYS and (_FESTIVE.search(before) or (day > LAST_MONTH and not _GAME.search(before)))
    if festive or _TIME_OF_DAY.search(before) or _WEEKDAY_BEHIND.match(scan.text, found.end(), scan.end):
        return piece
    if DAY_WORD.search(before) and not _DAYS_OF.match(scan.text, found.end(), scan.end):
        return piece if day > month else scan.doubted("ambiguous_date", piece)
    return None


_SO_OFTEN = re.compile(r"\s(?:lần|viên|buổi|bữa|gói|cữ|liều|giờ|tiếng|ly|cốc|trận|cơn|chuyến|lượt)\b")
"""`ngày 2-3 lần`: every day so often."""
_DAY_MONTH_DOT = re.compile(r"(\d{1,2})\.(\d{1,2})(?![\d/-]|[.,]\d|\s?(?:%|đồng|triệu|tỷ|m\b|ha\b))")
_WEEKDAY_SAID = re.compile(r"(?:\bthứ\s(?:hai|ba|tư|năm|sáu|bảy|[2-7])|\bchủ nhật|\bcn|\bt[2-7])\s?[,(]?\s*$")


def _dotted_day(scan: Scan, pos: int, before: str) -> Piece | None:
    """`ngày 5.8`, `sáng 14.11` as newspapers of the South write."""
    found = _DAY_MONTH_DOT.match(scan.text, pos, scan.end)
    if not found or not real_date(int(found[1]), int(found[2])):
        return None
    lunar = _LUNAR.match(scan.text, found.end(), scan.end)
    if not lunar and not DAY_WORD.search(before) and not _WEEKDAY_SAID.search(before):
        return None
    return Piece(say_date_at(scan, pos, int(found[1]), int(found[2]), None), pos, found.end())
