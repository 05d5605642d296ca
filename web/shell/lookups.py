"""Finding one thing by the name in the address: 404 outside one's subtree, as if it were not there; 403 where one may
see it but not do the act. Every lookup takes the session it shall live in."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.errors import Forbidden, NotFound
from broadcast.person import Person
from broadcast.policy import Policy
from broadcast.rights import Act
from broadcast.rule import Rule
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit
from web.services import services
from web.shell.access import current_rights, require, today

T = TypeVar("T")

_ABSENT = "Không tìm thấy {} này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn."


def unit_of_station(station: Station, day: date) -> int | None:
    """Where it belongs on `day`; for a day outside all its links the nearest link before, else the first after."""
    links = sorted(station.units, key=lambda link: link.from_on or date.min)
    holding = [link for link in links if link.holds_on(day)]
    before = [link for link in links if (link.from_on or date.min) <= day]
    chosen = holding or before or links[:1]
    return chosen[-1].unit_id if chosen else None


def units_of_stations(session: Session, day: date) -> dict[int, int]:
    """Station id → unit id on `day`, of all stations that belong somewhere on it."""
    rows = session.execute(
        select(StationUnit.station_id, StationUnit.unit_id)
        .where(StationUnit.holding_on(day))
        .order_by(StationUnit.from_on.is_not(None), StationUnit.from_on, StationUnit.id)
    )
    return dict(rows.all())


def stations_in(session: Session, unit_ids: set[int], day: date, *, retired: bool = False) -> list[Station]:
    """Stations that belong to one of the units on `day`, by name."""
    homes = units_of_stations(session, day)
    stations = session.scalars(select(Station).order_by(Station.name, Station.id))
    return [
        station for station in stations if homes.get(station.id) in unit_ids and (retired or station.retired_at is None)
    ]


def _permitted(found: T | None, unit_id: int | None, act: Act, what: str) -> T:
    if found is None or unit_id is None or not current_rights().may(Act.READ, unit_id):
        raise NotFound(_ABSENT.format(what))
    require(act, unit_id)
    return found


def station(session: Session, code: str, act: Act = Act.READ) -> Station:
    found = session.scalar(select(Station).where(Station.code == code))
    return _permitted(found, unit_of_station(found, today()) if found else None, act, "trạm")


def bulletin(session: Session, code: str, act: Act = Act.READ) -> Bulletin:
    found = session.scalar(select(Bulletin).where(Bulletin.code == code))
    return _permitted(found, found.unit_id if found else None, act, "bản tin")


def rule(session: Session, code: str, act: Act = Act.READ) -> Rule:
    """To change it one needs the right at every place it airs at: its unit alone could be anybody's bulletin."""
    found = session.scalar(select(Rule).where(Rule.code == code))
    allowed = _permitted(found, found.unit_id if found else None, act, "lịch phát")
    if act is Act.WRITE:
        mine = current_rights().units(Act.WRITE)
        places = {
            unit_of_station(target.station, today()) if target.station is not None else target.unit_id
            for target in allowed.targets
        }
        if places - mine:
            raise Forbidden(
                "Lịch này còn phát ở nơi ngoài phạm vi của bạn. Chỉ người phụ trách mọi nơi ấy mới sửa hoặc dừng được."
            )
    return allowed


def airing(session: Session, airing_id: UUID) -> Airing:
    """Read by those of the unit the station belonged to then, and of the one it belongs to now."""
    found = session.get(Airing, str(airing_id))
    readable = current_rights().units(Act.READ)
    if found is None or not {found.unit_id, unit_of_station(found.station, today())} & readable:
        raise NotFound(_ABSENT.format("lượt phát"))
    return found


def unit(session: Session, code: str, act: Act = Act.READ) -> Unit:
    found = session.scalar(select(Unit).where(Unit.code == code))
    return _permitted(found, found.id if found else None, act, "đơn vị")


def policy(session: Session, policy_id: int, act: Act = Act.READ) -> Policy:
    found = session.get(Policy, policy_id)
    return _permitted(found, found.unit_id if found else None, act, "quy định")


def person(session: Session, login: str) -> Person:
    """Whoever has, had or will have a role in a unit that one administers."""
    found = session.scalar(select(Person).where(Person.login == login))
    administered = current_rights().units(Act.ADMINISTER)
    if found is None or not any(assignment.unit_id in administered for assignment in found.assignments):
        raise NotFound(_ABSENT.format("tài khoản"))
    return found


def zone() -> ZoneInfo:
    return services().zone
