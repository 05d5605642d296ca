"""Thông tin điền vào bản tin: the values of one unit, and those of all communes below it in one table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.value_changes import Followed, tree_with
from broadcast.audit_event import AuditEvent, record
from broadcast.commune_sounds import Listening
from broadcast.errors import Forbidden, Invalid
from broadcast.rights import Act
from broadcast.unit import Unit, UnitTree
from broadcast.variables import inherited_values, own_values
from web.shell import lookups
from web.shell.access import actor, current_rights, db_reading, needs, now
from web.shell.fold import fold
from web.shell.forms import Form
from web.units.filling import (
    Change,
    cell,
    changed_meanwhile,
    changes,
    checked,
    may_fill,
    merged,
    names_asked,
    names_in_order,
    new_name,
    rows_of,
    shown,
    uses,
)
from web.units.following import carry

A_PAGE = 50
"""Communes in one table: a form has at most 2,000 fields."""
REMEMBERED = 12
"""Changes that the page of a unit shows."""


def add_to(blueprint: Blueprint) -> None:
    one = "/don-vi/<code>/gia-tri"
    blueprint.add_url_rule(one, view_func=values)
    blueprint.add_url_rule(one, view_func=values_submit, methods=["POST"])
    blueprint.add_url_rule(f"{one}/cap-duoi", view_func=values_below)
    blueprint.add_url_rule(f"{one}/cap-duoi", view_func=values_below_submit, methods=["POST"])


def _unit(session: Session, code: str) -> Unit:
    """Raises NotFound outside one's subtree, Forbidden where one neither writes nor administers."""
    unit = lookups.unit(session, code)
    if not may_fill(unit.id):
        raise Forbidden("Chỉ người soạn bản tin hoặc người quản trị của đơn vị mới sửa được thông tin này.")
    return unit


def _asked() -> list[str]:
    """The names that one came to fill in."""
    return names_asked(request.args.getlist("can"))


# ---- one unit


@needs(Act.READ)
def values(code: str) -> ResponseReturnValue:
    return _page(code, Form(None))


def _page(code: str, form: Form) -> ResponseReturnValue:
    session = db_reading()
    unit = _unit(session, code)
    rows = rows_of(session, unit, _asked())
    below = current_rights().tree.children.get(unit.id, ())
    page = render_template(
        "units/values.html",
        unit=unit,
        rows=rows,
        form=form,
        cell=cell,
        shown=shown,
        may_see_below=any(may_fill(child) for child in below),
        history=_history(session, unit),
    )
    return page, form.status


def _history(session: Session, unit: Unit) -> list[tuple[AuditEvent, list[tuple[str, str, str, bool]]]]:
    """The latest changes: (event, [(name, before, after, whether it is still what holds)])."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.noun == "unit", AuditEvent.noun_id == str(unit.id), AuditEvent.act == "set_values")
        .order_by(AuditEvent.id.desc())
        .limit(REMEMBERED)
    )
    own = own_values(unit)
    return [
        (event, [(name, was, is_now, own.get(name, "") == is_now) for name, was, is_now in event.detail["values"]])
        for event in events
    ]


@needs(Act.READ)
def values_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    unit = _unit(db_reading(), code)
    changed = changes(form, [unit]).get(unit.id, {})
    if name := new_name(form, "new_name"):
        value = checked(form, "new_value", name)
        if not value:
            form.fail("new_value", f"Hãy điền giá trị cho “{name}”.")
        changed[name] = Change("", value)
    if not form.errors:
        try:
            _save([unit], {unit.id: changed})
        except Invalid as error:
            form.take(error)
    if form.errors:
        return _page(code, form)
    return redirect(url_for("units.values", code=code, can=_asked()))


# ---- all communes below


@needs(Act.READ)
def values_below(code: str) -> ResponseReturnValue:
    return _table(code, Form(None))


def _table(code: str, form: Form) -> ResponseReturnValue:
    session = db_reading()
    top = _unit(session, code)
    units, page, pages = _units_below(session, top)
    tree = current_rights().tree
    used = uses(session, [unit.id for unit in units])
    table = render_template(
        "units/values_below.html",
        top=top,
        units=units,
        names=_names(top, units, used),
        own={unit.id: own_values(unit) for unit in units},
        inherited={unit.id: inherited_values(tree, unit.id) for unit in units},
        used=used,
        asked=_asked(),
        form=form,
        cell=cell,
        shown=shown,
        page=page,
        pages=pages,
    )
    return table, form.status


def _units_below(session: Session, top: Unit) -> tuple[list[Unit], int, int]:
    """Those that get a sound of their own and that one may fill in, one page of them: (units, page, pages)."""
    listening = Listening(session, now())
    found = [listening.tree.units[unit] for unit in listening.below(top.id) if may_fill(unit)]
    found.sort(key=lambda unit: (unit.id != top.id, fold(unit.name)))
    pages = max(1, -(-len(found) // A_PAGE))
    page = min(max(1, request.args.get("trang", 1, type=int)), pages)
    return found[(page - 1) * A_PAGE : page * A_PAGE], page, pages


def _names(top: Unit, units: list[Unit], used: Mapping[int, Collection[str]]) -> list[str]:
    """The columns: the usual names, what any of them has or is asked for, and one that is to be added."""
    added = new_name(Form(request.args), "them")
    return names_in_order(
        [
            *(own_values(unit) for unit in units),
            inherited_values(current_rights().tree, top.id),
            own_values(top),
            *used.values(),
            _asked(),
            [added] if added else [],
        ]
    )


@needs(Act.READ)
def values_below_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    session = db_reading()
    top = _unit(session, code)
    units, page, _ = _units_below(session, top)
    changed = changes(form, units)
    if not form.errors:
        try:
            _save(units, changed)
        except Invalid as error:
            form.fail("", error.message_vi)
    if form.errors:
        return _table(code, form)
    return redirect(url_for("units.values_below", code=code, trang=page if page > 1 else None, can=_asked()))


# ---- saving


def _save(units: Iterable[Unit], changed: Mapping[int, Mapping[str, Change]]) -> None:
    """Unit id → name → value. What others changed since the page was made is left as it is, and told."""
    named = {unit.id: unit for unit in units if unit.id in changed}
    written: list[Unit] = []
    lost: list[tuple[Unit, str, str, Change]] = []

    def then(tree: UnitTree) -> UnitTree:
        return tree_with(tree, values={unit: merged(own_values(tree.units[unit]), changed[unit]) for unit in named})

    def write(session: Session) -> None:
        written.clear()
        lost.clear()
        for unit_id, shown_unit in named.items():
            unit = lookups.unit(session, shown_unit.code)
            own = own_values(unit)
            refused = changed_meanwhile(own, changed[unit_id])
            lost.extend((unit, name, own.get(name, ""), change) for name, change in refused.items())
            if _write(session, unit, own, merged(own, changed[unit_id])):
                written.append(unit)

    done = carry(list(named), then, write)
    _tell(written, done, lost)


def _write(session: Session, unit: Unit, before: Mapping[str, str], after: dict[str, str]) -> bool:
    """True where anything is another value than before."""
    names = [*after, *(name for name in before if name not in after)]
    told = [[name, before.get(name, ""), after.get(name, "")] for name in names]
    told = [each for each in told if each[1] != each[2]]
    if not told:
        return False
    unit.variables = after
    record(
        session, actor(), "set_values", "unit", unit.id, unit.name, now=now(), unit_id=unit.id,
        detail={"values": told},
    )  # fmt: skip
    return True


def _tell(written: Iterable[Unit], done: Followed, lost: Iterable[tuple[Unit, str, str, Change]]) -> None:
    names = [unit.name for unit in written]
    for unit, name, is_now, change in lost:
        by_now = f"đổi thành “{is_now}”" if is_now else "bỏ giá trị riêng (theo cấp trên)"
        flash(f"“{name}” của {unit.name} vừa được người khác {by_now}; chưa ghi “{change.typed}” của bạn.", "warn")
    if not names and not lost:
        flash("Không có gì thay đổi.", "plain")
    if not names:
        return
    flash(f"Đã lưu thông tin của {names[0] if len(names) == 1 else f'{len(names)} đơn vị'}.", "good")
    tell_what_follows(done)


def tell_what_follows(done: Followed) -> None:
    if done.sounding_anew:
        flash(f"{done.sounding_anew} bản tin chưa duyệt đang được dựng lại âm thanh theo thông tin mới.", "plain")
    if done.flagged:
        flash(
            f"{done.flagged} bản tin đã duyệt nói khác thông tin mới: trạm vẫn phát âm thanh đã duyệt cho tới khi có "
            "người cho dựng lại và duyệt lại.",
            "warn",
        )
