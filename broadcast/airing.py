"""Lượt phát: one planned sounding; and the slot that was asked for and refused, with its reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.bulletin import Bulletin
from broadcast.db import Base
from broadcast.rule import Rule
from broadcast.station import Station


class Airing(Base):
    """`id` is UUIDv5 over rule, station, local date and slot key: planning again finds the same row.

    Cancelled, never deleted; a cancelled one may come back. Its outcome is derived from the log (`broadcast.outcome`).
    """

    __tablename__ = "airing"
    __table_args__ = (
        Index("ix_airing_station_starts", "station_id", "starts_at"),
        Index("ix_airing_starts", "starts_at"),
        Index("ix_airing_rule_starts", "rule_id", "starts_at"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """Where the station belonged on that day."""
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"))
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    local_date: Mapped[date]
    slot_key: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    latest_start_at: Mapped[datetime]
    duration_ms: Mapped[int]
    """One reading."""
    repeats: Mapped[int | None]
    gap_ms: Mapped[int]
    audio_sha256: Mapped[str | None] = mapped_column(String(64))
    bulletin_class: Mapped[str] = mapped_column("class", String(12))
    approved_by_name: Mapped[str] = mapped_column(String(200))
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)
    cancel_reason: Mapped[str | None] = mapped_column(String(20), default=None)

    station: Mapped[Station] = relationship()
    rule: Mapped[Rule] = relationship()
    bulletin: Mapped[Bulletin] = relationship()


class Refusal(Base):
    """The same key an airing would have. Kept up to date until its instant, then fixed."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_station_asked", "station_id", "asked_at"),)

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"), index=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    local_date: Mapped[date]
    slot_key: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    noted_at: Mapped[datetime]

    station: Mapped[Station] = relationship()
    rule: Mapped[Rule] = relationship()
    bulletin: Mapped[Bulletin] = relationship()
