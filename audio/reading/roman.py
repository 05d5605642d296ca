"""Roman numerals I to MMM, and where a run of I, V, X, L, C, D, M is one."""

from __future__ import annotations

import re

_VALID = re.compile(r"(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman_value(text: str) -> int | None:
    """`XIII` -> 13; None where `text` is no proper numeral."""
    if len(text) > 15 or not _VALID.fullmatch(text):
        return None
    total = 0
    for char, following in zip(text, [*text[1:], "I"], strict=True):
        value = _VALUES[char]
        total += value if value >= _VALUES[following] else -value
    return total
