"""The place a rule looks from: the clean text, the block in it, the lexicon, and a notebook for doubts.

A rule is a function `(scan, pos) -> Piece | None`: what begins at `pos`, how it is said, where it ends. Rules read to
the left with `scan.tail(pos)` and to the right with compiled patterns bounded by `scan.end`; none has memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from audio.reading.lexicon import Lexicon
from audio.reading.model import Piece

TAIL = 64
OF_PERSON = re.compile(r"\b(?:ông|bà|anh|chị|em|cô|chú|bác|cháu|bị can|tên|thị|văn|họ|ng\.)\s+$")
"""Words before the initial of a name: `ông H.` is no huyện."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How much is said. Staff change these; the default is the broadcast style."""

    whole_frame: bool = False
    """Read motto, place-and-date line, recipients and signature of a whole document too."""
    document_suffix: str = "issuer"
    """Of `172/QĐ-UBND`: "issuer" says whose it is, "none" says the number only, "full" spells the suffix."""
    addresses_twice: bool = False
    """Say each web or mail address a second time."""
    read_as_is: frozenset[str] = frozenset()
    """Written forms whose reading staff have confirmed: no doubt is noted for them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt in offsets of the clean text."""

    kind: str
    start: int
    end: int
    said: str
    encoding: str = ""
    """The old encoding of the line, where that is the doubt."""


@dataclass(slots=True)
class Scan:
    """One block (a paragraph, a list item, a heading) on its way through the rules."""

    text: str
    start: int
    end: int
    lexicon: Lexicon
    settings: ReadingSettings
    defined: dict[str, str] = field(default_factory=dict)
    capitals: bool = False
    """The block is set in capitals: then a capital word is an ordinary word."""
    toneless: bool = False
    """The block was typed without tone marks: what looks like a syllable is one."""
    findings: list[Finding] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)
    """Pictures (emoji) that staff are told of already: once for each form."""

    def tail(self, pos: int, size: int = TAIL) -> str:
        """What stands before `pos` in this block, lower case, at most `size` characters."""
        return self.text[max(self.start, pos - size) : pos].lower()

    def last_word(self, pos: int) -> str:
        """The word right before `pos`, lower case, without marks; "" at the beginning or behind a sentence mark."""
        words = self.text[max(self.start, pos - 24) : pos].split()
        return words[-1].lower().strip("(\"'“”*[,:") if words else ""

    def char(self, pos: int) -> str:
        """The character at `pos`, "" outside the block."""
        return self.text[pos] if self.start <= pos < self.end else ""

    def doubt(self, kind: str, start: int, end: int, said: str) -> None:
        """Note that the reading `said` of `text[start:end]` is a guess."""
        if self.text[start:end] not in self.settings.read_as_is:
            self.findings.append(Finding(kind, start, end, said))

    def doubted(self, kind: str, piece: Piece) -> Piece:
        """`piece`, noted as a guess."""
        self.doubt(kind, piece.start, piece.end, piece.spoken)
        return piece
