"""Sắp phát: the page, and its part that refreshes itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing
from broadcast.rights import Act
from web.preflight.loading import refused_soon, soon
from web.preflight.words import cards
from web.programmes.changing import change_address, changeable
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, needs, now, scope_units, today

blueprint = Blueprint("preflight", __name__)

SPANS = (30, 60, 120)
"""Minutes ahead that one may choose from."""
CARDS_AT_ONCE = 40


@blueprint.get("/sap-phat")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    return render_template("preflight/index.html", **_soon())


@blueprint.get("/sap-phat/bang")
@needs(Act.READ)
def part() -> ResponseReturnValue:
    return render_template("preflight/_board.html", **_soon())


def _soon() -> dict[str, Any]:
    session = db_reading()
    minutes = request.args.get("phut", SPANS[0], type=int)
    minutes = minutes if minutes in SPANS else SPANS[0]
    span = timedelta(minutes=minutes)
    patience = timedelta(minutes=services().settings.silent_after_minutes)
    found = soon(session, scope_units(), now(), span, patience)
    all_cards = cards(found)
    stations = lookups.stations_in(session, scope_units(), today())
    refused = refused_soon(session, [station.id for station in stations], now(), span)
    firsts = [group[0] for group in refused]
    mine = changeable(session, firsts)
    return {
        "minutes": minutes,
        "spans": SPANS,
        "soon": found,
        "cards": all_cards if "tat-ca" in request.args else all_cards[:CARDS_AT_ONCE],
        "cards_in_all": len(all_cards),
        "grave": sum(card.is_grave for card in all_cards),
        "refused": refused,
        "changes": {each.id: change_address(each, each.station) for each in firsts if each.rule_id in mine},
        "readable": current_rights().units(Act.READ),
        "following": None if found.airings else _following(session),
    }


def _following(session: Session) -> Airing | None:
    """What begins next, whenever that is."""
    return session.scalar(
        select(Airing)
        .where(Airing.unit_id.in_(scope_units()), Airing.starts_at >= now(), Airing.cancelled_at.is_(None))
        .options(joinedload(Airing.station), joinedload(Airing.bulletin))
        .order_by(Airing.starts_at, Airing.station_id)
        .limit(1)
    )
