"""Numbers of official documents: `72/2013/NĐ-CP`, `172/STTTT-TTBCXB`, `19-NQ/TW`, `45/2019/QH14`.

Broadcast style: the number, the year, and whose it is, unless the sentence says that itself.
"""

from __future__ import annotations

import re

from audio.reading.compounds import office
from audio.reading.day_words import of_year
from audio.reading.letters import spell
from audio.reading.lexicon import sector_key
from audio.reading.model import Piece
from audio.reading.numbers import say_code_number, say_integer
from audio.reading.roman import roman_value
from audio.reading.scan import Scan

PART = r"[A-ZĐƯ]{1,12}(?:[a-z]{1,2}(?:(?=[A-ZĐ])|(?![a-zà-ỹ])))?[A-ZĐ]{0,8}\d{0,2}[a-z]?"
_CODE = re.compile(
    rf"(\d{{1,6}})(?:\s?/\s?((?:19|20)\d{{2}}))?\s?/\s?({PART}(?:(?:\s?[-–/&+]\s?"
    rf"|[.,]){PART}){{0,5}})(?![a-zà-ỹ\d])"
)
_PARTY = re.compile(rf"(\d{{1,5}})\s?[-–]\s?({PART}\s?/\s?{PART}(?:[-–.]{PART}){{0,2}})(?![a-zà-ỹ\d])")
_OLD = re.compile(r"(\d{1,4})\s?[-/]\s?(HĐBT|HĐBC|HĐNN|CP|TTg|CTN|TW)(?![\w/-])")
"""Numbers of before 1997 have no kind of document in them: `36-HĐBT`."""
_YEAR_ONLY = re.compile(r"(\d{1,6})/((?:19|20)\d{2})(?![\d/])")
_TYPES = (
    r"nghị định|nghị quyết|quyết định|thông tư(?: liên tịch)?|chỉ thị|công văn|văn bản|kế hoạch|thông báo"
    r"|báo cáo|tờ trình"
    r"|hướng dẫn|công điện|luật|bộ luật|pháp lệnh|kết luận|giấy mời|đề án|chương trình|quy định|quy chế|lệnh"
    r"|hiến pháp"
    r"|văn bản hợp nhất|hợp đồng|biên bản|phương án|quy chuẩn|đ|nđ|qđ|tt|nq|ct|cv|kh|cđ|ttlt|tb|bc|ttr|hd|tbkl"
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
    "PCTT": "Ban Chỉ huy phòng chống thiên tai", "PTDS": "Ban Chỉ huy phòng thủ dân sự",
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
    "SNN": "Sở Nông nghiệp", "SNG": "Sở Ngoại vụ", "SDL": "Sở Du lịch",
    "CAT": "Công an tỉnh", "CAH": "Công an huyện", "CAX": "Công an xã",
    "KT": "", "CB": "Chi bộ", "CĐCS": "công đoàn cơ sở",
    "BCĐ": "Ban chỉ đạo", "BCH": "Ban chỉ huy", "BCHQS": "Ban chỉ huy quân sự", "CTUBND": "Chủ tịch Ủy ban nhân dân",
    "HĐBT": "Hội đồng Bộ trưởng", "HĐNN": "Hội đồng Nhà nước",
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
    old = _OLD.match(scan.text, pos, scan.end)
    if old and (_TYPE_LEAD.search(scan.tail(pos)) or _typed(scan.tail(pos))):
        issuer = "Hội đồng Bộ trưởng" if old[2] == "HĐBC" else _ISSUERS.get(old[2], "")
        return Piece(
            f"{number_lead(scan, pos)}{say_code_number(old[1])}{f' của {issuer}' if issuer else ''}", pos, old.end()
        )
    short = _YEAR_ONLY.match(scan.text, pos, scan.end)
    if short and (_TYPE_LEAD.search(scan.tail(pos)) or _typed(scan.tail(pos))):
        return Piece(f"{number_lead(scan, pos)}{say_code_number(short[1])}{of_year(short[2])}", pos, short.end())
    return _padded(scan, pos)


_PADDED = re.compile(r"0[1-9]\d?(?=\s?(?:[,.;:)](?!\d)|$)|\s(?:của|ngày|về|trên|tại|và|được|theo)\s)")


def _padded(scan: Scan, pos: int) -> Piece | None:
    """`Đề án 06`, `Chỉ thị 05 về …`: the number of a paper that is known by it keeps its zero, no count does."""
    found = _PADDED.match(scan.text, pos, scan.end)
    if not found or not _KNOWN_BY_NUMBER.search(scan.tail(pos)):
        return None
    return Piece(say_code_number(found[0]), pos, found.end())


_KNOWN_BY_NUMBER = re.compile(
    r"\b(?:đề án|chỉ thị|nghị quyết|quyết định|nghị định|thông tư|chương trình|kế hoạch|công điện|kết luận|quy định"
    r"|hướng dẫn|mẫu|biểu mẫu|phụ lục)(?:\ssố)?\s$"
)


_KINDS = {
    "NĐ": "nghị định", "QĐ": "quyết định", "NQ": "nghị quyết", "TT": "thông tư", "CT": "chỉ thị", "CV": "công văn",
    "KH": "kế hoạch", "TB": "thông báo", "TTr": "tờ trình", "BC": "báo cáo", "HD": "hướng dẫn", "CĐ": "công điện",
    "TTLT": "thông tư liên tịch", "GM": "giấy mời", "KL": "kết luận", "ĐA": "đề án", "PA": "phương án",
    "CTr": "chương trình", "QC": "quy chế", "BB": "biên bản", "HĐ": "hợp đồng", "GP": "giấy phép", "QyĐ": "quy định",
}  # fmt: skip
_GLUED_KIND = re.compile(
    rf"({'|'.join(sorted(_KINDS, key=len, reverse=True))})(?:[-.]?(?=\d{{1,5}}\s?[/-]\s?(?:\d{{4}}|[A-ZĐ]{{2}}))"
    r"|\s(?=\d{1,5}\s?[/-]\s?(?:\d{4}/)?[A-ZĐ]{2}))"
)


_SAID_TWICE = re.compile(
    rf"({'|'.join(sorted(_KINDS, key=len, reverse=True))})(?:[-.]|\s(?:số\s)?)?"
    rf"(?=\d{{1,5}}\s?[/-]\s?(?:\d{{4}}\s?/\s?)?\1[-–/])"
)
"""`KH 56/KH-BCĐ`: the sign in the number says what the sign before it is."""
_KNOWN_BY_NUMBER_ALONE = re.compile(r"(NĐ|QĐ|NQ|TTLT|TT|CV)[-.]?(?=\d{1,4}(?![\w/-]|[.,]\d))")
_FOLLOWED = re.compile(
    r"\b(?:theo|căn cứ|thực hiện|quy định tại|tại|trong|ban hành|triển khai|bởi|với|là|ký|có|và|của)\s"
    r"(?:(?:nđ|qđ|nq|ttlt|tt|cv)[-. ]?\d{1,4}\s?(?:,|;|và)\s?){0,6}$"
)


def glued_kind(scan: Scan, pos: int) -> Piece | None:
    """`NĐ168/2024/NĐ-CP`, `theo NĐ168`: the kind without a space; the number is read by its own rule."""
    found = _SAID_TWICE.match(scan.text, pos, scan.end) or _GLUED_KIND.match(scan.text, pos, scan.end)
    if not found:
        found = _KNOWN_BY_NUMBER_ALONE.match(scan.text, pos, scan.end)
        if found and found[1] != "NĐ" and not _FOLLOWED.search(scan.tail(pos)):
            return None
    return Piece(_KINDS[found[1]], pos, pos + len(found[1])) if found else None


_STANDARD = re.compile(
    r"((?:TCVN\s)?ISO(?:/IEC)?|TCVN|QCVN|TCXDVN|TCCS)\s?(\d{1,5})(?:-(\d{1,2}))?\s?:\s?((?:19"
    r"|20)\d{2})(?:/([A-ZĐ]{2,12}))?"
)


def standard(scan: Scan, pos: int) -> Piece | None:
    """A technical standard, `QCVN 40:2011/BTNMT`: its number, its year, whose it is."""
    found = _STANDARD.match(scan.text, pos, scan.end)
    if not found:
        return None
    name = {"TCVN": "tiêu chuẩn Việt Nam", "QCVN": "quy chuẩn Việt Nam", "TCXDVN": "tiêu chuẩn xây dựng Việt Nam"}
    if "ISO" in found[1]:
        name[found[1]] = "tiêu chuẩn Việt Nam i sô" if found[1].startswith("TCVN") else "i sô"
    words = f"{name.get(found[1], 'tiêu chuẩn cơ sở')} số {say_code_number(found[2])}"
    if found[3]:
        words += f" gạch {say_integer(int(found[3]))}"
    words += of_year(found[4])
    issuer = _issuer_of(scan, found[5]) if found[5] else ""
    return Piece(f"{words} của {issuer}" if issuer else words, pos, found.end())


def _typed(before: str) -> bool:
    """Is the word *số* before a number that of a document?"""
    lead = _NUMBER_LEAD.search(before)
    return bool(lead and _TYPE_LEAD.search(before[: lead.start()]))


def number_lead(scan: Scan, pos: int) -> str:
    """*số*, unless it stands there already."""
    return "" if _NUMBER_LEAD.search(scan.tail(pos)) else "số "


def _compose(scan: Scan, pos: int, end: int, parts: tuple[str, str | None, str]) -> Piece:
    number, year, suffix = parts
    words = number_lead(scan, pos) + say_code_number(number) + of_year(year)
    style = scan.settings.document_suffix
    if style == "full":
        return Piece(f"{words} {spell(suffix)}".rstrip(), pos, end)
    if style == "issuer" and not _is_label(scan, pos):
        issuer = _issuer(scan, suffix)
        if issuer and not _is_named(scan, pos, end, issuer, suffix):
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
    return _names(scan, re.split(r"[;\n]|\.\s", sentence)[-1], issuer)


_SHORT_NAME = re.compile(r"(?<![\w/-])[A-ZĐ]{2,14}g?(?:(?:\s?[&+]\s?|-)[A-ZĐ]{2,14}){0,3}(?!\w)")


def _names(scan: Scan, clause: str, issuer: str) -> bool:
    """Is `issuer` in `clause`, in words or as a short form: `Bộ TN&MT`, `HĐND tỉnh`, `Thủ tướng`?"""
    if issuer == "Ủy ban nhân dân" and "ubnd" in clause.lower():
        return True
    said = _bare_words(_SHORT_NAME.sub(lambda found: _in_words(scan, found[0]), clause))
    name = _bare_words(issuer)
    if issuer == "Thủ tướng Chính phủ":
        name = "thủ tướng"
    elif issuer.startswith(("Bộ ", "Sở ")):
        name = " ".join(name.split()[:3])  # Bộ Nông nghiệp: the first field tells which
    return bool(re.search(rf"(?<!phó )(?<!đại biểu )\b{re.escape(name)}\b", said))


def _in_words(scan: Scan, short: str) -> str:
    """A short form of a body or of a field of work; of `HĐND-UBND` each part."""
    key = sector_key(short)
    whole = scan.defined.get(short) or scan.lexicon.sectors.get(key) or _issuer_of(scan, short)
    parts = re.split(r"\s?[&+-]\s?", short)
    return whole or (" ".join(_in_words(scan, part) for part in parts) if len(parts) > 1 else short)


def _bare_words(text: str) -> str:
    """Small letters, no marks, no *và*: `Bộ Lao động - Thương binh và Xã hội` is written in many ways."""
    return " ".join(word for word in re.findall(r"[^\W_]+", text.lower()) if word != "và")


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
    named = office(key, scan.lexicon)
    if named:
        return named
    if key in scan.lexicon.sectors:
        return f"Phòng {scan.lexicon.sectors[key]}"
    said = scan.lexicon.codes.get(key, "")
    return "" if said.startswith(tuple(_KINDS.values())) else said  # 12/HĐLĐ: a paper issues no other
