"""`broadcast station add`: a station by its code, and the one-use code with which a machine becomes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.audit_event import Actor
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.enrolling import new_code
from broadcast.errors import Conflict, Invalid
from broadcast.signs import code_fault, is_hidden
from broadcast.station import Station
from broadcast.unit import unit_by_code
from web.serving.tls import pinned_fingerprint
from web.stations.acts import add_station

COMMAND = Actor("broadcast station add")
VOLUME = 80


def station_code(
    session: Session, settings: Settings, code: str, unit_code: str, name: str | None, now: datetime
) -> str:
    """The enrolment code of a new or known station. A known one keeps its unit: naming another is Conflict."""
    if fault := code_fault(code, "station"):
        raise Invalid(f"Mã trạm không dùng được: {fault}.", field="code")
    if name is not None and (is_hidden(name) or not 0 < len(name.strip()) <= 200):
        raise Invalid("Tên trạm cần từ 1 đến 200 ký tự, trên một dòng và đều đọc được.", field="name")
    unit = unit_by_code(session, unit_code)
    station = session.scalar(select(Station).where(Station.code == code))
    if station is None:
        station = add_station(session, COMMAND, code, name or code, unit, volume=VOLUME, from_on=None, now=now)
    else:
        today = local_day(now, settings.zone)
        current = next((link for link in station.units if link.holds_on(today)), None)
        if current is None or current.unit_id != unit.id:
            where = current.unit.code if current is not None else "không đơn vị nào"
            raise Conflict(f"Trạm “{code}” đã có và đang thuộc {where}, không phải {unit_code}.")
    return new_code(session, station, now, actor=COMMAND, fingerprint=pinned_fingerprint(settings))
