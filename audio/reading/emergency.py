"""Numbers of the emergency services, 111 to 115: one digit after the other wherever they are named with their service.

`cháy 114, CA 113` needs no word for telephone; `cháy 114 ha rừng` and `có 113 hộ` count. What tells them apart is
that each number belongs to its own service, and that nothing counted stands behind it.
"""

from __future__ import annotations

import re

from audio.reading.letters import say_digits
from audio.reading.model import Piece
from audio.reading.phones import SO_MANY
from audio.reading.scan import Scan

_SERVICES = {
    "111": r"trẻ em|trẻ|bạo hành|xâm hại|tảo hôn|bảo vệ trẻ",
    "112": r"tìm kiếm|cứu nạn|tìm kiếm,? cứu nạn|tkcn|cứu hộ|cứu hộ,? cứu nạn|thiên tai|đuối nước|lũ|bão",
    "113": r"công an|ca|cảnh sát|csgt|cscđ|an ninh|an ninh trật tự|antt|phản ứng nhanh|trộm|trộm cắp|cướp|gây rối",
    "114": r"cháy|cháy nổ|chữa cháy|cứu hỏa|cứu hoả|hỏa hoạn|hoả hoạn|pccc|pc07|cnch|cứu hộ|cứu nạn|phòng cháy",
    "115": r"cấp cứu|cấp cứu y tế|y tế|cứu thương|xe cứu thương|tai nạn|bệnh viện|đột quỵ|tai nạn giao thông",
}
"""Each number with the words its service is named by, lower case."""
_ANY = "|".join(_SERVICES.values())
_ALONE = r"(?!,\s(?:trong đó|gồm|bao gồm)\s)(?=\s*(?:[,;:!?)(/|\]\"”'*]|\.(?!\d)|[-–—](?!\d)|$|\n|(?:và|hoặc|hay)\s))"
"""Nothing that could be counted stands behind."""
_NUMBER = re.compile(rf"11[1-5](?!\d|[.,]\d){_ALONE}")
_BEFORE = {
    number: re.compile(
        rf"(?<![^\W_])(?:{words})(?:\s(?:xã|huyện|tỉnh|khẩn cấp|quốc gia|địa phương|y tế|số|gọi|gọi ngay"
        r"|miễn phí)){0,2}[\"”'’*)]?(?:\s?[:=(/]|\s[-–—→]|-|->)?\s*$"
    )
    for number, words in _SERVICES.items()
}
_BEHIND = {
    number: re.compile(
        rf"11[1-5](\s?[:=(/]|\s?[-–—→])?\s?(?:gọi |khi |cho |báo )?(?:{words})(?![^\W_]){_ALONE}", re.IGNORECASE
    )
    for number, words in _SERVICES.items()
}
_SEVERAL = re.compile(
    r"11[1-5](?:(?:\s?[,;/+&]\s?|\s?[-–—]\s?|,?\s(?:(?:và|hoặc|hay)\s)?)11[1-5])+(?![\d/]|[.,]\d|\s(?:đường|phố)\s)"
)
_NAMED = re.compile(rf"(?<![^\W_])(?:{_ANY}|khẩn cấp|khẩn|gọi|gọi ngay|đường dây nóng|hotline|tổng đài)(?![^\W_])")
_ANOTHER = re.compile(r"(?<![\d.,/])11[1-5](?![\d/]|[.,]\d)")
_COUNTED_LEAD = re.compile(
    r"\b(?:có|gồm|với|được|thửa|tờ|lô|điều|trang|số nhà|hẻm|ngõ|tuyến|xe|cả|tổng số|khoảng|gần|hơn|trên|dưới"
    r"|bắt|phạt|xử lý|tiêm|xảy ra|thêm|còn|cầu|kênh|trụ|cột|nghị định|quyết định|thông tư|luật)\s"
    r"(?:\d{1,4}(?:\s?[,;/-]\s?|,?\s(?:và|hoặc)\s)){0,9}$"
)


def emergency_number(scan: Scan, pos: int) -> Piece | None:
    """`cấp cứu 115, cháy 114, CA 113`, `114: cứu hỏa`, `111 trẻ em, 112 tìm kiếm cứu nạn`, `CA/cháy: 113/114`."""
    if scan.text[pos : pos + 2] != "11":
        return None
    several = _SEVERAL.match(scan.text, pos, scan.end)
    if several and _are_services(scan, pos, several):
        return Piece(re.sub(r"\s*,\s*", ", ", " ".join(_NEXT.sub(_said, several[0]).split())), pos, several.end())
    number = scan.text[pos : pos + 3]
    if number not in _SERVICES:
        return None
    before = scan.tail(pos)
    alone = _NUMBER.match(scan.text, pos, scan.end)
    if alone and _BEFORE[number].search(before):
        return Piece(say_digits(number), pos, pos + 3)
    behind = _BEHIND[number].match(scan.text, pos, scan.end)
    if behind and not _COUNTED_LEAD.search(before) and (behind[1] or _has_another(scan, pos, number)):
        return Piece(say_digits(number), pos, pos + 3)
    return None


_NEXT = re.compile(r"(?P<number>11[1-5])|(?P<word>và|hoặc|hay)|[^\w\s]")


def _said(found: re.Match[str]) -> str:
    if found["number"]:
        return f" {say_digits(found[0])} "
    return found[0] if found["word"] else ", "


def _are_services(scan: Scan, pos: int, several: re.Match[str]) -> bool:
    """Different numbers in a sentence that tells of help, with no word beside them of something else."""
    before, end = scan.tail(pos, 100), several.end()
    if len(set(re.findall(r"11[1-5]", several[0]))) == 1 or _COUNTED_LEAD.search(before):
        return False
    told = _NAMED.search(before) or _NAMED.search(scan.text[end : min(scan.end, end + 60)].lower())
    return bool(told) and not SO_MANY.match(scan.text, end, scan.end)


def _has_another(scan: Scan, pos: int, number: str) -> bool:
    """Is another of the numbers named with its service near by, as in a list of them?"""
    near = scan.text[max(scan.start, pos - 120) : min(scan.end, pos + 120)].lower()
    for found in _ANOTHER.finditer(near):
        other = found[0]
        if other != number and (
            _BEHIND[other].match(near, found.start()) or _BEFORE[other].search(near[: found.start()])
        ):
            return True
    return False
