"""Trạm truyền thanh: one player, where it belongs by date, its keys, and what it last said of itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from broadcast.db import Base
from broadcast.errors import NotFound
from broadcast.span import Dated
from broadcast.unit import Unit

CODE_DAYS = 7


class Station(Base):
    __tablename__ = "station"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    volume: Mapped[int] = mapped_column(default=80)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None] = mapped_column(default=None)

    units: Mapped[list[StationUnit]] = relationship(back_populates="station", order_by="StationUnit.id")
    status: Mapped[StationStatus | None] = relationship(back_populates="station")
    enrolments: Mapped[list[Enrolment]] = relationship(back_populates="station", order_by="Enrolment.enrolled_at")

    def unit_id_on(self, day: date) -> int | None:
        """The unit it belongs to on `day`."""
        return next((link.unit_id for link in self.units if link.holds_on(day)), None)

    @property
    def enrolment(self) -> Enrolment | None:
        """The one that is valid now."""
        return next((enrolment for enrolment in reversed(self.enrolments) if enrolment.ended_at is None), None)


class StationUnit(Dated, Base):
    """`station` serves `unit` on these days."""

    __tablename__ = "station_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)

    station: Mapped[Station] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class StationStatus(Base):
    """What the station last said. Written often, so it has a row of its own."""

    __tablename__ = "station_status"

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    """Its last request of any kind."""
    settled_until: Mapped[datetime | None] = mapped_column(default=None)
    """Until here its log is complete: it reported this time with an empty outbox."""
    clock_offset_ms: Mapped[int | None] = mapped_column(default=None)
    clock_source: Mapped[str | None] = mapped_column(String(12), default=None)
    volume: Mapped[int | None] = mapped_column(default=None)
    disk_free_bytes: Mapped[int | None] = mapped_column(BigInteger, default=None)
    version: Mapped[str | None] = mapped_column(String(40), default=None)
    manifest_sequence: Mapped[int | None] = mapped_column(BigInteger, default=None)
    audio_held: Mapped[int | None] = mapped_column(default=None)
    audio_missing: Mapped[int | None] = mapped_column(default=None)
    playing: Mapped[str | None] = mapped_column(String(36), default=None)
    outbox: Mapped[int | None] = mapped_column(default=None)
    errors: Mapped[list[str]] = mapped_column(default=list)
    silent_since: Mapped[datetime | None] = mapped_column(default=None)
    """Set by a tick when nothing was heard for the time of the settings; cleared by the next request."""

    station: Mapped[Station] = relationship(back_populates="status")


class EnrolmentCode(Base):
    """One use, seven days; only the hash is kept."""

    __tablename__ = "enrolment_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    station: Mapped[Station] = relationship()


class Enrolment(Base):
    """One machine that became the station: its token's hash, its public key, and how far its log has come."""

    __tablename__ = "enrolment"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    public_key: Mapped[str] = mapped_column(String(64))
    """Ed25519, base64 of the raw 32 bytes."""
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")

    station: Mapped[Station] = relationship(back_populates="enrolments")


class Manifest(Base):
    """The programme one station was handed: the exact bytes, kept as sent."""

    __tablename__ = "manifest"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    sequence: Mapped[int] = mapped_column(BigInteger)  # seconds since 1970 pass 32 bits in 2038
    body: Mapped[str] = mapped_column(Text)
    """UTF-8 text of the exact bytes that were signed."""
    signature: Mapped[str] = mapped_column(String(100))
    etag: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of everything but the sequence: the same content makes no new manifest."""
    audio: Mapped[list[str]] = mapped_column(default=list)
    """The hashes it names: what this station may fetch."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]


def station_by_code(session: Session, code: str) -> Station:
    """Raises NotFound in the words of the one who typed the code."""
    station = session.scalar(select(Station).where(Station.code == code))
    if station is None:
        raise NotFound(f"Không có trạm mang mã “{code}”.", field="station")
    return station


def is_silent(status: StationStatus | None, now: datetime, after: timedelta) -> bool:
    """Nothing heard for longer than `after`; a station that never came is not silent but awaited."""
    return status is not None and status.seen_at is not None and now - status.seen_at > after
