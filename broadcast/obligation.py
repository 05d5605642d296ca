"""Chỉ tiêu: “at least N a day until D in these units”, from a dispatch or typed in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.bulletin import Bulletin
from broadcast.db import Base
from broadcast.dispatch import Dispatch
from broadcast.unit import Unit

DAY, TOTAL = "day", "total"


class Obligation(Base):
    """Owed by every station below `unit_codes`, each on its own, from `from_on` to `until_on`, both included."""

    __tablename__ = "obligation"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True, default=None)
    """Who keeps it: where its rights are judged. None (older rows, set-up files): the unit of the bulletin."""
    unit_codes: Mapped[list[str]]
    at_least: Mapped[int]
    per: Mapped[str] = mapped_column(String(10), default=DAY)
    """"day": so many on each day of the range; "total": so many in the whole range."""
    from_on: Mapped[date]
    until_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text, default="")
    """The words of the order, shown as they are."""
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch.id"), index=True, default=None)
    version: Mapped[int] = mapped_column(default=1)
    """Rises with each edit; a form that was opened on an older one is told so."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    """Taken back by a person; what was owed before stays owed."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)

    bulletin: Mapped[Bulletin] = relationship()
    unit: Mapped[Unit | None] = relationship()
    dispatch: Mapped[Dispatch | None] = relationship()
