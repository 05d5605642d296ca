"""What the reader asks about a script: each question by its kind and written form, and whether staff answered it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from audio.reading.model import Doubt

_LONGEST_FORM = 80
_MOST_PLACES = 6
_SILENT_KINDS = frozenset({"blank", "unreadable", "markup", "broken_braces"})
"""What is not said at all: there is nothing to read as it is, only to be seen."""
_SIGN_KINDS = frozenset({"unclosed_brace", "unopened_brace"})
"""Words that are said beside a sign that is not: no other reading of them would mend it."""

Answers = Callable[[str], bool]
"""Whether somebody saw the question with this key and chose to have it read as it is."""


def nobody(_key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Question:
    """Something the reader is not sure of: what is written, what it would say, and both in a sentence."""

    key: str
    kind: str
    written: str
    said: str
    message: str
    lines: tuple[int, ...] = ()
    """Where it stands in the script, from 1; 0 stands for the closing words."""
    is_answered: bool = False

    def __str__(self) -> str:
        return f"{self.place}, “{self.written}”: {self.message}"

    @property
    def place(self) -> str:
        numbers = [str(line) for line in self.lines if line]
        told = ", ".join(numbers[:_MOST_PLACES])
        if len(numbers) > _MOST_PLACES:
            told += f" và {len(numbers) - _MOST_PLACES} dòng nữa"
        if 0 not in self.lines:
            return f"Dòng {told}"
        return f"Dòng {told}, lời kết" if told else "Lời kết"

    @property
    def is_silent(self) -> bool:
        return self.kind in _SILENT_KINDS

    @property
    def is_mendable(self) -> bool:
        """Whether another reading of what is written may be the answer."""
        return self.kind not in _SILENT_KINDS | _SIGN_KINDS

    @property
    def answer(self) -> str:
        """The words beside the tick that answers it."""
        if self.kind in _SIGN_KINDS:
            return "Đã xem, bỏ qua dấu này"
        return "Đã xem, bỏ qua chỗ này" if self.is_silent else "Đọc nguyên văn"


def key_of(doubt: Doubt) -> str:
    """Holds while the same words are doubted for the same reason, wherever they stand."""
    form = " ".join(unicodedata.normalize("NFC", doubt.written).split())
    if len(form) > _LONGEST_FORM:
        form = f"{form[:40]}…{hashlib.sha256(form.encode(errors='replace')).hexdigest()[:16]}"
    return f"{doubt.kind}:{form}"


def question_of(doubt: Doubt, answers: Answers, line: int | None = None) -> Question:
    key = key_of(doubt)
    return Question(
        key,
        doubt.kind,
        " ".join(doubt.written.split()),
        doubt.said,
        doubt.message,
        (doubt.line if line is None else line,),
        answers(key),
    )


def each_once(questions: Iterable[Question]) -> tuple[Question, ...]:
    """One a key, in order of appearance, with all the lines in which it stands."""
    lines: dict[str, dict[int, None]] = {}
    first: dict[str, Question] = {}
    for question in questions:
        first.setdefault(question.key, question)
        lines.setdefault(question.key, {}).update(dict.fromkeys(question.lines))
    return tuple(
        Question(one.key, one.kind, one.written, one.said, one.message, tuple(lines[key]), one.is_answered)
        for key, one in first.items()
    )
