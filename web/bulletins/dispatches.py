"""Công văn: dropped in or pasted, shown as it was understood, and one click from a draft bulletin."""

from __future__ import annotations

import hashlib

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from broadcast.audit_event import record
from broadcast.bulletin import Bulletin
from broadcast.dispatch import Dispatch
from broadcast.errors import BroadcastError, Forbidden, Invalid, NotFound
from broadcast.receiving import LARGEST_BYTES, DispatchText, decode_dispatch, draft, receive
from broadcast.rights import Act
from broadcast.unit import Unit
from broadcast.writing import revise
from web.bulletins.acting import PER_PAGE, me, new_code, note, page_asked
from web.bulletins.forms import home_unit, writable_units
from web.bulletins.ordered import is_used, owed_in
from web.shell import lookups
from web.shell.access import (
    actor,
    current_person,
    current_rights,
    db_reading,
    db_writing,
    needs,
    now,
    scope_units,
    today,
    unit_choices,
)
from web.shell.fold import matches
from web.shell.formats import vn_date, vn_datetime
from web.shell.forms import Form


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/cong-van", view_func=dispatches)
    blueprint.add_url_rule("/cong-van/moi", view_func=receive_form)
    blueprint.add_url_rule("/cong-van/moi", view_func=receive_submit, methods=["POST"])
    blueprint.add_url_rule("/cong-van/<int(max=2147483647):number>", view_func=dispatch)
    blueprint.add_url_rule("/cong-van/<int(max=2147483647):number>/soan", view_func=draft_submit, methods=["POST"])
    blueprint.add_url_rule("/cong-van/<int(max=2147483647):number>/go", view_func=remove_confirm)
    blueprint.add_url_rule("/cong-van/<int(max=2147483647):number>/go", view_func=remove_submit, methods=["POST"])


@needs(Act.READ)
def dispatches() -> ResponseReturnValue:
    words = request.args.get("tim", "").strip()[:100]
    rows = db_reading().scalars(
        select(Dispatch)
        .where(Dispatch.unit_id.in_(scope_units()))
        .order_by(Dispatch.received_at.desc(), Dispatch.id.desc())
    )
    found = [row for row in rows if not words or matches(words, row.number, row.subject, row.issuer, row.filename)]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page_asked(request.args.get("trang")), pages)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    return render_template("dispatches/index.html", dispatches=shown, page=page, pages=pages, words=words)


@needs(Act.WRITE)
def receive_form() -> ResponseReturnValue:
    return _form(Form(None, unit=home_unit().code))


def _form(form: Form, status: int | None = None) -> ResponseReturnValue:
    return render_template("dispatches/receive.html", form=form, units=unit_choices(Act.WRITE)), status or form.status


@needs(Act.WRITE)
def receive_submit() -> ResponseReturnValue:
    form = Form(request.form)
    code_of_unit = form.choice("unit", "đơn vị", {unit.code for unit, _ in writable_units()})
    text, filename = "", ""
    try:
        text, filename = _sent(form)
    except BroadcastError as error:
        form.fail(error.field or "file", error.message_vi)
        return _form(form, error.status)
    if form.errors:
        return _form(form)
    read = receive(text)
    if not _is_like_a_dispatch(read) and not form.ticked("sure"):
        return _doubted(form, text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    if known := _known(db_reading(), sha256):
        flash(f"Công văn này đã được nhận ngày {vn_date(known.received_at)}. Đây là bản đã có.", "warn")
        return redirect(url_for("bulletins.dispatch", number=known.id))
    with db_writing() as session:
        unit = lookups.unit(session, code_of_unit, Act.WRITE)
        received = Dispatch(
            unit_id=unit.id,
            filename=filename[:200],
            text=text,
            sha256=sha256,
            parsed=read.model_dump(mode="json"),
            number=read.number[:100] if read.number else None,
            issued_on=read.issued_on,
            issuer=read.issuer[:300] if read.issuer else None,
            subject=read.subject,
            received_at=now(),
            received_by_id=current_person().id,
        )
        session.add(received)
        session.flush()
        record(
            session, actor(), "receive", "dispatch", received.id, received.name, now=now(), unit_id=unit.id,
            detail={"sha256": sha256},
        )  # fmt: skip
        number = received.id
    if read.number is None and read.subject is None:
        flash("Đã nhận văn bản, nhưng không thấy số và trích yếu. Hãy kiểm tra đây có phải công văn không.", "warn")
    else:
        flash("Đã nhận công văn.", "good")
    return redirect(url_for("bulletins.dispatch", number=number))


def _is_like_a_dispatch(read: DispatchText) -> bool:
    """Whether anything says so: a number, a subject, somebody asked, something to do, somebody who signed."""
    return any((read.number, read.subject, read.recipients, read.tasks, read.signer.name))


def _doubted(form: Form, text: str) -> ResponseReturnValue:
    """The form again, with the text in it: a file would have to be chosen a second time."""
    typed = MultiDict(request.form)
    typed["text"] = text
    again = Form(typed)
    again.fail(
        "text",
        "Văn bản này không giống công văn: không thấy số, trích yếu, nơi nhận, nhiệm vụ hay người ký. "
        "Nếu vẫn đúng là công văn, hãy đánh dấu ô xác nhận rồi gửi lại.",
    )
    return _form(again)


def _sent(form: Form) -> tuple[str, str]:
    """The text that came, and the name of its file. Raises Invalid or TooLarge."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        with upload.stream as stream:
            return decode_dispatch(stream.read(LARGEST_BYTES + 1), upload.filename), upload.filename
    pasted = form.value("text").replace("\r\n", "\n")
    if not pasted.strip():
        raise Invalid("Hãy chọn tệp công văn hoặc dán nội dung vào ô bên dưới.", field="file")
    try:
        return decode_dispatch(pasted.encode(), "cong-van.txt"), ""
    except BroadcastError as error:
        raise type(error)(error.message_vi, field="text") from error


def _known(session: Session, sha256: str) -> Dispatch | None:
    """The same letter, received before by a unit that one may read."""
    readable = current_rights().units(Act.READ)
    return session.scalars(
        select(Dispatch).where(Dispatch.sha256 == sha256, Dispatch.unit_id.in_(readable)).order_by(Dispatch.id)
    ).first()


@needs(Act.READ)
def dispatch(number: int) -> ResponseReturnValue:
    session = db_reading()
    found = _dispatch(session, number)
    bulletins = session.scalars(
        select(Bulletin).where(Bulletin.dispatch_id == found.id).order_by(Bulletin.created_at, Bulletin.id)
    ).all()
    readable = current_rights().units(Act.READ)
    return render_template(
        "dispatches/show.html",
        dispatch=found,
        said=DispatchText.model_validate(found.parsed),
        ordered=owed_in(found),
        may_remove=_may_remove(session, found),
        bulletins=[bulletin for bulletin in bulletins if bulletin.unit_id in readable],
        units=unit_choices(Act.WRITE),
        form=Form(None, unit=_default_unit(found).code if writable_units() else ""),
    )


def _default_unit(found: Dispatch) -> Unit:
    return found.unit if found.unit_id in current_rights().units(Act.WRITE) else home_unit()


def _may_remove(session: Session, found: Dispatch) -> bool:
    """Whoever received it, as long as nothing was made of it."""
    if found.received_by_id != current_person().id or not current_rights().may(Act.WRITE, found.unit_id):
        return False
    return not is_used(session, found)


def _removable(session: Session, number: int) -> Dispatch:
    found = _dispatch(session, number)
    if not _may_remove(session, found):
        raise Forbidden("Chỉ người đã nhận mới gỡ được công văn, và chỉ khi chưa có bản tin, chỉ tiêu hay lịch từ đó.")
    return found


@needs(Act.WRITE)
def remove_confirm(number: int) -> ResponseReturnValue:
    found = _removable(db_reading(), number)
    return render_template(
        "confirm.html",
        title="Gỡ công văn này?",
        sentences=[
            f"“{found.name}”, nhận lúc {vn_datetime(found.received_at)}, sẽ không còn trong danh sách công văn.",
            "Các hạn báo cáo đọc được từ công văn cũng không còn. Việc gỡ được ghi vào nhật ký thao tác.",
        ],
        action=url_for("bulletins.remove_submit", number=number),
        button="Gỡ công văn",
        back=url_for("bulletins.dispatch", number=number),
    )


@needs(Act.WRITE)
def remove_submit(number: int) -> ResponseReturnValue:
    with db_writing() as session:
        found = _removable(session, number)
        record(
            session, actor(), "remove", "dispatch", found.id, found.name, now=now(), unit_id=found.unit_id,
            detail={"sha256": found.sha256},
        )  # fmt: skip
        session.delete(found)
    flash("Đã gỡ công văn.", "good")
    return redirect(url_for("bulletins.dispatches"))


@needs(Act.WRITE)
def draft_submit(number: int) -> ResponseReturnValue:
    """One click: a draft that speaks to residents, with the dispatch behind it."""
    with db_writing() as session:
        found = _dispatch(session, number)
        unit = lookups.unit(session, request.form.get("unit") or found.unit.code, Act.WRITE)
        proposed = draft(DispatchText.model_validate(found.parsed), unit_name=unit.name, today=today())
        bulletin = Bulletin(
            code=new_code(session, Bulletin, "BT", today()),
            unit=unit,
            title=proposed.title[:300],
            bulletin_class=proposed.bulletin_class,
            field=proposed.field[:100],
            source=proposed.source,
            dispatch=found,
            template=proposed.template,
            valid_from=proposed.valid_from,
            valid_until=proposed.valid_until,
            created_at=now(),
            created_by_id=current_person().id,
        )
        session.add(bulletin)
        revise(session, bulletin, me(session), now(), title=bulletin.title, script=proposed.script)
        note(session, bulletin, "write", revision=1, dispatch=found.name)
        code, gaps = bulletin.code, len(proposed.gaps)
    told = "Đã soạn bản nháp từ công văn."
    flash(f"{told} Còn {gaps} chỗ cần điền, được đánh dấu trong bài." if gaps else told, "warn" if gaps else "good")
    return redirect(url_for("bulletins.edit", code=code))


def _dispatch(session: Session, number: int) -> Dispatch:
    found = session.get(Dispatch, number)
    if found is None or not current_rights().may(Act.READ, found.unit_id):
        raise NotFound("Không tìm thấy công văn này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn.")
    return found
