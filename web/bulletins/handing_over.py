"""Handing a bulletin over: its text is read as everybody will say it, and nothing may be open in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import flash, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from audio.speaker import Speaker
from broadcast.bulletin import Bulletin, Revision
from broadcast.deciding import submit
from broadcast.errors import Conflict, Invalid
from broadcast.rights import Act
from broadcast.variables import USUAL, VARIABLE, asked_back, values_of, variables_in
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.doubts import Asked, gathered, named
from web.bulletins.questions import Question
from web.bulletins.speaking import speakers_of_all
from web.bulletins.spoken import reading_of
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_writing, let_go, now


@dataclass(frozen=True, slots=True)
class LookedOver:
    """A text with nothing open: what was read of it, by whom it is said, and what staff chose to have read as it is."""

    revision: int
    answers: tuple[bool, tuple[str, ...]]
    speakers: tuple[Speaker, ...]
    asked: tuple[str, ...]

    def still_holds(self, session: Session, bulletin: Bulletin) -> bool:
        latest = bulletin.latest
        return (latest.number, _answers(latest)) == (self.revision, self.answers) and tuple(
            speakers_of_all(session, latest)
        ) == self.speakers


def hand_over(code: str) -> None:
    """Submits the latest revision. Raises Invalid while places are to be filled in or questions are open.

    It is read before the transaction: that takes seconds for a long text of many communes. Where what was read no
    longer holds, it is read once more; then Conflict.
    """
    current_rights()
    if not (_hand_over_looked_over(code) or _hand_over_looked_over(code)):
        raise Conflict("Bản tin, thông tin hoặc cách đọc vừa được người khác thay đổi. Hãy xem lại rồi gửi duyệt.")


def _hand_over_looked_over(code: str) -> bool:
    """False where what was read no longer holds."""
    let_go()
    with services().database.reading() as reading:
        looked = look_over(reading, lookups.bulletin(reading, code, Act.WRITE))
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        if not looked.still_holds(session, bulletin):
            return False
        submit(session, bulletin, me(session), now())
        detail: dict[str, Any] = {"revision": looked.revision}
        if looked.asked:
            detail["read_as_is"] = list(looked.asked[:20])
        note(session, bulletin, "submit", **detail)
    return True


def look_over(session: Session, bulletin: Bulletin) -> LookedOver:
    """Reads the latest text as everybody says it. Raises Invalid for places to be filled in and open questions."""
    revision = bulletin.latest
    speakers = speakers_of_all(session, revision)
    gaps: dict[str, list[str]] = {}
    questions: list[tuple[Question, str]] = []
    for speaker in speakers:
        reading = reading_of(revision.script, speaker, revision.arrangement, 1.0, revision.has_answered)
        for gap in reading.gaps:
            gaps.setdefault(gap, []).append(speaker.unit_name)
        questions += [(question, speaker.unit_name) for question in reading.questions]
    if gaps:
        _refuse_gaps(bulletin, gaps, len(speakers))
    asked = gathered(questions)
    if unanswered := [each for each in asked if not each.question.is_answered]:
        _refuse_questions(unanswered, len(speakers))
    told = tuple(str(each.question) for each in asked)
    return LookedOver(revision.number, _answers(revision), tuple(speakers), told)


def _answers(revision: Revision) -> tuple[bool, tuple[str, ...]]:
    return revision.read_as_is, tuple(revision.answered)


def _refuse_questions(asked: Sequence[Asked], units: int) -> NoReturn:
    """Raises Invalid with the questions that nobody answered yet, and at which of `units` units they are asked."""
    told = [Asked(each.question, () if len(each.units) == units else each.units) for each in asked]
    raise Invalid(
        f"Còn {len(told)} chỗ chưa chắc cách đọc: {named(told)}. "
        "Hãy sửa cách đọc, sửa lời, hoặc xem rồi đánh dấu từng chỗ.",
        field="as_is",
    )


def _refuse_gaps(bulletin: Bulletin, gaps: dict[str, list[str]], units: int) -> NoReturn:
    """Raises Invalid with every place to be filled in, and at which units it is, of `units` that say it. Where to fill
    in what a unit has to say is flashed as a link."""
    lacking = {gap: names for gap, names in gaps.items() if VARIABLE.fullmatch(gap)}
    told = [gap for gap in gaps if gap not in lacking][:5]
    known = (*USUAL, *values_of(current_rights().tree, bulletin.unit_id))
    told += [
        f"{gap} ở {'mọi nơi' if len(names) == units > 1 else ', '.join(names)}{asked_back(variables_in(gap)[0], known)}"
        for gap, names in lacking.items()
    ]
    if lacking:
        path = url_for("units.values_below", code=bulletin.unit.code, can=list(variables_in(" ".join(lacking))))
        flash(Markup('Giá trị còn thiếu được điền ở <a href="{}">thông tin của các nơi phát</a>.').format(path), "warn")
    raise Invalid(f"Còn {len(gaps)} chỗ phải điền trước khi gửi duyệt: {'; '.join(told)}.", field="script")
