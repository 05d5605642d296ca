"""Duyệt bản riêng của xã mới: sounds of communes that got a station after the bulletin was approved."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcast.bulletin import Bulletin
from broadcast.deciding import approve_added
from broadcast.errors import Invalid
from broadcast.replanning import bulletin_changed
from broadcast.rights import Act
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.arranging import arranged_in_words
from web.bulletins.communes import communes_of
from web.bulletins.deciders import changed_reading
from web.bulletins.doubts import asked_about, refuse_open_questions
from web.bulletins.hearing import ask_once_more, heard_of, hearing_of
from web.bulletins.speaking import reading_of_revision
from web.shell import lookups
from web.shell.access import current_person, db_reading, db_writing, needs, now, today
from web.shell.forms import Form


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/duyet/<code>/xa-moi", view_func=review_added)
    blueprint.add_url_rule("/duyet/<code>/xa-moi", view_func=approve_added_submit, methods=["POST"])


@needs(Act.DECIDE)
def review_added(code: str) -> ResponseReturnValue:
    session = db_reading()
    bulletin = lookups.bulletin(session, code, Act.DECIDE)
    revision = bulletin.airing_revision
    if revision is None or bulletin.withdrawn_at is not None or not revision.unapproved_sounds:
        flash("Không còn bản riêng của xã nào chờ duyệt.", "plain")
        return redirect(url_for("bulletins.show", code=code))
    added = revision.unapproved_sounds
    return render_template(
        "approvals/added.html",
        bulletin=bulletin,
        revision=revision,
        communes=communes_of(session, revision),
        arranged=arranged_in_words(session, revision),
        added=added,
        asked=asked_about(session, revision),
        reading=reading_of_revision(session, revision, added[0].unit_id),
        is_author=_is_author(bulletin),
        rereaders=changed_reading(session, bulletin, bulletin.authors_up_to(revision)),
    )


def _is_author(bulletin: Bulletin) -> bool:
    revision = bulletin.airing_revision
    return revision is not None and current_person().id in bulletin.authors_up_to(revision)


@needs(Act.DECIDE)
def approve_added_submit(code: str) -> ResponseReturnValue:
    """Approves the added sounds that were on the page; those that were hardly heard ask once more."""
    form = Form(request.form)
    number = form.whole("revision", "số bản sửa", 1, 1_000_000)
    if form.errors:
        raise Invalid("Trang duyệt gửi lên thiếu dữ liệu. Hãy mở lại bản tin và thử lần nữa.")
    bulletin = lookups.bulletin(db_reading(), code, Act.DECIDE)
    revision = bulletin.airing_revision
    sounds = revision.unapproved_sounds if revision else []
    heard = heard_of(form, sounds)
    hearing = hearing_of(sounds, heard)
    asks = hearing.is_lacking or form.ticked("ask")
    if not _is_author(bulletin) and asks and not form.ticked("sure"):
        submit, back = (
            url_for("bulletins.approve_added_submit", code=code),
            url_for("bulletins.review_added", code=code),
        )
        return ask_once_more(bulletin, hearing, form, action=submit, back=back)
    with db_writing() as session:
        bulletin = bulletin_to_change(session, code, Act.DECIDE)
        revision = bulletin.airing_revision
        units = [each.unit.name for each in revision.unapproved_sounds if each.unit is not None] if revision else []
        key = form.value("audio")
        if revision is not None:
            refuse_open_questions(session, revision)
        approvals = approve_added(
            session, bulletin, me(session), now(), revision_number=number, sound_key=key, heard=heard
        )
        bulletin_changed(session, bulletin.id, today())
        note(
            session, bulletin, "approve_added",
            revision=number, communes=units, text_sha256=approvals[0].text_sha256,
            sounds=len(approvals), sounds_sha256=[approval.audio_sha256 for approval in approvals],
        )  # fmt: skip
    flash(f"Đã duyệt bản riêng của {', '.join(units)}. Bản tin sẽ phát ở đó theo lịch.", "good")
    return redirect(url_for("bulletins.show", code=code))
