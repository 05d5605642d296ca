"""What becomes of a written bulletin: handed over, taken back, withdrawn; and how its text came to be."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import record
from broadcast.bulletin import Bulletin, State, submit, withdraw
from broadcast.errors import Invalid
from broadcast.rights import Act
from broadcast.tally import plan_is_stale
from web.bulletins.acting import bulletin_to_change, me
from web.bulletins.listing import coming
from web.bulletins.spoken import gaps_of, reading_of
from web.shell import lookups
from web.shell.access import actor, db_reading, db_writing, needs, now


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


def hand_over(session: Session, bulletin: Bulletin) -> None:
    """Submits the latest revision. Raises Invalid while places are to be filled in or questions are open."""
    revision = bulletin.latest
    if gaps := gaps_of(revision.script):
        raise Invalid(f"Còn {len(gaps)} chỗ phải điền trước khi gửi duyệt: {', '.join(gaps[:5])}.", field="script")
    reading = reading_of(revision.script) if revision.content == "text" else None
    if reading is not None and reading.questions and not revision.read_as_is:
        raise Invalid(
            f"Còn {len(reading.questions)} chỗ chưa chắc cách đọc. Hãy sửa lời, "
            "hoặc xem từng chỗ rồi đánh dấu “đọc nguyên văn”.",
            field="read_as_is",
        )
    submit(session, bulletin, me(session), now())
    detail: dict[str, Any] = {"revision": revision.number}
    if reading is not None and reading.questions:
        detail["read_as_is"] = list(reading.questions[:20])
    note(session, bulletin, "submit", **detail)


@needs(Act.WRITE)
def submit_submit(code: str) -> ResponseReturnValue:
    """From the page of the bulletin, where nothing is being typed."""
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.WRITE)
        hand_over(session, bulletin)
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
    """What was kept, taken out (`del`) and put in (`ins`), word by word."""
    old, new = before.split(" "), after.split(" ")
    if not before or len(old) + len(new) > 4000:  # comparing takes the square of the words
        return [("", after)]
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            parts.append(("del", " ".join(old[a:b]) + " "))
        if kind in {"insert", "replace"}:
            parts.append(("ins", " ".join(new[c:d]) + " "))
        if kind == "equal":
            parts.append(("", " ".join(new[c:d]) + " "))
    return parts
