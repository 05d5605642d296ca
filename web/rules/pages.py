"""Lịch phát: rules written as a sentence, with the days that each would bring beside it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from broadcast.rights import Act
from broadcast.rule import Rule
from web.bulletins import emergencies
from web.bulletins.acting import PER_PAGE, day_text, page_asked
from web.rules import saving, stopping
from web.rules.choosing import emergency_of, not_by_rule
from web.rules.form import defaults
from web.rules.offers import take_offer
from web.rules.places import stations_of
from web.rules.preview import preview
from web.rules.saving import checked, following_asked
from web.rules.showing import fields_of, form_page, preview_of
from web.rules.words import EAGER, words_of
from web.shell import lookups
from web.shell.access import current_rights, db_reading, needs, now, scope_units
from web.shell.fold import matches
from web.shell.forms import Form

blueprint = Blueprint("rules", __name__)
stopping.add_to(blueprint)
saving.add_to(blueprint)

STATES = (("", "Đang và sắp chạy"), ("ended", "Đã hết hạn, đã dừng"))


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
    form = Form(None, **defaults(db_reading(), None))
    if code := request.args.get("ban-tin"):
        form.defaults["bulletins"] = [code]
        if urgent := emergency_of(db_reading(), code):
            flash(not_by_rule(urgent), "warn")
    return form_page(form, None)


@blueprint.get("/lich-phat/<code>")
@needs(Act.READ)
def show(code: str) -> ResponseReturnValue:
    session = db_reading()
    rule = lookups.rule(session, code)
    told = words_of(rule, now())
    return render_template(
        "rules/show.html",
        told=told,
        rule=rule,
        preview=preview(session, rule, now(), keep=rule) if told.is_live and rule.starts_at is None else None,
        stations=stations_of(session, list(rule.targets)),
        may_write=current_rights().may(Act.WRITE, rule.unit_id),
        may_stop=current_rights().may(Act.STOP_EMERGENCY, rule.unit_id),
    )


@blueprint.get("/lich-phat/<code>/sua")
@needs(Act.WRITE)
def edit(code: str) -> ResponseReturnValue:
    """The form of the rule; with `tu` of what it is to be from that day on."""
    rule = lookups.rule(db_reading(), code, Act.WRITE)
    if rule.starts_at is not None:
        return redirect(url_for("rules.show", code=code))
    form, following = Form(None, **defaults(db_reading(), rule)), following_asked(rule)
    if following is not None:
        form.defaults["from_on"] = day_text(following)
    return form_page(form, rule, following=following)


@blueprint.post("/lich-phat/xem-truoc")
@needs(Act.WRITE)
def preview_typed() -> ResponseReturnValue:
    """A part of the form: the coming days with the rule as it is typed, and what depends on it under its fields."""
    form, keep = Form(request.form), _edited()
    following = following_asked(keep)
    typed = checked(db_reading(), form, keep, following)
    shown = preview_of(form, keep, typed, following)
    return render_template("rules/_preview.html", preview=shown, form=form, is_part=True, **fields_of(form, keep))


@blueprint.post("/lich-phat/xem-thu")
@needs(Act.WRITE)
def preview_page() -> ResponseReturnValue:
    """The same for those without scripts, and what a button of the preview does to the form: the whole page again."""
    form, keep = take_offer(Form(request.form)), _edited()
    following = following_asked(keep)
    return form_page(form, keep, checked(db_reading(), form, keep, following), following=following)


def _edited() -> Rule | None:
    """The rule that the form is about; none for a new one."""
    code = request.form.get("code", "")
    return lookups.rule(db_reading(), code, Act.WRITE) if code else None
