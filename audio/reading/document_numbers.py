"""Numbers of official documents: `72/2013/NĐ-CP`, `172/STTTT-TTBCXB`, `19-NQ/TW`, `45/2019/QH14`.

Broadcast style: the number, the year, and whose it is, unless the sentence says that itself.
"""

from __future__ import annotations

import re

from audio.reading.dates import say_year
from audio.reading.letters import spell
from audio.reading.lexicon import sector_key
from audio.reading.model import Piece
from audio.reading.numbers import say_code_number, say_integer
from audio.reading.roman import roman_value
from audio.reading.scan import Scan

_PART = r"[A-ZĐƯ]{1,12}(?:[a-z]{1,2}(?![a-zà-ỹ]))?[A-ZĐ]{0,8}\d{0,2}[a-z]?"
_CODE = re.compile(
    rf"(\d{{1,6}})(?:\s?/\s?((?:19|20)\d{{2}}))?\s?/\s?({_PART}(?:(?:\s?[-–/&+]\s?"
    rf"|[.,]){_PART}){{0,5}})(?![a-zà-ỹ\d])"
)
_PARTY = re.compile(rf"(\d{{1,5}})\s?[-–]\s?({_PART}\s?/\s?{_PART}(?:[-–.]{_PART}){{0,2}})(?![a-zà-ỹ\d])")
_YEAR_ONLY = re.compile(r"(\d{1,6})/((?:19|20)\d{2})(?![\d/])")
_TYPES = (
    r"nghị định|nghị quyết|quyết định|thông tư(?: liên tịch)?|chỉ thị|công văn|văn bản|kế hoạch|thông báo"
    r"|báo cáo|tờ trình"
    r"|hướng dẫn|công điện|luật|bộ luật|pháp lệnh|kết luận|giấy mời|đề án|chương trình|quy định|quy chế|lệnh"
    r"|hiến pháp"
    r"|văn bản hợp nhất|hợp đồng|biên bản|phương án|quy chuẩn|đ|nđ|qđ|tt|nq|ct|cv|kh|cđ"
)
_TYPE_LEAD = re.compile(rf"\b(?:{_TYPES})(?:\s+liên tịch|\s+khẩn|\s+hỏa tốc)?\s*$")
_NUMBER_LEAD = re.compile(r"\bsố\s*:?\s*(?:\d{1,6}(?:/\d{4})?(?:/[\w-]{2,20})?\s*(?:,|và|;)\s*)?$")
_LABEL = re.compile(r"[\s*\-+•(]*số\s*:?\s*$")
_NAMED_AFTER = re.compile(
    r"\s{0,3}[,(]?\s{0,2}(?:(?:ban hành |ký |được ban hành )?(?:ngày"
    r"|ngay)\s[\s\d/.\-]{0,14}(?:tháng\s\d{1,2}\s)?(?:năm\s\d{4})?)?\s{0,2}\)?,?\s{0,2}của\s"
)
_DATED = re.compile(r"\s{0,3}[,(]?\s{0,2}(?:ban hành |ký )?ngày\s")
_PARLIAMENT = re.compile(r"(QH|UBTVQH|HĐND)(\d{1,2}|[IVXL]{1,6})?$")
_CENTRAL = frozenset(
    {
        "CP", "TTg", "TTG", "QH", "UBTVQH", "CTN", "TW", "TƯ", "BCT", "BCHTW", "NHNN", "VPCP", "TANDTC", "VKSNDTC",
        "HĐTP", "TLĐ",
    }
)  # fmt: skip
_TYPE_CODES = frozenset(
    {
        "QĐ", "NQ", "NĐ", "TT", "CT", "KH", "TB", "BC", "CV", "TTr", "TTR", "HD", "GM", "CĐ", "KL", "PL", "TTLT", "QC",
        "QCPH", "CTr", "CTR", "ĐA", "PA", "QĐi", "QyĐ", "VBHN", "BB", "GUQ", "GGT", "HĐ", "TBKL", "CTHĐ", "CTPH",
        "NQLT", "L", "TGB", "PC", "PĐ", "QT", "GP", "CK", "ĐTr", "PB", "SL", "XPHC", "QĐXPVPHC", "QĐXP", "QĐHC", "LCT",
    }
)  # fmt: skip
_ISSUERS = {
    "CP": "Chính phủ", "TTg": "Thủ tướng Chính phủ", "TTG": "Thủ tướng Chính phủ", "CTN": "Chủ tịch nước",
    "TW": "Trung ương", "TƯ": "Trung ương", "TU": "Tỉnh ủy", "HU": "Huyện ủy", "ĐU": "Đảng ủy", "ThU": "Thành ủy",
    "QU": "Quận ủy", "BTGTW": "Ban Tuyên giáo Trung ương", "VPTW": "Văn phòng Trung ương Đảng",
    "NHNN": "Ngân hàng Nhà nước", "VPCP": "Văn phòng Chính phủ", "TANDTC": "Tòa án nhân dân tối cao",
    "HĐTP": "Hội đồng Thẩm phán", "BCHTW": "Ban chấp hành Trung ương", "TLĐ": "Tổng Liên đoàn Lao động",
    "BNN": "Bộ Nông nghiệp và Phát triển nông thôn", "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn",
    "BNNMT": "Bộ Nông nghiệp và Môi trường", "BCT": "Bộ Công Thương", "BTC": "Bộ Tài chính", "BCA": "Bộ Công an",
    "BQP": "Bộ Quốc phòng", "BTP": "Bộ Tư pháp", "BNG": "Bộ Ngoại giao", "BGTVT": "Bộ Giao thông vận tải",
    "BYT": "Bộ Y tế", "BNV": "Bộ Nội vụ", "BXD": "Bộ Xây dựng", "TTCP": "Thanh tra Chính phủ", "UBDT": "Ủy ban Dân tộc",
    "BHXH": "Bảo hiểm xã hội", "SCT": "Sở Công Thương", "STP": "Sở Tư pháp", "STC": "Sở Tài chính",
    "SNN": "Sở Nông nghiệp",    "SNG": "Sở Ngoại vụ", "SDL": "Sở Du lịch",
    "CAT": "Công an tỉnh", "CAH": "Công an huyện", "CAX": "Công an xã",
    "BCĐ": "Ban chỉ đạo", "BCH": "Ban chỉ huy", "BCHQS": "Ban chỉ huy quân sự", "CTUBND": "Chủ tịch Ủy ban nhân dân",
    "VP": "Văn phòng", "KTTV": "cơ quan khí tượng thủy văn", "ĐTN": "Đoàn Thanh niên", "TĐTN": "Trung ương Đoàn",
}  # fmt: skip


def document_number(scan: Scan, pos: int) -> Piece | None:
    """The number of a document with its suffix; `Nghị định 72/2013` is one without."""
    found = _CODE.match(scan.text, pos, scan.end)
    if found and sum(char.isupper() for char in found[3]) >= 2:
        return _compose(scan, pos, found.end(), (found[1], found[2], found[3]))
    party = _PARTY.match(scan.text, pos, scan.end)
    if party:
        return _compose(scan, pos, party.end(), (party[1], None, party[2]))
    short = _YEAR_ONLY.match(scan.text, pos, scan.end)
    if short and (_TYPE_LEAD.search(scan.tail(pos)) or _typed(scan.tail(pos))):
        return Piece(f"{_lead(scan, pos)}{say_code_number(short[1])} năm {say_year(int(short[2]))}", pos, short.end())
    return None


_STANDARD = re.compile(
    r"(TCVN|QCVN|TCXDVN|TCCS)\s?(\d{1,5})(?:-(\d{1,2}))?\s?:\s?((?:19"
    r"|20)\d{2})(?:/([A-ZĐ]{2,12}))?"
)


def standard(scan: Scan, pos: int) -> Piece | None:
    """A technical standard, `QCVN 40:2011/BTNMT`: its number, its year, whose it is."""
    found = _STANDARD.match(scan.text, pos, scan.end)
    if not found:
        return None
    name = {"TCVN": "tiêu chuẩn Việt Nam", "QCVN": "quy chuẩn Việt Nam", "TCXDVN": "tiêu chuẩn xây dựng Việt Nam"}
    words = f"{name.get(found[1], 'tiêu chuẩn cơ sở')} số {say_code_number(found[2])}"
    if found[3]:
        words += f" phần {say_integer(int(found[3]))}"
    words += f" năm {say_year(int(found[4]))}"
    issuer = _issuer_of(scan, found[5]) if found[5] else ""
    return Piece(f"{words} của {issuer}" if issuer else words, pos, found.end())


def _typed(before: str) -> bool:
    """Is the word *số* before a number that of a document?"""
    lead = _NUMBER_LEAD.search(before)
    return bool(lead and _TYPE_LEAD.search(before[: lead.start()]))


def _lead(scan: Scan, pos: int) -> str:
    return "" if _NUMBER_LEAD.search(scan.tail(pos)) else "số "


def _compose(scan: Scan, pos: int, end: int, parts: tuple[str, str | None, str]) -> Piece:
    number, year, suffix = parts
    words = _lead(scan, pos) + say_code_number(number)
    if year:
        words += f" năm {say_year(int(year))}"
    style = scan.settings.document_suffix
    if style == "full":
        return Piece(f"{words} {spell(suffix)}".rstrip(), pos, end)
    if style == "issuer" and not (is_label := _is_label(scan, pos)):
        issuer = _issuer(scan, suffix)
        if issuer and not is_label and not _is_named(scan, pos, end, issuer, suffix):
            words += f" của {issuer}"
    return Piece(words, pos, end)


def _is_label(scan: Scan, pos: int) -> bool:
    """`Số: 12/QĐ-UBND` at the head of a document names no issuer: its head does."""
    before = scan.text[scan.start : pos]
    return len(before) < 24 and "S" in before and bool(_LABEL.fullmatch(before.lower()))


def _is_named(scan: Scan, pos: int, end: int, issuer: str, suffix: str) -> bool:
    """Does the sentence say whose document it is?"""
    if _NAMED_AFTER.match(scan.text, end, scan.end):
        return True
    codes = {part for part in re.split(r"[^\w]+", suffix) if part}
    if (
        _DATED.match(scan.text, end, scan.end)
        and not {code.rstrip("0123456789") for code in codes} & _CENTRAL
        and not suffix.startswith(("TT-B", "TTLT-B"))
    ):
        return True
    sentence = scan.text[max(scan.start, pos - 160) : pos]
    clause = re.split(r"[;\n]|\.\s", sentence)[-1].lower()
    return issuer.lower() in clause or (issuer == "Ủy ban nhân dân" and "ubnd" in clause)


def _issuer(scan: Scan, suffix: str) -> str:
    """Whose document it is, in words; "" where the suffix does not tell."""
    parts = [part for part in re.split(r"\s?[-–/&,+]\s?", suffix.replace(".", "")) if part]
    if parts and parts[0] in _TYPE_CODES:
        kind, parts = parts[0], parts[1:]
        if kind == "TTLT":
            names = [name for part in parts if (name := _issuer_of(scan, part))]
            return " và ".join(names)
        if parts and parts[0] in _TYPE_CODES and len(parts) > 1:
            parts = parts[1:]
    return _issuer_of(scan, parts[0]) if parts else ""


def _issuer_of(scan: Scan, code: str) -> str:
    house = _PARLIAMENT.fullmatch(code)
    if house:
        name = {"QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội", "HĐND": "Hội đồng nhân dân"}[house[1]]
        if not house[2]:
            return name
        term = int(house[2]) if house[2].isdecimal() else roman_value(house[2]) or 0
        return f"{name} khóa {say_integer(term)}"
    if code in _ISSUERS:
        return _ISSUERS[code]
    key = sector_key(code)
    for prefix, name in (("S", "Sở"), ("B", "Bộ"), ("P", "Phòng")):
        sector = scan.lexicon.sectors.get(key[1:]) if key.startswith(prefix) else None
        if sector:
            return f"{name} {sector}"
    if key in scan.lexicon.sectors:
        return f"Phòng {scan.lexicon.sectors[key]}"
    return scan.lexicon.codes.get(key, "")
