"""What the reader gives back. Offsets count characters of the script as it was handed in; spans are half-open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from audio.pauses import PAUSE_S

SYLLABLES_A_MINUTE = 166
"""Measured: the pace at which the offline voice was understood best."""


class SpokenWord(NamedTuple):
    """One spoken word and the written span it came from."""

    spoken: str
    start: int
    end: int


class Piece(NamedTuple):
    """A written span and what is said for it: words with marks between them, "" where it is silent."""

    spoken: str
    start: int
    end: int


class Skipped(NamedTuple):
    """A written span that is not read, and why: "head", "recipients", "signature"."""

    start: int
    end: int
    why: str


class Lines(NamedTuple):
    """A place for people: both count from 1."""

    line: int
    column: int


def place(script: str, offset: int) -> Lines:
    """Line and column of `offset` in `script`."""
    before = script[:offset]
    return Lines(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the reader is not sure of. `message` is a Vietnamese sentence for staff."""

    kind: str
    start: int
    end: int
    written: str
    said: str
    message: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """`spoken` holds only words a Vietnamese voice can say and , . ; : ? !; `written` is the slice it came from."""

    spoken: str
    written: str
    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        """Every spoken word in order, without marks, each with its written span."""
        return tuple(
            SpokenWord(bare, piece.start, piece.end)
            for piece in self.pieces
            for word in piece.spoken.split()
            if (bare := word.strip(",.;:?!"))
        )

    @property
    def syllables(self) -> int:
        """Spoken syllables; every word of the output is one."""
        return len(self.spoken.split())


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A whole script as it will be said."""

    sentences: tuple[SpokenSentence, ...]
    doubts: tuple[Doubt, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def text(self) -> str:
        """One sentence a line."""
        return "\n".join(sentence.spoken for sentence in self.sentences)

    @property
    def syllables(self) -> int:
        """Spoken syllables of the whole."""
        return sum(sentence.syllables for sentence in self.sentences)


def estimate_seconds(spoken: str) -> float:
    """How long `spoken` lasts: its syllables at the offline voice's pace and the pauses of its marks."""
    pauses = sum(spoken.count(mark) * seconds for mark, seconds in PAUSE_S.items())
    return len(spoken.split()) * 60 / SYLLABLES_A_MINUTE + pauses
