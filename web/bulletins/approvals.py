"""Duyệt: one bulletin at a time, heard and read, approved or sent back by a second person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Refusal
from broadcast.bulletin import Approval, Bulletin, BulletinClass, Revision, State
from broadcast.deciding import approve, send_back
from broadcast.errors import Conflict, Invalid
from broadcast.replanning import bulletin_changed
from broadcast.rights import Act
from web.bulletins import newcomers
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.arranging import arranged_in_words
from web.bulletins.communes import communes_of, with_newcomers
from web.bulletins.deciders import changed_reading, nobody_may_approve
from web.bulletins.doubts import asked_about, refuse_open_questions
from web.bulletins.hearing import ask_once_more, heard_of, hearing_of
from web.bulletins.listing import is_latest
from web.bulletins.speaking import first_heard, reading_of_revision
from web.rules.words import rules_of_bulletin
from web.shell import lookups
from web.shell.access import current_person, current_rights, db_reading, db_writing, needs, now, scope_units, today
from web.shell.forms import Form


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/duyet", view_func=queue)
    blueprint.add_url_rule("/duyet/<code>", view_func=review)
    blueprint.add_url_rule("/duyet/<code>", view_func=approve_submit, methods=["POST"])
    blueprint.add_url_rule("/duyet/<code>/tra-lai", view_func=send_back_submit, methods=["POST"])
    newcomers.add_to(blueprint)


def waiting(session: Session) -> list[Bulletin]:
    """What one may decide on in the units one looks at, the longest waiting first."""
    units = scope_units() & current_rights().units(Act.DECIDE)
    return list(
        session.scalars(
            select(Bulletin)
            .join(Revision, is_latest())
            .where(
                Bulletin.unit_id.in_(units),
                Bulletin.withdrawn_at.is_(None),
                Revision.state == State.SUBMITTED.value,
            )
            .order_by(Revision.submitted_at, Bulletin.id)
        )
    )


@needs(Act.DECIDE)
def queue() -> ResponseReturnValue:
    """Opens the one that has waited longest; after those, one on air that has new sounds of communes."""
    bulletins = waiting(db_reading())
    person = current_person()
    ready = [bulletin for bulletin in bulletins if person.id not in bulletin.author_ids] or bulletins
    if ready:
        return redirect(url_for("bulletins.review", code=ready[0].code))
    if added := with_newcomers(db_reading()):
        return redirect(url_for("bulletins.review_added", code=added[0].code))
    return render_template("approvals/empty.html")


@needs(Act.DECIDE)
def review(code: str) -> ResponseReturnValue:
    return _page(Form(None), code)


def _page(form: Form, code: str) -> ResponseReturnValue:
    session = db_reading()
    bulletin = lookups.bulletin(session, code, Act.DECIDE)
    revision = bulletin.latest
    if revision.state != State.SUBMITTED.value or bulletin.withdrawn_at is not None:
        flash("Bản tin này không còn chờ duyệt.", "plain")
        return redirect(url_for("bulletins.show", code=code))
    others = [other for other in waiting(session) if other.id != bulletin.id]
    approved = bulletin.airing_revision
    held_up = session.scalar(
        select(func.count())
        .select_from(Refusal)
        .where(Refusal.bulletin_id == bulletin.id, Refusal.code == "not_approved", Refusal.asked_at >= now())
    )
    page = render_template(
        "approvals/review.html",
        form=form,
        bulletin=bulletin,
        revision=revision,
        approved=approved,
        state=bulletin.state_on(today()),
        reading=reading_of_revision(session, revision, first_heard(revision)),
        asked=asked_about(session, revision),
        communes=communes_of(session, revision),
        arranged=arranged_in_words(session, revision),
        rules=rules_of_bulletin(session, bulletin, now()),
        held_up=held_up,
        others=others,
        added=with_newcomers(session),
        undecidable=nobody_may_approve(session, bulletin),
        returned_before=next((each for each in reversed(bulletin.revisions) if each.returned_at is not None), None),
        is_author=current_person().id in bulletin.author_ids,
        rereaders=changed_reading(session, bulletin, bulletin.author_ids),
        authors=sorted({each.author.name for each in bulletin.revisions if each.author_id in bulletin.author_ids}),
    )
    return page, form.status


@needs(Act.DECIDE)
def approve_submit(code: str) -> ResponseReturnValue:
    """Approves what was on the page. Sound that was hardly heard, and Ctrl+Enter (`ask`), ask once more."""
    form = Form(request.form)
    number = form.whole("revision", "số bản sửa", 1, 1_000_000)
    heard_ms = form.whole("heard_ms", "thời gian đã nghe", 0, 100_000_000) if form.value("heard_ms") else 0
    if form.errors:
        raise Invalid("Trang duyệt gửi lên thiếu dữ liệu. Hãy mở lại bản tin và thử lần nữa.")
    bulletin = lookups.bulletin(db_reading(), code, Act.DECIDE)
    sounds = bulletin.latest.sounds
    heard = heard_of(form, sounds, heard_ms)
    heard_ms = next(iter(heard.values()), 0)
    hearing = hearing_of(sounds, heard)
    is_as_shown = (number, form.value("audio")) == (bulletin.latest.number, bulletin.latest.sound_key or "")
    is_author = current_person().id in bulletin.author_ids
    # What changed under the page, and what an author wants to approve, is refused without a question before.
    if is_as_shown and not is_author and (hearing.is_lacking or form.ticked("ask")) and not form.ticked("sure"):
        submit, back = url_for("bulletins.approve_submit", code=code), url_for("bulletins.review", code=code)
        return ask_once_more(bulletin, hearing, form, action=submit, back=back)
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.DECIDE)
        if form.value("class") != bulletin.bulletin_class:
            raise Conflict("Loại bản tin đã thay đổi sau khi bạn mở trang này. Hãy xem lại trước khi duyệt.")
        refuse_open_questions(session, bulletin.latest)
        approvals = approve(
            session,
            bulletin,
            me(session),
            now(),
            revision_number=number,
            audio_sha256=form.value("audio") or None,
            heard_ms=heard_ms,
            heard=heard,
        )
        bulletin_changed(session, bulletin.id, today())
        onward = _onward(session, bulletin)
        note(
            session,
            bulletin,
            "approve",
            revision=number,
            heard_ms=heard_ms,
            text_sha256=approvals[0].text_sha256,
            audio_sha256=approvals[0].audio_sha256,
            **_all_sounds(approvals),
        )
    flash(f"Đã duyệt “{bulletin.title}”. {onward}", "good")
    return redirect(url_for("bulletins.show", code=code))


def _all_sounds(approvals: list[Approval]) -> dict[str, Any]:
    """For the audit trail, where one click covered the sounds of several communes: how many and which."""
    if len(approvals) < 2:
        return {}
    return {"sounds": len(approvals), "sounds_sha256": [approval.audio_sha256 for approval in approvals]}


def _onward(session: Session, bulletin: Bulletin) -> str:
    """What comes of the approval."""
    if bulletin.bulletin_class == BulletinClass.EMERGENCY.value:
        return "Khi cần, bản tin khẩn cấp được phát ngay từ trang này."
    if rules_of_bulletin(session, bulletin, now()):
        return "Bản tin sẽ phát theo lịch."
    return "Chưa có lịch phát nào dùng bản tin này: đặt lịch rồi bản tin mới phát."


@needs(Act.DECIDE)
def send_back_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    reason = form.text("reason", "lý do trả lại", longest=1000)
    if form.errors:
        return _page(form, code)
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.DECIDE)
        revision = send_back(session, bulletin, me(session), now(), reason)
        note(session, bulletin, "send_back", revision=revision.number, reason=reason)
    flash(f"Đã trả lại “{bulletin.title}” cho người soạn.", "good")
    return redirect(url_for("bulletins.show", code=code))
