"""A local day that is over, with its figures as they were known then. Later evidence shows as a difference to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from broadcast.db import Base


class ClosedDay(Base):
    """Written once by the clockwork for each topmost unit, never changed."""

    __tablename__ = "closed_day"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    totals: Mapped[dict[str, Any]]
    """The counts of a report of this unit for this day."""
    closed_at: Mapped[datetime]
