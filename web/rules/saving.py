"""A rule is saved: a new one, a whole one, or one from a day on."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.errors import Conflict, Invalid
from broadcast.replanning import rule_changed
from broadcast.rights import Act
from broadcast.rule import Rule
from web.bulletins.acting import new_code
from web.rules.claiming import claim
from web.rules.form import read_rule
from web.rules.places import put_first
from web.rules.preview import Preview, check, preview
from web.rules.series import save_following, save_whole
from web.rules.showing import form_page, preview_of
from web.rules.stopping import note
from web.shell import lookups
from web.shell.access import current_person, current_rights, db_reading, db_writing, needs, now, today
from web.shell.formats import vn_date
from web.shell.forms import Form

ANYWAY = "van-luu"
FOLLOWING = "tu"
_SAVED = "Đã lưu lịch phát. Các lượt phát được xếp trong ít giây."


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/lich-phat/moi", view_func=create_submit, methods=["POST"])
    blueprint.add_url_rule("/lich-phat/<code>/sua", view_func=edit_submit, methods=["POST"])


def checked(session: Session, form: Form, keep: Rule | None, following: date | None = None) -> Rule:
    """What was typed, with everything that is wrong by itself told on the form."""
    typed = read_rule(session, form, keep)
    if following is not None:
        typed.from_on = max(following, typed.from_on or following)
    if not form.errors:
        check(session, form, typed, keep, now())
    return typed


def following_asked(rule: Rule | None) -> date | None:
    """The day from which the rule is to be otherwise, as the address or the form names it; None for the whole."""
    typed = request.values.get(FOLLOWING, "")
    try:
        day = date.fromisoformat(typed) if typed and rule is not None else None
    except ValueError:
        day = None
    # before today nothing changes: that is the whole of it
    return None if day is None else max(day, today())


@needs(Act.WRITE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = checked(db_reading(), form, None)
    if form.errors:
        return form_page(form, None, typed)
    if (shown := _hopeless(form, typed, None, None)) is not None:
        return form_page(form, None, typed, is_hopeless=True, shown=shown)
    with db_writing() as session:
        rule = read_rule(session, form, None)
        if form.errors:  # a bulletin was withdrawn, a station moved since the page was sent
            raise Conflict(next(iter(form.errors.values())))
        current_rights().require(Act.WRITE, rule.unit_id)
        rule.code = new_code(session, Rule, "LP", today())
        rule.created_by_id = current_person().id
        session.add(rule)
        session.flush()
        first = put_first(session, rule, form.values("first"))
        rule_changed(session, rule, today())
        note(session, rule, "write", **({"first": first} if first else {}))
        code = rule.code
    flash(_SAVED, "good")
    return redirect(url_for("rules.show", code=code))


@needs(Act.WRITE)
def edit_submit(code: str) -> ResponseReturnValue:
    """Changes the rule, from a day on where one is asked for, unless somebody else did since the form was opened; what
    was typed stays then."""
    form = Form(request.form)
    rule = lookups.rule(db_reading(), code, Act.WRITE)
    following = following_asked(rule)
    typed = checked(db_reading(), form, rule, following)
    if form.errors:
        return form_page(form, rule, typed, following=following)
    if (shown := _hopeless(form, typed, rule, following)) is not None:
        return form_page(form, rule, typed, following=following, is_hopeless=True, shown=shown)
    try:
        saved = _save(code, form, following)
    except Invalid as error:
        form.take(error)
        return form_page(form, rule, typed, following=following)
    except Conflict as error:
        shown = preview_of(form, rule, typed, following)
        form.take(error)
        return form_page(form, rule, typed, following=following, is_conflict=True, shown=shown)
    if following is None or saved == code:
        flash(_SAVED, "good")
    else:
        flash(f"Đã lưu. Từ {vn_date(following)} phát theo lịch này; trước ngày đó vẫn theo lịch cũ.", "good")
    return redirect(url_for("rules.show", code=saved))


def _save(code: str, form: Form, following: date | None) -> str:
    """Returns the code of the rule that says now what was typed."""
    with db_writing() as session:
        kept = lookups.rule(session, code, Act.WRITE)
        claim(session, kept, form.value("version"))
        typed = read_rule(session, form, kept)
        if form.errors:
            raise Conflict(next(iter(form.errors.values())))
        if following is None:
            save_whole(session, kept, typed)
        else:
            kept = save_following(session, kept, typed, following)
        if first := put_first(session, kept, form.values("first")):
            note(session, kept, "put_first", places=first)
        return kept.code


def _hopeless(form: Form, typed: Rule, keep: Rule | None, following: date | None) -> Preview | None:
    """The preview of a rule none of whose slots finds a place in the coming fortnight, told on the form: it is saved
    only by somebody who was told so. None for any other."""
    if form.ticked(ANYWAY):
        return None
    shown = preview(db_reading(), typed, now(), keep=keep, first=form.values("first"), offers=True, following=following)
    if not shown.is_hopeless:
        return None
    if not shown.stations:
        told = "Nơi đã chọn chưa có trạm nào nên lịch này chưa phát ở đâu cả."
    elif shown.troubles:
        told = (
            "Trong 14 ngày tới không có lượt nào của lịch này xếp được. "
            f"{shown.troubles[0].reasons[0] if shown.troubles[0].reasons else ''}"
        )
    else:
        told = "Trong 14 ngày tới lịch này không có lượt nào ở những nơi đã chọn."
    form.fail("", f"{told.rstrip()} Hãy sửa lại, hoặc bấm “Vẫn lưu”.")
    return shown
