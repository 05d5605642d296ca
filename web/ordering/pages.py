"""Thứ tự: the page of a unit, its arrows, and not airing what a unit above sent. A stale page changes nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.audit_event import record
from broadcast.errors import Conflict, NotFound
from broadcast.replanning import units_changed
from broadcast.rights import Act
from broadcast.rule import RuleChoice
from broadcast.unit import Unit
from web.bulletins import emergencies
from web.ordering import choosing
from web.ordering.effects import effects_of
from web.ordering.listing import CLASSES, Item, Order, order_of
from web.shell import lookups
from web.shell.access import (
    actor,
    current_person,
    current_rights,
    db_reading,
    db_writing,
    in_tree_order,
    needs,
    now,
    scope,
    scope_units,
    today,
)
from web.shell.fold import matches
from web.shell.forms import Form

blueprint = Blueprint("ordering", __name__)

LONGEST_REASON = 300
MOST_UNITS = 100


@blueprint.get("/thu-tu")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    session = db_reading()
    code = request.args.get("don-vi", "")
    unit = lookups.unit(session, code) if code else scope()
    homes = set(lookups.units_of_stations(session, today()).values())
    if unit.id not in homes and not code:
        below = in_tree_order(homes & scope_units())
        if len(below) == 1:
            return _to_list(below[0][0].code)
        return _choice_of_unit(session, [each for each, _ in below])
    return _page(session, unit)


def _choice_of_unit(session: Session, units: list[Unit]) -> str:
    words = request.args.get("tim", "").strip()[:100]
    found = [unit for unit in units if matches(words, unit.name, unit.code)]
    chosen = session.scalars(select(RuleChoice.unit_id).where(RuleChoice.place.is_not(None)).distinct())
    declining = session.scalars(select(RuleChoice.unit_id).where(RuleChoice.is_declined).distinct())
    return render_template(
        "ordering/units.html",
        units=found[:MOST_UNITS],
        more=len(found) - MOST_UNITS,
        words=words,
        chosen=set(chosen),
        declining=set(declining),
    )


def _page(session: Session, unit: Unit, stale: str | None = None) -> str:
    order = order_of(session, unit)
    rights = current_rights()
    homes = set(lookups.units_of_stations(session, today()).values())
    return render_template(
        "ordering/index.html",
        order=order,
        classes=CLASSES,
        may_write=rights.may(Act.WRITE, unit.id),
        readable=rights.units(Act.READ),
        writable=rights.units(Act.WRITE),
        units=[each for each, _ in in_tree_order(homes & rights.units(Act.READ))],
        running=emergencies.running(session, {unit.id}),
        stale=stale,
        moved=request.args.get("vua"),
        how=request.args.get("huong"),
        why_not=choosing.why_not_declined,
    )


@blueprint.post("/thu-tu/chuyen")
@needs(Act.WRITE)
def move_submit() -> ResponseReturnValue:
    """One item up, down or first of its class; the first time every item gets its place."""
    code, how = request.form.get("lich", ""), request.form.get("huong", "")
    with db_writing() as session:
        order = _locked(session)
        if _is_stale(order):
            return _told_stale(session, order)
        item = _item(order, code)
        moved = order.moved(code, how)
        if moved is not None:
            choosing.place_all(session, order.unit, moved, current_person(), now())
            _changed(session, order, "order_rules", rule=item.name)
        unit_code = order.unit.code
    return _to_list(unit_code, vua=code, huong=how)


@blueprint.post("/thu-tu/mac-dinh")
@needs(Act.WRITE)
def forget_submit() -> ResponseReturnValue:
    with db_writing() as session:
        order = _locked(session)
        if _is_stale(order):
            return _told_stale(session, order)
        choosing.forget_places(session, order)
        _changed(session, order, "default_order")
        unit_code = order.unit.code
    flash("Đã trở lại thứ tự mặc định. Các lượt phát được xếp lại trong ít giây.", "good")
    return _to_list(unit_code)


@blueprint.get("/thu-tu/khong-phat")
@needs(Act.WRITE)
def decline() -> ResponseReturnValue:
    session = db_reading()
    order = order_of(session, lookups.unit(session, request.args.get("don-vi", ""), Act.WRITE))
    item = _item(order, request.args.get("lich", ""))
    if (refusal := choosing.why_not_declined(item)) is not None:
        raise Conflict(refusal)
    return _decline_form(session, order, item, Form())


@blueprint.post("/thu-tu/khong-phat")
@needs(Act.WRITE)
def decline_submit() -> ResponseReturnValue:
    form = Form(request.form)
    why = form.text("reason", "lý do", longest=LONGEST_REASON)
    if form.errors:
        session = db_reading()
        order = order_of(session, lookups.unit(session, form.value("don-vi"), Act.WRITE))
        return _decline_form(session, order, _item(order, form.value("lich")), form)
    with db_writing() as session:
        order = _locked(session)
        if _is_stale(order):
            return _told_stale(session, order)
        item = _item(order, form.value("lich"))
        airings = effects_of(session, order, item).airings
        choosing.decline(session, order.unit, item, why, current_person(), now())
        _changed(session, order, "decline", item, reason=why, airings=airings)
        unit = order.unit
        flash(f"{unit.name} không phát “{item.name}” nữa. Có thể phát lại bất cứ lúc nào.", "good")
        unit_code = unit.code
    return _to_list(unit_code)


@blueprint.post("/thu-tu/phat-lai")
@needs(Act.WRITE)
def accept_submit() -> ResponseReturnValue:
    with db_writing() as session:
        order = _locked(session)
        if _is_stale(order):
            return _told_stale(session, order)
        item = _item(order, request.form.get("lich", ""))
        if item.is_declined:
            choosing.accept(session, order.unit, item, current_person(), now())
            _changed(session, order, "accept", item)
        flash(f"Phát lại “{item.name}”. Các lượt phát được xếp lại trong ít giây.", "good")
        unit_code = order.unit.code
    return _to_list(unit_code)


def _to_list(unit_code: str, **moved: str) -> ResponseReturnValue:
    asked: dict[str, Any] = {"don-vi": unit_code, **moved}
    return redirect(url_for("ordering.index", **asked))


def _locked(session: Session) -> Order:
    """The list of the unit that the form names; whoever else would change it waits for this transaction."""
    unit = lookups.unit(session, request.form.get("don-vi", ""), Act.WRITE)
    session.refresh(unit, with_for_update=True)
    return order_of(session, unit)


def _is_stale(order: Order) -> bool:
    return request.form.get("dau") != order.fingerprint


def _told_stale(session: Session, order: Order) -> ResponseReturnValue:
    return _page(session, order.unit, choosing.STALE), 409


def _item(order: Order, code: str) -> Item:
    item = order.item(code)
    if item is None:
        raise NotFound("Lịch này không còn phát ở đơn vị đó.")
    return item


def _decline_form(session: Session, order: Order, item: Item, form: Form) -> ResponseReturnValue:
    page = render_template(
        "ordering/decline.html", order=order, item=item, effects=effects_of(session, order, item), form=form
    )
    return page, form.status


def _changed(session: Session, order: Order, act: str, item: Item | None = None, **detail: Any) -> None:
    session.flush()
    units_changed(session, [order.unit.id], today())
    noun, number, name = ("unit", order.unit.id, order.unit.name)
    if item is not None:
        noun, number, name = ("rule", item.rule.id, item.name)
        detail["unit"] = order.unit.code
    record(session, actor(), act, noun, number, name, now=now(), unit_id=order.unit.id, detail=detail)
