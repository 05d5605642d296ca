"""Searching as people type: without regard to capitals and to Vietnamese marks, so that “bao lu” finds “Bão lũ”."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """`text` in small letters without marks; đ is d."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


def matches(wanted: str, *texts: str | None) -> bool:
    """Whether every word of `wanted` occurs in one of `texts`. Marks count where they were typed."""
    plain = [unicodedata.normalize("NFC", (text or "").casefold()) for text in texts]
    folded = [fold(text) for text in plain]
    words = unicodedata.normalize("NFC", wanted.casefold()).split()
    return all(any(word in text for text in (folded if word == fold(word) else plain)) for word in words)
