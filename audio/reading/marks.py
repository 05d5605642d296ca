"""Marks between words: which are a pause, which an end, which a word (`/` in `đồng/người`), which nothing."""

from __future__ import annotations

import re

from audio.reading.letters import DIGIT_NAMES
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.sentences import Sentences

_DOTS = re.compile(r"[.…]{2,}|\s?\.\s?/\s?\.?")
_STAR_CODE = re.compile(r"\*\d{1,4}(?:\*\d{1,16}){0,3}#")
_ENDS_DOT = re.compile(r"\.(?=[\s\"”'’)*_]|$|[A-ZĐÀ-Ỹ-])")
_DASHES = "-–—"
_SILENT = "\"“”„'«»‘’*_#`[]{}|\\^~•●▪■□○◦►▶➢➤✓✔☑<>="
_SYMBOL_WORDS = {
    "&": "và", "%": "phần trăm", "@": "a còng", "+": "cộng", "=": "bằng", "$": "đô la", "§": "mục", "°": "độ",
    "½": "một phần hai", "¼": "một phần tư", "¾": "ba phần tư", "×": "nhân", "÷": "chia", "≥": "từ", "≤": "không quá",
    "±": "cộng trừ", "‰": "phần nghìn", "₫": "đồng", "€": "ơ rô", "≈": "xấp xỉ", "№": "số",
}  # fmt: skip
_PER_BEFORE = re.compile(r"(?:\d[\d.,]*\s?(?:[^\W\d_]+[23]?[\s/]?){0,4}|đồng|vnđ|lần|kg|mức)$")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,300})?/?>|&(?:nbsp|amp|lt|gt|quot|#\d{2,5});")


def is_no_end(text: str, pos: int, end: int) -> bool:
    """A dot before a small letter is a slip, and behind the initial of a name no end: a pause does."""
    if pos + 1 >= end or not text[pos].isspace():
        return False
    return text[pos + 1].islower() or (
        text[pos + 1] in "(," and text[pos - 2].isupper() and not text[pos - 3].isalpha()
    )


def markup(scan: Scan, pos: int) -> Piece | None:
    found = _TAG.match(scan.text, pos, scan.end)
    return scan.doubted("markup", Piece("", pos, found.end())) if found else None


def service_code(scan: Scan, pos: int) -> Piece | None:
    """`*101#` as one dials it."""
    found = _STAR_CODE.match(scan.text, pos, scan.end)
    if not found:
        return None
    words = [{"*": "sao", "#": "thăng"}.get(char) or DIGIT_NAMES[int(char)] for char in found[0]]
    return Piece(" ".join(words), pos, found.end())


def read_mark(scan: Scan, pos: int, char: str, out: Sentences) -> int:
    """Punctuation and symbols: a pause, an end, a word, or nothing."""
    dots = _DOTS.match(scan.text, pos, scan.end) if char in "./…" else None
    if dots:
        return _read_dots(scan, pos, dots.end(), out)
    if char in ",;:":
        out.pause(char)
    elif char in "!?":
        out.pause(char)
        if not scan.char(pos + 1).isalnum():
            out.end()
    elif char == ".":
        _read_dot(scan, pos, out)
    elif char in "()":
        out.pause(",")
    elif char in _DASHES:
        _read_dash(scan, pos, out)
    elif char == "/":
        _read_slash(scan, pos, out)
    elif char in _SYMBOL_WORDS and (char not in "+=" or _between_words(scan, pos) or _GRADE.search(scan.tail(pos, 3))):
        out.say(Piece(_SYMBOL_WORDS[char], pos, pos + 1))
    elif char not in _SILENT and char.isalnum():
        scan.doubt("unreadable", pos, pos + 1, "")
    return pos + 1


_GRADE = re.compile(r"(?:^|\W)[abo]$")
"""A+, O+: a grade, a blood group."""


def _between_words(scan: Scan, pos: int) -> bool:
    after = scan.text[pos + 1 : pos + 3].strip()
    return bool(after and after[0].isalnum()) and pos > scan.start


def _read_dot(scan: Scan, pos: int, out: Sentences) -> None:
    if not _ENDS_DOT.match(scan.text, pos, scan.end):
        return
    if is_no_end(scan.text, pos + 1, scan.end):
        out.pause(",")
        return
    out.pause(".")
    out.end()


def _read_dots(scan: Scan, pos: int, end: int, out: Sentences) -> int:
    """`./.` ends; `...` behind a list is *vân vân*, else a pause."""
    if "/" in scan.text[pos:end]:
        out.pause(".")
        out.end()
        return end
    before = re.split(r"[.;:!?]", scan.tail(pos, 120))[-1]
    if before.rstrip().endswith("vân vân") or before.rstrip().endswith("v"):
        return end
    if "," in before:
        out.pause(",")
        out.say(Piece("vân vân", pos, end))
    following = scan.text[end : end + 3].strip()
    if not following or following[0].isupper():
        out.pause(".")
        out.end()
    else:
        out.pause(",")
    return end


def _read_dash(scan: Scan, pos: int, out: Sentences) -> None:
    """Between words with space around a pause; inside a word nothing."""
    before = scan.text[pos - 1] if pos > scan.start else " "
    after = scan.char(pos + 1) or " "
    if _FROM_DAY.search(scan.tail(pos, 24)) and _TO_DAY.match(scan.text, pos + 1, scan.end):
        out.say(Piece("đến", pos, pos + 1))
        return
    if (before.isspace() or after.isspace() or scan.text[pos] != "-") and not _joins_name(scan, pos):
        out.pause(",")


_IN_WORDS = re.compile(r"\(\s?(?:(?:viết |ghi )?bằng chữ\s?:?\s?)?([^()\d]{2,120}?)[.\s]{0,2}\)", re.IGNORECASE)


def said_again(scan: Scan, pos: int, out: Sentences) -> int:
    """The end of a bracket that says again what was just said, `05 (năm) người`; 0 where it does not."""
    found = _IN_WORDS.match(scan.text, pos, scan.end)
    if not found:
        return 0
    words = " ".join(found[1].lower().replace(",", " ").split())
    return found.end() if words and out.last_words(words.count(" ") + 1) == words else 0


_FROM_DAY = re.compile(r"(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|tháng (?:giêng|[a-zà-ỹ]{2,4}))\s*$")
_TO_DAY = re.compile(r"\s*(?:thứ\s|chủ nhật|cn\b|tháng\s)", re.IGNORECASE)
_SECTOR_LEFT = re.compile(
    r"(?:chính trị|kinh tế|văn hóa|văn hoá|lao động|quốc phòng|thông tin|tài chính|giáo dục|dân số|an ninh"
    r"|khoa học|nông nghiệp"
    r"|thể dục|hành chính|tổ chức|thương mại|công nghiệp|xây dựng|tổng hợp|tiểu học|bưu chính|báo chí|kế hoạch)\s*$"
)
_SECTOR_RIGHT = re.compile(
    r"\s*(?:xã hội|thông tin|thể thao|thương binh|an ninh|truyền thông|kế hoạch|đào tạo|hạ tầng|công nghệ"
    r"|văn nghệ|nghệ thuật"
    r"|quốc phòng|môi trường|phát triển|tổng hợp|cán bộ|hành chính|dịch vụ|tiểu thủ|trung học|viễn thông"
    r"|xuất bản|tài chính|du lịch)",
    re.IGNORECASE,
)


def _joins_name(scan: Scan, pos: int) -> bool:
    """`Văn hóa - Thông tin`, `kinh tế – xã hội`: the dash joins two fields, nobody pauses there."""
    return bool(_SECTOR_LEFT.search(scan.tail(pos, 20)) and _SECTOR_RIGHT.match(scan.text, pos + 1, scan.end))


def _read_slash(scan: Scan, pos: int, out: Sentences) -> None:
    """`đồng/người` one per other; `Cổng/Trang` one or the other; `xã/phường/thị trấn` a list."""
    after = scan.text[pos + 1 : pos + 2]
    if after.isdecimal() and (_MEASURED.match(scan.text, pos + 1, scan.end) or _PER_UNIT.search(scan.tail(pos, 16))):
        out.say(Piece("trên", pos, pos + 1))
        return
    if after == " " and scan.text[pos - 1].isdecimal() and scan.text[pos + 2 : pos + 3].isupper():
        out.pause(",")
        return
    if not after.isalpha() and not (after == " " and scan.text[pos + 2 : pos + 3].isalpha()):
        out.pause(",")
        return
    if _STRAIN.match(scan.text, max(scan.start, pos - 2), scan.end):
        return
    before = scan.tail(pos, 28).rstrip()
    if before.endswith(("và", "hoặc")):
        return
    if _PER_BEFORE.search(before):
        out.say(Piece("một", pos, pos + 1))
    elif re.match(r"\s?[^\W\d_]+(?:\s[^\W\d_]+)?\s?/", scan.text[pos + 1 : pos + 30]):
        out.pause(",")
    else:
        out.say(Piece("hoặc", pos, pos + 1))


_MEASURED = re.compile(r"[\d.]{1,9}\s?(?:m2|m²|m3|ha|lít|sào|công|gốc|km|kg|giờ|h)(?!\w)")
_PER_UNIT = re.compile(r"\d\s?(?:mm|cm|m|kg|g|mg|ml|l|m3|ha|kwh)$")
_STRAIN = re.compile(r"\W?[A-D]/H\d")
