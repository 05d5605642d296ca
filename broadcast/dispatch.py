"""Công văn: an official text as it was received. Immutable; bulletins, obligations and reports point to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.db import Base
from broadcast.unit import Unit


class Dispatch(Base):
    __tablename__ = "dispatch"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    """Of the text in UTF-8: the same letter dropped in twice is recognised."""
    parsed: Mapped[dict[str, Any]]
    """INTERFACES §3, as read on receipt."""
    number: Mapped[str | None] = mapped_column(String(100), default=None)
    issued_on: Mapped[date | None] = mapped_column(default=None)
    issuer: Mapped[str | None] = mapped_column(String(300), default=None)
    subject: Mapped[str | None] = mapped_column(Text, default=None)
    received_at: Mapped[datetime]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)

    unit: Mapped[Unit] = relationship()

    @property
    def name(self) -> str:
        """How a list calls it: number, or subject, or file name."""
        return (f"Công văn số {self.number}" if self.number else None) or self.subject or self.filename or "Công văn"
