"""Planning every station of the test's database, as the clockwork does it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from broadcast.clock import VIETNAM
from schedules.replan import Planning, Replanned, replan, station_batches


def replanned(session: Session, now: datetime, **options: object) -> Replanned:
    total = Replanned()
    planning = Planning(session, now, VIETNAM, **options)  # type: ignore[arg-type]
    for batch in station_batches(session):
        total += replan(session, planning, batch)
    session.expire_all()
    return total
