"""Telephone and account numbers: digit by digit, in the groups people dictate them in."""

from __future__ import annotations

import re

from audio.reading.letters import say_digits
from audio.reading.model import Piece
from audio.reading.scan import Scan

_PREFIXED = re.compile(r"\(?(\+)\s?84\)?[ .-]?(?:\(0\)[ .-]?)?\d{1,3}(?:[ .-]\d)?(?:[ .-]?\d{2,4}){2,3}(?!\d)")
_ABROAD = re.compile(r"(?:\(?84[-. ]\d{2,3}\)?[-. ]?|0084[-. ]?)\d(?:[-. ]?\d){5,9}(?!\d)")
_AREA = re.compile(r"\(\s?0\d{1,3}\s?\)[ .-]{0,2}\d(?:[ .-]?\d){5,8}(?!\d)")
_NATIONAL = re.compile(r"0\d{1,5}(?:[ .-]\d{1,8}){1,4}(?!\d|[.,]\d)|0\d{9,10}(?!\d)")
_SPACED = re.compile(r"0\d{1,3} [-–] \d{3,4}(?:[ .]?\d{3,4}){1,2}(?!\d|[.,]\d)")
_SERVICE = re.compile(r"1[89]00(?:[ .-]?\d{2,6}){1,3}(?!\d)")
_SERVICE_WHOLE = re.compile(r"1[89]00[ .]?\d{4}(?:\d{2})?(?![\d.])")
_SHORT = re.compile(
    r"(?:11[1-9]|1022|10[58]\d|1[1-9]\d{2}|[12]\d{2}|[3-9]\d{2,3})(?![\d/]|[.,]\d|\s?(?:%|đồng|người|m\b|km|hộ))"
)
_LOCAL = re.compile(r"[2-9](?:\d{5,7}|\.\d{3}\.\d{3}|\d{2,3}[ .-]\d{3,4}|\d{1,3}(?:[ .-]\d{2,3}){2,3})(?!\d|[.,]\d)")
_EMERGENCY = re.compile(r"(?:11[1-9]|1022)(?![\d/]|[.,]\d)")
_CALLED = re.compile(r"\b(?:gọi|số|đài|nóng|bấm|thoại|đt|sđt)\s*:?\s*$")
SO_MANY = re.compile(
    r"\s?(?:chỗ|ha|sào|mét|m2|căn|con|ca|trạm|viên|suất|phần|tấn|kg|triệu|tỷ|vụ|người|hộ|trẻ|em|cháu|học sinh|nhà"
    r"|bệnh nhân|đồng chí|cán bộ|chiến sĩ|lượt|trường hợp|đối tượng|xe|nạn nhân|giường|hồ sơ|cuộc|công an|dân quân"
    r"|bình|thiết bị|điểm|ngày|giờ|lần|cơ sở|công trình|đơn vị|tin báo|đoàn viên|hội viên|đảng viên)(?!\w)"
    r"|,\s(?:trong đó|gồm|bao gồm)\s"
)
_DIGITS = re.compile(r"[\d](?:[ .-]?\d){3,29}(?!\d)")
_PHONE_LEAD = re.compile(
    r"\b(?:gọi|điện thoại|đt|sđt|đtdđ|đường dây nóng|hotline|tổng đài|số máy|liên hệ|liên lạc|fax|zalo|máy lẻ"
    r"|bấm|quay số"
    r"|alo|nhắn tin|tin nhắn|cuộc gọi|soạn|nhắn|sms|cú pháp|đầu số|số nóng|tel|cứu hộ|máy bàn)\b[^.;!?\n]{0,48}$"
)
_SHORT_LEAD = re.compile(
    r"(?:(?:số|gọi|đài|nóng|hotline|bấm|lẻ|:|đt|sđt|thoại|tin|gửi|gửi tới|gửi đến|gửi về)|"
    r"\b(?:tin nhắn|cuộc gọi|nhắn|soạn|sms)\b[^.;]{0,40}\b(?:tới|đến|về|qua))\s*"
    r"(?:\d{3,5}\s*(?:,|;|/|và|hoặc|hay)\s*(?:số\s)?)*$"
)
_EMERGENCY_LEAD = re.compile(
    r"\b(?:gọi|điện thoại|đt|sđt|đường dây nóng|hotline|tổng đài|(?<!thửa )(?<!đất )(?<!tờ )(?<!nhà )"
    r"(?<!lô )(?<!bản đồ )(?<!định )(?<!hoạch )(?<!văn )(?<!phòng )(?<!thông báo )(?<!trình )"
    r"(?<!cầu )(?<!xe )(?<!tuyến )(?<!đơn )(?<!hiệu )(?<!bão )số"
    r"|cấp cứu|cứu hỏa|chữa cháy|cảnh sát|công an|lực lượng|bấm|báo|pccc|antt|cứu nạn|khẩn cấp)"
    r"(?:\s+\w+){0,2}(?:\s+(?:ngay|số|đến|tới|tổng đài|theo số|cho|:))*[\s:(]*(?:1\d{2,3}[\s,;/-]*(?:và|hoặc"
    r"|hay|,)?\s*)*$"
)
_OTHER_NUMBER = re.compile(r"\d(?:[ .-]?\d){7,10}\s*(?:hoặc|và|hay|,|;|/|-)\s*(?:số\s*)?$")
_EMERGENCY_AGAIN = re.compile(
    r"\b(?:gọi|tổng đài|đường dây nóng|hotline|số máy|số điện thoại)[^.;]{0,60}\b1(?:1[1-9]|022)\b[^.]{0,90}$"
)
_CODE_LEAD = re.compile(
    r"\b(?:mã số thuế|mã số(?: [\w]{2,9}){0,2}|mã(?: hồ sơ| khách hàng| kh| hs| học sinh| sinh viên)?"
    r"|số tài khoản|stk|tài khoản|tk|số thẻ|thẻ|cccd|cmnd|căn cước(?: công dân)?|mst"
    r"|seri|số hiệu|đầu số"
    r"|cú pháp|số định danh|số [a-z]{1,2}|"
    r"(?:số|sổ) (?:sổ |thẻ )?(?:bhxh|bhyt|đdcn|hộ chiếu|khung|máy|giấy phép|gplx)|chứng minh nhân dân|id|pass|mật khẩu|"
    r"mã pin|mã xác nhận|số khung|số máy)\s*(?:số|là)?\s*:?\s*$"
)
_ACCOUNT = re.compile(r"\d{2,14}(?:[.-]\d{1,13}){1,5}(?![\d/])")
FEWEST_OF_ACCOUNT = 8
"""Dots and dashes part the digits of an account or of a tax number; fewer digits are some other number."""
_AREA_CODE = re.compile(r"0\d{2,3}(?![\d./])")
_AREA_LEAD = re.compile(r"\b(?:đầu số|mã vùng)[\s\d,;:vàhoặc]{0,40}$")
_MASKED = re.compile(r"(0\d{1,3})[ .]?([xX*]{2,4})[ .]?(\d{2,4})(?![\w])")


def masked(scan: Scan, pos: int) -> Piece | None:
    """`0912.xxx.345`: a number of which a part is kept back."""
    found = _MASKED.match(scan.text, pos, scan.end)
    if not found:
        return None
    hidden = " ".join(["ích" if found[2][0] in "xX" else "sao"] * len(found[2]))
    return Piece(f"{say_digits(found[1])}, {hidden}, {say_digits(found[3])}", pos, found.end())


_SPLIT = re.compile(r"[ .()-]+")


def _groups(digits: str) -> list[str]:
    """Digits without a grouping of their own, as people say them: 0912345678 -> 0912 345 678."""
    if len(digits) <= 6:
        return [digits]
    if len(digits) == 11 and digits.startswith("02"):
        return [digits[:4], digits[4:8], digits[8:]]
    head = len(digits) % 3 or 3
    if digits.startswith(("1800", "1900")) or head == 1:
        head = 4
    return [digits[:head], *(digits[i : i + 3] for i in range(head, len(digits), 3))]


def say_grouped(written: str) -> str:
    """The digits of `written` by name, a breath between groups."""
    parts = [part for part in _SPLIT.split(written.replace("+", "")) if part]
    if len(parts) == 1:
        parts = _groups(parts[0])
    merged: list[str] = []
    for at, part in enumerate(parts):
        is_alone = len(part) == 1 and not (_follows_area_code(parts[:at]) and at + 1 < len(parts))
        if merged and (is_alone or (len(merged[-1]) == 1 and len(merged) > 1)):
            merged[-1] += part
        else:
            merged.append(part)
    return ", ".join(say_digits(part) for part in merged)


def _follows_area_code(parts: list[str]) -> bool:
    """0276 3 812 100: the single digit begins the subscriber's number, the area code stays whole."""
    return bool(len(parts) == 1 and re.fullmatch(r"02\d{1,2}", parts[0])) or (len(parts) == 2 and parts[0] == "84")


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def phone(scan: Scan, pos: int) -> Piece | None:
    """A number to ring: by its shape, or by the words before it."""
    text, end = scan.text, scan.end
    account = _ACCOUNT.match(text, pos, end)
    if account and _digits(account[0]) >= FEWEST_OF_ACCOUNT and _CODE_LEAD.search(scan.tail(pos)):
        return Piece(say_grouped(account[0]), pos, account.end())
    found = _PREFIXED.match(text, pos, end)
    if found and 10 <= _digits(found[0]) <= 13:
        return Piece("cộng " + say_grouped(found[0]), pos, found.end())
    found = _ABROAD.match(text, pos, end)
    if found and 10 <= _digits(found[0]) <= 14:
        return Piece(say_grouped(found[0]), pos, found.end())
    found = _AREA.match(text, pos, end) or _NATIONAL.match(text, pos, end) or _SPACED.match(text, pos, end)
    if found and 8 <= _digits(found[0]) <= 12 and not _is_date(found[0]):
        return Piece(say_grouped(found[0]), pos, found.end())
    found = _SERVICE_WHOLE.match(text, pos, end) or _SERVICE.match(text, pos, end)
    if found and 8 <= _digits(found[0]) <= 10:
        return Piece(say_grouped(found[0]), pos, found.end())
    return _by_words(scan, pos)


def _is_date(written: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}([.-])\d{1,2}\1\d{4}", written))


def _by_words(scan: Scan, pos: int) -> Piece | None:
    text, end = scan.text, scan.end
    before = scan.tail(pos)
    if not scan.char(pos).isdecimal():
        return None
    found = _EMERGENCY.match(text, pos, end)
    if (
        found
        and not _is_counted(scan, found.end(), before)
        and (
            _EMERGENCY_LEAD.search(before)
            or _OTHER_NUMBER.search(before)
            or _EMERGENCY_AGAIN.search(scan.tail(pos, 160))
        )
    ):
        return Piece(say_digits(found[0]), pos, found.end())
    if _PHONE_LEAD.search(before):
        found = _LOCAL.match(text, pos, end)
        if found and 6 <= _digits(found[0]) <= 9:
            return Piece(say_grouped(found[0]), pos, found.end())
        found = _SHORT.match(text, pos, end)
        if found and _SHORT_LEAD.search(before):
            return Piece(say_digits(found[0]), pos, found.end())
    return _code(scan, pos, before)


def _is_counted(scan: Scan, end: int, before: str) -> bool:
    """`cấp cứu 115 ca`, `công an bắt 113 người`: so many, unless one is told to ring it."""
    return bool(SO_MANY.match(scan.text, end, scan.end)) and not _CALLED.search(before)


def _code(scan: Scan, pos: int, before: str) -> Piece | None:
    """An area code, an account, a card: named by the words before."""
    found = _AREA_CODE.match(scan.text, pos, scan.end)
    if found and _AREA_LEAD.search(before):
        return Piece(say_digits(found[0]), pos, found.end())
    found = _DIGITS.match(scan.text, pos, scan.end) if _CODE_LEAD.search(before) else None
    if not found:
        found = _LONG_DIGITS.match(scan.text, pos, scan.end)
    return Piece(say_grouped(found[0]), pos, found.end()) if found else None


_LONG_DIGITS = re.compile(
    r"\d{9,14}(?![\d/]|[.,]\d|\s?(?:đồng|đ\b|vnđ|vnd|người|đô|usd|triệu|tỷ|ha|m2|m3|kg|tấn|lượt))", re.IGNORECASE
)
"""As many digits without a dot among them are no count: nobody writes one so."""
