"""Lịch phát: rules written as a sentence, with the week that each would bring beside it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcast.errors import Conflict
from broadcast.rights import Act
from broadcast.rule import Rule
from broadcast.tally import plan_is_stale
from web.bulletins import emergencies
from web.bulletins.acting import PER_PAGE, new_code, page_asked
from web.rules import stopping
from web.rules.form import DAY_KINDS, TIME_KINDS, defaults, emergency_of, not_by_rule, offered, read_rule
from web.rules.places import places_in, stations_of
from web.rules.preview import check, fact_of, preview
from web.rules.stopping import note
from web.rules.words import EAGER, words_of
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
from web.shell.fold import matches
from web.shell.formats import WEEKDAY_CODES, WEEKDAYS
from web.shell.forms import Form

blueprint = Blueprint("rules", __name__)
stopping.add_to(blueprint)

STATES = (("", "Đang và sắp chạy"), ("ended", "Đã hết hạn, đã dừng"))
_COPIED = (
    "name", "source", "weekdays", "dates", "times", "every_minutes", "between", "except_on", "repeats", "gap_seconds",
    "on_collision", "shift_minutes", "from_on", "until_on",
)  # fmt: skip


@blueprint.get("/lich-phat")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    session = db_reading()
    words = request.args.get("tim", "").strip()[:100]
    ended = request.args.get("trang-thai") == "ended"
    rows = session.scalars(
        select(Rule)
        .where(Rule.unit_id.in_(scope_units()), Rule.starts_at.is_(None))
        .options(*EAGER)
        .order_by(Rule.created_at.desc(), Rule.id.desc())
    )
    found = [told for rule in rows if (told := words_of(rule, now())).is_live != ended]
    if words:
        found = [told for told in found if matches(words, told.rule.name, told.rule.code, told.places, *told.titles)]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page_asked(request.args.get("trang")), pages)
    return render_template(
        "rules/index.html",
        rules=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        running=emergencies.running(session, scope_units()),
        states=STATES,
        ended=ended,
        words=words,
        page=page,
        pages=pages,
    )


@blueprint.get("/lich-phat/moi")
@needs(Act.WRITE)
def create() -> ResponseReturnValue:
    form = Form(None, **defaults(None))
    if code := request.args.get("ban-tin"):
        form.defaults["bulletins"] = [code]
        if urgent := emergency_of(db_reading(), code):
            flash(not_by_rule(urgent), "warn")
    return _form(form, None)


@blueprint.post("/lich-phat/moi")
@needs(Act.WRITE)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    typed = _checked(db_reading(), form, None)
    if form.errors:
        return _form(form, None, typed)
    with db_writing() as session:
        rule = read_rule(session, form, None)
        if form.errors:  # a bulletin was withdrawn, a station moved since the page was sent
            raise Conflict(next(iter(form.errors.values())))
        current_rights().require(Act.WRITE, rule.unit_id)
        rule.code = new_code(session, Rule, "LP", today())
        rule.created_by_id = current_person().id
        session.add(rule)
        session.flush()
        plan_is_stale(session)
        note(session, rule, "write")
        code = rule.code
    flash("Đã lưu lịch phát. Các lượt phát được xếp trong ít giây.", "good")
    return redirect(url_for("rules.show", code=code))


def _checked(session: Session, form: Form, keep: Rule | None) -> Rule:
    """What was typed, with everything that is wrong by itself told on the form."""
    typed = read_rule(session, form, keep)
    if not form.errors:
        check(form, fact_of(session, typed, now()))
    return typed


@blueprint.get("/lich-phat/<code>")
@needs(Act.READ)
def show(code: str) -> ResponseReturnValue:
    session = db_reading()
    rule = lookups.rule(session, code)
    told = words_of(rule, now())
    shown = None
    if told.is_live and rule.starts_at is None:
        shown = preview(session, rule, stations_of(session, list(rule.targets)), now())
    return render_template(
        "rules/show.html",
        told=told,
        rule=rule,
        preview=shown,
        stations=stations_of(session, list(rule.targets)),
        may_write=current_rights().may(Act.WRITE, rule.unit_id),
        may_stop=current_rights().may(Act.STOP_EMERGENCY, rule.unit_id),
    )


@blueprint.get("/lich-phat/<code>/sua")
@needs(Act.WRITE)
def edit(code: str) -> ResponseReturnValue:
    rule = lookups.rule(db_reading(), code, Act.WRITE)
    if rule.starts_at is not None:
        return redirect(url_for("rules.show", code=code))
    return _form(Form(None, **defaults(rule)), rule)


@blueprint.post("/lich-phat/<code>/sua")
@needs(Act.WRITE)
def edit_submit(code: str) -> ResponseReturnValue:
    """Changes the rule where nobody else did since the form was opened; what was typed stays otherwise."""
    form = Form(request.form)
    rule = lookups.rule(db_reading(), code, Act.WRITE)
    typed = _checked(db_reading(), form, rule)
    if form.errors:
        return _form(form, rule, typed)
    version = form.value("version")
    try:
        with db_writing() as session:
            kept = lookups.rule(session, code, Act.WRITE)
            _claim(session, kept, int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0)
            _change(session, kept, read_rule(session, form, kept))
            plan_is_stale(session)
            note(session, kept, "change", version=kept.version)
    except Conflict as error:
        form.take(error)
        return _form(form, rule, typed, conflict=True)
    flash("Đã lưu lịch phát. Các lượt phát được xếp lại trong ít giây.", "good")
    return redirect(url_for("rules.show", code=code))


def _claim(session: Session, rule: Rule, version: int) -> None:
    """The next version is ours, or somebody else's: Conflict. So is a rule that was started by hand."""
    if rule.starts_at is not None:
        raise Conflict("Lệnh phát khẩn cấp không sửa được, chỉ dừng được.")
    claimed = session.execute(
        update(Rule)
        .where(Rule.id == rule.id, Rule.version == version)
        .values(version=version + 1, updated_at=now())
        .execution_options(synchronize_session="fetch")
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(
            "Người khác vừa sửa lịch phát này nên chưa lưu. Nội dung bạn gõ vẫn còn; "
            "hãy xem bản mới nhất rồi lưu lại nếu cần."
        )


def _change(session: Session, kept: Rule, typed: Rule) -> None:
    for name in _COPIED:
        setattr(kept, name, getattr(typed, name))
    bulletins, targets = list(typed.bulletins), list(typed.targets)
    typed.bulletins.clear()
    typed.targets.clear()
    kept.bulletins[:] = bulletins
    kept.targets[:] = targets
    session.flush()


@blueprint.post("/lich-phat/xem-truoc")
@needs(Act.WRITE)
def preview_typed() -> ResponseReturnValue:
    """A part of the form: the next seven days with the rule as it is typed."""
    session = db_reading()
    form = Form(request.form)
    code = request.form.get("code", "")
    keep = lookups.rule(session, code, Act.WRITE) if code else None
    typed = _checked(session, form, keep)
    shown = None if form.errors else preview(session, typed, stations_of(session, list(typed.targets)), now())
    return render_template("rules/_preview.html", preview=shown, form=form)


@blueprint.post("/lich-phat/xem-thu")
@needs(Act.WRITE)
def preview_page() -> ResponseReturnValue:
    """The same for those without scripts: the whole form again, with the week beside it."""
    form = Form(request.form)
    code = request.form.get("code", "")
    keep = lookups.rule(db_reading(), code, Act.WRITE) if code else None
    return _form(form, keep, _checked(db_reading(), form, keep))


def _form(form: Form, rule: Rule | None, typed: Rule | None = None, *, conflict: bool = False) -> ResponseReturnValue:
    session = db_reading()
    shown = None
    if typed is not None and not form.errors:
        shown = preview(session, typed, stations_of(session, list(typed.targets)), now())
    elif rule is not None and not form.submitted:
        shown = preview(session, rule, stations_of(session, list(rule.targets)), now())
    page = render_template(
        "rules/form.html",
        form=form,
        rule=rule,
        other=words_of(rule, now()) if conflict and rule is not None else None,
        bulletins=offered(session, rule),
        places=places_in(session, current_rights().units(Act.WRITE)),
        preview=shown,
        day_kinds=DAY_KINDS,
        time_kinds=TIME_KINDS,
        weekdays=list(zip(WEEKDAY_CODES, WEEKDAYS, strict=True)),
    )
    return page, 409 if conflict else form.status
