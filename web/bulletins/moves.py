"""What becomes of a written bulletin: handed over, taken back, withdrawn; and how its text came to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NoReturn

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from audio.orders import Speaker
from broadcast.airing import Airing
from broadcast.audit_event import record
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.deciding import submit, withdraw
from broadcast.errors import Conflict, Invalid
from broadcast.rights import Act
from broadcast.tally import plan_is_stale
from broadcast.variables import USUAL, VARIABLE, asked_back, values_of, variables_in
from web.bulletins.acting import bulletin_to_change, me
from web.bulletins.listing import coming
from web.bulletins.questions import Question
from web.bulletins.speaking import speakers_of_all
from web.bulletins.spoken import reading_of
from web.services import services
from web.shell import lookups
from web.shell.access import actor, current_rights, db_reading, db_writing, let_go, needs, now

MOST_NAMED = 8


def add_to(blueprint: Blueprint) -> None:
    one = "/ban-tin/<code>"
    blueprint.add_url_rule(f"{one}/gui-duyet", view_func=submit_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/rut-lai", view_func=take_back, methods=["POST"])
    blueprint.add_url_rule(f"{one}/thu-hoi", view_func=withdraw_confirm)
    blueprint.add_url_rule(f"{one}/thu-hoi", view_func=withdraw_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/lich-su", view_func=history)


def note(session: Session, bulletin: Bulletin, act: str, **detail: Any) -> None:
    """One line of the audit trail, in the transaction of the act."""
    record(
        session,
        actor(),
        act,
        "bulletin",
        bulletin.id,
        bulletin.title,
        now=now(),
        unit_id=bulletin.unit_id,
        detail={"code": bulletin.code, **detail},
    )


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
    asked: dict[str, tuple[Question, list[str]]] = {}
    for speaker in speakers:
        reading = reading_of(revision.script, speaker, revision.arrangement, 1.0, revision.has_answered)
        for gap in reading.gaps:
            gaps.setdefault(gap, []).append(speaker.unit_name)
        for question in reading.questions:
            asked.setdefault(question.key, (question, []))[1].append(speaker.unit_name)
    if gaps:
        _refuse_gaps(bulletin, gaps, len(speakers))
    if unanswered := {question: names for question, names in asked.values() if not question.is_answered}:
        _refuse_questions(unanswered, len(speakers))
    told = tuple(str(question) for question, _ in asked.values())
    return LookedOver(revision.number, _answers(revision), tuple(speakers), told)


def _answers(revision: Revision) -> tuple[bool, tuple[str, ...]]:
    return revision.read_as_is, tuple(revision.answered)


def _refuse_questions(asked: dict[Question, list[str]], units: int) -> NoReturn:
    """Raises Invalid with the questions that nobody answered yet, and at which of `units` units they are asked."""
    told = [
        f"“{question.written[:60]}” ({', '.join([question.place.lower(), *_at(names, units)])})"
        for question, names in asked.items()
    ]
    more = f" và {len(told) - MOST_NAMED} chỗ nữa" if len(told) > MOST_NAMED else ""
    raise Invalid(
        f"Còn {len(told)} chỗ chưa chắc cách đọc: {'; '.join(told[:MOST_NAMED])}{more}. "
        "Hãy sửa cách đọc, sửa lời, hoặc xem rồi đánh dấu từng chỗ.",
        field="as_is",
    )


def _at(names: list[str], units: int) -> list[str]:
    return [] if len(names) == units else ["ở " + ", ".join(names)]


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


@needs(Act.WRITE)
def submit_submit(code: str) -> ResponseReturnValue:
    """From the page of the bulletin, where nothing is being typed."""
    hand_over(code)
    flash("Đã gửi duyệt. Người phê duyệt sẽ thấy bản tin trong mục chờ duyệt.", "good")
    return redirect(url_for("bulletins.show", code=code))


@needs(Act.WRITE)
def take_back(code: str) -> ResponseReturnValue:
    """Before anybody decided: back to the desk."""
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        bulletin.latest.move(State.DRAFT)
        bulletin.latest.submitted_at = bulletin.latest.submitted_by_id = None
        note(session, bulletin, "take_back", revision=bulletin.latest.number)
    flash("Đã rút lại. Bản tin trở về bản nháp.", "good")
    return redirect(url_for("bulletins.edit", code=code))


@needs(Act.DECIDE)
def withdraw_confirm(code: str) -> ResponseReturnValue:
    session = db_reading()
    bulletin = lookups.bulletin(session, code, Act.DECIDE)
    if bulletin.withdrawn_at is not None:
        return redirect(url_for("bulletins.show", code=code))
    number = coming(session, Airing.bulletin_id == bulletin.id, now=now())
    return render_template(
        "confirm.html",
        title=f"Thu hồi bản tin “{bulletin.title}”?",
        sentences=[
            f"{number} lượt phát sắp tới sẽ bị huỷ." if number else "Bản tin này không còn lượt phát nào sắp tới.",
            "Trạm đang phát bản tin sẽ dừng lại khi nhận được chương trình mới.",
            "Bản tin đã thu hồi không mở lại được; muốn dùng lại nội dung thì soạn bản tin mới từ bản này.",
        ],
        action=url_for("bulletins.withdraw_submit", code=code),
        button="Thu hồi bản tin",
        back=url_for("bulletins.show", code=code),
        reason_label="Lý do thu hồi",
    )


@needs(Act.DECIDE)
def withdraw_submit(code: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:1000]
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.DECIDE)
        number = coming(session, Airing.bulletin_id == bulletin.id, now=now())
        withdraw(session, bulletin, me(session), now(), reason)
        plan_is_stale(session)
        note(session, bulletin, "withdraw", reason=reason, airings=number)
    told = f"Đã thu hồi bản tin; {number} lượt phát sắp tới sẽ bị huỷ." if number else "Đã thu hồi bản tin."
    flash(told, "good")
    return redirect(url_for("bulletins.show", code=code))


@needs(Act.READ)
def history(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code)
    steps = []
    for before, revision in zip([None, *bulletin.revisions], bulletin.revisions, strict=False):
        steps.append((revision, changes(before.script if before else "", revision.script)))
    return render_template("bulletins/history.html", bulletin=bulletin, steps=steps[::-1])


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What was kept, taken out (`del`) and put in (`ins`): by lines first, within changed lines word by word."""
    if not before:
        return [("", after)]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            parts.append(("", come))
        elif kind == "replace":
            parts += _changed_words(gone, come)
        else:
            parts.append(("del", gone) if kind == "delete" else ("ins", come))
    return parts


def _changed_words(before: str, after: str) -> list[tuple[str, str]]:
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
