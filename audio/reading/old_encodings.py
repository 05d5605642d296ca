"""Vietnamese typed in an old encoding, or UTF-8 opened as something else: recognised line by line and put right.

A line is taken for one of them where this makes Vietnamese syllables of words that were none. Fonts of these encodings
show Western letters as Vietnamese ones, so such text comes as `Uû ban nh©n d©n` (TCVN3) or `UÛy ban nhaân daân` (VNI).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from audio.reading.syllables import is_syllable

_TCVN3_WRITTEN = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ\u03bc"
_TCVN3_MEANT = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵà"
_TCVN3 = dict(zip(_TCVN3_WRITTEN, _TCVN3_MEANT, strict=True))

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT, "â": _CIRCUMFLEX, "ê": _BREVE,
    "à": _CIRCUMFLEX + _GRAVE, "á": _CIRCUMFLEX + _ACUTE, "å": _CIRCUMFLEX + _HOOK, "ã": _CIRCUMFLEX + _TILDE,
    "ä": _CIRCUMFLEX + _DOT, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ì": "ì", "í": "í"}
_VNI_PATTERN = re.compile(r"([aeouyôö])([øùûõïâêàáåãäèéúüë])|[ôöñæóòîìí]", re.IGNORECASE)
_WESTERN_PATTERN = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]{1,3}")

_MODERN = re.compile(r"[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")
_WESTERN_LETTER = re.compile(r"[\u00a1-\u00ff\u03bc\u0152-\u0192]")
_WORD = re.compile(r"[^\s\d.,;:!?()\"'/“”-]+")


class Change(NamedTuple):
    """`script[start:end]` stands for `meant`."""

    start: int
    end: int
    meant: str


class OldLine(NamedTuple):
    """A line in an old encoding, by its offsets in the script, and what has to change in it."""

    start: int
    end: int
    encoding: str
    changes: tuple[Change, ...]


def _tcvn3(line: str) -> list[Change]:
    return [Change(at, at + 1, _TCVN3[char]) for at, char in enumerate(line) if char in _TCVN3]


def _vni(line: str) -> list[Change]:
    out = []
    for found in _VNI_PATTERN.finditer(line):
        first = found[0][0]
        letter = _VNI_LETTERS.get(first.lower(), first.lower())
        marks = _VNI_MARKS[found[2].lower()] if found[2] else ""
        meant = unicodedata.normalize("NFC", letter + marks)
        out.append(Change(found.start(), found.end(), meant.upper() if first.isupper() else meant))
    return out


def _western(line: str) -> list[Change]:
    """UTF-8 that somebody opened as Windows-1252: `nhÃ¢n dÃ¢n`."""
    out = []
    for found in _WESTERN_PATTERN.finditer(line):
        raw = bytes(byte for char in found[0] if (byte := _byte(char)) is not None)
        for size in range(len(raw), 1, -1):
            try:
                meant = raw[:size].decode("utf-8")
            except UnicodeDecodeError:
                continue
            if len(meant) == 1 and len(raw) == len(found[0]):
                out.append(Change(found.start(), found.start() + size, meant))
                break
    return out


def _byte(char: str) -> int | None:
    try:
        return char.encode("cp1252")[0]
    except UnicodeEncodeError:
        return ord(char) if ord(char) < 256 else None


TCVN3, VNI, WESTERN = "TCVN3 (phông chữ .VnTime)", "VNI (phông chữ VNI-Times)", "UTF-8 bị mở nhầm"
_READERS: dict[str, Callable[[str], list[Change]]] = {TCVN3: _tcvn3, VNI: _vni, WESTERN: _western}


def apply(line: str, changes: Sequence[Change]) -> str:
    """`line` with all `changes`, whose offsets count in it."""
    out: list[str] = []
    at = 0
    for start, end, meant in changes:
        out += (line[at:start], meant)
        at = end
    return "".join((*out, line[at:]))


def _foreign_words(line: str) -> list[str]:
    return [word for word in _WORD.findall(line) if not word.isascii()]


def _gain(line: str, encoding: str) -> tuple[int, int]:
    """(words that are syllables once put right, words that are already)."""
    words = _foreign_words(line)
    reader = _READERS[encoding]
    return sum(is_syllable(apply(word, reader(word))) for word in words), sum(map(is_syllable, words))


def _sure_encoding(line: str) -> str:
    """The encoding that a line is in beyond doubt; "" where there is none."""
    number = len(_foreign_words(line))
    best, most = "", 0
    for encoding in _READERS:
        fresh, plain = _gain(line, encoding)
        if fresh >= max(plain + 2, most + 1) and fresh * 10 >= number * 6:
            best, most = encoding, fresh
    return best


def old_lines(script: str) -> list[OldLine]:
    """The lines in an old encoding. A line with a single such word counts only beside surer ones."""
    suspects = []
    at = 0
    for line in script.split("\n"):
        if not line.isascii() and not _MODERN.search(line) and _WESTERN_LETTER.search(line):
            suspects.append((at, line))
        at += len(line) + 1
    sure = [encoding for _, line in suspects if (encoding := _sure_encoding(line))]
    if not sure:
        return []
    common = Counter(sure).most_common(1)[0][0]  # of as many the first: the same text is always read alike
    out = []
    for start, line in suspects:
        encoding = _sure_encoding(line) or common
        fresh, plain = _gain(line, encoding)
        changes = tuple(Change(start + c.start, start + c.end, c.meant) for c in _READERS[encoding](line))
        if changes and fresh >= plain:
            out.append(OldLine(start, start + len(line), encoding, changes))
    return out


def meant_of(script: str, line: OldLine) -> str:
    """`line` of `script` in Unicode."""
    return apply(
        script[line.start : line.end], [Change(s - line.start, e - line.start, meant) for s, e, meant in line.changes]
    )


def put_right(script: str) -> tuple[str, str]:
    """(`script` in Unicode, name of the encoding it was in); the name is "" where nothing had to change."""
    lines = old_lines(script)
    if not lines:
        return script, ""
    return apply(script, [change for line in lines for change in line.changes]), lines[0].encoding
