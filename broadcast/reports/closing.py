"""Closes days: keeps the figures of each day that is over, as they were known when it was closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import SYSTEM, record
from broadcast.clock import day_span, local_day
from broadcast.closed_day import ClosedDay
from broadcast.reports.figures import report
from broadcast.unit import Unit, UnitParent, UnitTree

CLOSES_AFTER = timedelta(hours=2)
"""After midnight: what crosses it has ended, and stations with a network have reported."""
LOOKS_BACK_DAYS = 35  # a server that was off for a month closes what it missed


def close_days(session: Session, now: datetime, zone: ZoneInfo) -> list[date]:
    """The days closed now, oldest first. Once there is a past, an empty day is closed with zeros."""
    first = session.scalar(select(Airing.local_date).order_by(Airing.starts_at).limit(1))
    if first is None:
        return []
    last = local_day(now - CLOSES_AFTER, zone) - timedelta(days=1)
    first = max(first, last - timedelta(days=LOOKS_BACK_DAYS))
    closed: list[date] = []
    for day, units in _open(session, first, last, zone):
        for unit in units:
            _close(session, unit, day, now, zone)
        closed.append(day)
    session.flush()
    return closed


def _close(session: Session, unit: Unit, day: date, now: datetime, zone: ZoneInfo) -> None:
    as_of = max(now, day_span(day, zone)[1])
    totals = report(session, unit, day, day, as_of=as_of, zone=zone).totals.as_json()
    session.add(ClosedDay(unit_id=unit.id, day=day, totals=totals, closed_at=now))
    record(
        session, SYSTEM, "close_day", "day", day.isoformat(), f"ngày {day:%d/%m/%Y}", now=now, unit_id=unit.id,
        detail=dict(totals),
    )  # fmt: skip


def _open(session: Session, first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[date, list[Unit]]]:
    """Each day from `first` to `last` with the topmost units that it is still open for.

    This is asked every few minutes in a transaction that writes: four small queries, whatever the number of days.
    """
    done = set(session.execute(select(ClosedDay.unit_id, ClosedDay.day).where(ClosedDay.day.between(first, last))))
    aired = _aired(session, first, last, zone)
    units = session.scalars(select(Unit).order_by(Unit.id)).all()
    links = session.scalars(select(UnitParent)).all()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        tree = UnitTree(units, {link.unit_id: link.parent_id for link in links if link.holds_on(day)})
        # A unit that was merged away is nobody's child and nobody's top, unless something still aired below it.
        busy = {tree.path(unit_id)[-1] for unit_id in aired[day]}
        tops = [tree.units[top] for top in tree.roots()]
        wanted = [unit for unit in tops if (_stood(unit, day) or unit.id in busy) and (unit.id, day) not in done]
        if wanted:
            yield day, wanted


def _aired(session: Session, first: date, last: date, zone: ZoneInfo) -> defaultdict[date, set[int]]:
    """Local day → the units for which anything was planned on it."""
    rows = session.execute(
        select(Airing.unit_id, Airing.local_date)
        .where(
            Airing.local_date.between(first, last),
            # Found by the index on instants; a slot may be moved past midnight, never before its day.
            Airing.starts_at >= day_span(first, zone)[0],
            Airing.starts_at < day_span(last + timedelta(days=1), zone)[1],
        )
        .distinct()
    )
    aired: defaultdict[date, set[int]] = defaultdict(set)
    for unit_id, day in rows:
        aired[day].add(unit_id)
    return aired


def _stood(unit: Unit, day: date) -> bool:
    return (unit.valid_from is None or unit.valid_from <= day) and (unit.valid_until is None or day <= unit.valid_until)
