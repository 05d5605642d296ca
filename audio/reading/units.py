"""Units and money behind a number (`units.csv`), and what is counted per what: `km/h`, `đồng/kg`, `người/km2`."""

from __future__ import annotations

import re

from audio.reading.lexicon import read_table
from audio.reading.model import Piece
from audio.reading.scan import Scan


def _table(kind: str) -> dict[str, str]:
    return {row["written"]: row["spoken"] for row in read_table("units.csv") if row["kind"] == kind}


UNITS = _table("unit")
NAMES = {**UNITS, **_table("money")}
"""Units and money as they are written behind a number."""
_PER_TIME = _table("per")
"""Times that something is counted per."""


def _alternatives(names: dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


UNIT = re.compile(rf"\s?({_alternatives(NAMES)})(?![^\W_]|²|³|/(?:c|chí|tượng|vị|v|n|k)\b)")
_UNIT_WORD = re.compile(rf"({_alternatives(NAMES)})(?![^\W_]|²|³)")
_PER = re.compile(r"\s?/\s?")
_HOURS = re.compile(r"\s?h(?!\w)")
_TIME_WORD = re.compile(rf"({_alternatives(_PER_TIME)})(?![^\W_])")
NOT_A_UNIT_AFTER = re.compile(r"\b(?:lớp|số|nhà|khu|tổ|hẻm|ngõ|ngách|kiệt|lô|đường|phòng|dãy|khối|quận|ấp|thôn)\s*$")


_COUNTED_IN = re.compile(r"\b(?:đvt|đơn vị tính|tính bằng)\s?:?\s?$")
_UNDER_SLASH = {"ng": "người"}
"""What a short form is behind a slash, where it is no sum: `90 trđ/ng/năm`."""


def unit_at(scan: Scan, pos: int) -> tuple[str, int] | None:
    """(words, end) of the unit that follows a number ending at `pos`, with what it is per: `km/h`, `đồng/kg`."""
    found = UNIT.match(scan.text, pos, scan.end)
    if not found or not _is_unit(scan, pos, found):
        return None
    words, end = NAMES[found[1]], found.end()
    beats = _BEATS.match(scan.text, pos, scan.end)
    if beats and _PULSE.search(scan.tail(pos)):
        return "lần một phút", beats.end()
    if found[1] in {"t", "T"} and _is_age(scan, pos, found[1]):
        return "tuổi", end
    if found[1] == "tr" and _OF_BOOKS.search(scan.tail(pos)):
        return "trang", end
    if found[1] == "T" and _OF_LOANS.search(scan.tail(pos)):
        return "tháng", end
    join = "trên" if found[1] in UNITS else "một"
    for _ in range(3):
        per = _PER.match(scan.text, end, scan.end)
        under = _UNIT_WORD.match(scan.text, per.end(), scan.end) if per else None
        timed = _TIME_WORD.match(scan.text, per.end(), scan.end) if per else None
        best = max((m for m in (under, timed) if m), key=lambda m: m.end(), default=None)
        if best is None or best[1] == "đ":
            break
        name = _PER_TIME[best[1]] if best is timed else _UNDER_SLASH.get(best[1], NAMES[best[1]])
        words, end = f"{words} {'một' if name.startswith(('ngày', 'năm')) else join} {name}", best.end()
    return words, end


_BEATS = re.compile(r"\s?l/(?:phút|ph|p)(?!\w)")
_PULSE = re.compile(r"\b(?:mạch|nhịp tim|nhịp thở|tim)\b[^.;]{0,24}$")
_OF_BOOKS = re.compile(r"\b(?:vở|tập vở|sách|cuốn|quyển|tài liệu|dày)\s(?:[^\W\d_]+\s)?\d{1,3}\s?$")
_OF_LOANS = re.compile(r"\b(?:vay|trả gốc|trả lãi|phân kỳ|kỳ hạn|thời hạn|gửi|lãi suất|bảo hành|hạn)\b[^.;]{0,40}$")


def hours_at(scan: Scan, pos: int) -> tuple[str, int] | None:
    """(words, end) of an h that can be no hour of the day: its number has a sign or is a share."""
    found = _HOURS.match(scan.text, pos, scan.end)
    return ("giờ", found.end()) if found else None


def _is_age(scan: Scan, pos: int, letter: str) -> bool:
    """`NCT ≥ 60T`, `công dân từ 14t`: years of people, unless what is loaded or weighed is told of."""
    if letter == "t" and _OF_PEOPLE.search(scan.tail(pos)):
        return True
    told = scan.tail(pos, 100)
    return bool(_OF_PEOPLE_LONG.search(told)) and not _OF_LOADS.search(told)


_OF_PEOPLE = re.compile(
    r"\b(?:người|nữ|nam|trẻ|nct|cụ|ông|bà|em|cháu|học sinh|tuổi|công dân|hội viên|phụ nữ)\b[^.;]{0,40}$"
)
_OF_PEOPLE_LONG = re.compile(
    r"\b(?:người|nữ|nam|trẻ|nct|nkt|cụ|em|cháu|học sinh|tuổi|công dân|cd|hội viên|phụ nữ|khám tuyển|nghĩa vụ)"
    r"\b[^.]{0,60}$"
)
_OF_LOADS = re.compile(
    r"\b(?:xe|tải|trọng|hàng|thóc|lúa|gạo|phân|sản lượng|thu hoạch|cân|nặng|mủ|mía|rác|cát|đá|heo|bò|cá)\b"
)


def _is_unit(scan: Scan, pos: int, found: re.Match[str]) -> bool:
    """A letter is a unit only where nothing speaks against it: `lớp 5 A`, `3 K`, `khoản 2 đ`."""
    name = found[1]
    if name == "A":
        return bool(_CURRENT.search(scan.tail(pos, 48)))
    if len(name) > 1 or not name.isalpha():
        return not found[0][0].isspace() or _stands_apart(scan, pos, found)
    if NOT_A_UNIT_AFTER.search(scan.tail(_number_start(scan, pos))):
        return name in {"m", "đ"}
    if name in {"s", "t", "p"} or (name == "T" and scan.text[pos - 1].isdecimal()):
        return not found[0][0].isspace() and scan.text[pos : found.end() + 2] != "p.m"
    if name in {"V", "W", "L", "K", "k", "Đ", "g", "l"}:
        return not found[0][0].isspace() or (name in {"g", "l", "V", "W"} and scan.char(found.end()) != ".")
    return True


def _stands_apart(scan: Scan, pos: int, found: re.Match[str]) -> bool:
    """Of several letters behind a space: `12 TB` is no size of a file, `01 CV` nobody's horse power."""
    if found[1] == "CV":
        return bool(_ENGINE.search(scan.tail(pos, 40)))
    return found[1] not in {"TB", "ng", "HP", "th", "tr"} or bool(_SUM.match(scan.text, found.end()))


_CURRENT = re.compile(r"\b(?:dòng điện|dòng|cường độ|aptomat|áp tô mát|attomat|cầu dao|cầu chì|cb|ổ cắm)\b[^.;]{0,32}$")
"""Behind these an A is so many amperes; elsewhere it is a letter."""
_ENGINE = re.compile(r"\b(?:tàu|ghe|thuyền|máy|công suất|cv)\b")
_SUM = re.compile(r"(?:(?<=tr)|(?<=ng))\s?(?:/|đ|đồng|[.,;()]|-|–|$)|(?<=\dth|\sth)(?!\w)")
"""`500 tr/năm`, `12 tr.`: a sum of money, also behind a space."""


def _number_start(scan: Scan, pos: int) -> int:
    at = pos
    while at > scan.start and (scan.text[at - 1].isdecimal() or scan.text[at - 1] in ".,") and pos - at < 40:
        at -= 1
    return at


def unit_word(scan: Scan, pos: int) -> Piece | None:
    """A unit behind a slash or a great number in words, `người/km2`, `1,2 triệu m3`; `m2` is one wherever it stands."""
    behind = scan.text[max(scan.start, pos - 6) : pos]
    slash = behind[-2:].rstrip().endswith("/")
    if not slash and behind.rstrip(" :").endswith(("VT", "vt", "tính", "bằng")):
        slash = bool(_COUNTED_IN.search(scan.tail(pos, 20)))
    if not slash and not behind.endswith(_GREAT_WORDS) and not _SQUARE.match(scan.text, pos, scan.end):
        return None
    found = _UNIT_WORD.match(scan.text, pos, scan.end)
    if not found or found[1] == "A":
        return None
    if slash:
        return Piece(_UNDER_SLASH.get(found[1], NAMES[found[1]]), pos, found.end())
    name = found[1]
    measures = len(name) > 1 and name in UNITS and _GREAT_NUMBER.search(scan.tail(pos, 24))
    if not measures and not _SQUARE.fullmatch(name):
        return None
    unit = unit_at(scan, pos)
    return Piece(*unit[:1], pos, unit[1]) if unit else None


_SQUARE = re.compile(r"[kcdm]?m[23²³]")
_GREAT_WORDS = ("trăm ", "nghìn ", "ngàn ", "vạn ", "triệu ", "tỷ ", "tỉ ")
_GREAT_NUMBER = re.compile(r"\d\s(?:trăm|nghìn|ngàn|vạn|triệu|tỷ|tỉ)\s$")
