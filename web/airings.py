"""Lượt phát: one planned sounding with its reason and its proof; and the list that figures lead to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing
from broadcast.bulletin import Approval, BulletinClass
from broadcast.log_entry import LogEntry
from broadcast.outcome import Outcome, outcomes_of
from broadcast.rights import Act
from broadcast.station import StationStatus
from web.called_off import to_show
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, needs, now, scope_units, today
from web.shell.forms import Form
from web.shell.sounds import send_sound, store
from web.shell.words import LOG_KINDS, reason_word

blueprint = Blueprint("airings", __name__)

A_PAGE = 100
KINDS = ("complete", "partial", "late", "missed", "cancelled", "unknown", "playing", "planned")


@dataclass(frozen=True)
class Shown:
    """An airing as lists and lanes show it. `kind` is its outcome, or `planned` and `playing` before there is one.

    What sounds is `playing` until its end is known, even where so much of it was heard that its outcome is certain.
    """

    airing: Airing
    outcome: Outcome
    kind: str

    @property
    def reason(self) -> str:
        return reason_word(self.outcome.reason)


def shown(session: Session, airings: list[Airing], playing: Collection[str | None] = ()) -> list[Shown]:
    """With their outcomes now. `playing` are ids that stations say they play; those heard of lately are asked here."""
    outcomes = outcomes_of(session, airings, now())
    said = _said_to_play(session, {airing.station_id for airing in airings}) | set(playing)
    return [Shown(airing, outcomes[airing.id], _kind(outcomes[airing.id], airing.id in said)) for airing in airings]


def _said_to_play(session: Session, station_ids: set[int]) -> set[str | None]:
    """What stations said they play, as far as they were heard of lately."""
    patience = timedelta(minutes=services().settings.silent_after_minutes)
    rows = session.execute(
        select(StationStatus.station_id, StationStatus.playing).where(
            StationStatus.playing.is_not(None), StationStatus.seen_at > now() - patience
        )
    )
    return {playing for station_id, playing in rows if station_id in station_ids}


def _kind(outcome: Outcome, plays: bool) -> str:
    if outcome.is_sounding or (plays and outcome.kind.value == "unknown"):
        return "playing"
    if outcome.kind.value != "unknown":
        return outcome.kind.value
    return "unknown" if outcome.due else "planned"


@blueprint.get("/luot-phat")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    """The airings of a day: ?ngay=2026-11-22&tram=S1&ban-tin=BT1&ket-qua=missed&tu=05&den=08 (hours)."""
    form = Form(request.args, ngay=today())
    day = form.day("ngay", "ngày") or today()
    session = db_reading()
    rows = _rows(session, day)
    wanted = request.args.get("ket-qua", "")
    every = shown(session, rows)
    if wanted in KINDS:
        listed, called_off = [each for each in every if each.kind == wanted], 0
    else:
        listed, called_off = to_show(every)
    pages = max(1, -(-len(listed) // A_PAGE))
    page = min(max(request.args.get("trang", 1, type=int), 1), pages)
    return render_template(
        "airings/list.html",
        day=day,
        stations=lookups.stations_in(session, scope_units(), day, retired=True),
        listed=listed[(page - 1) * A_PAGE : page * A_PAGE],
        total=len(listed),
        page=page,
        pages=pages,
        kinds=KINDS,
        wanted=wanted,
        called_off=called_off,
    )


def _rows(session: Session, day: date) -> list[Airing]:
    asked = (
        select(Airing)
        .where(Airing.local_date == day, Airing.unit_id.in_(scope_units()))
        .options(joinedload(Airing.station), joinedload(Airing.bulletin))
        .order_by(Airing.starts_at, Airing.station_id)
    )
    if code := request.args.get("tram"):
        asked = asked.where(Airing.station_id == lookups.station(session, code).id)
    rows = list(session.scalars(asked))
    if code := request.args.get("ban-tin"):
        rows = [row for row in rows if row.bulletin.code == code]
    first, last = (request.args.get(name, default, type=int) for name, default in (("tu", 0), ("den", 24)))
    zone = lookups.zone()
    return [row for row in rows if first <= row.starts_at.astimezone(zone).hour < last]


@blueprint.get("/luot-phat/<uuid:airing_id>")
@needs(Act.READ)
def page(airing_id: UUID) -> ResponseReturnValue:
    session = db_reading()
    airing = lookups.airing(session, airing_id)
    entries = list(
        session.scalars(
            select(LogEntry).where(LogEntry.airing_id == airing.id).order_by(LogEntry.received_at, LogEntry.seq)
        )
    )
    [one] = shown(session, [airing])
    approval = session.scalar(
        select(Approval).where(Approval.revision_id == airing.revision_id, Approval.audio_sha256 == airing.audio_sha256)
    )
    readable = current_rights().units(Act.READ)
    return render_template(
        "airings/page.html",
        one=one,
        airing=airing,
        entries=entries,
        approval=approval,
        kinds=LOG_KINDS,
        reason_word=reason_word,
        unit=current_rights().tree.units.get(airing.unit_id),
        may_open_bulletin=airing.bulletin.unit_id in readable or _is_told_here(one),
        may_open_rule=airing.rule.unit_id in readable,
        has_sound=airing.audio_sha256 is not None and store().has(airing.audio_sha256),
    )


def _is_told_here(one: Shown) -> bool:
    """Whether its bulletin is read by whoever sees the airing: an emergency that is to sound or sounded there."""
    airing = one.airing
    heard = airing.cancelled_at is None or one.outcome.started_at is not None
    return airing.bulletin_class == BulletinClass.EMERGENCY.value and heard


@blueprint.get("/luot-phat/<uuid:airing_id>/am-thanh")
@needs(Act.READ)
def sound(airing_id: UUID) -> Response:
    """What this airing was ordered to play, for whoever may see the airing."""
    return send_sound(lookups.airing(db_reading(), airing_id).audio_sha256)
