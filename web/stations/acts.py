"""What an administrator does to stations: adding, moving from a date, retiring and bringing back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import Actor, record
from broadcast.errors import Conflict, Invalid
from broadcast.replanning import stations_changed
from broadcast.signs import code_fault
from broadcast.station import Enrolment, EnrolmentCode, Station, StationUnit
from broadcast.tally import PROGRAMME, bump
from broadcast.unit import Unit


def good_code(code: str) -> str:
    """A code that people can say and an address can hold. Raises Invalid."""
    if fault := code_fault(code, "station", plain=True):
        raise Invalid(f"{fault[:1].upper()}{fault[1:]}.", field="code")
    return code


def add_station(
    session: Session,
    actor: Actor,
    code: str,
    name: str,
    unit: Unit,
    *,
    volume: int,
    from_on: date | None,
    now: datetime,
) -> Station:
    """It serves `unit` from `from_on` on (None: always did). Raises Conflict where the code is taken."""
    if session.scalar(select(Station.id).where(Station.code == code)) is not None:
        raise Conflict(f"Đã có trạm mang mã “{code}”. Hãy chọn mã khác.", field="code")
    station = Station(code=code, name=name, volume=volume, created_at=now)
    station.units.append(StationUnit(unit_id=unit.id, from_on=from_on))
    session.add(station)
    session.flush()
    record(session, actor, "add", "station", station.id, name, now=now, unit_id=unit.id)
    stations_changed(session, [station.id])
    return station


def set_volume(
    session: Session, actor: Actor, station: Station, volume: int, *, unit_id: int | None, now: datetime
) -> None:
    """From the next manifest on. The same volume is no act."""
    if station.volume == volume:
        return
    record(
        session, actor, "set_volume", "station", station.id, station.name, now=now, unit_id=unit_id,
        detail={"from": station.volume, "to": volume},
    )  # fmt: skip
    station.volume = volume
    bump(session, PROGRAMME)


def move_station(
    session: Session, actor: Actor, station: Station, unit: Unit, from_on: date, *, today: date, now: datetime
) -> None:
    """It serves `unit` from that day on; what was before stays. Raises Invalid for a day that is past."""
    if from_on < today:
        raise Invalid("Chỉ chuyển được từ hôm nay trở đi: những ngày đã qua không thay đổi.", field="from")
    if station.retired_at is not None:
        raise Conflict("Trạm đã ngừng hoạt động. Hãy cho hoạt động lại trước khi chuyển.")
    for link in list(station.units):
        if link.from_on is not None and link.from_on >= from_on:
            station.units.remove(link)
            session.delete(link)  # it has not begun: the past is untouched
        elif link.until_on is None or link.until_on >= from_on:
            link.until_on = from_on - timedelta(days=1)
    station.units.append(StationUnit(unit_id=unit.id, from_on=from_on))
    session.flush()
    record(
        session, actor, "move", "station", station.id, station.name, now=now, unit_id=unit.id,
        detail={"to": unit.code, "from_on": from_on.isoformat()},
    )  # fmt: skip
    stations_changed(session, [station.id])


def coming_airings(session: Session, station: Station, now: datetime) -> int:
    """How many it still has before it."""
    return (
        session.scalar(
            select(func.count()).where(
                Airing.station_id == station.id, Airing.starts_at > now, Airing.cancelled_at.is_(None)
            )
        )
        or 0
    )


def retire_station(session: Session, actor: Actor, station: Station, *, unit_id: int | None, now: datetime) -> None:
    """Nothing more is planned for it, its machine is known no longer, its past stays."""
    if station.retired_at is not None:
        raise Conflict("Trạm đã ngừng hoạt động từ trước.")
    station.retired_at = now
    for noun in (Enrolment, EnrolmentCode):
        session.execute(
            update(noun)
            .where(noun.station_id == station.id, noun.ended_at.is_(None))
            .values(ended_at=now)
            .execution_options(synchronize_session="fetch")
        )
    record(session, actor, "retire", "station", station.id, station.name, now=now, unit_id=unit_id)
    stations_changed(session, [station.id])
    bump(session, PROGRAMME)


def bring_back_station(session: Session, actor: Actor, station: Station, *, unit_id: int | None, now: datetime) -> None:
    """It needs a new enrolment code, and plays again once its machine has used it."""
    if station.retired_at is None:
        raise Conflict("Trạm đang hoạt động.")
    station.retired_at = None
    record(session, actor, "bring_back", "station", station.id, station.name, now=now, unit_id=unit_id)
    stations_changed(session, [station.id])
