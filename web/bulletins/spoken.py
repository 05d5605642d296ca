"""A script as the screens show it: sentence by sentence, as written and as it will be said, doubts marked in place."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from audio.reading import read_aloud
from audio.reading.model import Doubt, SpokenSentence, estimate_seconds
from broadcast.errors import TooLarge
from broadcast.receiving import GAP_PATTERN

LONGEST_SCRIPT = 60_000
"""Characters; twice what thirty minutes of reading need. Longer texts are refused before anybody reads them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of the written text; `kind` is "" for plain text, "doubt" or "gap"."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `doubts` are the messages about it."""

    marks: tuple[Mark, ...]
    spoken: str
    doubts: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What will be said of a script."""

    lines: tuple[Line, ...]
    questions: tuple[str, ...]
    """Every doubt with its place, for people who decide."""
    gaps: tuple[str, ...]
    """Places still to be filled in."""
    is_partly_skipped: bool
    syllables: int
    length_ms: int

    @property
    def pace(self) -> int:
        """Syllables a minute, pauses included."""
        return round(self.syllables * 60_000 / self.length_ms) if self.length_ms else 0


def reading_of(script: str) -> Reading:
    """Raises TooLarge for a script longer than LONGEST_SCRIPT."""
    refuse_endless(script)
    spoken = read_aloud(script)
    doubts = sorted(spoken.doubts, key=lambda doubt: doubt.start)
    starts = [doubt.start for doubt in doubts]

    def within(sentence: SpokenSentence) -> list[Doubt]:
        end = max(sentence.end, sentence.start + 1)
        return doubts[bisect_left(starts, sentence.start) : bisect_left(starts, end)]

    return Reading(
        lines=tuple(_line(script, sentence, within(sentence)) for sentence in spoken.sentences),
        questions=tuple(f"Dòng {doubt.line}, “{doubt.written.strip()}”: {doubt.message}" for doubt in spoken.doubts),
        gaps=gaps_of(script),
        is_partly_skipped=bool(spoken.skipped),
        syllables=spoken.syllables,
        length_ms=round(sum(estimate_seconds(sentence.spoken) for sentence in spoken.sentences) * 1000),
    )


def refuse_endless(script: str) -> None:
    """Raises TooLarge with the field `script`."""
    if len(script) > LONGEST_SCRIPT:
        told = f"{len(script):,}".replace(",", ".")
        raise TooLarge(
            f"Nội dung dài {told} ký tự, nhiều hơn mức 60.000 cho một bản tin. Hãy chia thành nhiều bản tin ngắn.",
            field="script",
        )


def gaps_of(script: str) -> tuple[str, ...]:
    """The marked places that still have to be filled in, each once."""
    return tuple(dict.fromkeys(match.group(0) for match in GAP_PATTERN.finditer(script)))


def _line(script: str, sentence: SpokenSentence, doubts: list[Doubt]) -> Line:
    written = script[sentence.start : sentence.end]
    return Line(
        _marks(script, sentence, doubts),
        sentence.spoken,
        tuple(dict.fromkeys(doubt.message for doubt in doubts)),
        gaps_of(written),
    )


def _marks(script: str, sentence: SpokenSentence, doubts: list[Doubt]) -> tuple[Mark, ...]:
    start, end = sentence.start, sentence.end
    spans = [(doubt.start, min(doubt.end, end), "doubt") for doubt in doubts]
    spans += [(start + match.start(), start + match.end(), "gap") for match in GAP_PATTERN.finditer(script[start:end])]
    marks, at = list[Mark](), start
    for begin, until, kind in sorted(spans):
        if begin < at or until <= begin:
            continue
        if begin > at:
            marks.append(Mark(script[at:begin]))
        marks.append(Mark(script[begin:until], kind))
        at = until
    if at < end:
        marks.append(Mark(script[at:end]))
    return tuple(marks)
