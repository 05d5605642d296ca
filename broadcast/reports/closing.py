"""Closes days: keeps the figures of each day that is over, as they were known when it was closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audit_event import SYSTEM, record
from broadcast.clock import day_span, local_day
from broadcast.closed_day import ClosedDay
from broadcast.reports.figures import report
from broadcast.unit import UnitTree

CLOSES_AFTER = timedelta(hours=2)
"""After midnight: what crosses it has ended, and stations with a network have reported."""
LOOKS_BACK_DAYS = 35  # a server that was off for a month closes what it missed


def close_days(session: Session, now: datetime, zone: ZoneInfo) -> list[date]:
    """The days closed now, oldest first. Once there is a past, an empty day is closed with zeros."""
    first = session.scalar(select(func.min(Airing.local_date)))
    if first is None:
        return []
    last = local_day(now - CLOSES_AFTER, zone) - timedelta(days=1)
    day = max(first, last - timedelta(days=LOOKS_BACK_DAYS))
    closed: list[date] = []
    while day <= last:
        if _close(session, day, now, zone):
            closed.append(day)
        day += timedelta(days=1)
    return closed


def _close(session: Session, day: date, now: datetime, zone: ZoneInfo) -> bool:
    done = set(session.scalars(select(ClosedDay.unit_id).where(ClosedDay.day == day)))
    tree = UnitTree.on(session, day)
    open_roots = [root for root in tree.roots() if root not in done]
    for root in open_roots:
        unit = tree.units[root]
        totals = report(session, unit, day, day, as_of=max(now, day_span(day, zone)[1]), zone=zone).totals.as_json()
        session.add(ClosedDay(unit_id=root, day=day, totals=totals, closed_at=now))
        record(session, SYSTEM, "close_day", "day", day.isoformat(), f"ngày {day:%d/%m/%Y}", now=now, unit_id=root,
               detail=dict(totals))  # fmt: skip
    session.flush()
    return bool(open_roots)
