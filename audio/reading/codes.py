"""Signs of letters and digits: plates, classes, viruses, sorts, models.

Letters are said by name, one or two digits as a number, more one by one. A sign that no rule knows is a doubt.
"""

from __future__ import annotations

import re

from audio.reading.letters import say_digits, spell
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable
from audio.reading.topics import topics_of
from audio.reading.units import NOT_A_UNIT_AFTER, unit_at

_CODE = re.compile(r"(?=[^\W_]{0,30}\d)(?=[^\W_]{0,30}[^\W\d_])[^\W_]{2,31}(?![^\W_])")
_LONG_RUN = re.compile(r"[^\W_]{32,}")
_CODE_TAIL = re.compile(r"([-.])(\d{1,4})(?![\d/]|\.\d)")
_RUNS = re.compile(r"\d+|[^\W\d_]+")
_PLATE = re.compile(r"(\d{2}\s?-?\s?[A-ZĐ]{1,2}\d?)\s?[- ]?\s?(\d{3}[.]?\d{1,2})(?!\d|[.,]\d)")
_PLATE_LEAD = re.compile(r"\b(?:xe|biển số|bks|biển kiểm soát|ô tô|mô tô|xe máy)\s*(?:số|:)?\s*$")


_SERIAL = re.compile(r"([A-ZĐ]{1,3})\s?(\d{5,9})(?!\w|[.,]\d)")
_SERIAL_LEAD = re.compile(r"\b(?:số|seri|sê ri|số seri|phát hành|gcn|qsdđ|mã|hiệu|sổ|thẻ|phôi)\s*:?\s*$")


def serial(scan: Scan, pos: int) -> Piece | None:
    """`GCN số BK 123456`: the number printed on a paper."""
    found = _SERIAL.match(scan.text, pos, scan.end)
    if not found or not (_SERIAL_LEAD if len(found[2]) > WHOLE else _OF_PAPER).search(scan.tail(pos)):
        return None
    digits = found[2]
    said = say_digits(digits) if len(digits) <= WHOLE else f"{say_digits(digits[:3])}, {say_digits(digits[3:])}"
    return Piece(f"{spell(found[1])} {said}", pos, found.end())


_OF_PAPER = re.compile(r"\b(?:phát hành|vào sổ|sê ri|seri)\s*:?\s*$")
WHOLE = 5
"""So many digits are said in one breath."""


_ANNOUNCED = re.compile(r"[A-ZĐ]{2,4}(?![^\W_]|[.\-/]?\d|-[A-ZĐ])")
_ANNOUNCES = re.compile(
    r"\b(?:bắt đầu (?:bằng|là|từ)|mở đầu (?:bằng|là)|tiền tố|(?<!quy )ký hiệu|ký tự|chữ cái|(?:hai|ba|các) chữ|chữ in"
    r"|in chữ|có chữ|ghi chữ)(?: đầu)?(?: là| bằng| chữ)?\s*:?\s*[\"“']?$"
)


def announced_letters(scan: Scan, pos: int) -> Piece | None:
    """`mã khách hàng bắt đầu bằng PA`: letters that are meant as such are no short form."""
    found = _ANNOUNCED.match(scan.text, pos, scan.end)
    if not found or not (_ANNOUNCES.search(scan.tail(pos)) or _is_message(scan, pos, found.end())):
        return None
    return Piece(spell(found[0]), pos, found.end())


_TYPED = re.compile(
    r"\b(?:soạn|soạn tin|soạn tin nhắn|cú pháp|nhắn tin|tin nhắn)(?: theo)?(?: cú pháp)?\s?:?\s?[\"“'(\[]?$"
)
_SENT_TO = re.compile(r"[^.;\n]{0,80}\bgửi\s(?:đến\s|tới\s)?(?:số\s|tổng đài\s|đầu số\s)?\d{3,4}(?!\d)")


def _is_message(scan: Scan, pos: int, end: int) -> bool:
    """`soạn HC gửi 1408`: what is typed into a telephone is told letter by letter."""
    return bool(_TYPED.search(scan.tail(pos, 32)) and _SENT_TO.match(scan.text, end, scan.end))


_FILE = re.compile(r"(?=[^\s]{0,30}\d{3})[A-ZĐ0-9]{1,14}(?:[.\-/][A-ZĐ0-9]{1,14}){1,6}(?![^\W_])")
_FILE_SHAPE = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[HG]\d{2}(?:[.-]\d{1,4}){0,2}-\d{6}-\d{4,5}(?!\d)")
"""The number of a file as the portals of public services give it out."""
_FILE_LEAD = re.compile(
    r"\b(?:mã(?: số)?(?: (?:hồ sơ|hs|khách hàng|kh|phản ánh|tra cứu|biên nhận|vùng trồng|bưu gửi|vạch|qr|giao dịch))?"
    r"|biên nhận|giấy hẹn|số (?:hồ sơ|hs|biên nhận|tiếp nhận|seri|giấy hẹn|phiếu))"
    r"(?: (?:số|là|dạng|có dạng|như))*\s*:?\s*$"
)
_FILE_PART = re.compile(r"[A-ZĐ]+|\d+")


def file_number(scan: Scan, pos: int) -> Piece | None:
    """`H53.12-251104-0021`: sign by sign, a breath between the parts."""
    found = _FILE_SHAPE.match(scan.text, pos, scan.end)
    if not found:
        found = _FILE.match(scan.text, pos, scan.end)
        if not found or not _FILE_LEAD.search(scan.tail(pos)) or found[0].count("/") > 1:
            return None
    parts = [part for part in re.split(r"[.\-/]", found[0]) if part]
    said = (" ".join(spell(run) for run in _FILE_PART.findall(part)) for part in parts)
    return Piece(", ".join(said), pos, found.end())


_BLOOD = re.compile(r"(AB|A|B|O|Rh)\s?\(?([+-])\)?(?![\w])")
_OF_BLOOD = re.compile(r"\b(?:máu|nhóm)\b[^.;]{0,40}$")


def blood_group(scan: Scan, pos: int) -> Piece | None:
    """`nhóm máu O+, B-`: dương and âm."""
    found = _BLOOD.match(scan.text, pos, scan.end)
    if not found or not _OF_BLOOD.search(scan.tail(pos)):
        return None
    return Piece(f"{spell(found[1])} {'dương' if found[2] == '+' else 'âm'}", pos, found.end())


_TRAFFIC_SIGN = re.compile(r"([PWRSI])\.\s?(\d{3})([a-z]?)(?![^\W_])")
_SIGN_POST = re.compile(r"\bbiển\b[^.;]{0,12}(?:[pwrsi]\.\s?\d{3}[a-z]?[ ,và]{1,5}){0,6}$")


def traffic_sign(scan: Scan, pos: int) -> Piece | None:
    """`biển P.106a, P.115`: no ward and no room."""
    found = _TRAFFIC_SIGN.match(scan.text, pos, scan.end)
    if not found or not _SIGN_POST.search(scan.tail(pos)):
        return None
    return Piece(f"{spell(found[1])} {say_integer(int(found[2]))} {spell(found[3])}".rstrip(), pos, found.end())


_GRADES = re.compile(r"K\s?(\d{1,2}(?:,\d{1,2}){0,9})(?![^\W_]|[.,]\d)")


def school_grades(scan: Scan, pos: int) -> Piece | None:
    """`K6,7` in a notice of a school: the sixth and seventh year; elsewhere K is a channel or a course."""
    found = _GRADES.match(scan.text, pos, scan.end)
    if not found or topics_of(scan.text[scan.start : min(scan.end, scan.start + 300)]) != {"school"}:
        return None
    return Piece(f"khối {', '.join(say_integer(int(number)) for number in found[1].split(','))}", pos, found.end())


_INSTAR = re.compile(r"T([1-6])(?:\s?[-–]\s?T?([2-6]))?(?!\w)")
_PEST = re.compile(r"\b(?:sâu|rầy|ấu trùng|bọ|nhện)\b[^.;,\d]{0,24}$")
"""`sâu T1-T2`: how old the larvae are."""


def larval_age(scan: Scan, pos: int) -> Piece | None:
    """`sâu T1-T2`: a T and a number behind a pest are no day of the week."""
    found = _INSTAR.match(scan.text, pos, scan.end)
    if not found or not _PEST.search(scan.tail(pos)):
        return None
    words = f"tuổi {say_integer(int(found[1]))}"
    return Piece(words + (f" đến tuổi {say_integer(int(found[2]))}" if found[2] else ""), pos, found.end())


def plate(scan: Scan, pos: int) -> Piece | None:
    """The number plate of a vehicle: `70A-123.45`."""
    found = _PLATE.match(scan.text, pos, scan.end)
    if not found or ("-" not in found[0] and not _PLATE_LEAD.search(scan.tail(pos))):
        return None
    return Piece(f"{say_code(found[1])}, {say_digits(found[2])}", pos, found.end())


def say_code(code: str) -> str:
    """Letters by name, one or two digits as a number, more one by one: `H5N1` -> hát năm nờ một."""
    out = []
    for run in _RUNS.findall(code):
        if run.isdecimal():
            counts = run[0] != "0" and (len(run) <= 2 or (len(run) == 3 and run[-1] == "0"))
            out.append(say_integer(int(run)) if counts else say_digits(run))
        else:
            out.append(run.lower() if len(run) > 1 and not run.isupper() and is_syllable(run) else spell(run))
    return " ".join(part for part in out if part)


SURE = 4
"""A sign of so few letters and digits is no guess."""
_NAMED_PLACE = re.compile(r"KP\s?(\d{1,2})(?![^\W_])")


def code(scan: Scan, pos: int) -> Piece | None:
    """Letters and digits in one: a class, a virus, a model, a plate."""
    named = _NAMED_PLACE.match(scan.text, pos, scan.end)
    if named:
        return Piece(f"khu phố {say_integer(int(named[1]))}", pos, named.end())
    found = _CODE.match(scan.text, pos, scan.end)
    if not found:
        long = _LONG_RUN.match(scan.text, pos, scan.end)
        if long and any(c.isdecimal() for c in long[0]):
            return scan.doubted("unreadable", Piece("", pos, long.end()))
        return None
    end = found.end()
    words = say_code(found[0])
    tail = _CODE_TAIL.match(scan.text, end, scan.end)
    if tail and (tail[1] == "." or not found[0][-1].isdecimal()):
        dot = "chấm " if tail[1] == "." else ""
        words, end = f"{words} {dot}{say_integer(int(tail[2]))}", tail.end()
    piece = Piece(words, pos, end)
    return piece if end - pos <= SURE or _SORT_LEAD.search(scan.tail(pos)) else scan.doubted("code", piece)


_SORT_LEAD = re.compile(
    r"\b(?:giống|lúa|gạo|nếp|bắp|ngô|mì|sắn|mía|đậu|lạc|xoài|thuốc|phân|chủng|biến thể|lớp|phòng|lô|khu|cầu|biển số"
    r"|biển kiểm soát|xe|máy|số hiệu|hiệu|loại|bus|tuyến)\b[^.;]{0,40}$"
)
"""Words that announce a sign: then it is one, however long, and is read sign by sign."""
_FIVE_K = re.compile(
    r"\b(?:thông điệp|chế độ|quy tắc|nguyên tắc|thực hiện|khuyến cáo|biện pháp|quy định|tuân thủ|theo)\s*$"
)
_AS_DIGITS = re.compile(r"\d{1,20}[^\W\d_][^\W_]{0,24}")


def code_with_digits_first(scan: Scan, pos: int) -> Piece | None:
    """`5A`, `12b`, `4G`, `5A1`: number, then letters by name; a unit (`5m`, `10kg`) is left to the quantities."""
    found = _AS_DIGITS.match(scan.text, pos, scan.end)
    if not found or (found.end() < scan.end and scan.text[found.end()].isalnum()):
        return None
    at = pos
    while scan.text[at].isdecimal():
        at += 1
    if _OF_MODEL.search(scan.tail(pos)) and (letters := _MODEL.match(scan.text, pos, scan.end)):
        return Piece(say_code(letters[0]), pos, letters.end())
    named = NOT_A_UNIT_AFTER.search(scan.tail(pos)) or (
        scan.text[pos : pos + 2] == "5K" and (_FIVE_K.search(scan.tail(pos)) or _is_quoted(scan, pos, found.end()))
    )
    if not named and scan.text[at : found.end()] in _COUNTED_CODES:
        return None
    if (not named or scan.text[at : found.end()] in _SURE_UNITS) and unit_at(scan, at):
        return None
    piece = Piece(say_code(found[0]), pos, found.end())
    sure = len(found[0]) <= SURE or _FORMULATION.fullmatch(found[0]) or _SORT_LEAD.search(scan.tail(pos))
    return piece if sure else scan.doubted("code", piece)


_SURE_UNITS = frozenset({"m", "m2", "m²", "m3", "m³", "km", "km2", "ha", "kg", "cm", "kV", "kVA"})
"""No part of a sign, wherever they stand: `nhà 50m2`, `lô 5ha`, `đường 3km`."""
_MODEL = re.compile(r"\d[A-ZĐ](?![^\W_]|/[a-zđ])")
_OF_MODEL = re.compile(
    r"\b(?:mô hình|nguyên tắc|thông điệp|quy tắc|chương trình|phương châm|phong trào|công thức|tiêu chuẩn|khẩu hiệu"
    r"|chiến lược|quy trình|phương pháp|giải pháp|cuộc vận động)"
    r"(?:\s(?:là|về|theo|quản lý|sản xuất|canh tác|thực hành))?\s?:?\s?[\"“'(]?"
    r"(?:\d[a-zđ]\s?[\"”']?\s?(?:,|;|và|/|\+|-|–|&|hoặc)\s?[\"“']?){0,6}$"
)
"""`mô hình 3K, 5S, 4T`: letters that stand for words, neither thousands nor tons."""


def _is_quoted(scan: Scan, pos: int, end: int) -> bool:
    return bool(pos) and scan.text[pos - 1] in "\"“”'" and scan.char(end) in {'"', "”", "“", "'"}


_COUNTED_CODES = frozenset(
    {
        "HS", "GV", "SV", "HV", "ĐV", "ĐVTN", "CB", "CBCC", "CCVC", "ƯCV", "ĐB", "UV", "TV", "NCT", "NKT", "BN", "BS",
        "VĐV", "HLV", "CSGT", "TBA", "HTX", "DN", "HKD", "TTHC", "ĐBQH", "CSKD", "THB", "CCB",
    }
)  # fmt: skip
"""Who and what is counted, with the space forgotten: `35HS/lớp`."""
_FORMULATION = re.compile(r"\d{1,3}(?:WP|WG|EC|SC|SL|SP|WDG|GR|ND|OD|SE|EW|FS|DD|BTN|BHN|G|H)")
"""How a spray is made up: 75WP, 300EC."""
