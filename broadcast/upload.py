"""What people bring as sound: recordings to be aired, and chimes of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.db import Base
from broadcast.person import Person
from broadcast.unit import Unit


class Upload(Base):
    """A file as it came, under `DATA_DIR/uploads/` by its hash; the sound made from it is an AudioAsset."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    """As the person's own machine called it; shown, never used as a path."""
    bytes: Mapped[int] = mapped_column(BigInteger)
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    unit: Mapped[Unit] = relationship()
    uploaded_by: Mapped[Person] = relationship()


class Chime(Base):
    """Nhạc hiệu of a unit and all below it. The sound lies in the store, lossless, under `sha256`."""

    __tablename__ = "chime"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    duration_ms: Mapped[int]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    retired_at: Mapped[datetime | None] = mapped_column(default=None)

    unit: Mapped[Unit] = relationship()
    uploaded_by: Mapped[Person] = relationship()
