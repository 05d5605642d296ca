"""Marks between words: which are a pause, which an end, which a word, which nothing; brackets and codes of marks."""

from __future__ import annotations

import re
import unicodedata

from audio.reading.dashes import DASHES, dash_word
from audio.reading.letters import DIGIT_NAMES
from audio.reading.model import Piece
from audio.reading.scan import OF_PERSON, Scan
from audio.reading.sentences import Sentences
from audio.reading.slashes import slash_word
from audio.reading.structure import marker_end

_DOTS = re.compile(r"[.…]{2,}|\s?\.\s?/\s?\.?")
_ENDS_DOT = re.compile(r"\.(?=[\s\"”'’)*_]|$|[A-ZĐÀ-Ỹ-])")
_SILENT = "\"“”„'«»‘’*_#`[]{}|\\^~•●▪■□○◦►▶➢➤✓✔☑<>="
_SYMBOL_WORDS = {
    "&": "và", "%": "phần trăm", "@": "a còng", "+": "cộng", "=": "bằng", "$": "đô la", "§": "mục", "°": "độ",
    "½": "một phần hai", "¼": "một phần tư", "¾": "ba phần tư", "×": "nhân", "÷": "chia", "≥": "lớn hơn hoặc bằng",
    "≤": "nhỏ hơn hoặc bằng", "≠": "khác", "±": "cộng trừ", "‰": "phần nghìn", "₫": "đồng", "€": "ơ rô",
    "≈": "xấp xỉ", "№": "số",
}  # fmt: skip


def read_mark(scan: Scan, pos: int, char: str, out: Sentences) -> int:
    """Punctuation and symbols: a pause, an end, a word, or nothing."""
    dots = _DOTS.match(scan.text, pos, scan.end) if char in "./…" else None
    if dots:
        return _read_dots(scan, pos, dots.end(), out)
    if char in ",;:|()":
        out.pause(char if char in ",;:" else ",")
    elif char in "!?":
        out.pause(char)
        if not scan.char(pos + 1).isalnum():
            out.end()
    elif char == ".":
        _read_dot(scan, pos, out)
    elif char == "}":
        _doubt_unopened(scan, pos)
    elif char in DASHES:
        _say_or_pause(pos, dash_word(scan, pos), out)
    elif char == "/":
        _say_or_pause(pos, slash_word(scan, pos), out)
    elif char in "+>" and (word := _between_things(scan, pos, char)):
        _say_or_pause(pos, word, out)
    elif char in _SYMBOL_WORDS and (char not in "+=" or _between_words(scan, pos) or _GRADE.search(scan.tail(pos, 3))):
        out.say(Piece(_SYMBOL_WORDS[char], pos, pos + 1))
    elif char not in _SILENT:
        _leave_out(scan, pos, char)
    return pos + 1


def _leave_out(scan: Scan, pos: int, char: str) -> None:
    """Nothing is said for `char`; staff are told where that hides something."""
    if char.isalnum() or char == "\ufffd" or unicodedata.category(char) in _LOST:
        scan.doubt("unreadable", pos, pos + 1, "")
        return
    if not _is_picture(char) or _is_marker(scan, pos):
        return
    end = pos + 1
    while end < scan.end and _is_picture(scan.text[end]):
        end += 1
    if not scan.pictures.issuperset(scan.text[pos:end]):
        scan.doubt("unreadable", pos, end, "")
        scan.pictures.update(scan.text[pos:end])


_NO_PICTURES = re.compile(r"[©®™℠¦\u2500-\u259f\ufffc]")
"""Signs that say nothing to a listener, and lines of tables."""


def _is_picture(char: str) -> bool:
    """`🎉`, `❤`, `🏽`, but no bullet."""
    if char in _SILENT or char in _SYMBOL_WORDS or _NO_PICTURES.match(char):
        return False
    return unicodedata.category(char) == "So" or "\U0001f3fb" <= char <= "\U0001f3ff"


_BEFORE_WORD = re.compile(r"[^\w\n]{1,16}\w")
_WIDEST_MARKER = 16


def _is_marker(scan: Scan, pos: int) -> bool:
    """`👉 Đề nghị…`: a picture at the head of a line of words marks it, as a dash does."""
    first = max(scan.start, scan.text.rfind("\n", scan.start, pos) + 1)
    return (
        pos - first < _WIDEST_MARKER
        and not any(map(str.isalnum, scan.text[marker_end(scan.text, first, pos) : pos]))
        and bool(_BEFORE_WORD.match(scan.text, pos, scan.end))
    )


_LOST = frozenset({"Cs", "Co", "Cn", "Sm", "Sc", "No"})
"""Halves of a character, signs of mathematics and money that no table says: silence would hide them."""
_GRADE = re.compile(r"(?:^|\W)[abo]$")
"""A+, O+: a grade, a blood group."""


def _between_things(scan: Scan, pos: int, char: str) -> str:
    """What a + or > is said as that belongs to no number: a word, "," a pause, "" where it is none of these."""
    if char == ">":
        return "," if _PATH.match(scan.text, max(scan.start, pos - 2), scan.end) else ""
    if joins_words(scan, pos):
        return "và"
    return "trở lên" if _UPWARD.match(scan.text, max(scan.start, pos - 1), scan.end) else ""


_UPWARD = re.compile(r"\d\+(?=[,.;:)]|\s*$|\s(?:được|có|và|hoặc)\b)")
"""`Android 8.0+`, `60+`."""
_PATH = re.compile(r"[^\W\d_]\s>\s[^\W\d_]")
"""`Cài đặt > Bảo mật`: one thing is pressed behind the other."""


def joins_words(scan: Scan, pos: int) -> bool:
    """`họ tên + số điện thoại`, `10kg gạo + 300k`, `CCCD+giấy ủy quyền`: a list, no sum."""
    if _GLUED.match(scan.text, max(scan.start, pos - 2), scan.end):
        return True
    if scan.char(pos + 1).isdecimal() and _NUMBERED.search(scan.tail(pos, 16)):
        return True  # ấp 1+2
    before = scan.text[max(scan.start, pos - 2) : pos]
    after = scan.text[pos + 1 : pos + 3].strip()
    return bool(
        before[-1:].isspace() and before.strip()[-1:].isalpha() and after[:1].isalnum() and scan.char(pos + 1).isspace()
    )


_NUMBERED = re.compile(r"\b(?:ấp|thôn|tổ|khu phố|kp|xóm|khóm|lớp|khối|đội|điều|khoản|câu|tiết|bài)\s\d{1,3}\s?$")
_GLUED = re.compile(r"[^\W\d_]{2}\+[^\W\d_]{2}")


def _between_words(scan: Scan, pos: int) -> bool:
    after = scan.text[pos + 1 : pos + 3].strip()
    return bool(after and after[0].isalnum()) and pos > scan.start


def _say_or_pause(pos: int, word: str, out: Sentences) -> None:
    if word == ",":
        out.pause(word)
    elif word:
        out.say(Piece(word, pos, pos + 1))


def _read_dot(scan: Scan, pos: int, out: Sentences) -> None:
    if not _ENDS_DOT.match(scan.text, pos, scan.end):
        return
    if is_no_end(scan.text, pos + 1, scan.end):
        out.pause(",")
        return
    out.pause(".")
    out.end()


def is_no_end(text: str, pos: int, end: int) -> bool:
    """A dot before a small letter is a slip, and behind the initial of a name no end: a pause does."""
    if pos + 1 >= end or not text[pos].isspace():
        return False
    initial = text[max(0, pos - 2) : pos - 1].isupper() and not text[max(0, pos - 3) : pos - 2].isalpha()
    named = initial and OF_PERSON.search(text[max(0, pos - 22) : max(0, pos - 2)].lower())
    return text[pos + 1].islower() or bool(named) or (initial and text[pos + 1] in "(,-–")


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


_IN_WORDS = re.compile(r"\(\s?(?:(?:viết |ghi )?bằng chữ\s?:?\s?)?([^()\d]{2,120}?)[.\s]{0,2}\)", re.IGNORECASE)


def said_again(scan: Scan, pos: int, out: Sentences) -> int:
    """The end of a bracket that says again what was just said, `05 (năm) người`; 0 where it does not."""
    found = _IN_WORDS.match(scan.text, pos, scan.end)
    if not found:
        return 0
    words = " ".join(found[1].lower().replace(",", " ").split())
    return found.end() if words and out.last_words(words.count(" ") + 1) == words else 0


_TAG = re.compile(
    r"<(script|style)\b[^<>]{0,300}>[^<]{0,5000}</\1>|<!--[^<>]{0,2000}-->|</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,300})?/?>|&(?:nbsp|amp|lt|gt|quot|#\d{2,5});"
)


def markup(scan: Scan, pos: int) -> Piece | None:
    found = _TAG.match(scan.text, pos, scan.end)
    return scan.doubted("markup", Piece("", pos, found.end())) if found else None


_LEFT_OVER = re.compile(r"\{[^{}\n]{0,79}[^{}\s][^\S\n]{0,9}\}(?!\})")
_BROKEN = re.compile(r"\{{1,9}[^{}\n]{0,80}\}{1,9}")
_UNCLOSED = re.compile(r"\{[^\S\n]*\w{0,40}")
_UNOPENED = re.compile(r"\w{0,40}[^\S\n]{0,9}\}\Z")


def left_over(scan: Scan, pos: int) -> Piece | None:
    """`{họ tên}`: a place that nobody filled in; its name is for staff, not for the air.

    A slip with braces (`{{xã}}`, `{ }`, `{xã bà con`) is told too: what was meant as a variable would be said as words.
    """
    if found := _LEFT_OVER.match(scan.text, pos, scan.end):
        return scan.doubted("blank", Piece("", pos, found.end()))
    if found := _BROKEN.match(scan.text, pos, scan.end):
        return scan.doubted("broken_braces", Piece("", pos, found.end()))
    unclosed = _UNCLOSED.match(scan.text, pos, scan.end)
    scan.doubt("unclosed_brace", pos, unclosed.end() if unclosed else pos + 1, "")
    return Piece("", pos, pos + 1)


def _doubt_unopened(scan: Scan, pos: int) -> None:
    found = _UNOPENED.search(scan.text, max(scan.start, pos - 50), pos + 1)
    scan.doubt("unopened_brace", found.start() if found else pos, pos + 1, "")


_FOUND = re.compile(r"\(\s?([+-])\s?\)")
_TESTED = re.compile(
    r"\b(?:test|test nhanh|pcr|xét nghiệm|kết quả|kq|hiv|mẫu|dương tính|âm tính|f0|hbsag|tét)\b[^.;]{0,24}$"
)


def found_or_not(scan: Scan, pos: int) -> Piece | None:
    """`PCR (+)`: what a test showed."""
    found = _FOUND.match(scan.text, pos, scan.end)
    if not found:
        return None
    said = "dương tính" if found[1] == "+" else "âm tính"
    return Piece(said if _TESTED.search(scan.tail(pos)) else "", pos, found.end())


_SIDE = re.compile(r"\((?:bên )?([PT])\)")
_ON_ROAD = re.compile(r"\bkm\s?\d+(?:\s?\+\s?\d+)?\s?$")


def side_of_road(scan: Scan, pos: int) -> Piece | None:
    """`Km4+100 (P)`: on the right."""
    found = _SIDE.match(scan.text, pos, scan.end)
    if not found or not _ON_ROAD.search(scan.tail(pos)):
        return None
    return Piece("bên phải" if found[1] == "P" else "bên trái", pos, found.end())


_STAR_CODE = re.compile(r"\*\d{1,4}(?:\*\d{1,16}){0,3}#")


def service_code(scan: Scan, pos: int) -> Piece | None:
    """`*101#` as one dials it."""
    found = _STAR_CODE.match(scan.text, pos, scan.end)
    if not found:
        return None
    words = [{"*": "sao", "#": "thăng"}.get(char) or DIGIT_NAMES[int(char)] for char in found[0]]
    return Piece(" ".join(words), pos, found.end())
