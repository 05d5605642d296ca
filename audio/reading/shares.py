"""Two numbers of which one is out of the other: `2/3 số hộ`, `10/10 xã`, `24/7`, `tỷ lệ 1:500`."""

from __future__ import annotations

import re

from audio.reading.day_words import DATE_LEAD, HOLIDAYS
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
_WHOLES = (
    "số|tổng|diện tích|dân số|quân số|chặng|quãng|lượng|thời gian|phần|khối|giá|mức|chiều|vốn|kinh phí|thu nhập|tài sản"
    "|dung tích|sản lượng|nước|muỗng|thìa|cốc|viên|liều|công|mẫu|sào|cử tri|người dân"
)
"""What a part may be of."""
_MEASURES = "hơn|gần|quá|trên|dưới|khoảng|bằng|ít nhất|tối thiểu|chiếm|giảm|tăng|còn|tỷ lệ|tỉ lệ"
"""What tells how much a part is."""
_PART_OF_WHOLE = re.compile(rf"\s+(?:{_WHOLES}|đại biểu có mặt|ngày)\b")
_PART_LEAD = re.compile(rf"\b(?:{_MEASURES})\s*$")
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
            _PART_OF_WHOLE.match(scan.text, found.end(), scan.end)
            or _PART_OF.match(scan.text, pos, scan.end)
            or (_PART_LEAD.search(before) and bottom <= 10)
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


_POWER = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,12}(?:,\d{1,6})?)\s?\^\s?([-−]?)(\d{1,3})(?![^\W_]|[.,]\d)")


def power(scan: Scan, pos: int) -> Piece | None:
    """`10^3` -> mười mũ ba."""
    found = _POWER.match(scan.text, pos, scan.end)
    if not found:
        return None
    return Piece(f"{say_number(found[1])} mũ {'âm ' if found[2] else ''}{say_integer(int(found[3]))}", pos, found.end())


_RATIO = re.compile(r"(\d{1,4}):(\d{1,3}(?:\.\d{3})+|\d{1,6})(?![\d:])")


def ratio(scan: Scan, pos: int) -> Piece | None:
    """`tỷ lệ 1:500` -> `một trên năm trăm`; `tỷ số 2:1` -> `hai một`."""
    found = _RATIO.match(scan.text, pos, scan.end)
    if not found:
        return None
    join = " " if "số" in scan.tail(pos, 16) and "tỷ" in scan.tail(pos, 16) else " trên "
    last = int(found[2].replace(".", ""))
    return Piece(f"{say_integer(int(found[1]))}{join}{say_integer(last)}", pos, found.end())


def is_share(scan: Scan, end: int, top: int, bottom: int, before: str) -> bool:
    """Is `top/bottom`, ending at `end`, a share or a count rather than a date?"""
    if (top, bottom) in _FRACTIONS and not DATE_LEAD.search(before) and _NOUN.match(scan.text, end, scan.end):
        return True
    if top == bottom and _ALL_DAYS.match(scan.text, end, scan.end):
        return True
    if _SHARE_OF.match(scan.text, end, scan.end) or COUNTED.match(scan.text, end, scan.end):
        return True
    if _COUNTED_TOO.match(scan.text, end, scan.end) and not DATE_LEAD.search(before) and (top, bottom) not in HOLIDAYS:
        return top <= bottom
    return bool(_SHARE_LEAD.search(before)) and top <= bottom


_FRACTIONS = frozenset({(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)})
_NOUN = re.compile(
    r"\s(?!(?:tại|đến|của|là|và|từ|vào|lúc|năm|âm|có|được|sẽ|hàng|hằng|này|tới|sáng|chiều|tối)\s)[a-zà-ỹđ]{2,}"
)
_ALL_DAYS = re.compile(r"\s(?:ngày|buổi|tuần|tháng|môn)\b")
_SHARE_OF = re.compile(rf"\s+(?:{_WHOLES}|đại biểu|thành viên)\b")
_SHARE_LEAD = re.compile(rf"\b(?:{_MEASURES}|đủ|đạt|có|được|số|chỉ|với|hoàn thành|thực hiện|tại|cho)\s*$")
COUNTED = re.compile(
    r"\s+(?:xã|phường|thị trấn|thôn|ấp|bản|làng|buôn|hộ|người|tiêu chí|trường|đơn vị|đại biểu|cử tri|lớp|em|học sinh"
    r"|cháu|địa phương|huyện|tổ|khu|điểm|phiếu|ý kiến|đảng viên|chi bộ|chi hội|cán bộ|công trình|dự án|tỉnh"
    r"|đồng chí|hồ sơ"
    r"|chỉ tiêu|nhiệm vụ|giáo viên|cơ quan|ca|mẫu|thành viên|thành phố|hợp tác xã|tuyến|trạm|cụm|doanh nghiệp"
    r"|gia đình"
    r"|thành phần|nội dung|sản phẩm|nhà|bài|câu|trận|vụ|km|ha|trang trại|đoàn viên|hội viên|lượt|xóm|khóm"
    r"|phòng|bệnh viện"
    r"|cơ sở|tiêu chuẩn|công chức|lao động|giờ|g|h)\b"
)
_COUNTED_TOO = re.compile(
    r"\s+(?:ứng cử viên|ứng viên|ủy viên|chiến sĩ|hạng mục|gói thầu|tàu|phương tiện|thửa|khẩu"
    r"|ƯCV|ĐBQH|ĐB|HS|GV|CB|CBCC|ĐV|HV|ĐVTN|UV|TV|HTX|TTHC|TBA|SP|DN)(?!\w)"
)
"""Counted where nothing before asks for a day: `bầu 3/5 ƯCV`."""
