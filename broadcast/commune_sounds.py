"""Which units a script with variables is made to sound for: those below the bulletin's unit that have a station."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcast.clock import WINDOW_DAYS, local_day
from broadcast.station import Station, StationUnit
from broadcast.unit import UnitTree


class Listening:
    """The units that have a station, or will have one by a link that is known already: read once for many bulletins."""

    def __init__(self, session: Session, now: datetime) -> None:
        today = local_day(now)
        self.tree = UnitTree.on(session, today)
        self._held = session.scalars(
            select(StationUnit.unit_id)
            .join(Station, Station.id == StationUnit.station_id)
            .where(
                or_(StationUnit.until_on.is_(None), StationUnit.until_on >= today),
                Station.retired_at.is_(None),
            )
            .distinct()
        ).all()
        self._coming = [
            (UnitTree.on(session, day), self._held_from(session, day)) for day in self._first_days(session, today)
        ]

    @staticmethod
    def _first_days(session: Session, today: date) -> list[date]:
        """The days of the window on which a station comes to a unit."""
        last = today + timedelta(days=WINDOW_DAYS)
        days = session.scalars(select(StationUnit.from_on).where(StationUnit.from_on.between(today, last)).distinct())
        return sorted(day for day in days if day is not None and day > today)

    @staticmethod
    def _held_from(session: Session, day: date) -> set[int]:
        return set(
            session.scalars(
                select(StationUnit.unit_id)
                .join(Station, Station.id == StationUnit.station_id)
                .where(StationUnit.from_on == day, Station.retired_at.is_(None))
            )
        )

    def below(self, unit_id: int) -> list[int]:
        """Those in the subtree of `unit_id`, as it is today and as it will be when a station comes to one of them.
        Without any it is the unit itself, so that a bulletin can be heard and approved beforehand."""
        found = self.tree.below([unit_id]).intersection(self._held)
        for tree, held in self._coming:
            found |= tree.below([unit_id]) & held
        return sorted(found) or [unit_id]


def wanted_units(session: Session, unit_id: int, now: datetime) -> list[int]:
    """The units that a script with variables of unit `unit_id` is made to sound for."""
    return Listening(session, now).below(unit_id)
