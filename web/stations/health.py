"""How stations do, for the board and the lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.log_entry import LogEntry
from broadcast.outcome import outcomes_of
from broadcast.station import Station, is_silent
from broadcast.wire import ClockSource
from web.services import services
from web.shell.access import now

SPEAKING = frozenset({"ok", "ailing"})
"""Heard of lately."""
_OF_SOUND = ("started", "finished", "stopped")
_LOOK_BACK = timedelta(days=7)  # as long as an emergency is worth beginning


def health(station: Station) -> str:
    """`retired`, `awaited` (never heard of), `silent`, `ailing` (it says that something is wrong) or `ok`."""
    if station.retired_at is not None:
        return "retired"
    status = station.status
    if status is None or status.seen_at is None:
        return "awaited"
    if is_silent(status, now(), _patience()):
        return "silent"
    # A dead loudspeaker or a clock that is not to be trusted: it speaks, and nothing will be heard.
    return "ailing" if status.errors or status.clock_source == ClockSource.NONE else "ok"


def plays(station: Station) -> str | None:
    """The airing it says it plays, as far as it was heard of lately."""
    return station.status.playing if station.status is not None and health(station) in SPEAKING else None


def sounding(session: Session, stations: Sequence[Station]) -> dict[int, str]:
    """Station id → the airing that sounds there: what it says, or between two readings what its log says."""
    said = {station.id: playing for station in stations if (playing := plays(station))}
    asked = [station.id for station in stations if station.id not in said]
    newest = (
        select(LogEntry.station_id, func.max(LogEntry.at).label("at"))
        .where(LogEntry.station_id.in_(asked), LogEntry.at > now() - _LOOK_BACK, LogEntry.kind.in_(_OF_SOUND))
        .group_by(LogEntry.station_id)
        .subquery()
    )
    begun = list(
        session.scalars(
            select(Airing)
            .distinct()
            .join(LogEntry, LogEntry.airing_id == Airing.id)
            .join(newest, and_(newest.c.station_id == LogEntry.station_id, newest.c.at == LogEntry.at))
            .where(LogEntry.kind == "started")
        )
    )
    outcomes = outcomes_of(session, begun, now())
    return said | {one.station_id: one.id for one in begun if outcomes[one.id].is_sounding}


def silent_since(station: Station) -> datetime | None:
    return station.status.seen_at if station.status is not None and health(station) == "silent" else None


def _patience() -> timedelta:
    return timedelta(minutes=services().settings.silent_after_minutes)
