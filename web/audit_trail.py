"""Nhật ký thao tác: who did what to which, when, from where. Read only."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Bulletin
from broadcast.clock import day_span
from broadcast.person import Assignment
from broadcast.rights import Act
from broadcast.unit import Unit
from web.audit_words import NOUNS, act_in_words, actor_in_words, detail_in_words
from web.services import services
from web.shell.access import current_rights, db_reading, needs
from web.shell.forms import Form
from web.shell.refusals import LARGEST_NUMBER

blueprint = Blueprint("audit_trail", __name__)

A_PAGE = 100


@blueprint.get("/vet")
@needs(Act.ADMINISTER)
def index() -> ResponseReturnValue:
    form = Form(request.args)
    asked = select(AuditEvent).where(_in_charge()).order_by(AuditEvent.id.desc())
    if words := request.args.get("tim", "").strip()[:100]:
        like = f"%{words.replace('%', '').replace('_', '')}%"
        asked = asked.where(or_(AuditEvent.actor_name.ilike(like), AuditEvent.noun_name.ilike(like)))
    if (noun := request.args.get("loai", "")) in NOUNS:
        asked = asked.where(AuditEvent.noun == noun)
    if day := form.day("ngay", "ngày"):
        begins, ends = day_span(day, services().zone)
        asked = asked.where(AuditEvent.at >= begins, AuditEvent.at < ends)
    # By the last one shown instead of by page numbers: the trail grows while one reads.
    before = request.args.get("truoc", 0, type=int)
    if 0 < before <= LARGEST_NUMBER:
        asked = asked.where(AuditEvent.id < before)
    events = list(db_reading().scalars(asked.limit(A_PAGE + 1)))
    return render_template(
        "audit/list.html",
        events=events[:A_PAGE],
        older=events[A_PAGE - 1].id if len(events) > A_PAGE else None,
        nouns=NOUNS,
        act_in_words=act_in_words,
        actor_in_words=actor_in_words,
        detail_in_words=detail_in_words,
        names=_names(db_reading(), events[:A_PAGE]),
    )


def _in_charge() -> ColumnElement[bool]:
    """Events of units in one's charge, and of people with a role there; of the system for whoever has a whole tree."""
    rights = current_rights()
    administered = rights.units(Act.ADMINISTER)
    people = select(Assignment.person_id).where(Assignment.unit_id.in_(administered))
    seen = or_(
        AuditEvent.unit_id.in_(administered), and_(AuditEvent.unit_id.is_(None), AuditEvent.actor_id.in_(people))
    )
    if set(rights.tree.roots()) <= administered:
        seen = or_(seen, and_(AuditEvent.unit_id.is_(None), AuditEvent.actor_id.is_(None)))
    return seen


def _names(session: Session, events: list[AuditEvent]) -> dict[str, str]:
    """Code → name of the units and bulletins that details speak of."""
    codes = {
        str(event.detail[name])
        for event in events
        for name, act in (("unit", ""), ("bulletin", ""), ("to", "move"))
        if event.detail.get(name) and (not act or event.act == act)
    }
    found: dict[str, str] = {}
    for code_of, name_of in ((Bulletin.code, Bulletin.title), (Unit.code, Unit.name)):
        found |= dict(session.execute(select(code_of, name_of).where(code_of.in_(codes))).all())
    return found
