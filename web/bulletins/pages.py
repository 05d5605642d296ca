"""Bản tin: the list, and the page of one; what is done to it stands beside."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin, BulletinClass, State
from broadcast.rights import Act
from web.bulletins import approvals, dispatches, editing, emergencies, reach, relaying
from web.bulletins import moves as bulletin_moves
from web.bulletins import sound as bulletin_sound
from web.bulletins import typing as bulletin_typing
from web.bulletins.acting import page_asked
from web.bulletins.aired import aired_words
from web.bulletins.communes import communes_of
from web.bulletins.deciders import costs_of_writing, may_discard, nobody_may_approve, sent_back
from web.bulletins.forms import CLASSES
from web.bulletins.listing import Next, Wanted, from_above, list_bulletins
from web.bulletins.speaking import first_heard, reading_of_revision
from web.rules.words import rules_of_bulletin
from web.services import services
from web.shell import lookups
from web.shell.access import (
    current_person,
    current_rights,
    db_reading,
    needs,
    now,
    scope_units,
    today,
)

blueprint = Blueprint("bulletins", __name__)
for part in (editing, approvals, bulletin_moves, bulletin_sound, bulletin_typing, dispatches, emergencies, relaying):
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
        reading=reading_of_revision(session, bulletin.latest, first_heard(bulletin.latest)),
        aired=aired_words(session, bulletin.latest),
        communes=communes_of(session, bulletin.latest),
        approval=bulletin.latest.approvals[0] if bulletin.latest.approvals else None,
        rules=rules_of_bulletin(session, bulletin, now()),
        soon=_soon(session, bulletin),
        may_write=rights.may(Act.WRITE, bulletin.unit_id),
        may_decide=rights.may(Act.DECIDE, bulletin.unit_id),
        may_discard=may_discard(bulletin),
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
