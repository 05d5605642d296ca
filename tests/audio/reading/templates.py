"""Readings that are allowed, as one template: {a|b} one of several, [x] may be left out, <ABC> letter by letter."""

from __future__ import annotations

import re
import unicodedata

from audio.reading.letters import LETTER_NAMES

_SAME_WORD = {
    "ngàn": "nghìn",
    "lẻ": "linh",
    "mồng": "mùng",
    "tỉ": "tỷ",
    "kí": "ký",
    "lí": "lý",
    "kĩ": "kỹ",
    "quí": "quý",
}
_OLD_PLACE = str.maketrans({"\u0300": "", "\u0301": "", "\u0303": "", "\u0309": "", "\u0323": ""})
_ALSO = {
    "b": "bờ|bi", "c": "cờ|xi", "d": "đi|dờ", "e": "i", "g": "gờ", "h": "hờ", "i": "ai", "m": "em", "n": "en|en nờ",
    "o": "ô", "p": "pờ|pi", "q": "cu", "s": "sờ", "t": "tờ|ti", "v": "vờ|vi",
}  # fmt: skip
"""Other names that are as common; the first is the one of `LETTER_NAMES`."""
_PART = re.compile(r"<([^>]+)>|[{}\[\]|]|[^<{}\[\]|]+")


def words_of(text: str) -> str:
    """Words in lower case, one spelling each, every one with a space behind it."""
    found = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())
    return "".join(f"{_one_place(_SAME_WORD.get(word, word))} " for word in found)


def _one_place(word: str) -> str:
    """`hoà` and `hòa` are one word: the tone goes behind the letters."""
    letters = unicodedata.normalize("NFD", word)
    tone = "".join(char for char in letters if ord(char) in _OLD_PLACE)
    return unicodedata.normalize("NFC", letters.translate(_OLD_PLACE)) + tone


def _spelled(letters: str) -> str:
    names = ([LETTER_NAMES[letter], *_ALSO.get(letter, LETTER_NAMES[letter]).split("|")] for letter in letters.lower())
    return "".join("(?:" + "|".join(re.escape(words_of(name)) for name in known) + ")" for known in names)


_SIGNS = {"{": "(?:", "}": ")", "[": "(?:", "]": ")?", "|": "|"}


def allows(template: str, spoken: str) -> bool:
    """Is `spoken` one of the readings that `template` stands for?"""
    parts = (
        _spelled(part[1]) if part[1] else _SIGNS.get(part[0]) or re.escape(words_of(part[0]))
        for part in _PART.finditer(template)
    )
    return re.fullmatch("".join(parts), words_of(spoken)) is not None
