"""Text typed without tone marks: `Xin chao ba con`. It is read as it stands, and staff are told once a paragraph."""

from __future__ import annotations

import re

from audio.reading.syllables import toneless_syllables

_WORD = re.compile(r"[A-Za-z]{2,}")
FEWEST_WORDS = 6
"""Fewer words without any mark are found in honest sentences too: `Xin nghe loa khu Nam`."""


def without_tones(written: str) -> bool:
    """Is this paragraph Vietnamese whose marks were left out?"""
    if not written.isascii():
        return False
    words = [word.lower() for word in _WORD.findall(written)]
    known = sum(word in toneless_syllables() for word in words)
    return known >= FEWEST_WORDS and known * 10 >= len(words) * 7
