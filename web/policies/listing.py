"""What holds in a unit on a day, on whose word; what comes; what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.policy import Policy
from broadcast.rights import Act
from broadcast.unit import Unit
from schedules.facts_of import policy_fact, unit_fact, unit_key
from schedules.placing.policies import PolicyBook
from schedules.placing.territory import Territory
from web.policies.form import has_begun, is_over
from web.policies.words import Held, holding, says
from web.shell.access import current_rights, db_reading, needs, scope, today
from web.shell.forms import Form


@dataclass(frozen=True)
class Told:
    """A policy of the list. `here`: of the unit one looks at; `above`: comes down to it."""

    policy: Policy
    says: list[tuple[str, str]]
    is_above: bool
    may_change: bool


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/chinh-sach", "index", index)


@needs(Act.READ)
def index() -> ResponseReturnValue:
    """For the unit one looks at: what holds there on the asked day, and the policies of it, below it and above it."""
    form = Form(request.args)
    day = form.day("ngay", "ngày muốn xem") or today()
    rights, session = current_rights(), db_reading()
    territory, code_of_unit = _territory(session)
    rows = list(session.scalars(select(Policy).options(joinedload(Policy.unit)).order_by(Policy.id)))
    facts = {policy.id: policy_fact(policy, code_of_unit) for policy in rows}
    above = set(rights.tree.path(scope().id)) - {scope().id}
    shown = (rights.tree.below([scope().id]) & rights.units(Act.READ)) | above
    administered = rights.units(Act.ADMINISTER)
    listed = [
        Told(policy, says(facts[policy.id]), policy.unit_id in above, policy.unit_id in administered)
        for policy in rows
        if policy.unit_id in shown
    ]
    chain = territory.chain(unit_key(scope().code), day)
    held = holding(PolicyBook(facts.values()).effective(chain, day))
    return render_template(
        "policies/list.html",
        form=form,
        day=day,
        held=held,
        place_of=lambda line: _place(line, territory),
        now_held=sorted((one for one in listed if _holds(one.policy)), key=_by_depth),
        coming=sorted((one for one in listed if not has_begun(one.policy)), key=_by_beginning),
        over=sorted((one for one in listed if is_over(one.policy)), key=_by_end, reverse=True),
        may_add=bool(administered),
        add_for=scope().code if scope().id in administered else None,
    )


def _territory(session: Session) -> tuple[Territory, dict[int, str]]:
    units = session.scalars(select(Unit).options(selectinload(Unit.parents))).all()
    code_of_unit = {unit.id: unit_key(unit.code) for unit in units}
    return Territory(unit_fact(unit, code_of_unit) for unit in units), code_of_unit


def _place(line: Held, territory: Territory) -> str:
    """Whose word it is."""
    if line.by is None:
        return ""
    return territory.units[line.by.unit_id].name


def _holds(policy: Policy) -> bool:
    return has_begun(policy) and not is_over(policy)


def _by_depth(told: Told) -> tuple[int, str, date, int]:
    policy = told.policy
    depth = len(current_rights().tree.path(policy.unit_id))
    return depth, policy.unit.name, policy.from_on or date.min, policy.id


def _by_beginning(told: Told) -> tuple[date, int]:
    return told.policy.from_on or date.min, told.policy.id


def _by_end(told: Told) -> tuple[date, int]:
    return told.policy.until_on or date.max, told.policy.id
