"""Lịch phát: bulletins × places × days × times, and what was ordered of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
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
    lunar_days: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """Days of the lunar month (1 and 15 are those that people keep), beside weekdays and dates; leap months too."""
    holidays: Mapped[str] = mapped_column(String(4), default="any")
    """Public holidays: "any" (like every day), "skip" or "only"."""
    per_day: Mapped[int | None] = mapped_column(default=None)
    """So many slots a day, spread over the station's sessions (over those of `sessions` where it names some)."""
    place: Mapped[str] = mapped_column(String(7), default="any")
    """In a session: "opening" is before all else, "any" where its class and order put it."""
    ends_when_met: Mapped[bool] = mapped_column(default=False)
    """Asks a station for no more once what its bulletins owe there is met (`Obligation`)."""
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
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("rule.id"), default=None)
    """The rule that this one goes on from, changed on its first day ("this and following")."""
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
    changes: Mapped[list[RuleChange]] = relationship(
        back_populates="rule",
        order_by="RuleChange.local_date, RuleChange.slot_key, RuleChange.id",
        cascade="all, delete-orphan",
        foreign_keys="RuleChange.rule_id",
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


class RuleChange(Base):
    """One slot of a rule on one day, changed or taken out ("this one"): on one station, or wherever the rule airs.

    It names the slot as the rule does (`slot_key`), so that a rule which is renamed or moved takes its changes along.
    """

    __tablename__ = "rule_change"
    __table_args__ = (UniqueConstraint("rule_id", "local_date", "slot_key", "station_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"), index=True)
    local_date: Mapped[date]
    slot_key: Mapped[str] = mapped_column(String(40))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True, default=None)
    """None: every station that the rule reaches. Where both kinds exist the station's own counts."""
    is_skipped: Mapped[bool] = mapped_column(default=False)
    """Not asked at all; the other columns say nothing then."""
    to_time: Mapped[str | None] = mapped_column(String(8), default=None)
    """The wall time of the same day at which it is asked instead."""
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"), default=None)
    """What airs instead."""
    note: Mapped[str] = mapped_column(String(300), default="")
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)

    rule: Mapped[Rule] = relationship(back_populates="changes")
    station: Mapped[Station | None] = relationship()
    bulletin: Mapped[Bulletin | None] = relationship()


class RuleChoice(Base):
    """What a commune chose about a rule that reaches it: its place among the others, or not to air it.

    Only bulletins of the normal class can be declined (TT 39/2020), and rules of the unit itself are stopped instead.
    """

    __tablename__ = "rule_choice"
    __table_args__ = (UniqueConstraint("unit_id", "rule_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"), index=True)
    place: Mapped[int | None] = mapped_column(default=None)
    """Among bulletins of one class the lower place goes first; those with a place go before those without."""
    is_declined: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(300), default="")
    chosen_at: Mapped[datetime]
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)

    unit: Mapped[Unit] = relationship()
    rule: Mapped[Rule] = relationship()
