"""Writing a bulletin with what will be said beside it: a new one, a change, and what happens to it when saved."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin, State
from broadcast.errors import BroadcastError, Conflict, Invalid
from broadcast.receiving import list_templates
from broadcast.rights import Act
from broadcast.writing import revise
from web.bulletins.acting import bulletin_to_change, me, note
from web.bulletins.arranging import check_chime
from web.bulletins.beginning import as_it_is, begin, beginning
from web.bulletins.changing import describe_anew, refuse_change, sounds_of_validity
from web.bulletins.comparing import compare
from web.bulletins.forms import Typed, editor, home_unit, read, writable_units
from web.bulletins.handing_over import hand_over
from web.bulletins.speaking import ticked_in, units_below
from web.shell import lookups
from web.shell.access import db_reading, db_writing, needs, now, today
from web.shell.forms import Form


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/ban-tin/moi", view_func=new)
    blueprint.add_url_rule("/ban-tin/soan", view_func=create)
    blueprint.add_url_rule("/ban-tin/soan", view_func=create_submit, methods=["POST"])
    blueprint.add_url_rule("/ban-tin/<code>/sua", view_func=edit)
    blueprint.add_url_rule("/ban-tin/<code>/sua", view_func=edit_submit, methods=["POST"])


@needs(Act.WRITE)
def new() -> ResponseReturnValue:
    """Three ways to begin: blank, from a template, from a dispatch."""
    below = len(units_below(db_reading(), home_unit().id))
    return render_template("bulletins/new.html", templates=list_templates(), units_below=below)


@needs(Act.WRITE)
def create() -> ResponseReturnValue:
    form = Form(None, **beginning())
    return editor(form, None)


@needs(Act.WRITE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = read(form)
    code_of_unit = form.choice("unit", "đơn vị", {unit.code for unit, _ in writable_units()})
    if code_of_unit:
        check_chime(form, typed.arrangement, lookups.unit(db_reading(), code_of_unit, Act.WRITE).id)
    if form.errors or request.form.get("act") == "look":
        return editor(form, None)
    # Read before the transaction: a long text of many communes takes seconds.
    unit_id = lookups.unit(db_reading(), code_of_unit, Act.WRITE).id
    answered = ticked_in(db_reading(), typed.text, unit_id, None, typed.answered)
    with db_writing() as session:
        bulletin = begin(session, typed, code_of_unit, template=form.value("template")[:64] or None)
        revision = revise(
            session,
            bulletin,
            me(session),
            now(),
            title=typed.title,
            script=typed.script,
            answered=answered,
            arrangement=typed.arrangement,
        )
        note(session, bulletin, "write", revision=revision.number)
        code = bulletin.code
    flash("Đã lưu bản tin. Âm thanh đang được dựng.", "good")
    return redirect(url_for("bulletins.edit", code=code))


@needs(Act.WRITE)
def edit(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    state = bulletin.state_on(today())
    if state is State.WITHDRAWN or state is State.SUBMITTED or bulletin.latest.content != "text":
        return redirect(url_for("bulletins.show", code=code))
    return editor(Form(None, script=bulletin.latest.script, **as_it_is(bulletin)), bulletin)


@needs(Act.WRITE)
def edit_submit(code: str) -> ResponseReturnValue:
    """Saves; with `act=submit` hands over what was saved, once its sound is ready; with `act=look` only reads it."""
    form = Form(request.form)
    typed = read(form)
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    check_chime(form, typed.arrangement, bulletin.unit_id, bulletin.latest.arrangement)
    if form.errors or request.form.get("act") == "look":
        return editor(form, bulletin)
    answered = ticked_in(db_reading(), typed.text, bulletin.unit_id, bulletin.id, typed.answered)
    sounds = sounds_of_validity(db_reading(), bulletin, typed)
    try:
        with db_writing() as session:
            saved = _save(session, code, typed, answered, sounds)
    except Conflict as error:
        return _too_late(form, bulletin, typed, error)
    except Invalid as error:
        form.take(error)
        return editor(form, bulletin)
    if request.form.get("act") != "submit":
        flash("Đã lưu. Âm thanh mới đang được dựng." if saved else "Đã lưu.", "good")
        return redirect(url_for("bulletins.edit", code=code))
    if saved:
        flash("Đã lưu bản sửa, chưa gửi duyệt. Khi âm thanh dựng xong, hãy nghe thử rồi bấm Gửi duyệt.", "warn")
        return redirect(url_for("bulletins.edit", code=code))
    return _hand_over(form, code)


def _too_late(form: Form, bulletin: Bulletin, typed: Typed, error: Conflict) -> ResponseReturnValue:
    """Somebody else was faster: with their text there are two to choose from, else what they did is told."""
    newest = bulletin.latest
    if newest.state != State.SUBMITTED.value and newest.number != typed.based_on:
        return editor(form, bulletin, compared=compare(newest, typed.title, typed.script), status=409)
    form.take(error)
    return editor(form, bulletin, status=409)


def _save(session: Session, code: str, typed: Typed, answered: list[str], sounds: Mapping[int, bool]) -> bool:
    """True where there is a new revision. Raises Conflict where somebody else was faster. `answered`, `sounds`: what
    was read before the transaction."""
    bulletin = bulletin_to_change(session, code, Act.WRITE)
    before = bulletin.latest
    refuse_change(session, bulletin, typed)
    arrangement = typed.arrangement or before.arrangement
    same = (typed.title, typed.script, arrangement) == (before.title, before.script, before.arrangement)
    revision = revise(
        session,
        bulletin,
        me(session),
        now(),
        title=typed.title,
        script=typed.script,
        # Seeing the questions changes no sound: below it is noted on the draft that is there.
        read_as_is=before.read_as_is if same else False,
        answered=before.answered if same else answered,
        arrangement=arrangement,
        based_on=typed.based_on,
    )
    if revision.state != State.APPROVED.value:
        revision.read_as_is, revision.answered = False, answered
    validity = describe_anew(session, bulletin, typed, sounds)
    replaced = {"replaced": before.author.name} if typed.replaces and revision is not before else {}
    note(session, bulletin, "save", revision=revision.number, **validity, **replaced)
    return revision is not before


def _hand_over(form: Form, code: str) -> ResponseReturnValue:
    try:
        hand_over(code)
    except BroadcastError as error:
        form.take(error)
        return editor(form, lookups.bulletin(db_reading(), code, Act.WRITE))
    flash("Đã gửi duyệt. Người phê duyệt sẽ thấy bản tin trong mục chờ duyệt.", "good")
    return redirect(url_for("bulletins.show", code=code))
