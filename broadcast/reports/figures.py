"""The compliance figures of a unit and a period (INTERFACES §5; the meaning of the counts is DESIGN §5.2).

An airing counts for the unit that its station belonged to on its day, so a merger moves no past figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.clock import VIETNAM, day_span
from broadcast.errors import Invalid
from broadcast.outcome import Outcome, OutcomeKind, outcomes_of
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitTree

LONGEST_PERIOD_DAYS = 400
MS_A_MINUTE = 60_000
_AT_ONCE = 5_000  # airings held in memory together: a year of a district flows through


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
        setattr(self, outcome.kind.value, getattr(self, outcome.kind.value) + 1)
        if outcome.kind is not OutcomeKind.CANCELLED:
            self.planned += 1
            self.planned_ms += outcome.planned_ms
            self.sounded_ms += outcome.sounded_ms

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
    code: str = ""
    name: str = ""
    unit: str = ""
    unit_name: str = ""


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
    reasons: Counter[str] = field(default_factory=Counter)
    """Why airings were missed, partial or cancelled."""
    stations: list[StationCounts] = field(default_factory=list)
    bulletins: list[BulletinCounts] = field(default_factory=list)
    days: dict[tuple[int, date], Counts] = field(default_factory=dict)
    """(station id, local day) → counts: the heat map."""
    station_ids: dict[str, int] = field(default_factory=dict)

    def as_json(self, zone: ZoneInfo = VIETNAM) -> dict[str, Any]:
        """INTERFACES §5."""
        return {
            "unit": self.unit,
            "unit_name": self.unit_name,
            "from": self.from_on.isoformat(),
            "until": self.until_on.isoformat(),
            "as_of": self.as_of.astimezone(zone).isoformat(timespec="milliseconds"),
            "totals": self.totals.as_json(),
            "reasons": dict(sorted(self.reasons.items())),
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

    Raises Invalid for a period that ends before it begins or is longer than a year.
    """
    if until_on < from_on:
        raise Invalid("Ngày cuối của báo cáo phải từ ngày đầu trở đi.", field="until")
    if (until_on - from_on).days >= LONGEST_PERIOD_DAYS:
        raise Invalid(f"Kỳ báo cáo dài nhất là {LONGEST_PERIOD_DAYS} ngày.", field="until")
    # The subtree as it was on the last day; units that left it during the period keep their own reports.
    tree = UnitTree.on(session, until_on)
    units = tree.below([unit.id])
    made = Report(unit.code, unit.name, from_on, until_on, as_of)
    stations = _listed(session, units, from_on, until_on, made, tree)
    bulletins: dict[int, BulletinCounts] = {}
    for airings in _due(session, units, from_on, until_on, as_of, zone):
        _count(made, airings, outcomes_of(session, airings, as_of), stations, bulletins, tree)
    made.stations = sorted(stations.values(), key=lambda row: row.code)
    _name_bulletins(session, bulletins)
    made.bulletins = sorted(bulletins.values(), key=lambda row: row.code)
    return made


def _listed(
    session: Session, units: set[int], from_on: date, until_on: date, made: Report, tree: UnitTree
) -> dict[int, StationCounts]:
    """Every station that belonged to the subtree on some day of the period: with zeros too."""
    rows: dict[int, StationCounts] = {}
    found = session.scalars(
        select(Station)
        .join(StationUnit)
        .where(
            StationUnit.unit_id.in_(units),
            (StationUnit.from_on.is_(None)) | (StationUnit.from_on <= until_on),
            (StationUnit.until_on.is_(None)) | (StationUnit.until_on >= from_on),
        )
        .options(selectinload(Station.units))
        .distinct()
    )
    for station in found:
        links = [link for link in station.units if link.unit_id in units]
        link = next((link for link in links if link.holds_on(until_on)), links[-1])
        home = tree.units[link.unit_id]
        rows[station.id] = StationCounts(code=station.code, name=station.name, unit=home.code, unit_name=home.name)
        made.station_ids[station.code] = station.id
    return rows


def _due(
    session: Session, units: set[int], from_on: date, until_on: date, as_of: datetime, zone: ZoneInfo
) -> Iterable[list[Airing]]:
    """Airings of the local days that began by `as_of`, in pieces that fit into memory."""
    start, _ = day_span(from_on, zone)
    _, end = day_span(until_on, zone)
    query = (
        select(Airing)
        .where(
            Airing.unit_id.in_(units),
            Airing.starts_at >= start,
            Airing.starts_at < end,
            Airing.starts_at <= as_of,
        )
        .options(joinedload(Airing.station))
        .order_by(Airing.starts_at, Airing.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for part in session.scalars(query).partitions():
        yield list(part)


def _count(
    made: Report,
    airings: list[Airing],
    outcomes: dict[str, Outcome],
    stations: dict[int, StationCounts],
    bulletins: dict[int, BulletinCounts],
    tree: UnitTree,
) -> None:
    for airing in airings:
        outcome = outcomes[airing.id]
        row = stations.get(airing.station_id)
        if row is None:  # it moved away and back between two of its days
            home = tree.units[airing.unit_id]
            row = StationCounts(code=airing.station.code, name=airing.station.name, unit=home.code, unit_name=home.name)
            stations[airing.station_id] = row
        day = made.days.setdefault((airing.station_id, airing.local_date), Counts())
        for counts in (made.totals, row, bulletins.setdefault(airing.bulletin_id, BulletinCounts()), day):
            counts.add(outcome)
        if outcome.reason is not None:
            made.reasons[outcome.reason] += 1


def _name_bulletins(session: Session, rows: dict[int, BulletinCounts]) -> None:
    found = session.execute(
        select(Bulletin.id, Bulletin.code, Bulletin.title, Bulletin.bulletin_class).where(Bulletin.id.in_(list(rows)))
    )
    for number, code, title, bulletin_class in found:
        rows[number].code, rows[number].title, rows[number].bulletin_class = code, title, bulletin_class
