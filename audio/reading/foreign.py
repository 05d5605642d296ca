"""Runs of letters that no entry fits: syllables as they are, single letters by name, foreign words by their sound.

A foreign word is a doubt until the lexicon knows it.
"""

from __future__ import annotations

import re

from audio.reading.letters import LETTER_NAMES, spell
from audio.reading.model import Piece
from audio.reading.respelling import respell_name
from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable, toned, toneless_syllables

LONGEST_WORD = 40
"""A longer run of letters is no word: nothing is said for it, staff are told."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LED_BY_SMALL = re.compile(r"[a-z][A-ZĐ]{2,5}")
"""`bOPV`, `mARN`: letters, whatever vowels are among them."""
_GLUED = re.compile(r"([^\W\d_]{2,7})\d")


def glued_word(scan: Scan, pos: int) -> Piece | None:
    """`ngày01`, `tổ1`: the space was forgotten; a word with a mark on it begins no code."""
    found = _GLUED.match(scan.text, pos, scan.end)
    if not found or found[1].isascii() or found[1][1:] != found[1][1:].lower() or not is_syllable(found[1]):
        return None
    return Piece(found[1], pos, found.end() - 1)


def foreign_word(scan: Scan, pos: int) -> Piece | None:
    """Any other run of letters: a syllable as it is, a single letter by name, a foreign word by its sound."""
    found = _WORD.match(scan.text, pos, scan.end)
    if not found:
        return None
    word, end = found[0], found.end()
    if len(word) == 1:
        said = _one_letter(scan, pos, word)
        return Piece(said, pos, end) if said else scan.doubted("unreadable", Piece("", pos, end))
    if is_syllable(word):
        return Piece(word if word[1:].islower() else word.lower(), pos, end)
    if scan.toneless and word.lower() in toneless_syllables():
        return Piece(toned(word.lower()), pos, end)
    said = spell(word) if _LED_BY_SMALL.fullmatch(word) else respell_name(word) if len(word) <= LONGEST_WORD else ""
    if not said:
        return scan.doubted("unreadable", Piece("", pos, end))
    return scan.doubted("not_a_syllable", Piece(said, pos, end))


_AFTER_MARK = re.compile(r"\b(?:điểm|khu|nhóm|lớp|loại|mục|phương án|dãy|lô|chữ|văn|thị)\s*$")


def _one_letter(scan: Scan, pos: int, letter: str) -> str:
    """Its name; `y tế` and `y sĩ` are words."""
    if letter in "yY" and not _AFTER_MARK.search(scan.tail(pos, 20)):
        return letter
    return LETTER_NAMES.get(letter.lower()) or (letter.lower() if is_syllable(letter) else "")
