"""A script as the screens show it: sentence by sentence, as written and as it will be said, doubts marked in place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from audio.reading import read_aloud
from audio.reading.model import Doubt, SpokenSentence, SpokenText
from audio.reading.script import refuse_unreadable
from audio.speaker import Speaker, opening_of
from broadcast.arrangement import Arrangement
from broadcast.errors import BroadcastError, TooLarge
from broadcast.receiving import GAP_PATTERN
from broadcast.variables import VARIABLE, Filled, fill_in
from web.bulletins.lengths import Parts, pace_words, speech_ms, whole_ms
from web.bulletins.pieces import Mark, Span, beside
from web.bulletins.questions import Answers, Question, each_once, nobody, question_of

LONGEST_SCRIPT = 60_000
"""Characters; twice what thirty minutes of reading need. Longer texts are refused before anybody reads them."""


_GAP = re.compile(f"{GAP_PATTERN.pattern}|{VARIABLE.pattern}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `marks` is the written side, `said` the spoken one; `start` and `end` are places in the script.

    What is not in the script (who speaks, the closing words) has neither. `spoken` "" is for what nobody says.
    """

    marks: tuple[Mark, ...]
    said: tuple[Mark, ...]
    spoken: str
    doubts: tuple[Question, ...] = ()
    gaps: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to look at it before it is handed over."""
        return bool(self.gaps) or any(not doubt.is_answered for doubt in self.doubts)

    @property
    def suspect(self) -> str:
        """The written form that most likely wants another reading; "" where all is said as it is written."""
        if mendable := [doubt for doubt in self.doubts if doubt.is_mendable]:
            return mendable[0].written
        changed = [mark.text for mark in self.marks if mark.kind == "changed"]
        return changed[0] if len(changed) == 1 else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What will be said of a script."""

    lines: tuple[Line, ...]
    questions: tuple[Question, ...]
    """Every doubt with its places, each once, for people who decide."""
    gaps: tuple[str, ...]
    """Places still to be filled in."""
    is_partly_skipped: bool
    syllables: int
    length_ms: int
    """From the first sound to the last: chime, who speaks, every reading, the closing."""
    body_ms: int
    """What is written, read once."""
    speaker: str = ""
    """The name of the unit that says it."""
    opening: str = ""
    """What is said before it; "" where the script itself says who speaks."""
    readings: int = 1
    open_lines: tuple[int, ...] = field(default=())
    """Numbers of the sentences that somebody has to look at, from 1."""

    signs_left_out: int = 0
    """Pictures and the like that stand between words and are not said, without a question about them."""

    refusal: str = ""
    """Why nobody could read it, where it is no Vietnamese text at all."""

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if not question.is_answered)

    @property
    def answered(self) -> tuple[Question, ...]:
        """What staff saw and chose to have read as it is."""
        return tuple(question for question in self.questions if question.is_answered)

    @property
    def passed_over(self) -> int:
        """How many places are not said: those that staff saw and chose to leave out, and signs that have no words."""
        return sum(len(each.lines) for each in self.answered if not each.is_mendable) + self.signs_left_out

    @property
    def open_places(self) -> int:
        """How much has to be answered or filled in before it is handed over."""
        return len(self.open_questions) + len(self.gaps)

    @property
    def pace(self) -> int:
        """Syllables a minute, pauses included."""
        return round(self.syllables * 60_000 / self.body_ms) if self.body_ms else 0

    @property
    def pace_words(self) -> str:
        return pace_words(self.pace)


def reading_of(
    script: str,
    speaker: Speaker | None = None,
    arrangement: Arrangement | None = None,
    stretch: float = 1.0,
    answers: Answers = nobody,
) -> Reading:
    """What is said of `script`, and of the closing words after it, by `speaker`: with its values and its lexicon.

    `answers` tells which questions need no look any more; `stretch` is how much longer the voice takes than the usual
    estimate. Raises TooLarge for a script longer than LONGEST_SCRIPT.
    """
    refuse_endless(script)
    speaker, arrangement = speaker or Speaker(""), arrangement or Arrangement()
    filled = fill_in(script, speaker.values)
    spoken = _read(filled, speaker)
    closing = fill_in(arrangement.closing, speaker.values)
    after = _read(closing, speaker)
    opening = opening_of(spoken, speaker)
    lines = (
        *_Lines(script, filled, spoken, answers).all(),
        *_Lines("", closing, after, answers).all(),
    )
    parts = Parts(
        speech_ms([opening] if opening else [], stretch),
        speech_ms((sentence.spoken for sentence in spoken.sentences), stretch),
        speech_ms((sentence.spoken for sentence in after.sentences), stretch),
    )
    return Reading(
        lines=lines,
        questions=each_once(
            [
                *(question_of(doubt, answers) for doubt in spoken.doubts),
                *(question_of(doubt, answers, line=0) for doubt in after.doubts),
            ]
        ),
        gaps=gaps_of(f"{filled.text}\n{closing.text}"),
        is_partly_skipped=bool(spoken.skipped),
        syllables=spoken.syllables,
        length_ms=whole_ms(parts, arrangement),
        body_ms=parts.body_ms,
        speaker=speaker.unit_name,
        opening=opening,
        readings=arrangement.readings,
        open_lines=tuple(number for number, line in enumerate(lines, 1) if line.is_open),
        signs_left_out=_signs_left_out(filled.text, spoken) + _signs_left_out(closing.text, after),
        refusal=_refusal(filled.text),
    )


def _read(filled: Filled, speaker: Speaker) -> SpokenText:
    """What is said; a variable without a value is a gap, and so no question beside it."""
    spoken = read_aloud(filled.text, lexicon=speaker.lexicon)
    return replace(spoken, doubts=tuple(doubt for doubt in spoken.doubts if not VARIABLE.fullmatch(doubt.written)))


_SIGN = re.compile(
    r"(?<=\S)[^\S\n]*[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d\u2600-\u27bf\U0001f000-\U0001faff]*"
)
"""Pictures (emoji) in a line; one that begins a line is a bullet."""


def _signs_left_out(text: str, spoken: SpokenText) -> int:
    """How many pictures between the words of `text` are not said and not asked about either."""
    covered = [(piece.start, piece.end) for sentence in spoken.sentences for piece in sentence.pieces if piece.spoken]
    covered += [(doubt.start, doubt.end) for doubt in spoken.doubts]
    found = [sign.end() - 1 for sign in _SIGN.finditer(text)]
    return sum(not any(start <= place < end for start, end in covered) for place in found)


def _refusal(text: str) -> str:
    """Why `text` is none to be read aloud, in words; "" for an ordinary one, or for none yet."""
    if text.strip():
        try:
            refuse_unreadable(text)
        except BroadcastError as error:
            return error.message_vi
    return ""


def refuse_endless(script: str) -> None:
    """Raises TooLarge with the field `script`."""
    if len(script) > LONGEST_SCRIPT:
        told = f"{len(script):,}".replace(",", ".")
        raise TooLarge(
            f"Nội dung dài {told} ký tự, nhiều hơn mức 60.000 cho một bản tin. Hãy chia thành nhiều bản tin ngắn.",
            field="script",
        )


def gaps_of(filled: str) -> tuple[str, ...]:
    """The places that still have to be filled in, each once: marked ones, and variables that have no value."""
    return tuple(dict.fromkeys(found.group(0) for found in _GAP.finditer(filled)))


class _Lines:
    """The sentences of one text, with what stands in each found by bisection: a script may have thousands."""

    def __init__(self, script: str, filled: Filled, spoken: SpokenText, answers: Answers) -> None:
        self.text, self.spoken, self.answers = filled.text, spoken, answers
        self.is_script = bool(script)
        self.filled = filled
        self.doubts = sorted(spoken.doubts, key=lambda doubt: doubt.start)
        self.doubts_at = [doubt.start for doubt in self.doubts]
        # The sentence may leave out the last sign of a gap or value: each is found in the whole text.
        spans = [Span(begin, until, "value") for begin, until in filled.spans]
        spans += [Span(*found.span(), "gap") for found in _GAP.finditer(filled.text)]
        self.spans = sorted(spans)
        self.spans_at = [span.start for span in self.spans]

    def all(self) -> list[Line]:
        """Every sentence, and between them what is not said though somebody has to look at it."""
        lines, at = list[Line](), 0
        for sentence in self.spoken.sentences:
            lines += self._unsaid(at, sentence.start)
            lines.append(self._line(sentence))
            at = max(sentence.end, sentence.start + 1)
        return [*lines, *self._unsaid(at, len(self.text))]

    def _line(self, sentence: SpokenSentence) -> Line:
        end = max(sentence.end, sentence.start + 1)
        doubts, spans = self._within(sentence.start, end)
        unsure = [Span(doubt.start, min(doubt.end, end), "doubt") for doubt in doubts]
        written, spoken = beside(self.text, sentence, [*unsure, *spans])
        return self._of(sentence.start, sentence.end, doubts, spans, written, spoken, sentence.spoken)

    def _unsaid(self, start: int, end: int) -> list[Line]:
        """Blanks and the like in text[start:end], which belongs to no sentence: one line for each written line."""
        doubts, spans = self._within(start, end)
        marked = [Span(doubt.start, doubt.end, "doubt") for doubt in doubts]
        marked += [span for span in spans if span.kind == "gap"]
        runs: list[list[Span]] = []
        for span in sorted(marked):
            if runs and "\n" not in self.text[runs[-1][-1].end : span.start]:
                runs[-1].append(span)
            else:
                runs.append([span])
        lines = []
        for run in runs:
            begin, until = run[0].start, max(span.end for span in run)
            mute = SpokenSentence("", self.text[begin:until], begin, until, ())
            own = [doubt for doubt in doubts if begin <= doubt.start < until]
            lines.append(self._of(begin, until, own, run, beside(self.text, mute, run).written, (), ""))
        return lines

    def _within(self, start: int, end: int) -> tuple[list[Doubt], list[Span]]:
        return (
            self.doubts[bisect_left(self.doubts_at, start) : bisect_left(self.doubts_at, end)],
            self.spans[bisect_left(self.spans_at, start) : bisect_left(self.spans_at, end)],
        )

    def _of(
        self,
        start: int,
        end: int,
        doubts: Sequence[Doubt],
        spans: Sequence[Span],
        written: tuple[Mark, ...],
        said: tuple[Mark, ...],
        spoken: str,
    ) -> Line:
        return Line(
            tuple(self._placed(mark) for mark in written),
            said,
            spoken,
            each_once(question_of(doubt, self.answers) for doubt in doubts),
            tuple(dict.fromkeys(self.text[span.start : span.end] for span in spans if span.kind == "gap")),
            self.filled.origin(start) if self.is_script else None,
            self.filled.origin(end) if self.is_script else None,
        )

    def _placed(self, mark: Mark) -> Mark:
        """A gap says where it is in what was typed: that is where it is filled in."""
        if not mark.number or not self.is_script:
            return mark
        return Mark(mark.text, mark.kind, mark.number, self.filled.origin(mark.start))
