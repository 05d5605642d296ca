"""The programme that one station is handed: whole local days, signed, with a sequence that never goes back.

Content that did not change makes no new manifest. What is put in is looked at once more: an airing whose approval no
longer covers its text and sound, or that would touch a curfew, stays out, and the audit trail says so.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.audit_event import SYSTEM, record
from broadcast.clock import local_day
from broadcast.errors import Conflict
from broadcast.keys import SigningKeys
from broadcast.station import Enrolment, Manifest, Station, StationStatus
from broadcast.wire import (
    etag_of,
    milliseconds,
    to_bytes,
)
from schedules.programme.composing import Composed, compose
from schedules.programme.curfews import Curfews

# These mean that someone changed the database behind our back. The others also happen in the seconds between an act
# and the planning that follows it.
_ALARMING = frozenset({"approval", "audio", "shape"})


def manifest_for(
    session: Session,
    station: Station,
    keys: SigningKeys,
    now: datetime,
    zone: ZoneInfo,
    *,
    curfews: Curfews | None = None,
) -> Manifest:
    """The manifest in force for `station`, made and signed anew where its content changed.

    Needs a writing session; the row is flushed. Raises Conflict where no machine is enrolled as this station.
    """
    enrolment = station.enrolment
    if enrolment is None:
        raise Conflict(f"Trạm “{station.name}” chưa ghi danh nên chưa có chương trình.")
    # Two requests of one station must not make two programmes with one sequence.
    session.refresh(enrolment, with_for_update=True)
    composed = compose(session, station, enrolment, keys, now, zone, curfews or Curfews.load(session, zone))
    status = session.get(StationStatus, station.id)
    reported = status.manifest_sequence or 0 if status is not None else 0
    newest = newest_of(session, enrolment.id)
    if is_current(newest, composed, reported):
        assert newest is not None
        return newest
    highest = session.scalar(select(func.max(Manifest.sequence)).where(Manifest.station_id == station.id)) or 0
    # A server that was restored from a backup knows less than the station has seen: the clock and its word lift it.
    sequence = max(highest + 1, reported + 1, milliseconds(now) // 1000)
    made = _signed(station, enrolment, composed, keys, sequence, now)
    session.add(made)
    _alarm(session, station, composed, newest, now)
    session.flush()
    return made


def newest_of(session: Session, enrolment_id: str) -> Manifest | None:
    """The last manifest that was made for this enrolment."""
    return session.scalar(
        select(Manifest).where(Manifest.enrolment_id == enrolment_id).order_by(Manifest.sequence.desc()).limit(1)
    )


def is_current(newest: Manifest | None, composed: Composed, reported: int) -> bool:
    """Whether `newest` still says what is to be said, and is not older than what the station holds."""
    return newest is not None and newest.content_hash == composed.content_hash and newest.sequence >= reported


def _signed(
    station: Station, enrolment: Enrolment, composed: Composed, keys: SigningKeys, sequence: int, now: datetime
) -> Manifest:
    programme = composed.programme.model_copy(update={"sequence": sequence})
    body = to_bytes(programme)
    return Manifest(
        station_id=station.id,
        enrolment_id=enrolment.id,
        sequence=sequence,
        body=body.decode(),
        signature=keys.sign(body, composed.signed_by),
        etag=etag_of(body).strip('"'),
        content_hash=composed.content_hash,
        audio=[file.sha256 for file in programme.audio],
        detail={
            "signed_by": composed.signed_by,
            "next_key": composed.next_key,
            "left_out": [list(each) for each in composed.left_out],
        },
        made_at=now,
    )


def _alarm(session: Session, station: Station, composed: Composed, before: Manifest | None, now: datetime) -> None:
    """An audit event for what stays out now and was not left out before."""
    told = {tuple(each) for each in before.detail.get("left_out", ())} if before is not None else set()
    fresh = [each for each in composed.left_out if each.why in _ALARMING and tuple(each) not in told]
    if fresh:
        record(
            session,
            SYSTEM,
            "airings_left_out",
            "station",
            station.id,
            station.name,
            now=now,
            unit_id=station.unit_id_on(local_day(now)),
            detail={"reasons": dict(Counter(each.why for each in fresh)), "airings": [e.airing_id for e in fresh]},
        )
