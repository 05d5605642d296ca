"""What the server adds to an entry on receipt: its columns, the names as they were, a link of a chain of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin, Revision
from broadcast.clock import iso_millis, local_day
from broadcast.log_entry import LogEntry
from broadcast.station import Enrolment, Station
from broadcast.unit import Unit
from broadcast.wire import Entry, canonical_json

NAMES = ("station_code", "station_name", "unit_code", "unit_name", "bulletin_code", "bulletin_title")


def columns_of(entry: Entry) -> dict[str, Any]:
    """What the columns of a row must say about its entry."""
    return {
        "airing_id": str(entry.airing) if entry.airing is not None else None,
        "kind": entry.kind.value,
        "reason": entry.reason.value if entry.reason is not None else None,
        "at": entry.at,
        "started_at": entry.started_at,
        "ended_at": entry.ended_at,
        "sounded_ms": entry.sounded_ms,
        "manifest_sequence": entry.manifest_sequence,
    }


def receipt_hash(before: str, entry_hash_: str, received_at: datetime, names: Iterable[str]) -> str:
    """SHA-256 over the receipt before (in the first: the enrolment's id), the entry's hash, the instant, the names."""
    return hashlib.sha256(canonical_json([before, entry_hash_, iso_millis(received_at), *names]).encode()).hexdigest()


def add_receipts(
    session: Session, enrolment: Enrolment, rows: list[dict[str, Any]], now: datetime, zone: ZoneInfo
) -> None:
    """Adds to each row the names as they were on its day, and its link of the receipt chain."""
    station = session.get_one(Station, enrolment.station_id, options=[selectinload(Station.units)])
    spoken_of = _airings(session, {row["airing_id"] for row in rows if row["airing_id"] is not None})
    unit_ids = {link.unit_id for link in station.units} | {unit_id for unit_id, *_ in spoken_of.values()}
    units = {
        number: (code, name)
        for number, code, name in session.execute(select(Unit.id, Unit.code, Unit.name).where(Unit.id.in_(unit_ids)))
    }
    before = session.scalar(
        select(LogEntry.receipt_hash).where(LogEntry.enrolment_id == enrolment.id).order_by(LogEntry.id.desc()).limit(1)
    )
    before = before or enrolment.id
    unit_on = cache(station.unit_id_on)
    for row in rows:
        unit_id, bulletin_code, title = spoken_of.get(row["airing_id"], (None, "", ""))
        if unit_id is None:
            unit_id = unit_on(local_day(row["at"], zone))
        unit_code, unit_name = units.get(unit_id, ("", "")) if unit_id is not None else ("", "")
        names = (station.code, station.name, unit_code, unit_name, bulletin_code, title)
        before = receipt_hash(before, row["hash"], now, names)
        row.update(zip(NAMES, names, strict=True))
        row.update(station_id=station.id, received_at=now, receipt_hash=before)


def _airings(session: Session, ids: set[str]) -> dict[str | None, tuple[int, str, str]]:
    """Airing id → unit id, bulletin code, title of the revision that was ordered."""
    return {
        key: (unit_id, code, title)
        for key, unit_id, code, title in session.execute(
            select(Airing.id, Airing.unit_id, Bulletin.code, Revision.title)
            .join(Bulletin, Bulletin.id == Airing.bulletin_id)
            .join(Revision, Revision.id == Airing.revision_id)
            .where(Airing.id.in_(ids))
        )
    }
