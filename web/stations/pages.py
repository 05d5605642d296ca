"""Trạm: how each does, its page, and adding one step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.clock import parse_instant
from broadcast.enrolling import new_code
from broadcast.errors import BroadcastError, Invalid
from broadcast.log_entry import LogEntry
from broadcast.rights import Act
from broadcast.station import Enrolment, EnrolmentCode, Manifest, Station, StationStatus
from broadcast.unit import Unit
from web.airings import shown
from web.called_off import to_show
from web.services import services
from web.serving.tls import pinned_fingerprint
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
    scope_units,
    today,
)
from web.shell.fold import matches
from web.shell.formats import vn_date, vn_datetime
from web.shell.forms import Form
from web.shell.words import CLOCK_SOURCES, station_trouble
from web.stations import acts as station_acts
from web.stations.health import health, plays, sounding

blueprint = Blueprint("stations", __name__)

# Most in need of a hand first.
HEALTHS = ("silent", "ailing", "awaited", "ok", "retired")
A_PAGE = 60
CLOCK_IS_OFF_MS = 2000
# What was heard: an emergency ends by being stopped, and has sounded all the same.
_SOUNDED = (LogEntry.kind.in_(("finished", "stopped")), LogEntry.sounded_ms > 0)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_WINDOW_END = re.compile(r'"until":"([0-9TZ:.\-]+)"\}\}$')


@dataclass(frozen=True)
class Row:
    """A station as the list shows it."""

    station: Station
    unit: Unit | None
    health: str
    held_until: datetime | None
    playing: Airing | None
    proven_at: datetime | None


# ---- the list


@blueprint.get("/tram")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    session = db_reading()
    health_wanted, words = request.args.get("tinh-trang", ""), request.args.get("tim", "").strip()[:100]
    found = lookups.stations_in(session, scope_units(), today(), retired=health_wanted == "retired")
    _load_with_status(session, found)
    counts = {each: sum(health(station) == each for station in found) for each in HEALTHS}
    found = [
        station
        for station in found
        if (not health_wanted or health(station) == health_wanted) and matches(words, station.name, station.code)
    ]
    found.sort(key=lambda station: (HEALTHS.index(health(station)), station.name))
    pages = max(1, -(-len(found) // A_PAGE))
    page_number = min(max(request.args.get("trang", 1, type=int), 1), pages)
    rows = _rows(session, found[(page_number - 1) * A_PAGE : page_number * A_PAGE])
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


def _load_with_status(session: Session, stations: list[Station]) -> None:
    session.scalars(
        select(Station)
        .where(Station.id.in_([station.id for station in stations]))
        .options(joinedload(Station.status), selectinload(Station.units))
    ).all()


def _rows(session: Session, stations: list[Station]) -> list[Row]:
    ids = [station.id for station in stations]
    units = current_rights().tree.units
    homes = lookups.units_of_stations(session, today())
    held = held_until(session, ids)
    sounded = session.execute(
        select(LogEntry.station_id, func.max(LogEntry.at))
        .where(LogEntry.station_id.in_(ids), *_SOUNDED)
        .group_by(LogEntry.station_id)
    )
    proven: dict[int, datetime] = dict(sounded.all())
    playing_ids = sounding(session, stations)
    playing = {
        airing.id: airing
        for airing in session.scalars(
            select(Airing).where(Airing.id.in_(list(playing_ids.values()))).options(joinedload(Airing.bulletin))
        )
    }
    return [
        Row(
            station,
            units.get(homes.get(station.id, 0)),
            health(station),
            held.get(station.id),
            playing.get(playing_ids.get(station.id, "")),
            proven.get(station.id),
        )
        for station in stations
    ]


def held_until(session: Session, station_ids: list[int]) -> dict[int, datetime]:
    """Station id → end of the programme that it says it holds. Reads the tail of the stored bytes only: keys are in
    order, so the window comes last."""
    rows = session.execute(
        select(Manifest.station_id, func.substr(Manifest.body, func.length(Manifest.body) - 79))
        .join(StationStatus, StationStatus.station_id == Manifest.station_id)
        .join(Enrolment, Enrolment.id == Manifest.enrolment_id)
        .where(
            Manifest.station_id.in_(station_ids),
            Manifest.sequence == StationStatus.manifest_sequence,
            Enrolment.ended_at.is_(None),
        )
    )
    found = {station_id: _WINDOW_END.search(tail) for station_id, tail in rows}
    return {station_id: parse_instant(end[1]) for station_id, end in found.items() if end}


def held_in_words(until: datetime) -> str:
    """`hết ngày 07/12/2026` for the midnight after it."""
    last = until.astimezone(services().zone) - timedelta(microseconds=1)
    if last.date() < until.astimezone(services().zone).date():
        return f"hết ngày {vn_date(last.date())}"
    return vn_datetime(until)


blueprint.add_app_template_filter(held_in_words)
blueprint.add_app_template_filter(station_trouble)


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
    context = _now_of(station)
    return render_template("stations/page.html", form=form, may=may, links=station.units, **context), form.status


def _now_of(station: Station) -> dict[str, Any]:
    session = db_reading()
    [row] = _rows(session, [station])
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
        select(LogEntry).where(LogEntry.station_id == station.id, *_SOUNDED).order_by(LogEntry.at.desc()).limit(1)
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


# ---- adding one: describe it, then install, copy the commands, wait for its first word


def _administered() -> list[tuple[Unit, int]]:
    return in_tree_order(current_rights().units(Act.ADMINISTER))


def _unit_options() -> list[tuple[str, str]]:
    return [(unit.code, "\u2003" * depth + unit.name) for unit, depth in _administered()]


@blueprint.get("/tram/them")
@needs(Act.ADMINISTER)
def create() -> ResponseReturnValue:
    codes = {unit.code for unit, _ in _administered()}
    here = scope().code if scope().code in codes else ""
    return render_template("stations/new.html", form=Form(unit=here, volume=80), units=_unit_options())


@blueprint.post("/tram/them")
@needs(Act.ADMINISTER)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    name, code = form.text("name", "tên trạm"), form.text("code", "mã trạm", longest=64)
    volume = form.whole("volume", "âm lượng", 0, 100)
    unit_code = form.choice("unit", "đơn vị", {unit.code for unit, _ in _administered()})
    if not form.errors:
        try:
            with db_writing() as session:
                unit = lookups.unit(session, unit_code, Act.ADMINISTER)
                station = station_acts.add_station(
                    session,
                    actor(),
                    station_acts.good_code(code),
                    name,
                    unit,
                    volume=volume,
                    from_on=today(),
                    now=now(),
                )
                enrolment_code = _code_for(session, station)
        except BroadcastError as error:
            form.take(error)
        else:
            return _show_code(station, enrolment_code)
    return render_template("stations/new.html", form=form, units=_unit_options()), form.status


@blueprint.get("/tram/<code>/ghi-danh")
@needs(Act.TEND_STATION)
def enrolment(code: str) -> ResponseReturnValue:
    station = lookups.station(db_reading(), code, Act.TEND_STATION)
    sentences = ["Mã mới dùng được một lần, trong 7 ngày. Mã cũ chưa dùng (nếu có) sẽ hết hiệu lực."]
    if station.enrolment is not None:
        sentences.append("Khi một máy dùng mã này, máy đang là trạm bây giờ sẽ không còn được nhận ra nữa.")
    return render_template(
        "confirm.html",
        title=f"Cấp mã ghi danh cho {station.name}",
        sentences=sentences,
        action=url_for("stations.enrolment_submit", code=code),
        button="Cấp mã ghi danh",
        back=url_for("stations.page", code=code),
        danger=False,
    )


@blueprint.post("/tram/<code>/ghi-danh")
@needs(Act.TEND_STATION)
def enrolment_submit(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        station = lookups.station(session, code, Act.TEND_STATION)
        enrolment_code = _code_for(session, station)
    return _show_code(station, enrolment_code)


def _code_for(session: Session, station: Station) -> str:
    return new_code(session, station, now(), actor=actor(), fingerprint=pinned_fingerprint(services().settings))


def _show_code(station: Station, enrolment_code: str) -> ResponseReturnValue:
    """In the answer itself and nowhere else: the code is kept as a hash only."""
    settings = services().settings
    server = settings.public_url or f"{request.scheme}://{urlsplit(request.host_url).netloc}"
    return render_template(
        "stations/code.html",
        station=station,
        code=enrolment_code,
        server=server,
        on_this_machine=urlsplit(server).hostname in _LOOPBACK,
        **_arrival(station),
    )


@blueprint.get("/tram/<code>/da-len-tieng")
@needs(Act.TEND_STATION)
def arrival(code: str) -> ResponseReturnValue:
    """Step three: has it spoken since the code was made?"""
    station = lookups.station(db_reading(), code, Act.TEND_STATION)
    return render_template("stations/_arrival.html", station=station, **_arrival(station))


def _arrival(station: Station) -> dict[str, Any]:
    newest_code = (
        select(func.max(EnrolmentCode.created_at)).where(EnrolmentCode.station_id == station.id).scalar_subquery()
    )
    enrolled = db_reading().scalar(
        select(Enrolment).where(
            Enrolment.station_id == station.id, Enrolment.ended_at.is_(None), Enrolment.enrolled_at >= newest_code
        )
    )
    return {"enrolled": enrolled}


# ---- moving, retiring, bringing back


@blueprint.get("/tram/<code>/chuyen")
@needs(Act.ADMINISTER)
def move(code: str) -> ResponseReturnValue:
    station = lookups.station(db_reading(), code, Act.ADMINISTER)
    tomorrow: dict[str, Any] = {"from": today() + timedelta(days=1)}
    return render_template("stations/move.html", station=station, units=_unit_options(), form=Form(None, **tomorrow))


@blueprint.post("/tram/<code>/chuyen")
@needs(Act.ADMINISTER)
def move_submit(code: str) -> ResponseReturnValue:
    form = Form(request.form)
    unit_code = form.choice("unit", "đơn vị", {unit.code for unit, _ in _administered()})
    from_on = form.day("from", "ngày bắt đầu", required=True)
    try:
        with db_writing() as session:
            station = lookups.station(session, code, Act.ADMINISTER)
            if from_on is not None and not form.errors:
                unit = lookups.unit(session, unit_code, Act.ADMINISTER)
                station_acts.move_station(session, actor(), station, unit, from_on, today=today(), now=now())
    except Invalid as error:
        form.take(error)
    if form.errors:
        station = lookups.station(db_reading(), code, Act.ADMINISTER)
        return render_template("stations/move.html", station=station, units=_unit_options(), form=form), form.status
    when = f"từ {vn_date(from_on)}" if from_on != today() else "từ hôm nay"
    flash(f"{station.name} thuộc {unit.name} {when}. Lịch phát sẽ được xếp lại trong giây lát.", "good")
    return redirect(url_for("stations.page", code=code))


@blueprint.get("/tram/<code>/ngung")
@needs(Act.ADMINISTER)
def retire(code: str) -> ResponseReturnValue:
    session = db_reading()
    station = lookups.station(session, code, Act.ADMINISTER)
    coming = station_acts.coming_airings(session, station, now())
    return render_template(
        "confirm.html",
        title=f"Ngừng {station.name}?",
        sentences=[
            f"{coming} lượt phát sắp tới sẽ bị huỷ." if coming else "Trạm không còn lượt phát nào sắp tới.",
            "Máy ở trạm sẽ không liên lạc được với máy chủ nữa. Nhật ký và báo cáo của những ngày qua vẫn giữ nguyên.",
            "Có thể cho trạm hoạt động lại sau, bằng một mã ghi danh mới.",
        ],
        action=url_for("stations.retire_submit", code=code),
        button="Ngừng trạm",
        back=url_for("stations.page", code=code),
    )


@blueprint.post("/tram/<code>/ngung")
@needs(Act.ADMINISTER)
def retire_submit(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        station = lookups.station(session, code, Act.ADMINISTER)
        unit_id = lookups.unit_of_station(station, today())
        station_acts.retire_station(session, actor(), station, unit_id=unit_id, now=now())
    flash(f"{station.name} đã ngừng hoạt động.", "good")
    return redirect(url_for("stations.page", code=code))


@blueprint.post("/tram/<code>/hoat-dong-lai")
@needs(Act.ADMINISTER)
def bring_back(code: str) -> ResponseReturnValue:
    with db_writing() as session:
        station = lookups.station(session, code, Act.ADMINISTER)
        unit_id = lookups.unit_of_station(station, today())
        station_acts.bring_back_station(session, actor(), station, unit_id=unit_id, now=now())
    flash(f"{station.name} hoạt động lại. Hãy cấp mã ghi danh để máy ở trạm kết nối.", "good")
    return redirect(url_for("stations.page", code=code))
