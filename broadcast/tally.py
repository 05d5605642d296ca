"""Counters that say “something is new”: waiting requests look at them instead of at the tables."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from broadcast.db import Base


class Tally(Base):
    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


PLAN = "plan"
"""Rises when something changed that the plan depends on: the next tick plans again."""
PLANNED = "planned"
"""The value of PLAN that the last planning had seen when it began."""
PROGRAMME = "programme"
"""Rises when any station's manifest may be new: held requests look again."""


class StaleStation(Base):
    """A station whose programme may be another one now, while nobody else's is. A new row for each act, so that what
    is asked while a planning runs is planned by the next."""

    __tablename__ = "stale_station"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)


def plan_is_stale(session: Session) -> None:
    """To be called with every act that changes bulletins, approvals, rules, policies, units or stations."""
    bump(session, PLAN)


def bump(session: Session, name: str) -> None:
    """Adds one, in the transaction of what is new."""
    changed = session.execute(update(Tally).where(Tally.name == name).values(value=Tally.value + 1))
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        session.add(Tally(name=name, value=1))
        session.flush()


def count(session: Session, name: str) -> int:
    return session.scalar(select(Tally.value).where(Tally.name == name)) or 0
