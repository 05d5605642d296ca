"""Bản tin: the list, writing with what will be said beside it, submitting, withdrawing, history."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin, BulletinClass, Revision, State, revise
from broadcast.errors import BroadcastError, Conflict, Invalid
from broadcast.receiving import fill, list_templates, template
from broadcast.rights import Act
from broadcast.tally import plan_is_stale
from web import limiter
from web.bulletins import approvals, dispatches, emergencies, reach
from web.bulletins import moves as bulletin_moves
from web.bulletins import sound as bulletin_sound
from web.bulletins.acting import bulletin_to_change, day_text, me, new_code, page_asked
from web.bulletins.comparing import compare
from web.bulletins.deciders import costs_of_writing, nobody_may_approve, sent_back
from web.bulletins.forms import CLASSES, Typed, describe, editor, home_unit, read, writable_units
from web.bulletins.listing import Next, Wanted, list_bulletins
from web.bulletins.moves import hand_over, note
from web.bulletins.spoken import LONGEST_SCRIPT, Reading, reading_of
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
for part in (approvals, bulletin_moves, bulletin_sound, dispatches, emergencies):
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
    listed = list_bulletins(db_reading(), scope_units(), today(), now(), wanted)
    return render_template("bulletins/index.html", listed=listed, wanted=wanted, classes=CLASSES, states=list(State))


# ---- new


@blueprint.get("/ban-tin/moi")
@needs(Act.WRITE)
def new() -> ResponseReturnValue:
    """Three ways to begin: blank, from a template, from a dispatch."""
    return render_template("bulletins/new.html", templates=list_templates())


@blueprint.get("/ban-tin/soan")
@needs(Act.WRITE)
def create() -> ResponseReturnValue:
    form = Form(None, **_beginning())
    return editor(form, None)


def _beginning() -> dict[str, Any]:
    """What a new bulletin begins with: nothing, a template (`mau`), or the words of another bulletin (`tu`)."""
    unit = home_unit()
    values: dict[str, Any] = {"unit": unit.code, "class": BulletinClass.NORMAL.value}
    if code := request.args.get("mau"):
        chosen = template(code)
        place = unit.name[:1].lower() + unit.name[1:]
        script = fill(chosen, {"xã": place} if "xã" in chosen.variables else {})
        values |= {"title": chosen.title, "script": script, "class": chosen.bulletin_class, "field": chosen.field}
        values["template"] = chosen.code
    elif code := request.args.get("tu"):
        other = lookups.bulletin(db_reading(), code)
        values |= {"title": other.title, "script": other.latest.script, "class": other.bulletin_class}
        values |= {"field": other.field, "source": other.source}
    return values


@blueprint.post("/ban-tin/soan")
@needs(Act.WRITE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = read(form)
    code_of_unit = form.choice("unit", "đơn vị", {unit.code for unit, _ in writable_units()})
    if form.errors:
        return editor(form, None)
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
            read_as_is=typed.read_as_is and bool(reading_of(typed.script).questions),
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
        reading=_reading(bulletin.latest),
        approval=bulletin.latest.approvals[-1] if bulletin.latest.approvals else None,
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


def _may_start(bulletin: Bulletin) -> bool:
    """Whether the person may put it on air at once."""
    return (
        bulletin.bulletin_class == BulletinClass.EMERGENCY.value
        and bulletin.airing_revision is not None
        and bulletin.state_on(today()) not in {State.WITHDRAWN, State.EXPIRED}
        and current_rights().may(Act.DECIDE, bulletin.unit_id)
    )


def _reading(revision: Revision) -> Reading | None:
    return reading_of(revision.script) if revision.content == "text" else None


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
    form = Form(
        None,
        title=latest.title,
        script=latest.script,
        field=bulletin.field,
        source=bulletin.source,
        valid_from=day_text(bulletin.valid_from),
        valid_until=day_text(bulletin.valid_until),
        read_as_is=latest.read_as_is,
        based_on=latest.number,
        **{"class": bulletin.bulletin_class},
    )
    return editor(form, bulletin)


@blueprint.post("/ban-tin/<code>/sua")
@needs(Act.WRITE)
def edit_submit(code: str) -> ResponseReturnValue:
    """Saves; with `act=submit` hands over what was saved, once its sound is ready."""
    form = Form(request.form)
    typed = read(form)
    bulletin = lookups.bulletin(db_reading(), code, Act.WRITE)
    if form.errors:
        return editor(form, bulletin)
    try:
        with db_writing() as session:
            saved = _save(session, code, typed)
    except Conflict as error:
        return _too_late(form, bulletin, typed, error)
    except Invalid as error:
        form.take(error)
        return editor(form, bulletin)
    if request.form.get("act") != "submit":
        flash("Đã lưu. Âm thanh mới đang được dựng." if saved else "Đã lưu.", "good")
        return redirect(url_for("bulletins.edit", code=code))
    if saved:
        flash("Đã lưu bản sửa. Khi âm thanh dựng xong, hãy nghe thử rồi gửi duyệt.", "warn")
        return redirect(url_for("bulletins.edit", code=code))
    return _hand_over(form, code)


def _too_late(form: Form, bulletin: Bulletin, typed: Typed, error: Conflict) -> ResponseReturnValue:
    """Somebody else was faster: with their text there are two to choose from, else what they did is told."""
    newest = bulletin.latest
    if newest.state != State.SUBMITTED.value and newest.number != typed.based_on:
        return editor(form, bulletin, compared=compare(newest, typed.title, typed.script), status=409)
    form.take(error)
    return editor(form, bulletin, status=409)


def _save(session: Session, code: str, typed: Typed) -> bool:
    """True where there is a new revision. Raises Conflict where somebody else was faster."""
    bulletin = bulletin_to_change(session, code, Act.WRITE)
    before = bulletin.latest
    if before.state == State.SUBMITTED.value:
        raise Conflict("Bản tin đang chờ duyệt nên không sửa được. Hãy rút lại trước khi sửa.")
    if bulletin.bulletin_class != typed.bulletin_class and bulletin.airing_revision is not None:
        raise Invalid(
            "Bản tin đã từng được duyệt theo loại này nên không đổi loại được. Hãy soạn bản tin mới từ bản này.",
            field="class",
        )
    span = (bulletin.valid_from, bulletin.valid_until)
    if (
        bulletin.airing_revision is not None
        and span != (typed.valid_from, typed.valid_until)
        and not current_rights().may(Act.DECIDE, bulletin.unit_id)
    ):
        raise Invalid(
            "Bản tin đã được duyệt: đổi thời hạn có thể làm dừng hoặc phát lại, nên chỉ người phê duyệt đổi được.",
            field="valid_until",
        )
    if typed.bulletin_class == BulletinClass.EMERGENCY.value != bulletin.bulletin_class:
        reach.refuse_in_rules(session, bulletin)
    same = (typed.title, typed.script) == (before.title, before.script)
    # A tick that no question stands beside any more says nothing, and would speak for the next one.
    read_as_is = typed.read_as_is and bool(reading_of(typed.script).questions)
    revision = revise(
        session,
        bulletin,
        me(session),
        now(),
        title=typed.title,
        script=typed.script,
        # Seeing the questions changes no sound: below it is noted on the draft that is there.
        read_as_is=before.read_as_is if same else read_as_is,
        based_on=typed.based_on,
    )
    if revision.state != State.APPROVED.value:
        revision.read_as_is = read_as_is
    describe(bulletin, typed)
    validity = {}
    if span != (bulletin.valid_from, bulletin.valid_until):
        plan_is_stale(session)
        validity = {"valid_before": _span_text(span), "valid": _span_text((bulletin.valid_from, bulletin.valid_until))}
    replaced = {"replaced": before.author.name} if typed.replaces and revision is not before else {}
    note(session, bulletin, "save", revision=revision.number, **validity, **replaced)
    return revision is not before


def _span_text(span: tuple[date | None, date | None]) -> str:
    return f"{day_text(span[0]) or '…'} – {day_text(span[1]) or '…'}"


def _hand_over(form: Form, code: str) -> ResponseReturnValue:
    try:
        with db_writing() as session:
            bulletin = bulletin_to_change(session, code, Act.WRITE)
            hand_over(session, bulletin)
    except BroadcastError as error:
        form.take(error)
        return editor(form, lookups.bulletin(db_reading(), code, Act.WRITE))
    flash("Đã gửi duyệt. Người phê duyệt sẽ thấy bản tin trong mục chờ duyệt.", "good")
    return redirect(url_for("bulletins.show", code=code))


def _writer() -> str:
    return f"person:{current_person().id}"


def _work() -> int:
    """Reading the longest script takes a second of a core, a usual one a hundredth."""
    return 1 + min(len(request.form.get("script", "")), LONGEST_SCRIPT) // 2000


@blueprint.post("/ban-tin/doc-thu")
@limiter.limit("300 per minute", key_func=_writer, cost=_work)
@needs(Act.WRITE)
def said() -> ResponseReturnValue:
    """A part of the editor: what the text being typed would sound like."""
    reading = reading_of(request.form.get("script", "").replace("\r\n", "\n"))
    return render_template(
        "bulletins/_said.html", reading=reading, longest_minutes=services().settings.longest_script_minutes
    )
