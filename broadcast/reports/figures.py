"""The compliance figures of a unit and a period (INTERFACES §5; the meaning of the counts is DESIGN §5.2).

An airing counts for the unit that its station belonged to on its day, and for those that this unit lay below on it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.clock import VIETNAM, local_day
from broadcast.outcome import Outcome, OutcomeKind
from broadcast.reports.counted import Counted, Stretch, check_period, counted, stretches
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit

MS_A_MINUTE = 60_000
REASONED = (OutcomeKind.MISSED, OutcomeKind.PARTIAL, OutcomeKind.CANCELLED)
"""The outcomes that have a reason."""


@dataclass
class Counts:
    """Counts of airings that are due; minutes are kept in milliseconds until they are shown."""

    planned: int = 0
    complete: int = 0
    partial: int = 0
    late: int = 0
    missed: int = 0
    cancelled: int = 0
    unknown: int = 0
    planned_ms: int = 0
    sounded_ms: int = 0

    def add(self, outcome: Outcome) -> None:
        """One due airing. Cancelled ones count beside the planned, not among them."""
        kind = outcome.kind.value
        setattr(self, kind, getattr(self, kind) + 1)
        if outcome.kind is not OutcomeKind.CANCELLED:
            self.planned += 1
            self.planned_ms += outcome.planned_ms
            self.sounded_ms += outcome.sounded_ms

    def of(self, kind: OutcomeKind | str) -> int:
        """How many ended so."""
        number: int = getattr(self, OutcomeKind(kind).value)
        return number

    def include(self, other: Counts) -> None:
        """Adds the counts of other airings."""
        for kind in OutcomeKind:
            setattr(self, kind.value, self.of(kind) + other.of(kind))
        self.planned += other.planned
        self.planned_ms += other.planned_ms
        self.sounded_ms += other.sounded_ms

    def as_json(self) -> dict[str, int | float]:
        return {
            "planned": self.planned,
            "complete": self.complete,
            "partial": self.partial,
            "late": self.late,
            "missed": self.missed,
            "cancelled": self.cancelled,
            "unknown": self.unknown,
            "minutes_planned": round(self.planned_ms / MS_A_MINUTE, 2),
            "minutes_sounded": round(self.sounded_ms / MS_A_MINUTE, 2),
        }


@dataclass
class StationCounts(Counts):
    station_id: int = 0
    code: str = ""
    name: str = ""
    unit: str = ""
    """Code of the unit it served last in the period, of those the report is about."""
    unit_name: str = ""
    days: dict[date, Counts] = field(default_factory=dict)
    """Of each local day on which anything was due."""


@dataclass
class BulletinCounts(Counts):
    code: str = ""
    title: str = ""
    bulletin_class: str = ""


@dataclass
class Report:
    """Figures of `unit` and everything below it, from `from_on` to `until_on`, both included."""

    unit: str
    unit_name: str
    from_on: date
    until_on: date
    as_of: datetime
    totals: Counts = field(default_factory=Counts)
    reasons: dict[OutcomeKind, Counter[str]] = field(
        default_factory=lambda: {kind: Counter[str]() for kind in REASONED}
    )
    """Why airings were missed, partial or cancelled; each of them has one reason."""
    stations: list[StationCounts] = field(default_factory=list)
    """Every station of the subtree, with zeros too, by code."""
    bulletins: list[BulletinCounts] = field(default_factory=list)
    """Every bulletin that had an airing, by code."""
    days: dict[date, Counts] = field(default_factory=dict)
    """Of each local day on which anything was due."""
    hours: dict[int, Counts] = field(default_factory=dict)
    """Of each local hour, 0 to 23, in which anything was due: all days together."""

    def as_json(self, zone: ZoneInfo = VIETNAM) -> dict[str, Any]:
        """INTERFACES §5. `reasons` are those of misses and add up to `missed`; the others stand beside them."""
        return {
            "unit": self.unit,
            "unit_name": self.unit_name,
            "from": self.from_on.isoformat(),
            "until": self.until_on.isoformat(),
            "as_of": self.as_of.astimezone(zone).isoformat(timespec="milliseconds"),
            "totals": self.totals.as_json(),
            "reasons": dict(sorted(self.reasons[OutcomeKind.MISSED].items())),
            "reasons_partial": dict(sorted(self.reasons[OutcomeKind.PARTIAL].items())),
            "reasons_cancelled": dict(sorted(self.reasons[OutcomeKind.CANCELLED].items())),
            "stations": [
                {"code": row.code, "name": row.name, "unit": row.unit, **row.as_json()} for row in self.stations
            ],
            "bulletins": [
                {"code": row.code, "title": row.title, "class": row.bulletin_class, **row.as_json()}
                for row in self.bulletins
            ],
        }


def report(
    session: Session, unit: Unit, from_on: date, until_on: date, *, as_of: datetime, zone: ZoneInfo = VIETNAM
) -> Report:
    """Counts every airing of the period whose instant had come by `as_of`. Nothing planned is a report of zeros.

    Raises Invalid for a period that ends before it begins or is longer than 400 days.
    """
    check_period(from_on, until_on)
    made = Report(unit.code, unit.name, from_on, until_on, as_of)
    days = stretches(session, unit, from_on, until_on)
    stations = _listed(session, days, zone)
    bulletins: dict[int, BulletinCounts] = {}
    for one in counted(session, days, as_of, zone):
        if one.station_id not in stations:  # its links were changed after it was planned; what was planned stands
            stations[one.station_id] = _unlisted(session, one)
        hour = made.hours.setdefault(one.starts_at.astimezone(zone).hour, Counts())
        _count(made, one, stations[one.station_id], bulletins.setdefault(one.bulletin_id, BulletinCounts()), hour)
    made.stations = sorted(stations.values(), key=lambda row: row.code)
    made.bulletins = sorted(_named(session, bulletins), key=lambda row: row.code)
    made.days = dict(sorted(made.days.items()))
    return made


def _count(made: Report, one: Counted, station: StationCounts, bulletin: BulletinCounts, hour: Counts) -> None:
    on_day = made.days.setdefault(one.local_date, Counts())
    there = station.days.setdefault(one.local_date, Counts())
    for counts in (made.totals, station, bulletin, on_day, there, hour):
        counts.add(one.outcome)
    if one.outcome.kind in REASONED:
        made.reasons[one.outcome.kind][one.outcome.reason or ""] += 1


def _listed(session: Session, days: list[Stretch], zone: ZoneInfo) -> dict[int, StationCounts]:
    """Station id → a row of zeros, for every station that belonged to the subtree on some day of the period."""
    found = session.execute(
        select(Station.id, Station.code, Station.name, Station.retired_at, Unit.code, Unit.name)
        .join(StationUnit, StationUnit.station_id == Station.id)
        .join(Unit, Unit.id == StationUnit.unit_id)
        .where(or_(*(_served_in(stretch) for stretch in days)))
        .order_by(StationUnit.from_on.is_not(None), StationUnit.from_on, StationUnit.id)
    )
    rows: dict[int, StationCounts] = {}
    for number, code, name, retired_at, unit, unit_name in found:
        if retired_at is not None and local_day(retired_at, zone) < days[0].from_on:
            continue  # a retired station belongs nowhere
        rows[number] = StationCounts(station_id=number, code=code, name=name, unit=unit, unit_name=unit_name)
    return rows


def _served_in(stretch: Stretch) -> ColumnElement[bool]:
    return and_(
        StationUnit.unit_id.in_(stretch.units),
        or_(StationUnit.from_on.is_(None), StationUnit.from_on <= stretch.until_on),
        or_(StationUnit.until_on.is_(None), StationUnit.until_on >= stretch.from_on),
    )


def _unlisted(session: Session, one: Counted) -> StationCounts:
    station, unit = session.get_one(Station, one.station_id), session.get_one(Unit, one.unit_id)
    return StationCounts(
        station_id=station.id, code=station.code, name=station.name, unit=unit.code, unit_name=unit.name
    )


def _named(session: Session, rows: dict[int, BulletinCounts]) -> list[BulletinCounts]:
    found = session.execute(
        select(Bulletin.id, Bulletin.code, Bulletin.title, Bulletin.bulletin_class).where(Bulletin.id.in_(list(rows)))
    )
    for number, code, title, bulletin_class in found:
        rows[number].code, rows[number].title, rows[number].bulletin_class = code, title, bulletin_class
    return list(rows.values())
