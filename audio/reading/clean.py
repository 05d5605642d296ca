"""One written form for each character before any rule looks: NFC, no invisible marks, plain digits and dashes.

Lines in an old encoding are put right first, and entities of HTML become what they stand for.

`clean(script)` keeps the way back: every rule works on the clean text, every offset given out counts in the script.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audio.reading.old_encodings import Change, OldLine, apply, old_lines
from audio.reading.syllables import is_syllable

_DIRTY = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u00d0\u00f0\u0189\u0300-\u036f\u00a0"
    "\u200b-\u200f\u2000-\u200a\u2010-\u2012\u2015\u2028-\u202f\u205f-\u2064\u2066-\u206f\u2212\u2024-\u2026"
    "\u0340-\u0341\u2160-\u217f\u2460-\u249b\u3000\u3371-\u33df\ufe00-\ufe0f\ufeff\ufb00-\ufb06\uff01-\uff5e\r"
    "\u2018\u2019\u201b\u02bc\u00b4\u0060\uf000-\uf0ff]|[^\u0000-\uffff]"
)
_MARKS = re.compile(r"[\u0300-\u036f]")

_SAME = {
    "\u00d0": "Đ", "\u0189": "Đ", "\u00f0": "đ", "\u00a0": " ", "\u3000": " ", "\u2010": "-", "\u2011": "-",
    "\u2012": "-", "\u2015": "–", "\u2212": "-", "\u2024": ".", "\u2025": "..", "\u2026": "...", "\r": "\n",
    "\u2028": "\n", "\u2029": "\n", "\u202f": " ", "\u205f": " ", "\u000b": "\n", "\u000c": "\n", "\u0085": "\n",
    "\u2120": "\u2120", "\u2122": "\u2122",
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u00b4": "'", "\u0060": "'",
}  # fmt: skip
_SHAPES = ("\u0302", "\u0306", "\u031b")
"""Circumflex, breve, horn: part of the letter, so they compose before the tone whatever order they were typed in."""


@dataclass(frozen=True, slots=True)
class Clean:
    """`text` to read; from `starts[i]` on, offsets in it count from `origins[i]` of the script."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    script_length: int
    old: tuple[OldLine, ...] = ()
    """The lines of the script that were in an old encoding."""
    before: Clean | None = None
    """The step that came before this one; offsets go back through both."""

    @property
    def same(self) -> bool:
        """Do offsets count alike in text and script?"""
        return not self.starts and self.before is None

    def origin(self, offset: int) -> int:
        """The offset in the script of `offset` in the clean text."""
        at = bisect_right(self.starts, offset) - 1
        if at >= 0:
            offset = min(self.origins[at] + offset - self.starts[at], self.script_length)
        return self.before.origin(offset) if self.before else offset


def _compose(cluster: str) -> str:
    """A letter with its marks, in whatever order they were typed, as one character."""
    parts = unicodedata.normalize("NFD", cluster)
    base, marks = parts[0], parts[1:]
    ordered = sorted(set(marks), key=lambda mark: (mark not in _SHAPES, marks.index(mark)))
    whole = unicodedata.normalize("NFC", base + "".join(ordered))
    return whole[0] if unicodedata.combining(base) == 0 else ""


def _plain(char: str) -> str:
    """One character in its plain form; "" where it is only a mark or a control."""
    if char in _SAME:
        return _SAME[char]
    category = unicodedata.category(char)
    if category in {"Cf", "Cc", "Mn"} or "\ufe00" <= char <= "\ufe0f":
        return char if char in "\n\t" else ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs":
        return " "
    if category == "Co":
        return "•"
    whole = unicodedata.normalize("NFKC", char)
    # A private or composed form may unfold to digits and Latin letters; the rest stays what it is.
    return whole.replace(".", " ") if whole.isascii() else char


_GLUED = re.compile(r"(?<=\d)([a-zà-ỹđ]{2,7})(?![^\W_])")


def _forgotten_spaces(script: str) -> list[Change]:
    """`01/8đến`: a space goes before a word that stands right behind a digit; only a word with a mark is surely one."""
    if script.isascii():
        return []
    found = _GLUED.finditer(script)
    return [Change(m.start(), m.start(), " ") for m in found if not m[1].isascii() and is_syllable(m[1])]


_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[A-Za-z]{2,8}\d{0,2});")


def _entities(script: str) -> list[Change]:
    """`&agrave;` and `&#224;` are the letter; what would open a tag is a space."""
    if "&" not in script:
        return []
    out = []
    for found in _ENTITY.finditer(script):
        meant = html.unescape(found[0])
        if meant != found[0] and len(meant) == 1:
            out.append(Change(found.start(), found.end(), " " if meant in "<>" else meant))
    return out


def _changed(script: str, changes: Sequence[Change]) -> Clean:
    """`script` with `changes` and the way back; one that is longer than what it replaces counts as its place."""
    starts: list[int] = []
    origins: list[int] = []
    shorter = 0
    for start, end, meant in changes:
        if len(meant) != end - start:
            shorter += end - start - len(meant)
            starts.append(end - shorter)
            origins.append(end)
    return Clean(apply(script, changes), tuple(starts), tuple(origins), len(script))


def clean(script: str) -> Clean:
    """`script` with one form for each character; identity (and no cost) where nothing has to change."""
    old = () if script.isascii() else tuple(old_lines(script))
    changes = [change for line in old for change in line.changes]
    changes += _entities(script)
    changes += () if old else _forgotten_spaces(script)
    if not changes:
        return _tidy(script)
    first = _changed(script, sorted(changes))
    return replace(_tidy(first.text), old=old, before=first)


def _tidy(script: str) -> Clean:
    if script.isascii() and not _DIRTY.search(script):
        return Clean(script, (), (), len(script))
    if not _DIRTY.search(script) and unicodedata.is_normalized("NFC", script) and not _foreign_digit(script):
        return Clean(script, (), (), len(script))
    out: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = at = 0
    total = len(script)
    while at < total:
        after = at + 1
        while after < total and _MARKS.match(script[after]) and after - at < 12:
            after += 1
        char = script[at]
        if after > at + 1:
            fresh = _compose(script[at:after])
        elif char == "\r" and after < total and script[after] == "\n":
            fresh = ""
        elif _DIRTY.match(char) or char > "\u024f":
            fresh = _plain(char) if not "\u1e00" <= char <= "\u1eff" else char
        else:
            fresh = char
        if fresh:
            out.append(fresh)
        if len(fresh) != after - at:
            # From the next clean character on the two texts differ by another amount.
            if len(fresh) > 1:
                for extra in range(1, len(fresh)):
                    starts.append(length + extra)
                    origins.append(at)
            starts.append(length + len(fresh))
            origins.append(after)
        length += len(fresh)
        at = after
    return Clean("".join(out), tuple(starts), tuple(origins), total)


def _foreign_digit(script: str) -> bool:
    return any(char.isdecimal() and not char.isascii() for char in set(script))
