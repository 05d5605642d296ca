"""Đơn vị: the tree, adding a unit, its name, its place in the tree from a date on."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.value_changes import tree_with
from broadcast.audit_event import record
from broadcast.errors import BroadcastError, Conflict, Invalid
from broadcast.rights import Act
from broadcast.tally import plan_is_stale
from broadcast.unit import Unit, UnitParent, UnitTree
from web.shell import lookups
from web.shell.access import (
    actor,
    current_rights,
    db_reading,
    db_writing,
    in_tree_order,
    needs,
    now,
    scope,
    today,
    unit_choices,
)
from web.shell.fold import matches
from web.shell.forms import Form
from web.stations.acts import good_code
from web.units import values
from web.units.following import carry
from web.units.values import tell_what_follows

blueprint = Blueprint("units", __name__)
values.add_to(blueprint)

KINDS = ("tỉnh", "thành phố", "huyện", "xã", "phường", "thị trấn", "thôn", "tổ dân phố")


@blueprint.get("/don-vi")
@needs(Act.ADMINISTER)
def index() -> ResponseReturnValue:
    session, words = db_reading(), request.args.get("tim", "").strip()[:100]
    stations = Counter(lookups.units_of_stations(session, today()).values())
    listed = [
        (unit, 0 if words else depth, stations[unit.id])
        for unit, depth in in_tree_order(current_rights().units(Act.ADMINISTER))
        if matches(words, unit.name, unit.code)
    ]
    return render_template("units/list.html", listed=listed)


@blueprint.get("/don-vi/them")
@needs(Act.ADMINISTER)
def create() -> ResponseReturnValue:
    codes = dict(unit_choices(Act.ADMINISTER))
    form = Form(parent=scope().code if scope().code in codes else "", kind="xã")
    return render_template("units/new.html", form=form, units=unit_choices(Act.ADMINISTER), kinds=KINDS)


@blueprint.post("/don-vi/them")
@needs(Act.ADMINISTER)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    name, code = form.text("name", "tên đơn vị"), form.text("code", "mã đơn vị", longest=64)
    kind = form.text("kind", "cấp đơn vị", longest=40)
    parent_code = form.choice("parent", "đơn vị cấp trên", dict(unit_choices(Act.ADMINISTER)))
    if not form.errors:
        try:
            with db_writing() as session:
                parent = lookups.unit(session, parent_code, Act.ADMINISTER)
                _add(session, good_code(code), name, kind, parent)
        except BroadcastError as error:
            form.take(error)
        else:
            flash(f"Đã thêm {name}.", "good")
            return redirect(url_for("units.page", code=code))
    return render_template("units/new.html", form=form, units=unit_choices(Act.ADMINISTER), kinds=KINDS), form.status


def _add(session: Session, code: str, name: str, kind: str, parent: Unit) -> None:
    if session.scalar(select(Unit.id).where(Unit.code == code)) is not None:
        raise Conflict(f"Đã có đơn vị mang mã “{code}”. Hãy chọn mã khác.", field="code")
    # In the tree without a first day, as those of a set-up file: what is counted for the past stays countable.
    unit = Unit(code=code, name=name, kind=kind, created_at=now())
    session.add(unit)
    session.add(UnitParent(unit=unit, parent_id=parent.id))
    session.flush()
    record(session, actor(), "add", "unit", unit.id, unit.name, now=now(), unit_id=parent.id)
    plan_is_stale(session)


@blueprint.get("/don-vi/<code>")
@needs(Act.ADMINISTER)
def page(code: str) -> ResponseReturnValue:
    unit = lookups.unit(db_reading(), code, Act.ADMINISTER)
    return _page(unit, Form(name=unit.name, kind=unit.kind), _move_form())


def _move_form() -> Form:
    defaults: dict[str, Any] = {"from": today() + timedelta(days=1)}
    return Form(None, **defaults)


def _page(unit: Unit, form: Form, moving: Form) -> ResponseReturnValue:
    session, rights = db_reading(), current_rights()
    below = {rights.tree.units[one].code for one in rights.tree.below([unit.id])}
    context = {
        "unit": unit,
        "form": form,
        "moving": moving,
        "kinds": KINDS,
        "parents": [(code, words) for code, words in unit_choices(Act.ADMINISTER) if code not in below],
        "stations": lookups.stations_in(session, {unit.id}, today()),
        "children": [rights.tree.units[child] for child in rights.tree.children.get(unit.id, ())],
        "links": sorted(unit.parents, key=lambda link: link.from_on or date.min),
        "may_move": rights.tree.parent_of.get(unit.id) in rights.units(Act.ADMINISTER),
    }
    return render_template("units/page.html", **context), form.status if form.errors else moving.status


@blueprint.post("/don-vi/<code>")
@needs(Act.ADMINISTER)
def rename(code: str) -> ResponseReturnValue:
    """Name and kind are labels: what was logged keeps the names of its day. What is to be said says the new name."""
    form = Form(request.form)
    name, kind = form.text("name", "tên đơn vị"), form.text("kind", "cấp đơn vị", longest=40)
    if form.errors:
        return _page(lookups.unit(db_reading(), code, Act.ADMINISTER), form, _move_form())
    unit_id = lookups.unit(db_reading(), code, Act.ADMINISTER).id

    def write(session: Session) -> None:
        unit = lookups.unit(session, code, Act.ADMINISTER)
        before = {"name": unit.name, "kind": unit.kind}
        unit.name, unit.kind = name, kind
        record(session, actor(), "change", "unit", unit.id, name, now=now(), unit_id=unit.id, detail={"before": before})

    done = carry([unit_id], lambda tree: tree_with(tree, names={unit_id: name}), write)
    flash(f"Đã lưu {name}.", "good")
    tell_what_follows(done)
    return redirect(url_for("units.page", code=code))


@blueprint.post("/don-vi/<code>/chuyen")
@needs(Act.ADMINISTER)
def move(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    parent_code = form.choice("parent", "đơn vị cấp trên", dict(unit_choices(Act.ADMINISTER)))
    from_on = form.day("from", "ngày bắt đầu", required=True)
    if not form.errors and from_on is not None:
        try:
            unit = lookups.unit(db_reading(), code, Act.ADMINISTER)
            parent = lookups.unit(db_reading(), parent_code, Act.ADMINISTER)
            parents = {unit.id: parent.id} if from_on == today() else {}

            def write(session: Session) -> None:
                moved = lookups.unit(session, code, Act.ADMINISTER)
                _move(session, moved, lookups.unit(session, parent_code, Act.ADMINISTER), from_on)

            done = carry([unit.id], lambda tree: tree_with(tree, parents=parents), write)
        except Invalid as error:
            form.take(error)
        else:
            flash(f"Từ {from_on:%d/%m/%Y}, {unit.name} thuộc {parent.name}.", "good")
            tell_what_follows(done)
            return redirect(url_for("units.page", code=code))
    unit = lookups.unit(db_reading(), code, Act.ADMINISTER)
    return _page(unit, Form(name=unit.name, kind=unit.kind), form)


def _move(session: Session, unit: Unit, parent: Unit, from_on: date) -> None:
    """Links of the past end the day before; those that have not begun are replaced."""
    rights = current_rights()
    if from_on < today():
        raise Invalid("Chỉ chuyển được từ hôm nay trở đi: những ngày đã qua không thay đổi.", field="from")
    if parent.id in UnitTree.on(session, from_on).below([unit.id]):
        raise Invalid("Không thể đặt một đơn vị dưới chính nó hoặc dưới cấp dưới của nó.", field="parent")
    # Whoever administers only the unit itself would give it away.
    if rights.tree.parent_of.get(unit.id) not in rights.units(Act.ADMINISTER):
        raise Invalid("Chỉ người quản trị của cấp trên mới chuyển được đơn vị này.", field="parent")
    for link in list(unit.parents):
        if link.from_on is not None and link.from_on >= from_on:
            unit.parents.remove(link)
            session.delete(link)
        elif link.until_on is None or link.until_on >= from_on:
            link.until_on = from_on - timedelta(days=1)
    session.add(UnitParent(unit_id=unit.id, parent_id=parent.id, from_on=from_on))
    record(
        session, actor(), "move", "unit", unit.id, unit.name, now=now(), unit_id=unit.id,
        detail={"to": parent.code, "from_on": from_on.isoformat()},
    )  # fmt: skip
    plan_is_stale(session)
