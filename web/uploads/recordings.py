"""Bản tin thu âm: a recording instead of a text. The file is received and looked at here; the sound is made from it by
the same worker as all other sound, and is heard and approved in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin, BulletinClass, Revision, State
from broadcast.errors import BroadcastError, Conflict, Invalid
from broadcast.rights import Act
from broadcast.upload import Upload
from broadcast.writing import revise
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.arranging import check_chime, heard_arrangement, recording_arrangement
from web.bulletins.beginning import as_it_is, begin
from web.bulletins.changing import describe_anew, refuse_change
from web.bulletins.deciders import costs_of_writing, sent_back
from web.bulletins.forms import CLASSES, FIELDS, Typed, home_unit, read_facts, writable_units
from web.bulletins.speaking import Shown, show_as_said, ticked_in
from web.bulletins.spoken import Reading
from web.shell import lookups
from web.shell.access import current_person, db_reading, db_writing, needs, now, today
from web.shell.forms import Form
from web.uploads.arriving import LIMITS, MIB
from web.uploads.kept import CARRIER, ArrivedFile, file_sent

BY_SCRIPT = "X-Upload"
"""Sent by uploads.js, which follows no redirect: it goes where the answer says."""


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/ban-tin/thu-am/moi", view_func=create)
    blueprint.add_url_rule("/ban-tin/thu-am/moi", view_func=create_submit, methods=["POST"])
    blueprint.add_url_rule("/ban-tin/<code>/thu-am", view_func=edit)
    blueprint.add_url_rule("/ban-tin/<code>/thu-am", view_func=edit_submit, methods=["POST"])


def went(path: str) -> ResponseReturnValue:
    """To the next page; a script, which would follow a redirect by itself and see the page alone, is told its path."""
    if BY_SCRIPT not in request.headers:
        return redirect(path)
    answer: Response = jsonify(to=path)
    answer.status_code = 201
    return answer


# ---- new


@needs(Act.WRITE)
def create() -> ResponseReturnValue:
    return _page(Form(None, unit=home_unit().code, **{"class": BulletinClass.NORMAL.value}), None)


@needs(Act.WRITE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = _typed(form, None)
    code_of_unit = form.choice("unit", "đơn vị", {unit.code for unit, _ in writable_units()})
    if code_of_unit:
        check_chime(form, typed.arrangement, lookups.unit(db_reading(), code_of_unit, Act.WRITE).id)
    file = _file(form)
    if file is None:
        form.fail("file", "Hãy chọn tệp thu âm.")
    if form.errors or file is None:
        return _page(form, None, file)
    unit_id = lookups.unit(db_reading(), code_of_unit, Act.WRITE).id
    answered = ticked_in(db_reading(), typed.text, unit_id, None, typed.answered)
    closing = _closing_as_said(db_reading(), form, unit_id, None).reading
    with db_writing() as session:
        bulletin = begin(session, typed, code_of_unit)
        revision = revise(
            session,
            bulletin,
            me(session),
            now(),
            title=typed.title,
            content="recording",
            upload=_upload(session, bulletin, file),
            answered=answered,
            arrangement=typed.arrangement,
        )
        note(session, bulletin, "write", revision=revision.number, file=file.name, sha256=file.sha256)
        code = bulletin.code
    return _saved(code, "Đã nhận tệp thu âm. Âm thanh đang được dựng.", closing)


def _typed(form: Form, bulletin: Bulletin | None) -> Typed:
    """What the form says, its file apart; mistakes are told on it."""
    return replace(read_facts(form), arrangement=recording_arrangement(form, bulletin))


def _saved(code: str, words: str, closing: Reading) -> ResponseReturnValue:
    """To the bulletin; back to the form where its closing words have to be looked at before anybody approves them."""
    if not closing.open_places:
        flash(words, "good")
        return went(url_for("bulletins.show", code=code))
    flash(f"{words} Lời kết còn {closing.open_places} chỗ cần xem trước khi gửi duyệt.", "warn")
    return went(url_for("uploads.edit", code=code, _anchor="f-as_is"))


# ---- one bulletin


@needs(Act.WRITE)
def edit(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    if not _may_be_edited(bulletin):
        return redirect(url_for("bulletins.show", code=code))
    return _page(Form(None, **as_it_is(bulletin)), bulletin)


def _may_be_edited(bulletin: Bulletin) -> bool:
    state = bulletin.state_on(today())
    return bulletin.latest.content == "recording" and state not in {State.WITHDRAWN, State.SUBMITTED}


@needs(Act.WRITE)
def edit_submit(code: str) -> ResponseReturnValue:
    """Saves; a new file, where one was chosen, becomes the new sound. Without one the sound stays that of the file."""
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    form = Form(request.form)
    typed = _typed(form, bulletin)
    check_chime(form, typed.arrangement, bulletin.unit_id, bulletin.latest.arrangement)
    file = _file(form)
    if form.errors:
        return _page(form, bulletin, file)
    answered = ticked_in(db_reading(), typed.text, bulletin.unit_id, bulletin.id, typed.answered)
    closing = _closing_as_said(db_reading(), form, bulletin.unit_id, bulletin).reading
    try:
        with db_writing() as session:
            is_new = _save(session, code, typed, answered, file)
    except BroadcastError as error:
        form.take(error)
        return _page(form, bulletin, file, status=error.status)
    return _saved(code, "Đã lưu. Âm thanh mới đang được dựng." if is_new else "Đã lưu.", closing)


def _save(session: Session, code: str, typed: Typed, answered: list[str], file: ArrivedFile | None) -> bool:
    """True where there is a new revision. Raises Conflict where somebody else was faster, Invalid where the sound is
    there without a file to make it anew from. `answered`: what was read before the transaction."""
    bulletin = bulletin_to_change(session, code, Act.WRITE)
    before = bulletin.latest
    if before.content != "recording":
        raise Conflict("Bản tin này không phải bản thu âm.")
    refuse_change(session, bulletin, typed)
    if file is None and before.upload is None and typed.arrangement != before.arrangement:
        raise Invalid(
            "Âm thanh này đến từ tệp thiết lập. Muốn đổi cách dàn dựng, hãy chọn tệp thu âm ở đây, hoặc sửa trong tệp "
            "thiết lập rồi nạp lại.",
            field="file",
        )
    upload = before.upload if file is None else _upload(session, bulletin, file)
    same = (typed.title, typed.arrangement, upload) == (before.title, before.arrangement, before.upload)
    revision = revise(
        session,
        bulletin,
        me(session),
        now(),
        title=typed.title,
        content="recording",
        # One from a set-up file has no file here, only the sound that was made of it.
        recording_sha256=before.recording_sha256 if file is None else None,
        upload=upload,
        # Seeing the questions changes no sound: below it is noted on the draft that is there.
        read_as_is=before.read_as_is if same else False,
        answered=before.answered if same else answered,
        arrangement=typed.arrangement,
        based_on=typed.based_on,
    )
    if revision.state != State.APPROVED.value:
        revision.read_as_is, revision.answered = False, answered
    validity = describe_anew(session, bulletin, typed)
    brought = {"file": file.name, "sha256": file.sha256} if file is not None else {}
    note(session, bulletin, "save", revision=revision.number, **validity, **brought)
    return revision is not before


def _upload(session: Session, bulletin: Bulletin, file: ArrivedFile) -> Upload:
    """The row of the file; the same file once more is the same row, so that nothing is made anew."""
    latest = bulletin.revisions[-1] if bulletin.revisions else None
    if latest is not None and latest.upload is not None and latest.upload.sha256 == file.sha256:
        return latest.upload
    upload = Upload(
        unit_id=bulletin.unit_id,
        sha256=file.sha256,
        name=file.name,
        bytes=file.bytes,
        uploaded_at=now(),
        uploaded_by_id=current_person().id,
    )
    session.add(upload)
    session.flush()
    return upload


def _file(form: Form) -> ArrivedFile | None:
    try:
        return file_sent()
    except BroadcastError as error:
        form.take(error)
        return None


def _page(
    form: Form, bulletin: Bulletin | None, file: ArrivedFile | None = None, *, status: int | None = None
) -> ResponseReturnValue:
    """`file` is here already and need not be sent again."""
    session = db_reading()
    unit_id = bulletin.unit_id if bulletin is not None else home_unit().id
    shown: dict[str, Any] = {
        "form": form,
        "bulletin": bulletin,
        "revision": _revision(bulletin),
        "file": file,
        "carrier": CARRIER,
        "largest_mb": LIMITS["uploads.create_submit"] // MIB,
        "shown": _closing_as_said(session, form, unit_id, bulletin),
        "costs": costs_of_writing(session, unit_id, bulletin),
        "sent_back": sent_back(bulletin) if bulletin is not None else None,
        "units": [(unit.code, "\u2003" * depth + unit.name) for unit, depth in writable_units()],
        "classes": CLASSES,
        "fields": FIELDS,
    }
    return render_template("uploads/recording.html", **shown), status or form.status


def _closing_as_said(session: Session, form: Form, unit_id: int, bulletin: Bulletin | None) -> Shown:
    around = heard_arrangement(form, bulletin)
    return show_as_said(session, "", unit_id, bulletin, None, around, form.values("as_is"))


def _revision(bulletin: Bulletin | None) -> Revision | None:
    return bulletin.latest if bulletin is not None else None
