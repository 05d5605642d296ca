"""Trạm: how each does, and its page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing
from broadcast.log_entry import LogEntry
from broadcast.rights import Act
from broadcast.station import Station
from web.airings import shown
from web.called_off import to_show
from web.shell import lookups
from web.shell.access import actor, current_rights, db_reading, db_writing, needs, now, scope_units, today
from web.shell.fold import matches
from web.shell.forms import Form
from web.shell.words import CLOCK_SOURCES, station_trouble
from web.stations import acts as station_acts
from web.stations import adding, feed_fetching, feeds, moving
from web.stations.health import health, plays
from web.stations.rows import SOUNDED, held_in_words, load_with_status, rows_of

blueprint = Blueprint("stations", __name__)
blueprint.add_app_template_filter(held_in_words)
blueprint.add_app_template_filter(station_trouble)
for part in (adding, feeds, feed_fetching, moving):
    part.add_to(blueprint)

# Most in need of a hand first.
HEALTHS = ("silent", "ailing", "awaited", "ok", "retired")
A_PAGE = 60
CLOCK_IS_OFF_MS = 2000


@blueprint.get("/tram")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    session = db_reading()
    health_wanted, words = request.args.get("tinh-trang", ""), request.args.get("tim", "").strip()[:100]
    found = lookups.stations_in(session, scope_units(), today(), retired=health_wanted == "retired")
    load_with_status(session, found)
    counts = {each: sum(health(station) == each for station in found) for each in HEALTHS}
    found = [
        station
        for station in found
        if (not health_wanted or health(station) == health_wanted) and matches(words, station.name, station.code)
    ]
    found.sort(key=lambda station: (HEALTHS.index(health(station)), station.name))
    pages = max(1, -(-len(found) // A_PAGE))
    page_number = min(max(request.args.get("trang", 1, type=int), 1), pages)
    rows = rows_of(session, found[(page_number - 1) * A_PAGE : page_number * A_PAGE])
    return render_template(
        "stations/list.html",
        rows=rows,
        counts=counts,
        total=len(found),
        wanted=health_wanted,
        healths=HEALTHS,
        page=page_number,
        pages=pages,
    )


# ---- one station


@blueprint.get("/tram/<code>")
@needs(Act.READ)
def page(code: str) -> ResponseReturnValue:
    return _page(lookups.station(db_reading(), code), Form())


@blueprint.get("/tram/<code>/tinh-hinh")
@needs(Act.READ)
def page_part(code: str) -> ResponseReturnValue:
    """What of the page changes by itself."""
    return render_template("stations/_now.html", **_now_of(lookups.station(db_reading(), code)))


def _page(station: Station, form: Form) -> ResponseReturnValue:
    unit_id = lookups.unit_of_station(station, today())
    rights = current_rights()
    may = {act: unit_id is not None and rights.may(act, unit_id) for act in (Act.TEND_STATION, Act.ADMINISTER)}
    if not form.submitted:
        form.defaults["volume"] = station.volume
    context = _now_of(station) | feeds.listed(station)
    return render_template("stations/page.html", form=form, may=may, links=station.units, **context), form.status


def _now_of(station: Station) -> dict[str, Any]:
    session = db_reading()
    [row] = rows_of(session, [station])
    airings = session.scalars(
        select(Airing)
        .where(Airing.station_id == station.id, Airing.local_date == today())
        .options(joinedload(Airing.bulletin), joinedload(Airing.station))
        .order_by(Airing.starts_at)
    )
    status = station.status
    offset = status.clock_offset_ms if status else None
    listed, called_off = to_show(shown(session, list(airings), {plays(station)}))
    return {
        "station": station,
        "row": row,
        "status": status,
        "airings": listed,
        "called_off": called_off,
        "clock_word": CLOCK_SOURCES.get(status.clock_source or "", "chưa rõ") if status else "chưa rõ",
        "clock_is_off": offset is not None and abs(offset) > CLOCK_IS_OFF_MS,
        "proven": _last_proven(session, station),
    }


def _last_proven(session: Session, station: Station) -> LogEntry | None:
    return session.scalar(
        select(LogEntry).where(LogEntry.station_id == station.id, *SOUNDED).order_by(LogEntry.at.desc()).limit(1)
    )


@blueprint.post("/tram/<code>/am-luong")
@needs(Act.TEND_STATION)
def set_volume(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    volume = form.whole("volume", "âm lượng", 0, 100)
    if form.errors:
        return _page(lookups.station(db_reading(), code, Act.TEND_STATION), form)
    with db_writing() as session:
        station = lookups.station(session, code, Act.TEND_STATION)
        unit_id = lookups.unit_of_station(station, today())
        station_acts.set_volume(session, actor(), station, volume, unit_id=unit_id, now=now())
    flash(f"Đã đặt âm lượng {volume} cho {station.name}; trạm nhận ngay khi liên lạc với máy chủ.", "good")
    return redirect(url_for("stations.page", code=code))
