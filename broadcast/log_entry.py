"""Nhật ký phát: what a station says happened, as the exact JSON it sent, with the names as they were then.

Append-only, exactly once. No foreign key leaves this file but to the enrolment: the log survives what it speaks of.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from broadcast.db import Base


class LogEntry(Base):
    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "seq"),
        Index("ix_log_entry_airing", "airing_id"),
        Index("ix_log_entry_station_at", "station_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    seq: Mapped[int]
    entry: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    # Read out of the entry, so that the database can find and count.
    station_id: Mapped[int]
    airing_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    sounded_ms: Mapped[int | None]
    manifest_sequence: Mapped[int] = mapped_column(BigInteger)
    # Added on receipt and never changed.
    received_at: Mapped[datetime]
    station_code: Mapped[str] = mapped_column(String(64))
    station_name: Mapped[str] = mapped_column(String(200))
    unit_code: Mapped[str] = mapped_column(String(64))
    unit_name: Mapped[str] = mapped_column(String(200))
    bulletin_code: Mapped[str] = mapped_column(String(64))
    bulletin_title: Mapped[str] = mapped_column(String(300))
    receipt_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the receipt hash before it in this enrolment, the entry's hash, the instant and the names."""


class LogBatch(Base):
    """The station's signature over `enrolment:last_seq:last_hash`: nobody with the database alone can write a past."""

    __tablename__ = "log_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    last_seq: Mapped[int]
    last_hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[datetime]


class SetAside(Base):
    """An entry that could not be believed or read: kept, acknowledged, alarmed; a station never gets stuck on it."""

    __tablename__ = "set_aside"
    __table_args__ = (UniqueConstraint("enrolment_id", "seq", "hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), index=True)
    seq: Mapped[int]
    entry: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was sent, whatever hash was claimed for it."""
    reason: Mapped[str] = mapped_column(String(20))  # "fork" | "unreadable" | "chain" | "hash" | "station" | "proof"
    detail: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime]
    explained_at: Mapped[datetime | None] = mapped_column(default=None)
    explanation: Mapped[str | None] = mapped_column(Text, default=None)
