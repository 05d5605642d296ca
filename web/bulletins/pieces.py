"""One sentence in pieces: what is written beside what is said for it, joined by a number on both sides."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audio.reading.model import Piece, SpokenSentence

_EDGES = re.compile(r"^\W+|\W+$")
_LAST_MARKS = re.compile(r"[,.;:?!]+$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A run of text on one side; `kind` is "" for what is said as it is written.

    Else "changed" (a number, an abbreviation: said in other words), "silent" (written and not said), "doubt", "gap"
    (still to be filled in) or "value" (that of a variable). The same `number` on both sides belongs together.
    """

    text: str
    kind: str = ""
    number: int = 0
    start: int = 0
    """Where it begins in the text that was read; only of marked runs on the written side."""


class Span(NamedTuple):
    """A half-open place in the text that was read, marked for a reason of its own."""

    start: int
    end: int
    kind: str


class Beside(NamedTuple):
    """Both sides of a sentence."""

    written: tuple[Mark, ...]
    spoken: tuple[Mark, ...]


def beside(text: str, sentence: SpokenSentence, spans: Sequence[Span]) -> Beside:
    """The sentence with what differs marked. `spans` begin in it; of two that overlap the first counts."""
    kept = _apart(spans, sentence.start)
    starts = [span.start for span in kept]
    marked, of_piece = list(kept), list[Span | None]()
    for piece in sentence.pieces:
        span = _span_over(piece, kept, starts)
        if span is None and (kind := _difference(text, piece)):
            span = _bare_span(text, piece, kind)
            marked.append(span)
        of_piece.append(span)
    marked.sort()
    numbers = {span: number for number, span in enumerate(marked, 1)}
    return Beside(
        _written(text, sentence, marked, numbers),
        _spoken(zip(sentence.pieces, of_piece, strict=True), numbers),
    )


def _apart(spans: Sequence[Span], at: int) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans):
        if span.start >= at and span.end > span.start:
            kept.append(span)
            at = span.end
    return kept


def _span_over(piece: Piece, spans: Sequence[Span], starts: Sequence[int]) -> Span | None:
    """The last span that begins before the piece ends, where it reaches into it."""
    last = bisect_left(starts, max(piece.end, piece.start + 1)) - 1
    return spans[last] if last >= 0 and spans[last].end > piece.start else None


def _difference(text: str, piece: Piece) -> str:
    written, spoken = _bare(text[piece.start : piece.end]), _bare(piece.spoken)
    if not written or written == spoken:
        return ""
    return "changed" if spoken else "silent"


def _bare(text: str) -> str:
    return _EDGES.sub("", unicodedata.normalize("NFC", text)).casefold()


def _bare_span(text: str, piece: Piece, kind: str) -> Span:
    """The piece without the marks around it."""
    written = text[piece.start : piece.end]
    before = len(written) - len(re.sub(r"^[(\[{“\"'‘]+", "", written))
    after = len(written) - len(re.sub(r"[)\]}”\"'’.,;:!?…]+$", "", written))
    return Span(piece.start + before, piece.end - after, kind)


def _written(text: str, sentence: SpokenSentence, marked: Sequence[Span], numbers: dict[Span, int]) -> tuple[Mark, ...]:
    marks, at = list[Mark](), sentence.start
    for span in marked:
        start, end = max(span.start, at), span.end
        if start > at:
            marks.append(Mark(text[at:start]))
        if end > start:
            marks.append(Mark(text[start:end], span.kind, numbers[span], start))
        at = max(at, end)
    if at < sentence.end:
        marks.append(Mark(text[at : sentence.end]))
    return tuple(marks)


def _spoken(pieces: zip[tuple[Piece, Span | None]], numbers: dict[Span, int]) -> tuple[Mark, ...]:
    runs: list[tuple[list[str], Span | None]] = []
    for piece, span in pieces:
        if not piece.spoken:
            continue
        if runs and runs[-1][1] == span:
            runs[-1][0].append(piece.spoken)
        else:
            runs.append(([piece.spoken], span))
    marks: list[Mark] = []
    for words, span in runs:
        said = " ".join(words)
        if marks:
            _add_plain(marks, " ")
        if span is None:
            _add_plain(marks, said)
            continue
        tail = found[0] if (found := _LAST_MARKS.search(said)) else ""
        marks.append(Mark(said.removesuffix(tail), span.kind, numbers[span]))
        _add_plain(marks, tail)
    return tuple(marks)


def _add_plain(marks: list[Mark], text: str) -> None:
    if not text:
        return
    if marks and not marks[-1].kind:
        marks[-1] = Mark(marks[-1].text + text)
    else:
        marks.append(Mark(text))
