"""Lịch iCalendar: an address under which calendars fetch a station's programme without signing in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.db import Base
from broadcast.station import Station


class StationFeed(Base):
    """Whoever has the token reads the programme of this one station and nothing else. Shown once, kept as a hash."""

    __tablename__ = "station_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    """Who or what it was made for, in words."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    station: Mapped[Station] = relationship()
