"""The airings that a report counts, each with what became of it: whose they are, and on which days."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.clock import day_span
from broadcast.errors import Invalid
from broadcast.outcome import AiringFacts, Outcome, entries_of, outcome, settled_of
from broadcast.unit import Unit, UnitParent, UnitTree

LONGEST_PERIOD_DAYS = 400
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
_MOVED = timedelta(days=1)
"""Sooner than this after its local day an airing has begun, even one that a collision pushed past midnight."""
_AT_ONCE = 4_000  # airings in memory together: a year of a district flows through


class Counted(NamedTuple):
    """An airing that is due, and its outcome."""

    airing_id: str
    station_id: int
    unit_id: int
    bulletin_id: int
    local_date: date
    starts_at: datetime
    outcome: Outcome


@dataclass(frozen=True)
class Stretch:
    """Days, both included, on which just these units lay in the subtree."""

    from_on: date
    until_on: date
    units: frozenset[int]


def check_period(from_on: date, until_on: date) -> None:
    """Raises Invalid for a period that ends before it begins, is longer than 400 days or lies out of all time."""
    if until_on < from_on:
        raise Invalid("Ngày cuối của báo cáo phải từ ngày đầu trở đi.", field="until")
    if from_on < EARLIEST or until_on > LATEST:
        raise Invalid(f"Kỳ báo cáo phải nằm trong các năm {EARLIEST.year} đến {LATEST.year}.", field="from")
    if (until_on - from_on).days >= LONGEST_PERIOD_DAYS:
        raise Invalid(f"Kỳ báo cáo dài nhất là {LONGEST_PERIOD_DAYS} ngày.", field="until")


def stretches(session: Session, unit: Unit, from_on: date, until_on: date) -> list[Stretch]:
    """The subtree of `unit` day by day: what joined or left it during the period counts for its days below it.

    So the reports of the days add up to the report of the period, and no merger moves a past figure.
    """
    changes = {from_on}
    for link in session.execute(select(UnitParent.from_on, UnitParent.until_on)):
        if link.from_on is not None and from_on < link.from_on <= until_on:
            changes.add(link.from_on)
        if link.until_on is not None and from_on <= link.until_on < until_on:
            changes.add(link.until_on + timedelta(days=1))
    found: list[Stretch] = []
    for day in sorted(changes):
        units = frozenset(UnitTree.on(session, day).below([unit.id]))
        if found and found[-1].units == units:
            continue
        if found:
            found[-1] = Stretch(found[-1].from_on, day - timedelta(days=1), found[-1].units)
        found.append(Stretch(day, until_on, units))
    return found


def due(stretch: Stretch, as_of: datetime, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """What makes an airing count: its day, its unit, and that its instant had come by `as_of`.

    An airing belongs to the local day of its slot, wherever midnight falls in it.
    """
    return [
        Airing.local_date.between(stretch.from_on, stretch.until_on),
        # The index knows instants; the day alone would read the whole table.
        Airing.starts_at >= day_span(stretch.from_on, zone)[0],
        Airing.starts_at < day_span(stretch.until_on, zone)[1] + _MOVED,
        Airing.starts_at <= as_of,
        Airing.unit_id.in_(stretch.units),
    ]


def still_to_come(session: Session, unit_ids: Collection[int], day: date, as_of: datetime, zone: ZoneInfo) -> int:
    """How many of the airings of `day` in these units have their instant still before them and were not cancelled."""
    asked = select(func.count()).where(
        Airing.local_date == day,
        Airing.starts_at > as_of,
        Airing.starts_at < day_span(day, zone)[1] + _MOVED,
        Airing.cancelled_at.is_(None),
        Airing.unit_id.in_(unit_ids),
    )
    return session.scalar(asked) or 0


def counted(
    session: Session,
    days: Sequence[Stretch],
    as_of: datetime,
    zone: ZoneInfo,
    *only: ColumnElement[bool],
) -> Iterator[Counted]:
    """Every airing of those days and units that is due, by its instant; `only` narrows them."""
    for stretch in days:
        query = (
            select(
                Airing.id,
                Airing.station_id,
                Airing.unit_id,
                Airing.bulletin_id,
                Airing.local_date,
                Airing.starts_at,
                Airing.latest_start_at,
                Airing.duration_ms,
                Airing.repeats,
                Airing.cancelled_at,
                Airing.cancel_reason,
                Airing.gap_ms,
            )
            .where(*due(stretch, as_of, zone), *only)
            .order_by(Airing.starts_at, Airing.id)
            .execution_options(yield_per=_AT_ONCE)
        )
        for part in session.execute(query).partitions():
            entries = entries_of(session, [row[0] for row in part])
            settled = settled_of(session, {row[1] for row in part})
            for row in part:
                told = outcome(AiringFacts(*row[5:]), entries.get(row[0], ()), as_of, settled.get(row[1]))
                yield Counted(*row[:6], told)
