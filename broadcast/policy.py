"""Dated rules of a unit that hold below it: curfew, sessions, caps. Data, each with the document it comes from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.db import Base
from broadcast.span import Dated
from broadcast.unit import Unit


class Policy(Dated, Base):
    """Field by field the nearest unit wins; None says nothing, an empty curfew says that there is none."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    curfew: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """["22:00", "05:00"] in wall time, over midnight where the second is earlier; [] is none."""
    sessions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """[{"name": "sáng", "from": "05:30", "until": "06:30"}]"""
    longest_session_minutes: Mapped[int | None] = mapped_column(default=None)
    sessions_a_day: Mapped[int | None] = mapped_column(default=None)
    days: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """["mon", …]: the days on which anything may air."""
    same_text_a_day: Mapped[int | None] = mapped_column(default=None)
    no_repeat_before: Mapped[str | None] = mapped_column(String(5), default=None)
    """"06:00": before it nothing airs that aired the evening before (from 16:00 on); "00:00" says that it may."""
    source: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    unit: Mapped[Unit] = relationship()
