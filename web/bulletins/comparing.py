"""Two texts of one bulletin beside each other, sentence by sentence: for the one who came second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from broadcast.bulletin import Revision

_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*[^\S\n]*|[.!?…]+[^\S\n]*|\n+")
MOST_SENTENCES = 2000  # comparing takes the square of them


@dataclass(frozen=True)
class Part:
    """A sentence, or the lines between two; `differs` where the other text has no such sentence at this place."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """`other` is what somebody else saved; what was typed stands beside it."""

    other: Revision
    theirs: list[Part]
    mine: list[Part]
    title_differs: bool

    @property
    def only_theirs(self) -> list[str]:
        """The sentences that saving what was typed would take out."""
        return [part.text.strip() for part in self.theirs if part.differs and part.text.strip()]


def compare(other: Revision, title: str, script: str) -> Comparison:
    theirs, mine = sentences(other.script), sentences(script)
    same_theirs, same_mine = set[int](), set[int]()
    if len(theirs) <= MOST_SENTENCES and len(mine) <= MOST_SENTENCES:
        for block in SequenceMatcher(None, _words(theirs), _words(mine), autojunk=False).get_matching_blocks():
            same_theirs |= set(range(block.a, block.a + block.size))
            same_mine |= set(range(block.b, block.b + block.size))
    return Comparison(
        other,
        [Part(text, number not in same_theirs) for number, text in enumerate(theirs)],
        [Part(text, number not in same_mine) for number, text in enumerate(mine)],
        other.title != title,
    )


def sentences(script: str) -> list[str]:
    """Joined again they are the script."""
    return _SENTENCE.findall(script)


def _words(text: list[str]) -> list[str]:
    """The sentences as they count: however wide the spaces are."""
    return [" ".join(sentence.split()) for sentence in text]


def changed_words(before: str, after: str) -> list[tuple[str, str]]:
    """What was kept (""), taken out (`del`) and put in (`ins`), word by word."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    if len(old) + len(new) > 4000:  # comparing takes the square of the words
        return [("del", before), ("ins", after)]
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            parts.append(("del", "".join(old[a:b])))
        if kind in {"insert", "replace"}:
            parts.append(("ins", "".join(new[c:d])))
        if kind == "equal":
            parts.append(("", "".join(new[c:d])))
    return parts
