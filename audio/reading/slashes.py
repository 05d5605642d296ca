"""A slash between words or amounts: *một* (each), *trên* (of so many), *hoặc* (or), a breath in a list."""

from __future__ import annotations

import re

from audio.reading.scan import Scan

_PER_BEFORE = re.compile(r"(?:\d[\d.,]*\s?(?:[^\W\d_]+[23²³]?[\s/.]?){0,4}|\d['′]|[%‰]|đồng|vnđ|lần|kg|mức)$")
_CODE_BEFORE = re.compile(r"(?:^|[^\w])[a-zđφø]{1,2}\d{1,4}$")
_CODE_BEHIND = re.compile(r"[A-ZĐΦØ]{1,2}\d")
"""`ống D300/D200`: two signs, no amount of one in the other."""
_TOLD_OF = re.compile(
    r"\d[\d.,]*\s?(?:h|g|giờ|ngày|tháng)?[\d\s][^\d]{0,24}\b(?:qua|tại|ở|bằng|vào|theo|gửi|nộp|về|với|và|của|từ|đến|tới|có|là|như|do)\s+[^\W\d]+$"
)
"""`trước 23h qua VNeID/Cổng`: the number before belongs to something else."""
_EITHER = re.compile(
    r"(?:\b(?:ông|bà|anh|chị|em|cô|chú|bác|nam|nữ|cha|bố|mẹ|vợ|chồng|con|xã|phường|thị trấn|thôn|ấp|xóm|buôn|bản|làng"
    r"|khu phố|huyện|quận|tỉnh|thành phố|trường|lớp|cá nhân|tổ chức|cơ quan|đơn vị|tập thể|có|không))$"
)
"""Words of which a slash offers one or the other, even behind a number: `02 xã/phường`."""
_AMOUNT = re.compile(r"[\d.,]{1,19}\s?(?:nghìn |triệu |tỷ )?([^\W\d_]{1,8}|%)")
_AMOUNT_BEFORE = re.compile(r"\d\s?(?:nghìn |triệu |tỷ )?([^\W\d_]{1,8}|%)$")
_COUNTED_THINGS = re.compile(r"[\d.]{1,9}\s(?:hộ|người|khẩu|thửa|trường hợp|dự án|ấp|xã|tổ chức|công trình|tuyến)\b")
_UNIT_ALONE = re.compile(r"(?:ha|sào|m2|m²|m3|km2|tấn|gốc|bình)(?!\w)")
_MONEY = frozenset({"đ", "đồng", "triệu", "tỷ", "tr", "vnđ", "nghìn"})
_MEASURED = re.compile(r"[\d.]{1,9}\s?(?:m2|m²|m3|ha|lít|sào|công|gốc|km|kg|giờ|h)(?!\w)")
_PER_UNIT = re.compile(r"\d\s?(?:mm|cm|m|kg|g|mg|ml|l|m3|ha|kwh)$")
_UNDER = re.compile(r"\d{1,4},\d{1,3}(?!\d)")
_DECIMAL_BEFORE = re.compile(r"\d,\d{1,3}$")
_PLACE_BEHIND = re.compile(
    r"\s?(?:tờ|thửa|lô|mảnh|bản đồ|tờ bản đồ|tổ|ấp|thôn|xóm|khóm|khu|khu phố|kp|tdp|phường|xã|quận|hẻm|ngõ|số nhà|trang"
    r"|điều|khoản|mục|lớp|khối|tầng|phòng|dãy|quyển|tập|đội)\s(?:số\s|bđ\s|bản đồ\s)?\d",
    re.IGNORECASE,
)
"""`thửa 12/tờ 5`: one place behind the other, nothing is one per other."""
_HELP_BEFORE = re.compile(r"(?<!\d)11[1-5]\s?$")
"""`CA: 113/ cứu hỏa: 114`: nothing is counted per anything."""
_STRAIN = re.compile(r"\W?[A-D]/H\d")
_OF_TOTAL = re.compile(r"(?:tải trọng|tổng số|tổng|kế hoạch|chỉ tiêu|dự toán|định mức|KH|CT)\s\d")
_WORD_BEHIND = re.compile(r"\s?([^\W\d_]+(?:\s(?:trấn|phố|nhân|chức|quan|vị|thể))?)")
_LIST_GOES_ON = re.compile(r"\s?[^\W\d_]+(?:\s[^\W\d_]+)?\s?/")


_CASES = re.compile(
    r"\d\s?(?:ca|trường hợp|giường|bác sĩ|dược sĩ|điều dưỡng|bé trai|trẻ trai|thuê bao|vụ|người)"
    r"(?:\s(?!và|với|tại|ở|từ|có)[^\W\d_]+){0,2}\s?$"
)
_SO_MANY = re.compile(
    r"\s?1(?:0{2,6}|0{0,2}(?:\.000){1,2}|\s(?:vạn|nghìn|ngàn|triệu))"
    r"\s(?:dân|người|trẻ|bé gái|phụ nữ|nam|nữ|bà mẹ|lao động|mẫu)\b"
)
"""`150 ca/100.000 dân`: a rate, told by the round number of those it is out of."""


def slash_word(scan: Scan, pos: int) -> str:
    """What the slash at `pos` is said as; "," a pause, "" nothing."""
    after = scan.text[pos + 1 : pos + 2]
    if _SO_MANY.match(scan.text, pos + 1, scan.end) and _CASES.search(scan.tail(pos, 40)):
        return "trên"
    if after.isdecimal():
        return _before_number(scan, pos)
    if (
        after == " "
        and scan.text[pos - 1].isdecimal()
        and (scan.text[pos + 2 : pos + 3].isupper() or _HELP_BEFORE.search(scan.tail(pos, 6)))
    ):
        return ","
    if not after.isalpha() and not (after == " " and scan.text[pos + 2 : pos + 3].isalpha()):
        return ","
    if _STRAIN.match(scan.text, max(scan.start, pos - 2), scan.end):
        return ""
    return _between_words(scan, pos)


def _before_number(scan: Scan, pos: int) -> str:
    """`45 tỷ/50 tỷ` is *trên*, `12ha/18 hộ` tells of two things, so does `4G/5G`."""
    if scan.text[pos - 1] == "G" and scan.text[max(scan.start, pos - 2) : pos - 1].isdecimal():
        return ","
    if _out_of(scan, pos):
        return "trên"
    if _COUNTED_THINGS.match(scan.text, pos + 1, scan.end):
        return ","
    measured = _MEASURED.match(scan.text, pos + 1, scan.end) or _PER_UNIT.search(scan.tail(pos, 16))
    under = _UNDER.match(scan.text, pos + 1, scan.end) and scan.text[pos - 1].isdecimal()
    return "trên" if measured or under or _DECIMAL_BEFORE.search(scan.tail(pos, 12)) else ","


def _between_words(scan: Scan, pos: int) -> str:
    """`đồng/người` one per other; `Cổng/Trang` one or the other; `xã/phường/thị trấn` a list."""
    before = scan.tail(pos, 28).rstrip()
    if before.endswith(("và", "hoặc")):
        return ""
    if _UNIT_ALONE.match(scan.text, pos + 1, scan.end) and scan.text[pos - 1].isalpha():
        return "một"
    if _OF_TOTAL.match(scan.text, pos + 1, scan.end) and _PER_BEFORE.search(before):
        return "trên"
    if _PLACE_BEHIND.match(scan.text, pos + 1, scan.end) or (
        _CODE_BEFORE.search(before) and _CODE_BEHIND.match(scan.text, pos + 1, scan.end)
    ):
        return ","
    following = _WORD_BEHIND.match(scan.text[pos + 1 : pos + 20].lower())
    either = bool(following and _EITHER.search(before) and _EITHER.search(following[1]))
    if not either and _PER_BEFORE.search(before) and not _TOLD_OF.search(before):
        return "một"
    return "," if _LIST_GOES_ON.match(scan.text[pos + 1 : pos + 30]) else "hoặc"


def _out_of(scan: Scan, pos: int) -> bool:
    """`45 tỷ/50 tỷ đồng`, `350 hộ/400 hộ`: so much of so much, told by what is counted on both sides."""
    first = _AMOUNT_BEFORE.search(scan.tail(pos, 24))
    second = _AMOUNT.match(scan.text, pos + 1, scan.end)
    if not first or not second:
        return False
    one, other = first[1], second[1].lower()
    return one == other or (one in _MONEY and other in _MONEY)
