"""Short forms that the text itself defines: `Trung tâm Phục vụ hành chính công (TTPVHCC)`."""

from __future__ import annotations

import re

from audio.reading.letters import UPPER
from audio.reading.lexicon import sector_key
from audio.reading.model import Piece
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable

_DEFINITION = re.compile(
    rf"\(\s?(?:(?:viết|gọi) tắt là|sau đây gọi là|gọi tắt|viết tắt)?\s?:?\s?[\"“']?([{UPPER}&-]{{2,14}})[\"”']?\s?\)"
)
_WORDS = re.compile(r"[^\W\d_]+")
_LINKS = frozenset({"và", "của", "các", "về", "cho", "trong", "với"})


def defined_in(text: str) -> dict[str, str]:
    """What the text itself defines: `Trung tâm Phục vụ hành chính công (TTPVHCC)` -> {code: words}."""
    if "(" not in text:
        return {}
    out: dict[str, str] = {}
    for found in _DEFINITION.finditer(text):
        words = defined_words(text, found.start(), found[1])
        if words:
            out.setdefault(sector_key(found[1]), words)
            out.setdefault(found[1], words)
    return out


def defined_words(text: str, end: int, code: str) -> str | None:
    """The words right before `end` whose initials are `code`; *và*, *của*, *các* may be left out of it."""
    letters = [char for char in code if char.isalnum()]
    if not letters:
        return None  # `(--)`: a place that nobody filled in
    spans = [m.span() for m in _WORDS.finditer(text, max(0, end - 160), end)]
    at = len(spans) - 1
    for letter in reversed(letters):
        while at >= 0 and text[spans[at][0]].upper() != letter and text[slice(*spans[at])].lower() in _LINKS:
            at -= 1
        if at < 0 or text[spans[at][0]].upper() != letter:
            return None
        at -= 1
    words = text[spans[at + 1][0] : end].strip()
    if re.search(r"[^\w\s,-]|\d|_", words) or not all(is_syllable(word) for word in _WORDS.findall(words)):
        return None
    said = " ".join(words.replace("-", " ").split())
    return said.lower() if said.isupper() else said


def repeated_definition(scan: Scan, pos: int) -> Piece | None:
    """The bracket that only gives the short form of what was just said: silent."""
    found = _DEFINITION.match(scan.text, pos, scan.end)
    if found and defined_words(scan.text, pos, found[1]):
        return Piece("", pos, found.end())
    return None
