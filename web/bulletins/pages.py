"""Bản tin: the list, writing with what will be said beside it, submitting, withdrawing, history."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin, BulletinClass, State
from broadcast.errors import BroadcastError, Conflict, Invalid
from broadcast.receiving import list_templates
from broadcast.rights import Act
from broadcast.writing import revise
from web.bulletins import approvals, dispatches, emergencies, reach
from web.bulletins import moves as bulletin_moves
from web.bulletins import sound as bulletin_sound
from web.bulletins import typing as bulletin_typing
from web.bulletins.acting import bulletin_to_change, day_text, me, new_code, note, page_asked
from web.bulletins.aired import aired_words
from web.bulletins.arranging import check_chime
from web.bulletins.beginning import beginning
from web.bulletins.changing import describe_anew, refuse_change, sounds_of_validity
from web.bulletins.communes import communes_of
from web.bulletins.comparing import compare
from web.bulletins.deciders import costs_of_writing, nobody_may_approve, sent_back
from web.bulletins.forms import CLASSES, Typed, describe, editor, home_unit, read, writable_units
from web.bulletins.handing_over import hand_over
from web.bulletins.listing import Next, Wanted, from_above, list_bulletins
from web.bulletins.speaking import asked_in, reading_of_revision, ticked_in, units_below
from web.rules.words import rules_of_bulletin
from web.services import services
from web.shell import lookups
from web.shell.access import (
    current_person,
    current_rights,
    db_reading,
    db_writing,
    needs,
    now,
    scope_units,
    today,
)
from web.shell.forms import Form

blueprint = Blueprint("bulletins", __name__)
for part in (approvals, bulletin_moves, bulletin_sound, bulletin_typing, dispatches, emergencies):
    part.add_to(blueprint)


@blueprint.get("/ban-tin")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    wanted = Wanted(
        state=request.args.get("trang-thai", ""),
        bulletin_class=request.args.get("loai", ""),
        words=request.args.get("tim", "").strip()[:100],
        page=page_asked(request.args.get("trang")),
    )
    session = db_reading()
    listed = list_bulletins(session, scope_units(), today(), now(), wanted)
    stations = [] if listed.bulletins else lookups.stations_in(session, scope_units(), today())
    above = from_above(session, scope_units(), [each.id for each in stations], today(), services().zone)
    return render_template(
        "bulletins/index.html", listed=listed, above=above, wanted=wanted, classes=CLASSES, states=list(State)
    )


# ---- new


@blueprint.get("/ban-tin/moi")
@needs(Act.WRITE)
def new() -> ResponseReturnValue:
    """Three ways to begin: blank, from a template, from a dispatch."""
    below = len(units_below(db_reading(), home_unit().id))
    return render_template("bulletins/new.html", templates=list_templates(), units_below=below)


@blueprint.get("/ban-tin/soan")
@needs(Act.WRITE)
def create() -> ResponseReturnValue:
    form = Form(None, **beginning())
    return editor(form, None)


@blueprint.post("/ban-tin/soan")
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
        unit = lookups.unit(session, code_of_unit, Act.WRITE)
        bulletin = Bulletin(
            code=new_code(session, Bulletin, "BT", today()),
            unit=unit,
            title=typed.title,
            template=form.value("template")[:64] or None,
            created_at=now(),
            created_by_id=current_person().id,
        )
        describe(bulletin, typed)
        session.add(bulletin)
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


# ---- one bulletin


@blueprint.get("/ban-tin/<code>")
@needs(Act.READ)
def show(code: str) -> ResponseReturnValue:
    session = db_reading()
    if (page := reach.page_of_listener(session, code)) is not None:
        return page
    bulletin = lookups.bulletin(session, code)
    rights = current_rights()
    airing = bulletin.airing_revision
    return render_template(
        "bulletins/show.html",
        bulletin=bulletin,
        state=bulletin.state_on(today()),
        revision=bulletin.latest,
        airing_revision=airing if airing is not bulletin.latest else None,
        reading=reading_of_revision(session, bulletin.latest, _first_heard(bulletin)),
        aired=aired_words(session, bulletin.latest),
        communes=communes_of(session, bulletin.latest),
        approval=bulletin.latest.approvals[0] if bulletin.latest.approvals else None,
        rules=rules_of_bulletin(session, bulletin, now()),
        soon=_soon(session, bulletin),
        may_write=rights.may(Act.WRITE, bulletin.unit_id),
        may_decide=rights.may(Act.DECIDE, bulletin.unit_id),
        may_start=_may_start(bulletin),
        is_author=current_person().id in bulletin.author_ids,
        costs=costs_of_writing(session, bulletin.unit_id, bulletin),
        undecidable=nobody_may_approve(session, bulletin),
        sent_back=sent_back(bulletin),
        running=emergencies.running_of(session, bulletin),
    )


def _first_heard(bulletin: Bulletin) -> int | None:
    """The unit whose sound stands first; None where there is none yet, or one for everybody."""
    return next((sound.unit_id for sound in bulletin.latest.sounds), None)


def _may_start(bulletin: Bulletin) -> bool:
    """Whether the person may put it on air at once."""
    return (
        bulletin.bulletin_class == BulletinClass.EMERGENCY.value
        and bulletin.airing_revision is not None
        and bulletin.state_on(today()) not in {State.WITHDRAWN, State.EXPIRED}
        and current_rights().may(Act.DECIDE, bulletin.unit_id)
    )


def _soon(session: Session, bulletin: Bulletin) -> list[Next]:
    """The next instants at which it airs."""
    rows = session.execute(
        select(Airing.starts_at, func.count())
        .where(Airing.bulletin_id == bulletin.id, Airing.starts_at >= now(), Airing.cancelled_at.is_(None))
        .group_by(Airing.starts_at)
        .order_by(Airing.starts_at)
        .limit(5)
    )
    return [Next(at, stations) for at, stations in rows]


@blueprint.get("/ban-tin/<code>/sua")
@needs(Act.WRITE)
def edit(code: str) -> ResponseReturnValue:
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    state = bulletin.state_on(today())
    if state is State.WITHDRAWN or state is State.SUBMITTED or bulletin.latest.content != "text":
        return redirect(url_for("bulletins.show", code=code))
    latest = bulletin.latest
    script = f"{latest.script}\n{latest.closing}"
    asked = asked_in(db_reading(), script, bulletin.unit_id, bulletin.id)
    form = Form(
        None,
        title=latest.title,
        script=latest.script,
        field=bulletin.field,
        source=bulletin.source,
        valid_from=day_text(bulletin.valid_from),
        valid_until=day_text(bulletin.valid_until),
        as_is=[key for key in asked if latest.has_answered(key)],
        based_on=latest.number,
        **{"class": bulletin.bulletin_class},
    )
    return editor(form, bulletin)


@blueprint.post("/ban-tin/<code>/sua")
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
