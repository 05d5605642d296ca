"""Letters by their Vietnamese names: what is said where a run of capitals has no reading."""

from __future__ import annotations

from audio.reading.syllables import toneless

LETTER_NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "lờ", "m": "mờ", "n": "nờ", "o": "o", "ô": "ô",
    "ơ": "ơ", "p": "pê", "q": "quy", "r": "rờ", "s": "ét", "t": "tê", "u": "u", "ư": "ư", "v": "vê", "w": "vê kép",
    "x": "ích", "y": "i dài", "z": "dét",
}  # fmt: skip

DIGIT_NAMES = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
UPPER = "A-ZĐƯƠĂÂÊÔ"
"""Capitals of short forms, for the inside of a pattern's brackets."""


def spell(letters: str) -> str:
    """`VNPT` -> `vê nờ pê tê`; digits by name; what is neither is left out."""
    out: list[str] = []
    for char in letters.lower():
        if char.isdecimal():
            out.append(DIGIT_NAMES[int(char)])
        else:
            name = LETTER_NAMES.get(char) or LETTER_NAMES.get(toneless(char))
            if name:
                out.append(name)
    return " ".join(out)


def say_digits(digits: str) -> str:
    """Digit by digit: `115` -> `một một năm`."""
    return " ".join(DIGIT_NAMES[int(d)] for d in digits if d.isdecimal())
