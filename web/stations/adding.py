"""Adding a station in three steps: describe it, copy the commands, wait for its first word."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.enrolling import new_code
from broadcast.errors import BroadcastError
from broadcast.rights import Act
from broadcast.station import Enrolment, EnrolmentCode, Station
from web.services import services
from web.serving.tls import pinned_fingerprint
from web.shell import lookups
from web.shell.access import actor, db_reading, db_writing, needs, now, scope, today, unit_choices
from web.shell.forms import Form
from web.stations import acts as station_acts

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tram/them", view_func=create)
    blueprint.add_url_rule("/tram/them", view_func=create_submit, methods=["POST"])
    blueprint.add_url_rule("/tram/<code>/ghi-danh", view_func=enrolment)
    blueprint.add_url_rule("/tram/<code>/ghi-danh", view_func=enrolment_submit, methods=["POST"])
    blueprint.add_url_rule("/tram/<code>/da-len-tieng", view_func=arrival)


@needs(Act.ADMINISTER)
def create() -> ResponseReturnValue:
    codes = dict(unit_choices(Act.ADMINISTER))
    here = scope().code if scope().code in codes else ""
    return render_template("stations/new.html", form=Form(unit=here, volume=80), units=unit_choices(Act.ADMINISTER))


@needs(Act.ADMINISTER)
def create_submit() -> ResponseReturnValue:
    form = Form(request.form)
    name, code = form.text("name", "tên trạm"), form.text("code", "mã trạm", longest=64)
    volume = form.whole("volume", "âm lượng", 0, 100)
    unit_code = form.choice("unit", "đơn vị", dict(unit_choices(Act.ADMINISTER)))
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
    return render_template("stations/new.html", form=form, units=unit_choices(Act.ADMINISTER)), form.status


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
