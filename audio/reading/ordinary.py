"""Chunks that are one plain syllable with at most a mark behind: known from a memory that belongs to the lexicon."""

from __future__ import annotations

import re

from audio.reading.scan import Scan
from audio.reading.syllables import is_syllable

MEMORY = 20_000
"""Chunks remembered for one lexicon; Vietnamese has some 7,000 syllables in use."""
_ORDINARY = re.compile(r"[\"“”'(\[]?([^\W\d_]{1,8})([\"”')\]]{0,2}[,.;:!?]?)")
_ONE_LETTER = frozenset("àáảãạíìịóòọồổốờởớừứýỳ")
"""Words of one letter; without a tone it may be a marker, a class or a point, which the rules tell apart."""


def learn(scan: Scan, chunk: str) -> tuple[str, str, bool] | None:
    """Look at a chunk that is not remembered yet; remember it where it is ordinary."""
    known = _ordinary(scan, chunk)
    if known:
        memory = scan.lexicon.plain
        if len(memory) >= MEMORY:
            memory.clear()
        memory[chunk] = known
    return known


def _ordinary(scan: Scan, chunk: str) -> tuple[str, str, bool] | None:
    """(word, mark behind, bracket before) of a chunk that is one plain syllable which no entry begins with."""
    found = _ORDINARY.fullmatch(chunk)
    if not found:
        return None
    word = found[1]
    if len(word) == 1 and word not in _ONE_LETTER:
        return None
    if word in scan.lexicon.exact or word.lower() in scan.lexicon.folded:
        return None
    if word[1:] != word[1:].lower() or not is_syllable(word):
        return None
    behind = found[2]
    mark = behind[-1:] if behind[-1:] in ",.;:!?" else "," if behind.endswith((")", "]")) else ""
    return word, mark, chunk[0] in "(["
