"""Nhật ký: who sounded what, when, how much, on whose order; each line with its link in the chain, proved at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.clock import day_span
from broadcast.errors import NotFound
from broadcast.log_entry import LogEntry
from broadcast.rights import Act
from broadcast.station import Station
from broadcast.unit import Unit
from web.airings import Shown, shown
from web.bulletins.acting import page_asked
from web.log.links import Link, links_of, proof_of
from web.services import services
from web.shell.access import current_rights, db_reading, needs, scope_units, today
from web.shell.fold import matches
from web.shell.forms import Form
from web.shell.lookups import stations_in, units_of_stations
from web.shell.words import LOG_KINDS, reason_word
from web.stations.health import plays

blueprint = Blueprint("log", __name__)

A_PAGE = 50
# What the list may be narrowed to, in the address → the kinds of entries.
RESULTS = {
    "phat": ("Đã phát và không phát", ("finished", "stopped", "missed")),
    "da-phat": ("Có phát", ("finished", "stopped")),
    "khong-phat": ("Không phát", ("missed",)),
    "canh-bao": ("Cảnh báo", ("alarm",)),
    "tat-ca": ("Mọi dòng nhật ký", tuple(LOG_KINDS)),
}
# The state of an entry whose airing is there no more; else the airing's own state is told, as on every other page.
STATES = {"finished": "complete", "stopped": "partial", "missed": "missed"}


@dataclass(frozen=True)
class Filters:
    """As in the address."""

    station: str
    from_on: date | None
    until_on: date | None
    words: str
    result: str


@blueprint.get("/nhat-ky")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    session = db_reading()
    form = Form(request.args)
    result = form.value("ket-qua")
    filters = Filters(
        station=form.value("tram"),
        from_on=form.day("tu", "từ ngày"),
        until_on=form.day("den", "đến ngày"),
        words=form.value("tim").strip()[:100],
        result=result if result in RESULTS else "phat",
    )
    conditions = _conditions(session, filters)
    total = session.scalar(select(func.count()).select_from(LogEntry).where(*conditions)) or 0
    pages = max(1, -(-total // A_PAGE))
    page = min(page_asked(request.args.get("trang")), pages)
    rows = session.scalars(
        select(LogEntry)
        .where(*conditions)
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(A_PAGE)
        .offset((page - 1) * A_PAGE)
    ).all()
    airings = _airings(session, rows)
    return render_template(
        "log/index.html",
        rows=rows,
        links=links_of(session, rows),
        airings=airings,
        states=_states(rows, airings),
        stations=stations_in(session, scope_units(), today(), retired=True),
        results=RESULTS,
        kinds=LOG_KINDS,
        reason_word=reason_word,
        filters=filters,
        form=form,
        total=total,
        page=page,
        pages=pages,
    )


def _conditions(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [_readable(session, scope_units())]
    if filters.station:
        conditions.append(LogEntry.station_code == filters.station)
    if filters.from_on is not None:
        conditions.append(LogEntry.at >= day_span(filters.from_on, services().zone)[0])
    if filters.until_on is not None:
        conditions.append(LogEntry.at < day_span(filters.until_on, services().zone)[1])
    if filters.words:
        codes = [
            code
            for code, title in session.execute(select(Bulletin.code, Bulletin.title))
            if matches(filters.words, code, title)
        ]
        conditions.append(LogEntry.bulletin_code.in_(codes))
    conditions.append(LogEntry.kind.in_(RESULTS[filters.result][1]))
    return conditions


def _readable(session: Session, unit_ids: set[int]) -> ColumnElement[bool]:
    """Entries of stations that belong to these units now, or belonged to them when they wrote."""
    stations = [station for station, unit in units_of_stations(session, today()).items() if unit in unit_ids]
    codes = session.scalars(select(Unit.code).where(Unit.id.in_(unit_ids))).all()
    return or_(LogEntry.station_id.in_(stations), LogEntry.unit_code.in_(codes))


def _airings(session: Session, rows: Sequence[LogEntry]) -> dict[str, Shown]:
    """The airings that the entries speak of, those that are (still) there, and what became of them."""
    ids = {row.airing_id for row in rows if row.airing_id is not None}
    found = session.scalars(
        select(Airing).where(Airing.id.in_(ids)).options(joinedload(Airing.station).joinedload(Station.status))
    ).all()
    playing = {plays(airing.station) for airing in found}
    return {one.airing.id: one for one in shown(session, list(found), playing)}


def _states(rows: Sequence[LogEntry], airings: dict[str, Shown]) -> dict[int, str]:
    """Row id → one of the states of every screen; nothing for lines that are not about a sounding."""
    return {
        row.id: airings[row.airing_id].kind if row.airing_id in airings else STATES[row.kind]
        for row in rows
        if row.kind in STATES
    }


@blueprint.get("/nhat-ky/<int(max=2147483647):number>")
@needs(Act.READ)
def entry(number: int) -> ResponseReturnValue:
    """One line with its whole proof."""
    session = db_reading()
    row = session.scalar(
        select(LogEntry).where(LogEntry.id == number, _readable(session, current_rights().units(Act.READ)))
    )
    if row is None:
        raise NotFound("Không tìm thấy dòng nhật ký này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn.")
    link: Link = links_of(session, [row])[row.id]
    airings = _airings(session, [row])
    return render_template(
        "log/entry.html",
        row=row,
        link=link,
        proof=proof_of(session, row),
        one=airings.get(row.airing_id or ""),
        state=_states([row], airings).get(row.id),
        station=session.get(Station, row.station_id),
        kinds=LOG_KINDS,
        reason_word=reason_word,
    )
