"""What the reader asks about the sounds that wait for an approval: each by the unit that says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audio.speaker import speaker_of
from broadcast.bulletin import Revision
from broadcast.errors import Conflict
from web.bulletins.questions import Question
from web.bulletins.spoken import reading_of
from web.shell.access import current_rights, now

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the names of the units whose sound it is asked about; none where there is one for everybody."""

    question: Question
    units: tuple[str, ...]

    def __str__(self) -> str:
        where = f", ở {', '.join(self.units)}" if self.units else ""
        return f"“{self.question.written[:60]}” ({self.question.place.lower()}{where})"


def gathered(questions: Iterable[tuple[Question, str]]) -> list[Asked]:
    """(question, the name of the unit that asks it, "" for everybody) → each question once."""
    asked: dict[str, tuple[Question, list[str]]] = {}
    for question, unit in questions:
        units = asked.setdefault(question.key, (question, []))[1]
        if unit:
            units.append(unit)
    return [Asked(question, tuple(units)) for question, units in asked.values()]


def named(asked: Sequence[Asked]) -> str:
    """The first few, and how many more there are."""
    more = f" và {len(asked) - _MOST_NAMED} chỗ nữa" if len(asked) > _MOST_NAMED else ""
    return f"{'; '.join(map(str, asked[:_MOST_NAMED]))}{more}"


def asked_about(session: Session, revision: Revision) -> list[Asked]:
    """Every question about the sounds of `revision` that nobody approved, with the lexicon and the values of today."""
    if not revision.is_read_aloud:
        return []
    bulletin, tree = revision.bulletin, current_rights().tree
    questions: list[tuple[Question, str]] = []
    for sound in revision.unapproved_sounds:
        speaker = speaker_of(session, sound.unit_id or bulletin.unit_id, bulletin.id, now(), tree)
        reading = reading_of(revision.script, speaker, revision.arrangement, 1.0, revision.has_answered)
        questions += [(question, sound.unit.name if sound.unit is not None else "") for question in reading.questions]
    return gathered(questions)


def refuse_open_questions(session: Session, revision: Revision) -> None:
    """Raises Conflict with the units and places of what nobody answered: a value, a name or an entry of the lexicon
    that came after handing over may ask anew."""
    waiting = [each for each in asked_about(session, revision) if not each.question.is_answered]
    if waiting:
        raise Conflict(
            f"Chưa duyệt được vì còn {len(waiting)} chỗ chưa chắc cách đọc: {named(waiting)}. "
            "Hãy sửa giá trị hay cách đọc, hoặc để người soạn sửa lời, xem và đánh dấu từng chỗ rồi gửi duyệt lại."
        )
