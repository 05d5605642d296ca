"""A dash between words or numbers: *đến* (up to), a breath, or nothing inside a name."""

from __future__ import annotations

import re

from audio.reading.scan import Scan

DASHES = "-–—→⇒➔"


def dash_word(scan: Scan, pos: int) -> str:
    """What the dash at `pos` is said as; "," a pause, "" nothing."""
    before = scan.text[pos - 1] if pos > scan.start else " "
    after = scan.char(pos + 1) or " "
    apart = before.isspace() and after.isspace()
    if _grows(scan, pos) or _spans_time(scan, pos) or _goes_on_to(scan, pos) or (apart and _opened_span(scan, pos)):
        return "đến"
    inside = scan.text[pos] == "-" and not before.isspace() and not after.isspace()
    if (inside and not (before.isdecimal() and after.isdecimal())) or _joins_name(scan, pos):
        return ""
    return ","


def _spans_time(scan: Scan, pos: int) -> bool:
    """`0h ngày 15/1-24h ngày 22/1`, `thứ hai - thứ sáu`: from one hour of a day, or one day, to another."""
    if _DATE_END.search(scan.tail(pos)) and _HOUR_NEXT.match(scan.text, pos + 1, scan.end):
        return True
    return bool(_FROM_DAY.search(scan.tail(pos, 24)) and _TO_DAY.match(scan.text, pos + 1, scan.end))


_DATE_END = re.compile(r"\d\s?(?:h|g|giờ|:)(?:\d\d)?\s(?:ngày )?\d{1,2}/\d{1,2}(?:/\d{4})?\s?$")
_HOUR_NEXT = re.compile(r"\s?\d{1,2}\s?(?:[hg:]\d{0,2}|giờ)(?!\w)")
_FROM_DAY = re.compile(r"(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|tháng (?:giêng|[a-zà-ỹ]{2,4}))\s*$")
_TO_DAY = re.compile(r"\s*(?:(?:sáng|trưa|chiều|tối|hết)\s)?(?:thứ\s|chủ nhật|cn\b|tháng\s)", re.IGNORECASE)
_SIGN_LEFT = re.compile(r"(?<![\w-])(\d{0,2}[A-ZĐ]{1,3})(\d{1,3})\s?$")
_SIGN_RIGHT = re.compile(r"\s?(\d{0,2}[A-ZĐ]{1,3})(\d{1,3})(?![\w/]|\s?-|[.,]\d)")


LONG_SIGN = 3
"""`D100-D225` is a span; with space around the dash such signs are as well two by themselves."""
_ALARM_LEFT = re.compile(r"(?<!\w)bđ\s?i{1,2}\s?$")
_ALARM_RIGHT = re.compile(r"\s?BĐ\s?I{2,3}(?!\w)")


def _grows(scan: Scan, pos: int) -> bool:
    """`BĐ2-BĐ3`, `BĐI-BĐII`, `12A1 - 12A5`: from one sign to a later one of its kind."""
    if _ALARM_LEFT.search(scan.tail(pos, 8)) and _ALARM_RIGHT.match(scan.text, pos + 1, scan.end):
        return True
    right = _SIGN_RIGHT.match(scan.text, pos + 1, scan.end)
    left = _SIGN_LEFT.search(scan.text, max(scan.start, pos - 8), pos) if right else None
    if not left or not right or left[1] != right[1]:
        return False
    spaced = left[0][-1].isspace() or right[0][0].isspace()
    return int(left[2]) < int(right[2]) and not (spaced and len(right[2]) == LONG_SIGN)


_ARROWS = "→⇒➔"
_NUMBERED_END = re.compile(r"\d[a-zđ]?\d?\s?$")
_NUMBERED_NEXT = re.compile(r"\s?[A-ZĐ]{0,2}\d")
_HOUSES = re.compile(r"\b(?:số nhà|nhà số|từ số|từ nhà|nhà|số|từ lớp|phòng)\s\d{1,4}[a-h]?\s?$")


def _goes_on_to(scan: Scan, pos: int) -> bool:
    """`12A→146`, `số nhà 12A-146`: from one number to another."""
    if not _NUMBERED_NEXT.match(scan.text, pos + (2 if scan.char(pos + 1) == ">" else 1), scan.end):
        return False
    before = scan.tail(pos, 24)
    if scan.text[pos] in _ARROWS or scan.char(pos + 1) == ">":
        return bool(_NUMBERED_END.search(before))
    return bool(_HOUSES.search(before)) and (before.rstrip()[-1:].isalpha())


_SPAN_OPENS = re.compile(r"(?<!\w)từ\s(?!ngữ|điển|thiện|chối|bỏ|chức|đó|đây)([^,.;:()]{1,48})$")
_BRACKETED = re.compile(r"\([^()]*\)")
_SPAN_CLOSED = re.compile(r"\b(?:đến|tới|về|sang)\b|\s[-–—]\s")


def _opened_span(scan: Scan, pos: int) -> bool:
    """`từ đủ 18 - hết 25 tuổi`, `từ cầu Bến Sỏi - chợ Long Hoa`: what *từ* opened, the dash goes on with."""
    found = _SPAN_OPENS.search(_BRACKETED.sub("", scan.tail(pos, 96)).rstrip())
    return bool(found and not _SPAN_CLOSED.search(found[1]))


_SECTOR_LEFT = re.compile(
    r"(?:chính trị|kinh tế|văn hóa|văn hoá|lao động|quốc phòng|thông tin|tài chính|giáo dục|dân số|an ninh"
    r"|khoa học|nông nghiệp"
    r"|thể dục|hành chính|tổ chức|thương mại|công nghiệp|xây dựng|tổng hợp|tiểu học|bưu chính|báo chí|kế hoạch)\s*$"
)
_SECTOR_RIGHT = re.compile(
    r"\s*(?:xã hội|thông tin|thể thao|thương binh|an ninh|truyền thông|kế hoạch|đào tạo|hạ tầng|công nghệ"
    r"|văn nghệ|nghệ thuật"
    r"|quốc phòng|môi trường|phát triển|tổng hợp|cán bộ|hành chính|dịch vụ|tiểu thủ|trung học|viễn thông"
    r"|xuất bản|tài chính|du lịch)",
    re.IGNORECASE,
)


def _joins_name(scan: Scan, pos: int) -> bool:
    """`Văn hóa - Thông tin`, `kinh tế – xã hội`: the dash joins two fields, nobody pauses there."""
    return bool(_SECTOR_LEFT.search(scan.tail(pos, 20)) and _SECTOR_RIGHT.match(scan.text, pos + 1, scan.end))
