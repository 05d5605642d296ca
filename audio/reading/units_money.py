"""Quantities: a number with its unit or money, shares (`2/3`, `10/10 xã`), and what is counted per what."""

from __future__ import annotations

import re

from audio.reading.model import Piece
from audio.reading.numbers import NUMBER, say_integer, say_number
from audio.reading.scan import Scan

UNITS = {
    "m": "mét", "km": "ki lô mét", "cm": "xăng ti mét", "dm": "đề xi mét", "mm": "mi li mét", "µm": "mi cờ rô mét",
    "m2": "mét vuông", "m²": "mét vuông", "km2": "ki lô mét vuông", "km²": "ki lô mét vuông",
    "cm2": "xăng ti mét vuông", "cm²": "xăng ti mét vuông", "dm2": "đề xi mét vuông", "mm2": "mi li mét vuông",
    "m3": "mét khối", "m³": "mét khối", "cm3": "xăng ti mét khối", "cm³": "xăng ti mét khối", "dm3": "đề xi mét khối",
    "ha": "héc ta", "Ha": "héc ta", "kg": "ki lô gam", "Kg": "ki lô gam", "KG": "ki lô gam", "g": "gam", "gr": "gam",
    "mg": "mi li gam", "µg": "mi cờ rô gam", "mcg": "mi cờ rô gam", "l": "lít", "L": "lít", "ml": "mi li lít",
    "mL": "mi li lít", "cc": "xê xê", "km/h": "ki lô mét trên giờ", "Km/h": "ki lô mét trên giờ",
    "m/s": "mét trên giây", "m3/s": "mét khối trên giây", "m³/s": "mét khối trên giây", "mm/h": "mi li mét trên giờ",
    "°C": "độ xê", "ºC": "độ xê", "oC": "độ xê", "⁰C": "độ xê", "độ C": "độ xê", "℃": "độ xê", "°F": "độ ép",
    "°": "độ", "º": "độ", "°N": "độ Bắc", "°E": "độ Đông", "°B": "độ Bắc", "°Đ": "độ Đông",
    "kV": "ki lô vôn", "KV": "ki lô vôn", "kv": "ki lô vôn", "V": "vôn", "kVA": "ki lô vôn am pe",
    "KVA": "ki lô vôn am pe", "MVA": "mê ga vôn am pe", "kW": "ki lô oát", "KW": "ki lô oát", "kw": "ki lô oát",
    "kWh": "ki lô oát giờ", "KWh": "ki lô oát giờ", "kwh": "ki lô oát giờ", "KWH": "ki lô oát giờ", "MW": "mê ga oát",
    "MWh": "mê ga oát giờ", "W": "oát", "Hz": "héc", "kHz": "ki lô héc", "KHz": "ki lô héc", "MHz": "mê ga héc",
    "Mhz": "mê ga héc", "GHz": "gi ga héc", "dB": "đề xi ben", "dBA": "đề xi ben a", "%": "phần trăm",
    "‰": "phần nghìn", "GB": "gi ga bai", "MB": "mê ga bai", "KB": "ki lô bai", "TB": "tê ra bai",
    "Mbps": "mê ga bít trên giây", "Gbps": "gi ga bít trên giây", "inch": "in", "inches": "in",
    "mmHg": "mi li mét thủy ngân",
    "hPa": "héc tô pát can", "ppm": "phần triệu", "IU": "đơn vị quốc tế", "UI": "đơn vị quốc tế", "kcal": "ki lô ca lo",
    "HP": "mã lực", "s": "giây", "ph": "phút", "'": "phút", "t": "tấn", "cv": "mã lực",
    "CV": "mã lực", "kN": "ki lô niu tơn",
    "lít": "lít", "tấn": "tấn", "tạ": "tạ", "yến": "yến",
}  # fmt: skip
MONEY = {
    "đ": "đồng", "Đ": "đồng", "đồng": "đồng", "đ.": "đồng", "VNĐ": "đồng", "VND": "đồng", "vnđ": "đồng", "vnd": "đồng",
    "₫": "đồng", "USD": "đô la Mỹ", "$": "đô la Mỹ", "US$": "đô la Mỹ", "EUR": "ơ rô", "€": "ơ rô", "¥": "yên",
    "£": "bảng Anh", "k": "nghìn", "K": "nghìn", "ngđ": "nghìn đồng", "tr.đ": "triệu đồng", "trđ": "triệu đồng",
    "tr.đồng": "triệu đồng", "trđồng": "triệu đồng", "triệu đ": "triệu đồng", "tỷ đ": "tỷ đồng",
    "nghìn đ": "nghìn đồng",
    "ngàn đ": "nghìn đồng", "tr": "triệu", "ng": "nghìn", "tỷ đồng": "tỷ đồng", "triệu đồng": "triệu đồng",
    "nghìn đồng": "nghìn đồng", "ngàn đồng": "nghìn đồng", "tỉ đồng": "tỷ đồng",
}  # fmt: skip
PER_TIME = {
    "h": "giờ",
    "s": "giây",
    "p": "phút",
    "ph": "phút",
    "ngày": "ngày",
    "năm": "năm",
    "giờ": "giờ",
    "phút": "phút",
}
_ALL = {**UNITS, **MONEY}


def _alternatives(names: dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_UNIT = re.compile(rf"\s?({_alternatives(_ALL)})(?![^\W_]|²|³|/c\b)")
_UNIT_WORD = re.compile(rf"({_alternatives(_ALL)})(?![^\W_]|²|³)")
_PER = re.compile(r"\s?/\s?")
_TIME_WORD = re.compile(rf"({_alternatives(PER_TIME)})(?![^\W_])")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,7})\s?/\s?(\d{1,3}(?:\.\d{3})+|\d{1,7})(?![\d/]|[.,]\d)")
_DOTTED = re.compile(r"(\d{1,4})((?:\.\d{1,4}){1,6})(?!\d|,\d)")
_SECTION_LEAD = re.compile(
    r"\b(?:mục|điểm|tiết|khoản|phụ lục|bảng|biểu|hình|phiên bản|tiểu mục|phần|chương|mẫu)(?:\s+số)?\s*$"
)
_ENGLISH_THOUSANDS = re.compile(r"(\d{1,3}),000(?!\d)")
_MONEY_WORD = re.compile(r"\s?(?:đ\b|đồng|VNĐ|VND|vnđ|₫)")
_SIGN = re.compile(r"(\+|-|±|~|≈|≥|≤|>=|<=|>|<|=|\$|€|£)\s?(?=\d)")
_SIGN_WORDS = {
    "+": "cộng", "±": "cộng trừ", "~": "khoảng", "≈": "xấp xỉ", "≥": "từ", "≤": "không quá",
    ">=": "từ", "<=": "không quá", ">": "trên", "<": "dưới", "=": "bằng",
}  # fmt: skip
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
    if dotted and dotted.end() == end and _SECTION_LEAD.search(scan.tail(pos)):
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
            _UNIT.match(scan.text, dotted.end(), scan.end)
            or re.match(
                r"\s?(?:triệu|tỷ|tỉ|nghìn|ngàn|lần|điểm|độ|phần trăm|cây|sào|công|m\b)",
                scan.text[dotted.end() : dotted.end() + 12],
            )
        )
    )
    join = " phẩy " if decimal else " chấm "
    return join.join(say_integer(int(part)) for part in parts), dotted.end()


def unit_at(scan: Scan, pos: int) -> tuple[str, int] | None:
    """(words, end) of the unit that follows a number ending at `pos`, with what it is per: `km/h`, `đồng/kg`."""
    found = _UNIT.match(scan.text, pos, scan.end)
    if not found or not _is_unit(scan, pos, found):
        return None
    words, end = _ALL[found[1]], found.end()
    join = "trên" if found[1] in UNITS else "một"
    for _ in range(3):
        per = _PER.match(scan.text, end, scan.end)
        under = _UNIT_WORD.match(scan.text, per.end(), scan.end) if per else None
        timed = _TIME_WORD.match(scan.text, per.end(), scan.end) if per else None
        best = max((m for m in (under, timed) if m), key=lambda m: m.end(), default=None)
        if best is None or best[1] == "đ":
            break
        name = PER_TIME[best[1]] if best is timed else _ALL[best[1]]
        words, end = f"{words} {'một' if best[1] in {'ngày', 'năm'} else join} {name}", best.end()
    return words, end


def _is_unit(scan: Scan, pos: int, found: re.Match[str]) -> bool:
    """A letter is a unit only where nothing speaks against it: `lớp 5 A`, `3 K`, `khoản 2 đ`."""
    name = found[1]
    if len(name) > 1 or not name.isalpha():
        return not (name in {"TB", "tr", "ng", "HP", "UI"} and found[0][0].isspace())
    if NOT_A_UNIT_AFTER.search(scan.tail(_number_start(scan, pos))):
        return name in {"m", "đ"}
    if name in {"s", "t"}:
        return not found[0][0].isspace()
    if name in {"V", "W", "L", "K", "k", "Đ", "g", "l"}:
        return not found[0][0].isspace() or (name in {"g", "l", "V", "W"} and scan.char(found.end()) != ".")
    return True


def _number_start(scan: Scan, pos: int) -> int:
    at = pos
    while at > scan.start and (scan.text[at - 1].isdecimal() or scan.text[at - 1] in ".,") and pos - at < 40:
        at -= 1
    return at


_POINTS = re.compile(r"\d{1,2}(?:,\d{1,2})?đ(?![^\W_]|/)")


def _points(scan: Scan, start: int, end: int) -> tuple[str, int] | None:
    """`0,75đ` where points are talked about."""
    if _POINTS.match(scan.text, start, scan.end) and "điểm" in scan.tail(start, 48):
        return "điểm", end + 1
    return None


def quantity(scan: Scan, pos: int) -> Piece | None:
    """A number, with its sign and its unit where they are there."""
    sign = _SIGN.match(scan.text, pos, scan.end)
    start, lead, currency = pos, "", ""
    if sign:
        start = sign.end()
        mark = sign[1]
        if mark in "$€£":
            currency = _ALL[mark]
        elif mark == "-":
            lead = "âm "
        else:
            lead = _SIGN_WORDS[mark] + " "
    number = number_at(scan, start)
    if number is None:
        return None
    words, end = number
    if scan.char(end) == "t" and not scan.char(end + 1).isalnum() and _AGE.search(scan.tail(start, 4)):
        return Piece(f"{lead}{words} tuổi", pos, end + 1)
    unit = None if currency else _points(scan, start, end) or unit_at(scan, end)
    if unit:
        words, end = f"{words} {unit[0]}", unit[1]
        if "." in scan.text[end - 1 : end] and scan.text[end - 2 : end] != "đ.":
            end -= 1
    elif currency:
        words = f"{words} {currency}"
    return Piece(lead + words, pos, end)


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
        and bool(_SHARE_WORD.match(scan.text, found.end(), scan.end) or (_SHARE_LEAD.search(before) and bottom <= 10))
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
_AGE = re.compile(r"(?:,|\()\s*$")
_X = re.compile(r"[xX]\s?(?=\d)")
_X_LEAD = re.compile(r"\d\s?[^\W_]{0,6}(?:/[^\W_]{1,6})?\s?$")


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
    found = _X.match(scan.text, pos, scan.end)
    if found and _X_LEAD.search(scan.tail(pos, 24)):
        return Piece("nhân", pos, pos + 1)
    return None


_SPOKEN_MONEY = re.compile(
    r"(\d{1,3})\s?(tr|triệu|tỷ|tỉ)\s?(\d{1,3})(?![\d.,]|\s?(?:triệu|tr|nghìn|ngàn|đồng|%|[^\W\d_]))"
)


def spoken_money(scan: Scan, pos: int) -> Piece | None:
    """`1tr2`, `3tỷ5` as people say prices: một triệu hai."""
    found = _SPOKEN_MONEY.match(scan.text, pos, scan.end)
    if not found:
        return None
    size = "triệu" if found[2].startswith("tr") else "tỷ"
    return Piece(f"{say_number(found[1])} {size} {say_number(found[3])}", pos, found.end())


def unit_word(scan: Scan, pos: int) -> Piece | None:
    """A unit behind a slash: `người/km2`, `đồng/kg`."""
    if not scan.text[max(scan.start, pos - 2) : pos].rstrip().endswith("/"):
        return None
    found = _UNIT_WORD.match(scan.text, pos, scan.end)
    return Piece(_ALL[found[1]], pos, found.end()) if found else None
