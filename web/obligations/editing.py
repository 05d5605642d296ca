"""An obligation is typed in or taken from a dispatch, corrected, and taken back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import update
from sqlalchemy.orm import Session

from broadcast.audit_event import record
from broadcast.dispatch import Dispatch
from broadcast.errors import Conflict, NotFound
from broadcast.obligation import Obligation
from broadcast.replanning import bulletin_changed
from broadcast.rights import Act
from web.bulletins.ordered import owed_in
from web.obligations import finding
from web.obligations.form import Typed, defaults, defaults_from, offered, read_obligation
from web.obligations.words import PERS, owed_words, told_of
from web.shell.access import (
    actor,
    current_person,
    current_rights,
    db_reading,
    db_writing,
    in_tree_order,
    needs,
    now,
    today,
)
from web.shell.formats import vn_date
from web.shell.forms import Form

_COPIED = ("bulletin_id", "unit_id", "unit_codes", "at_least", "per", "from_on", "until_on", "source")


def add_to(blueprint: Blueprint) -> None:
    at = "/chi-tieu/<int(max=2147483647):number>"
    blueprint.add_url_rule("/chi-tieu/moi", view_func=create)
    blueprint.add_url_rule("/chi-tieu/moi", view_func=create_submit, methods=["POST"])
    blueprint.add_url_rule(f"{at}/sua", view_func=edit)
    blueprint.add_url_rule(f"{at}/sua", view_func=edit_submit, methods=["POST"])
    blueprint.add_url_rule(f"{at}/ket-thuc", view_func=end)
    blueprint.add_url_rule(f"{at}/ket-thuc", view_func=end_submit, methods=["POST"])


@needs(Act.OBLIGE)
def create() -> ResponseReturnValue:
    """?ban-tin=BT1, or ?cong-van=12&muc=0: the first thing that dispatch 12 orders to be aired so often."""
    session = db_reading()
    filled = defaults(None)
    dispatch = _dispatch(session, request.args.get("cong-van", ""))
    place = request.args.get("muc", "0")
    if dispatch is not None:
        owed = owed_in(dispatch)
        if place.isascii() and place.isdigit() and len(place) < 4 and int(place) < len(owed):
            filled = defaults_from(session, dispatch, owed[int(place)])
        else:
            filled |= {"source": dispatch.name, "dispatch": dispatch.id}
    if code := request.args.get("ban-tin"):
        filled["bulletin"] = code
    return _form(Form(None, **filled), None)


@needs(Act.OBLIGE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    session = db_reading()
    typed = read_obligation(session, form, None)
    dispatch = _dispatch(session, form.value("dispatch"))
    if form.errors or _unconfirmed(form, typed):
        return _form(form, None, typed)
    dispatch_id = dispatch.id if dispatch is not None else None
    with db_writing() as session:
        made = _sound(session, form, None)
        made.dispatch_id, made.created_by_id = dispatch_id, current_person().id
        session.add(made)
        session.flush()
        bulletin_changed(session, made.bulletin_id, today())
        _note(session, made, "add")
        number = made.id
    flash("Đã lưu chỉ tiêu. Bảng dưới đây cho biết trạm nào, ngày nào còn thiếu.", "good")
    return redirect(url_for("obligations.show", number=number))


@needs(Act.OBLIGE)
def edit(number: int) -> ResponseReturnValue:
    kept = _open(db_reading(), number)
    return _form(Form(None, **defaults(kept)), kept)


@needs(Act.OBLIGE)
def edit_submit(number: int) -> ResponseReturnValue:
    """Changes it where nobody else did since the form was opened; what was typed stays otherwise."""
    form = Form(request.form)
    kept = _open(db_reading(), number)
    typed = read_obligation(db_reading(), form, kept)
    if form.errors or _unconfirmed(form, typed):
        return _form(form, kept, typed)
    try:
        with db_writing() as session:
            mine = _open(session, number)
            before = {"bulletin_id": mine.bulletin_id, "owed": owed_words(mine), "until": vn_date(mine.until_on)}
            _claim(session, mine, form.value("version"))
            changed = _sound(session, form, mine)
            for name in _COPIED:
                setattr(mine, name, getattr(changed, name))
            session.flush()
            for bulletin_id in {mine.bulletin_id, before["bulletin_id"]}:
                bulletin_changed(session, bulletin_id, today())  # type: ignore[arg-type]
            _note(session, mine, "change", before=f"{before['owed']}, đến hết {before['until']}")
    except Conflict as error:
        form.take(error)
        return _form(form, kept, typed, conflict=True)
    flash("Đã sửa chỉ tiêu.", "good")
    return redirect(url_for("obligations.show", number=number))


@needs(Act.OBLIGE)
def end(number: int) -> ResponseReturnValue:
    kept = _open(db_reading(), number)
    return render_template(
        "confirm.html",
        title="Thôi chỉ tiêu này?",
        sentences=[
            f"“{kept.bulletin.title}”: {owed_words(kept)}, {vn_date(kept.from_on)} – {vn_date(kept.until_on)}.",
            "Từ hôm nay không trạm nào còn phải thực hiện. Những ngày đã qua vẫn được tính như cũ.",
            "Lịch phát đã đặt vẫn chạy, trừ lịch chỉ phát đến khi đủ chỉ tiêu.",
        ],
        action=url_for("obligations.end_submit", number=number),
        button="Thôi chỉ tiêu",
        back=url_for("obligations.show", number=number),
    )


@needs(Act.OBLIGE)
def end_submit(number: int) -> ResponseReturnValue:
    with db_writing() as session:
        kept = _open(session, number)
        kept.ended_at, kept.ended_by_id = now(), current_person().id
        kept.version += 1
        session.flush()
        bulletin_changed(session, kept.bulletin_id, today())
        _note(session, kept, "end")
    flash("Đã thôi chỉ tiêu. Những ngày đã qua vẫn được tính như cũ.", "good")
    return redirect(url_for("obligations.show", number=number))


def _open(session: Session, number: int) -> Obligation:
    found = finding.obligation(session, number, Act.OBLIGE)
    if found.ended_at is not None:
        raise Conflict("Chỉ tiêu này đã thôi nên không sửa được nữa. Hãy đặt chỉ tiêu mới.")
    return found


def _sound(session: Session, form: Form, kept: Obligation | None) -> Obligation:
    """What was typed, in the session that writes. Raises Conflict where a bulletin was withdrawn or a policy came since
    the page was sent."""
    typed = read_obligation(session, form, kept)
    if form.errors:
        raise Conflict(next(iter(form.errors.values())))
    return typed.obligation


def _claim(session: Session, mine: Obligation, version: str) -> None:
    """The next version is ours, or somebody else's: Conflict."""
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    claimed = session.execute(
        update(Obligation)
        .where(Obligation.id == mine.id, Obligation.version == seen)
        .values(version=seen + 1)
        .execution_options(synchronize_session="fetch")
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(
            "Người khác vừa sửa chỉ tiêu này nên chưa lưu. Nội dung bạn gõ vẫn còn; "
            "hãy xem bản mới nhất rồi lưu lại nếu cần."
        )


def _dispatch(session: Session, written: str) -> Dispatch | None:
    """The dispatch of that number; None where none was named. Raises NotFound for one that one may not read."""
    if not written:
        return None
    is_number = written.isascii() and written.isdigit() and len(written) < 10
    found = session.get(Dispatch, int(written)) if is_number else None
    if found is None or not current_rights().may(Act.READ, found.unit_id):
        raise NotFound("Không tìm thấy công văn này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn.")
    return found


def _unconfirmed(form: Form, typed: Typed) -> bool:
    """What is doubtful and not confirmed yet keeps it from being saved."""
    if typed.warnings and not form.ticked("anyway"):
        form.fail("anyway", "Chỉ tiêu này khó đạt. Hãy đọc lời nhắc, rồi đánh dấu “Vẫn lưu” nếu vẫn muốn đặt.")
        return True
    return False


def _note(session: Session, made: Obligation, act: str, **detail: str) -> None:
    session.refresh(made, ["bulletin"])
    record(
        session, actor(), act, "obligation", made.id, made.bulletin.title, now=now(), unit_id=finding.keeper_of(made),
        detail={
            "owed": owed_words(made), "places": ", ".join(unit.name for unit in finding.units_of(made)),
            "from_on": made.from_on.isoformat(), "until_on": made.until_on.isoformat(), "source": made.source, **detail,
        },
    )  # fmt: skip


def _form(
    form: Form, kept: Obligation | None, typed: Typed | None = None, *, conflict: bool = False
) -> ResponseReturnValue:
    session = db_reading()
    page = render_template(
        "obligations/form.html",
        form=form,
        kept=kept,
        other=told_of(kept) if conflict and kept is not None else None,
        bulletins=offered(session, kept),
        units=in_tree_order(current_rights().units(Act.OBLIGE)),
        pers=PERS,
        warnings=typed.warnings if typed is not None else [],
    )
    return page, 409 if conflict else form.status
