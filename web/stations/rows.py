"""A station as lists show it: how it does, until when it holds a programme, what it plays, what is proven."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.clock import parse_instant
from broadcast.log_entry import LogEntry
from broadcast.station import Enrolment, Manifest, Station, StationStatus
from broadcast.unit import Unit
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, today
from web.shell.formats import vn_date, vn_datetime
from web.stations.health import health, sounding

# What was heard: an emergency ends by being stopped, and has sounded all the same.
SOUNDED = (LogEntry.kind.in_(("finished", "stopped")), LogEntry.sounded_ms > 0)
_WINDOW_END = re.compile(r'"until":"([0-9TZ:.\-]+)"\}\}$')


@dataclass(frozen=True)
class Row:
    """A station as the list shows it."""

    station: Station
    unit: Unit | None
    health: str
    held_until: datetime | None
    playing: Airing | None
    proven_at: datetime | None


def load_with_status(session: Session, stations: list[Station]) -> None:
    session.scalars(
        select(Station)
        .where(Station.id.in_([station.id for station in stations]))
        .options(joinedload(Station.status), selectinload(Station.units))
    ).all()


def rows_of(session: Session, stations: list[Station]) -> list[Row]:
    ids = [station.id for station in stations]
    units = current_rights().tree.units
    homes = lookups.units_of_stations(session, today())
    held = held_until(session, ids)
    sounded = session.execute(
        select(LogEntry.station_id, func.max(LogEntry.at))
        .where(LogEntry.station_id.in_(ids), *SOUNDED)
        .group_by(LogEntry.station_id)
    )
    proven: dict[int, datetime] = dict(sounded.all())
    playing_ids = sounding(session, stations)
    playing = {
        airing.id: airing
        for airing in session.scalars(
            select(Airing).where(Airing.id.in_(list(playing_ids.values()))).options(joinedload(Airing.bulletin))
        )
    }
    return [
        Row(
            station,
            units.get(homes.get(station.id, 0)),
            health(station),
            held.get(station.id),
            playing.get(playing_ids.get(station.id, "")),
            proven.get(station.id),
        )
        for station in stations
    ]


def held_until(session: Session, station_ids: list[int]) -> dict[int, datetime]:
    """Station id → end of the programme that it says it holds. Reads the tail of the stored bytes only: keys are in
    order, so the window comes last."""
    rows = session.execute(
        select(Manifest.station_id, func.substr(Manifest.body, func.length(Manifest.body) - 79))
        .join(StationStatus, StationStatus.station_id == Manifest.station_id)
        .join(Enrolment, Enrolment.id == Manifest.enrolment_id)
        .where(
            Manifest.station_id.in_(station_ids),
            Manifest.sequence == StationStatus.manifest_sequence,
            Enrolment.ended_at.is_(None),
        )
    )
    found = {station_id: _WINDOW_END.search(tail) for station_id, tail in rows}
    return {station_id: parse_instant(end[1]) for station_id, end in found.items() if end}


def held_in_words(until: datetime) -> str:
    """`hết ngày 07/12/2026` for the midnight after it."""
    last = until.astimezone(services().zone) - timedelta(microseconds=1)
    if last.date() < until.astimezone(services().zone).date():
        return f"hết ngày {vn_date(last.date())}"
    return vn_datetime(until)
