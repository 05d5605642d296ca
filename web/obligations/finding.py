"""Whose an obligation is and who may see it: those of the unit that keeps it, and those of whom it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.bulletin import Bulletin, Revision
from broadcast.errors import NotFound
from broadcast.obligation import Obligation
from broadcast.rights import Act
from broadcast.unit import Unit
from web.shell import lookups
from web.shell.access import current_rights, scope, scope_units, today
from web.shell.lookups import units_of_stations

EAGER = (
    joinedload(Obligation.bulletin).options(
        joinedload(Bulletin.unit), selectinload(Bulletin.revisions).selectinload(Revision.approvals)
    ),
    joinedload(Obligation.dispatch),
)


def keeper_of(obligation: Obligation) -> int:
    """The unit at which its rights are judged."""
    return obligation.unit_id or obligation.bulletin.unit_id


def units_of(obligation: Obligation) -> list[Unit]:
    """The units that owe it, in the order in which they were named; one that is gone is left out."""
    by_code = {unit.code: unit for unit in current_rights().tree.units.values()}
    return [by_code[code] for code in obligation.unit_codes if code in by_code]


def reached(obligation: Obligation) -> set[int]:
    """The units below which its stations lie, today."""
    return current_rights().tree.below([unit.id for unit in units_of(obligation)])


def is_seen(obligation: Obligation, units: set[int]) -> bool:
    """Whether it is kept by one of these units, or owed in one."""
    return keeper_of(obligation) in units or not reached(obligation).isdisjoint(units)


def obligation(session: Session, number: int, act: Act = Act.READ) -> Obligation:
    """404 outside of what one may see, 403 where one may see it but not do `act`."""
    found = session.scalar(select(Obligation).where(Obligation.id == number).options(*EAGER))
    if found is None or not is_seen(found, current_rights().units(Act.READ)):
        raise NotFound("Không tìm thấy chỉ tiêu này, hoặc nội dung nằm ngoài phạm vi đơn vị của bạn.")
    if act is not Act.READ:
        current_rights().require(act, keeper_of(found))
    return found


def seen(session: Session) -> Sequence[Obligation]:
    """All that concern the unit one looks at, the newest first."""
    units = scope_units()
    rows = session.scalars(select(Obligation).options(*EAGER).order_by(Obligation.id.desc()))
    return [row for row in rows if is_seen(row, units)]


def stations_below(session: Session, units: set[int]) -> set[int]:
    """Ids of the stations that belong to one of the units today."""
    return {station for station, unit in units_of_stations(session, today()).items() if unit in units}


def looked_at(session: Session, unit_code: str) -> set[int]:
    """Ids of the stations that a page is about: below that unit, or below the one in the header where none is named.

    Raises NotFound for a unit that one may not read.
    """
    top = lookups.unit(session, unit_code).id if unit_code else scope().id
    rights = current_rights()
    return stations_below(session, rights.tree.below([top]) & rights.units(Act.READ))
