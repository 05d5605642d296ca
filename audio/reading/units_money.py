"""Quantities: a number with its unit or money, shares (`2/3`, `10/10 xã`), and what is counted per what."""

from __future__ import annotations

import re

from audio.reading.dates import day_month, full_date
from audio.reading.lexicon import read_table
from audio.reading.model import Piece
from audio.reading.numbers import NUMBER, say_integer, say_number
from audio.reading.scan import Scan
from audio.reading.times import clock


def _table(kind: str) -> dict[str, str]:
    return {row["written"]: row["spoken"] for row in read_table("units.csv") if row["kind"] == kind}


UNITS, MONEY, PER_TIME = _table("unit"), _table("money"), _table("per")
"""Units and money as they are written behind a number, and the times that something is counted per."""
_ALL = {**UNITS, **MONEY}


def _alternatives(names: dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_UNIT = re.compile(rf"\s?({_alternatives(_ALL)})(?![^\W_]|²|³|/(?:c|chí|tượng|vị|v)\b)")
_UNIT_WORD = re.compile(rf"({_alternatives(_ALL)})(?![^\W_]|²|³)")
_PER = re.compile(r"\s?/\s?")
_TIME_WORD = re.compile(rf"({_alternatives(PER_TIME)})(?![^\W_])")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,7})\s?/\s?(\d{1,3}(?:\.\d{3})+|\d{1,7})(?![\d/]|[.,]\d)")
_DOTTED = re.compile(r"(\d{1,4})((?:\.\d{1,4}){1,6})(?!\d|,\d)")
_SECTION_LEAD = re.compile(
    r"\b(?:mục|điểm|tiết|khoản|phụ lục|bảng|biểu|hình|phiên bản|tiểu mục|phần|chương|mẫu)(?:\s+số)?\s*$"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_MARKS = re.compile(r"\b(?:hệ số|trị số|độ ph|ph|điểm (?:chuẩn|sàn|thi|tb|trung bình|số|xét)|đtb)\b[^.;]{0,24}$")
_ENGLISH_THOUSANDS = re.compile(r"(\d{1,3}),000(?!\d)")
_MONEY_WORD = re.compile(r"\s?(?:đ\b|đồng|VNĐ|VND|vnđ|₫)")
_SIGN = re.compile(r"(\+|-|±|~|≈|≥|≤|>=|<=|>|<|=|\$|€|£)\s?(?=\d)")
_SIGN_WORDS = {
    "+": "cộng", "±": "cộng trừ", "~": "khoảng", "≈": "xấp xỉ", "≤": "không quá", "<=": "không quá",
    ">": "trên", "<": "dưới", "=": "bằng",
}  # fmt: skip
_PART_OF = re.compile(
    r"(?:1/[234]|2/3|3/4)\s(?!(?:xã|ấp|thôn|phường|hộ|người|tiêu chí|đơn vị|trường|nhiệm vụ|chỉ tiêu|thành viên"
    r"|đại biểu|chi bộ|lớp|điểm)\b)[a-zà-ỹđ]{2,}"
)
"""`1/2 mặt đường`; what can be counted one by one is `2/3 xã`, two of three."""
_HOURS = re.compile(r"\s?h(?!\w)")
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
NOT_A_UNIT_AFTER = re.compile(r"\b(?:lớp|số|nhà|khu|tổ|hẻm|ngõ|ngách|kiệt|lô|đường|phòng|dãy|khối|quận|ấp|thôn)\s*$")


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
            or _UNIT.match(scan.text, dotted.end(), scan.end)
            or re.match(
                r"\s?(?:triệu|tỷ|tỉ|nghìn|ngàn|lần|điểm|độ|phần trăm|cây|sào|công|m\b)",
                scan.text[dotted.end() : dotted.end() + 12],
            )
        )
    )
    join = " phẩy " if decimal else " chấm "
    return join.join(say_integer(int(part)) for part in parts), dotted.end()


_BEATS = re.compile(r"\s?l/(?:phút|ph|p)(?!\w)")
_PULSE = re.compile(r"\b(?:mạch|nhịp tim|nhịp thở|tim)\b[^.;]{0,24}$")
_OF_PEOPLE = re.compile(
    r"\b(?:người|nữ|nam|trẻ|nct|cụ|ông|bà|em|cháu|học sinh|tuổi|công dân|hội viên|phụ nữ)\b[^.;]{0,40}$"
)


_OF_LOADS = re.compile(
    r"\b(?:xe|tải|trọng|hàng|thóc|lúa|gạo|phân|sản lượng|thu hoạch|cân|nặng|mủ|mía|rác|cát|đá|heo|bò|cá)\b"
)
_OF_BOOKS = re.compile(r"\b(?:vở|tập vở|sách|cuốn|quyển|tài liệu|dày)\s(?:[^\W\d_]+\s)?\d{1,3}\s?$")
_OF_LOANS = re.compile(r"\b(?:vay|trả gốc|trả lãi|phân kỳ|kỳ hạn|thời hạn|gửi|lãi suất|bảo hành|hạn)\b[^.;]{0,40}$")


def _is_age(scan: Scan, pos: int, letter: str) -> bool:
    """`NCT ≥ 60T`, `công dân từ 14t`: years of people, unless what is loaded or weighed is told of."""
    if letter == "t" and _OF_PEOPLE.search(scan.tail(pos)):
        return True
    told = scan.tail(pos, 100)
    return bool(_OF_PEOPLE_LONG.search(told)) and not _OF_LOADS.search(told)


_OF_PEOPLE_LONG = re.compile(
    r"\b(?:người|nữ|nam|trẻ|nct|nkt|cụ|em|cháu|học sinh|tuổi|công dân|cd|hội viên|phụ nữ|khám tuyển|nghĩa vụ)"
    r"\b[^.]{0,60}$"
)


def unit_at(scan: Scan, pos: int) -> tuple[str, int] | None:
    """(words, end) of the unit that follows a number ending at `pos`, with what it is per: `km/h`, `đồng/kg`."""
    found = _UNIT.match(scan.text, pos, scan.end)
    if not found or not _is_unit(scan, pos, found):
        return None
    words, end = _ALL[found[1]], found.end()
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
        name = PER_TIME[best[1]] if best is timed else _ALL[best[1]]
        words, end = f"{words} {'một' if name.startswith(('ngày', 'năm')) else join} {name}", best.end()
    return words, end


def _is_unit(scan: Scan, pos: int, found: re.Match[str]) -> bool:
    """A letter is a unit only where nothing speaks against it: `lớp 5 A`, `3 K`, `khoản 2 đ`."""
    name = found[1]
    if len(name) > 1 or not name.isalpha():
        return not found[0][0].isspace() or _stands_apart(scan, pos, found)
    if NOT_A_UNIT_AFTER.search(scan.tail(_number_start(scan, pos))):
        return name in {"m", "đ"}
    if name in {"s", "t"} or (name == "T" and _number_ends(scan, pos)):
        return not found[0][0].isspace()
    if name in {"V", "W", "L", "K", "k", "Đ", "g", "l"}:
        return not found[0][0].isspace() or (name in {"g", "l", "V", "W"} and scan.char(found.end()) != ".")
    return True


def _stands_apart(scan: Scan, pos: int, found: re.Match[str]) -> bool:
    """Of several letters behind a space: `12 TB` is no size of a file, `01 CV` nobody's horse power."""
    if found[1] == "CV":
        return bool(_ENGINE.search(scan.tail(pos, 40)))
    return found[1] not in {"TB", "ng", "HP", "th", "tr"} or bool(_SUM.match(scan.text, found.end()))


_ENGINE = re.compile(r"\b(?:tàu|ghe|thuyền|máy|công suất|cv)\b")
_SUM = re.compile(r"(?:(?<=tr)|(?<=ng))\s?(?:/|đ|đồng|[.,;)]|-|–|$)")
"""`500 tr/năm`, `12 tr.`: a sum of money, also behind a space."""


def _number_ends(scan: Scan, pos: int) -> bool:
    return scan.text[pos - 1].isdecimal()


def _number_start(scan: Scan, pos: int) -> int:
    at = pos
    while at > scan.start and (scan.text[at - 1].isdecimal() or scan.text[at - 1] in ".,") and pos - at < 40:
        at -= 1
    return at


_POINTS = re.compile(r"\d{1,2}(?:,\d{1,2})?đ(?![^\W_]|/(?!năm))")
_DRIVING = re.compile(r"\b(?:trừ|gplx|bằng lái)\s?\(?$|\d{1,2}đ gplx\b")


def _points(scan: Scan, start: int, end: int) -> tuple[str, int] | None:
    """`0,75đ`, or a small whole number where points are talked about. There is no half a đồng."""
    found = _POINTS.match(scan.text, start, scan.end)
    if found and ("," in found[0] or "điểm" in scan.tail(start, 160) or _DRIVING.search(scan.tail(start, 40))):
        return "điểm", end + 1
    return None


_SPLIT_MEASURE = re.compile(r"(\d{1,3})(m|kg|Kg|tấn|tạ|lít)(\d{1,2})(?![^\W_]|[.,]\d)")
_HEIGHT_LEAD = re.compile(
    r"\b(?:cao|sâu|dày|ngập|mực nước|tĩnh không|khổ|đường kính|đỉnh|đỉnh lũ|dâng|triều|sóng|hạ|rút|lên|xuống|dưới|trên"
    r"|quá|từ|là|khoảng|hơn|mức|đến|tới|đạt|ở|chỗ|nơi)\s*$"
)
_HEIGHT_NEAR = re.compile(r"\b(?:cao|sâu|dày|ngập|mực nước|tĩnh không|đỉnh|dâng|triều|sóng|mét|lũ)\b")
_SPLIT_NAMES = {"m": "mét", "kg": "ki lô gam", "Kg": "ki lô gam", "tấn": "tấn", "tạ": "tạ", "lít": "lít"}


def split_measure(scan: Scan, pos: int) -> Piece | None:
    """`1m57`, `2kg5`, `sâu 3m2`: the unit stands where the comma would; `30m2` is an area unless a height is meant."""
    found = _SPLIT_MEASURE.match(scan.text, pos, scan.end)
    if not found:
        return None
    if found[2] == "m" and found[3] in {"2", "3"}:
        before = scan.tail(pos, 40)
        if int(found[1]) > 20 or not (_HEIGHT_LEAD.search(before) and _HEIGHT_NEAR.search(before)):
            return None
    rest = f"không {say_integer(int(found[3]))}" if found[3][0] == "0" else say_integer(int(found[3]))
    return Piece(f"{say_integer(int(found[1]))} {_SPLIT_NAMES[found[2]]} {rest}", pos, found.end())


_BEYOND = {">": "sau", "<": "trước", "≥": "từ", ">=": "từ", "≤": "đến", "<=": "đến"}
_WITH_MINUTES = re.compile(r"\d{1,2}\s?[hHg:]\s?\d{2}")


_SURE_DAY = re.compile(
    r"(?:1[3-9]|2\d|3[01]|0\d)/\d{1,2}(?:/\d{4})?(?![\d/]|[.,]\d|\s?(?:%|m\b|kg|cm))|\d{1,2}/\d{1,2}/\d{4}(?!\d)"
)


def _beyond_hour(scan: Scan, pos: int, sign: re.Match[str]) -> Piece | None:
    """`>19h00`: after that hour; without minutes it may be so many hours."""
    if sign[1] not in _BEYOND:
        return None
    day = _SURE_DAY.match(scan.text, sign.end(), scan.end)
    if day and (date := full_date(scan, sign.end()) or day_month(scan, sign.end())):
        return Piece(f"{_BEYOND[sign[1]]} ngày {date.spoken.removeprefix('ngày ')}", pos, date.end)
    if not _WITH_MINUTES.match(scan.text, sign.end(), scan.end):
        return None
    hour = clock(scan, sign.end())
    return Piece(f"{_BEYOND[sign[1]]} {hour.spoken}", pos, hour.end) if hour else None


def quantity(scan: Scan, pos: int) -> Piece | None:
    """A number, with its sign and its unit where they are there."""
    sign = _SIGN.match(scan.text, pos, scan.end)
    start, lead, currency = pos, "", ""
    if sign and (hour := _beyond_hour(scan, pos, sign)):
        return hour
    if sign:
        start = sign.end()
        mark = sign[1]
        if mark in "$€£":
            currency = _ALL[mark]
        elif mark == "-":
            lead = "âm "
        elif mark in {"≥", ">="}:
            return _at_least(scan, pos, start)
        else:
            lead = _SIGN_WORDS[mark] + " "
    number = number_at(scan, start)
    if number is None:
        return None
    words, end = number
    if scan.char(end) == "t" and not scan.char(end + 1).isalnum() and _AGE.search(scan.tail(start, 16)):
        return Piece(f"{lead}{words} tuổi", pos, end + 1)
    hours = _HOURS.match(scan.text, end, scan.end) if sign and not currency else None
    unit = None if currency else _points(scan, start, end) or unit_at(scan, end)
    if hours:
        unit = "giờ", hours.end()
    if unit:
        words, end = f"{words} {unit[0]}", unit[1]
        if "." in scan.text[end - 1 : end] and scan.text[end - 2 : end] != "đ.":
            end -= 1
    elif currency:
        words = f"{words} {currency}"
    return Piece(lead + words, pos, end)


_COUNTED = re.compile(
    r"\s?(?:tháng tuổi|tuổi|tháng|năm|ngày|tuần|giờ|phút|giây|lần|điểm|độ|người|hộ|con|cây|liều|mũi|sao|bậc|cấp|tầng"
    r"|chỗ|suất|lượt|triệu|tỷ)(?:/[a-zà-ỹđ]{2,6}){0,2}(?!\w)"
)
_OF_WHAT = re.compile(
    r"\s(?:số|tổng|diện tích|dân số|hộ|người|cử tri|trẻ|đại biểu|học sinh|đảng viên|hội viên|dự toán)\b"
)
_LASTING = re.compile(r"\b(?:cách(?: (?!ly|mạng)[^\W_]+){0,3}|cách ly|nghỉ|chờ|giữ|trong|ủ)\s*$")
_ONWARD = re.compile(r"\s?trở lên")
_MORE_SAID = re.compile(r"\b(?:từ|ít nhất|tối thiểu|trên|hơn|không dưới)\s*$")


def _at_least(scan: Scan, pos: int, start: int) -> Piece | None:
    """`≥42kg` -> từ bốn mươi hai ki lô gam trở lên; before what is counted, `≥ 01 bình`, it is *ít nhất*."""
    number = number_at(scan, start)
    if number is None:
        return None
    words, end = number
    hours = _HOURS.match(scan.text, end, scan.end)
    unit = ("giờ", hours.end()) if hours else unit_at(scan, end)
    if unit:
        words, end = f"{words} {unit[0]}", unit[1]
    counted = _COUNTED.match(scan.text, end, scan.end)
    if counted:
        words, end = f"{words} {counted[0].strip().replace('/', ' một ')}", counted.end()
    said = _MORE_SAID.search(scan.tail(pos))
    if said and not said[0].startswith("từ"):
        return Piece(words, pos, end)
    lasting = _LASTING.search(scan.tail(pos))
    bare = not unit and not counted and scan.text[end : end + 2].strip()[:1].islower()
    if not said and (bare or lasting or _OF_WHAT.match(scan.text, end, scan.end)):
        return Piece(f"ít nhất {words}", pos, end)
    onward = "" if _ONWARD.match(scan.text, end, scan.end) else " trở lên"
    return Piece(f"{'' if said else 'từ '}{words}{onward}", pos, end)


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
    hours = _HOURS.match(scan.text, end, scan.end)
    if hours:
        return Piece(f"{words} giờ", pos, hours.end())
    unit = unit_at(scan, end)
    if unit and scan.text[end : end + 2].strip():
        return Piece(f"{words} {unit[0]}", pos, unit[1])
    return Piece(words, pos, end)


def _bottom(value: int, *, part: bool) -> str:
    return "tư" if part and value == 4 else say_integer(value)


_DIMENSION = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?(?:\s?(m|cm|mm|km))?\s?[xX×]\s?(?=\d)")
_LEADING_NUMBER = re.compile(r"[\d.,]+")
_AGE = re.compile(r"(?:,|\(|\b(?:từ đủ|đủ|trẻ|nam|nữ|em|cháu|tuổi từ|tuổi|cụ|\d{4}))\s*$")
_X = re.compile(r"[xX]\s?(?=\d)")
_X_WORD = re.compile(r"[xX]\s(?=(?:số|giá|đơn giá|diện tích|hệ số|mức|tỷ lệ|lãi|thời gian)\b)")
_X_LEAD = re.compile(r"(?:\d(?:\s[^\W\d_]{1,8}){1,3}|/[^\W_]{1,8}|\d\s?[^\W_]{0,6}(?:/[^\W_]{1,6}){0,3}|%|\))\s?$")


def dimensions(scan: Scan, pos: int) -> Piece | None:
    """`5x20m`, `3 x 4 x 2 m`: a number up to its x; the next one is read by its own rule."""
    found = _DIMENSION.match(scan.text, pos, scan.end)
    number = _LEADING_NUMBER.match(found[0]) if found else None
    if not found or not number:
        return None
    unit = f" {UNITS[found[1]]}" if found[1] else ""
    return Piece(f"{say_number(number[0])}{unit} nhân", pos, found.end())


def times_sign(scan: Scan, pos: int) -> Piece | None:
    """A single x between quantities: `2 viên x 3 lần`."""
    found = _X.match(scan.text, pos, scan.end) or _X_WORD.match(scan.text, pos, scan.end)
    if found and _X_LEAD.search(scan.tail(pos, 24)):
        return Piece("nhân", pos, pos + 1)
    return None


_SPOKEN_MONEY = re.compile(
    r"(\d{1,3})\s?(tr|triệu|tỷ|tỉ)\s?(\d{1,3})(?!\d|[.,]\d|\s?(?:triệu|tr|nghìn|ngàn|đồng|%|[^\W\d_]))"
)


def spoken_money(scan: Scan, pos: int) -> Piece | None:
    """`1tr2`, `3tỷ5` as people say prices: một triệu hai."""
    found = _SPOKEN_MONEY.match(scan.text, pos, scan.end)
    if not found:
        return None
    size = "triệu" if found[2].startswith("tr") else "tỷ"
    return Piece(f"{say_number(found[1])} {size} {say_number(found[3])}", pos, found.end())


def unit_word(scan: Scan, pos: int) -> Piece | None:
    """A unit behind a slash or a great number in words, `người/km2`, `1,2 triệu m3`; `m2` is one wherever it stands."""
    behind = scan.text[max(scan.start, pos - 6) : pos]
    slash = behind[-2:].rstrip().endswith("/")
    if not slash and not behind.endswith(_GREAT_WORDS) and not _SQUARE.match(scan.text, pos, scan.end):
        return None
    found = _UNIT_WORD.match(scan.text, pos, scan.end)
    if not found:
        return None
    if slash:
        return Piece(_ALL[found[1]], pos, found.end())
    name = found[1]
    measures = len(name) > 1 and name in UNITS and _GREAT_NUMBER.search(scan.tail(pos, 24))
    if not measures and not _SQUARE.fullmatch(name):
        return None
    unit = unit_at(scan, pos)
    return Piece(*unit[:1], pos, unit[1]) if unit else None


_SQUARE = re.compile(r"[kcdm]?m[23²³]")
_GREAT_WORDS = ("trăm ", "nghìn ", "ngàn ", "vạn ", "triệu ", "tỷ ", "tỉ ")
_GREAT_NUMBER = re.compile(r"\d\s(?:trăm|nghìn|ngàn|vạn|triệu|tỷ|tỉ)\s$")
