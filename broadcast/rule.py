"""Lịch phát: bulletins × places × days × times, and what was ordered of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcast.bulletin import Bulletin
from broadcast.db import Base
from broadcast.span import Dated
from broadcast.station import Station
from broadcast.unit import Unit


class Rule(Dated, Base):
    """Wall times in the zone of the settings. `from_on` and `until_on` are both included.

    Slots come from `times`, or from `every_minutes` between two times, or from named `sessions`; an emergency that was
    started by hand has `starts_at` instead and repeats until it is stopped.
    """

    __tablename__ = "rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    """Never changes: it is part of the identity of every airing."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    weekdays: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """["mon", …]; None with no `dates` is every day."""
    dates: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """ISO dates, where only chosen days count."""
    times: Mapped[list[str]] = mapped_column(default=list)
    """["05:45", "17:15"]"""
    sessions: Mapped[list[str]] = mapped_column(default=list)
    every_minutes: Mapped[int | None] = mapped_column(default=None)
    between: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """["06:00", "20:00"], both included."""
    except_on: Mapped[list[str]] = mapped_column(default=list)
    repeats: Mapped[int] = mapped_column(default=1)
    """Readings at each slot. An emergency is read again and again until it is stopped, whatever stands here."""
    gap_seconds: Mapped[int] = mapped_column(default=2)
    on_collision: Mapped[str] = mapped_column(String(10), default="after")  # "after" | "refuse"
    shift_minutes: Mapped[int] = mapped_column(default=10)
    latest_start_s: Mapped[int] = mapped_column(default=120)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    source: Mapped[str] = mapped_column(Text, default="")
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch.id"), default=None)
    version: Mapped[int] = mapped_column(default=1)
    """Rises with each edit; a form that was opened on an older one is told so."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    updated_at: Mapped[datetime | None] = mapped_column(default=None)

    unit: Mapped[Unit] = relationship()
    bulletins: Mapped[list[RuleBulletin]] = relationship(
        back_populates="rule", order_by="RuleBulletin.position", cascade="all, delete-orphan"
    )
    targets: Mapped[list[RuleTarget]] = relationship(
        back_populates="rule", order_by="RuleTarget.id", cascade="all, delete-orphan"
    )


class RuleBulletin(Base):
    """What a rule airs; several take turns (rotation), in this order."""

    __tablename__ = "rule_bulletin"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"), index=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    position: Mapped[int]

    rule: Mapped[Rule] = relationship(back_populates="bulletins")
    bulletin: Mapped[Bulletin] = relationship()


class RuleTarget(Base):
    """Where a rule airs: a unit with all below it, or one station."""

    __tablename__ = "rule_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True, default=None)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True, default=None)

    rule: Mapped[Rule] = relationship(back_populates="targets")
    unit: Mapped[Unit | None] = relationship()
    station: Mapped[Station | None] = relationship()


class Obligation(Base):
    """“At least N a day from–until in these units”, from a dispatch or typed in."""

    __tablename__ = "obligation"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    unit_codes: Mapped[list[str]]
    at_least: Mapped[int]
    per: Mapped[str] = mapped_column(String(10), default="day")
    from_on: Mapped[date]
    until_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    bulletin: Mapped[Bulletin] = relationship()
