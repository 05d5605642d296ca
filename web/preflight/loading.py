"""What the server knows of the airings that begin soon and of the stations they begin at, in a few queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing, Refusal
from broadcast.clock import iso_millis
from broadcast.log_entry import LogEntry
from broadcast.station import Enrolment, Manifest, Station, StationStatus
from broadcast.wire import EntryKind
from schedules.foresight.preflight import Due, Findings, Ready, Said, look_over

BODIES_AT_ONCE = 20
"""Programmes in memory at a time: one is some tens of kilobytes."""


@dataclass(frozen=True)
class Soon:
    """What begins in [now, until) in the units that were asked for."""

    until: datetime
    airings: tuple[Airing, ...]
    stations: dict[int, Station]
    findings: Findings


def soon(session: Session, unit_ids: Collection[int], now: datetime, span: timedelta, silent_after: timedelta) -> Soon:
    """The airings with all that is wrong at their stations."""
    airings = tuple(
        session.scalars(
            select(Airing)
            .where(
                Airing.unit_id.in_(unit_ids),
                Airing.starts_at >= now,
                Airing.starts_at < now + span,
                Airing.cancelled_at.is_(None),
            )
            .options(joinedload(Airing.station).joinedload(Station.status), joinedload(Airing.bulletin))
            .order_by(Airing.starts_at, Airing.station_id)
        )
    )
    stations = {airing.station_id: airing.station for airing in airings}
    return Soon(now + span, airings, stations, look_over(_ready(session, airings, stations), now, silent_after))


def refused_soon(session: Session, station_ids: Collection[int], now: datetime, span: timedelta) -> list[list[Refusal]]:
    """Slots that were asked in the same time and not granted: those of one rule for one reason together."""
    rows = session.scalars(
        select(Refusal)
        .where(Refusal.station_id.in_(station_ids), Refusal.asked_at >= now, Refusal.asked_at < now + span)
        .options(joinedload(Refusal.station), joinedload(Refusal.rule), joinedload(Refusal.bulletin))
        .order_by(Refusal.asked_at, Refusal.rule_id, Refusal.station_id)
    )
    groups: dict[tuple[int, datetime, str], list[Refusal]] = {}
    for row in rows:
        groups.setdefault((row.rule_id, row.asked_at, row.reason), []).append(row)
    return list(groups.values())


def _ready(session: Session, airings: Iterable[Airing], stations: dict[int, Station]) -> list[Ready]:
    own: dict[int, list[Airing]] = {}
    for airing in airings:
        own.setdefault(airing.station_id, []).append(airing)
    enrolled = dict(
        session.execute(
            select(Enrolment.station_id, Enrolment.id).where(
                Enrolment.station_id.in_(stations), Enrolment.ended_at.is_(None)
            )
        ).all()
    )
    held = _held(session, own)
    fetched = _fetched(session, own, stations, enrolled)
    return [
        Ready(
            station.id,
            station.id in enrolled,
            tuple(
                Due(each.id, each.starts_at, each.audio_sha256, each.id in held.get(station.id, ()))
                for each in own[station.id]
            ),
            _said(station.status, station.id in held, fetched.get(station.id, {})),
            station.volume,
        )
        for station in stations.values()
    ]


def _said(status: StationStatus | None, holds_programme: bool, fetched: dict[str, datetime]) -> Said:
    if status is None:
        return Said()
    return Said(
        status.seen_at,
        status.clock_source,
        status.clock_offset_ms,
        status.volume,
        holds_programme,
        status.audio_held,
        status.audio_missing,
        tuple(status.errors),
        fetched,
    )


def _held(session: Session, own: dict[int, list[Airing]]) -> dict[int, set[str]]:
    """Station id → which of its airings the programme that it says it holds names, at the time and with the sound
    that are planned now. A station that holds none of ours is not in it."""
    rows = session.execute(
        select(Manifest.station_id, Manifest.body)
        .join(StationStatus, StationStatus.station_id == Manifest.station_id)
        .join(Enrolment, Enrolment.id == Manifest.enrolment_id)
        .where(
            Manifest.station_id.in_(own),
            Manifest.sequence == StationStatus.manifest_sequence,
            Enrolment.ended_at.is_(None),
        )
        .execution_options(yield_per=BODIES_AT_ONCE)
    )
    return {station_id: {airing.id for airing in own[station_id] if _names(body, airing)} for station_id, body in rows}


def _names(body: str, airing: Airing) -> bool:
    """Programmes are canonical JSON: keys in order, so that the latest start follows the id."""
    ordered = f'"id":"{airing.id}","latest_start_at":"{iso_millis(airing.latest_start_at)}"'
    return ordered in body and (airing.audio_sha256 is None or airing.audio_sha256 in body)


def _fetched(
    session: Session, own: dict[int, list[Airing]], stations: dict[int, Station], enrolled: dict[int, str]
) -> dict[int, dict[str, datetime]]:
    """Of stations that lack sounds: station id → sound → when its log says that it was fetched last."""
    lacking = {
        enrolled[station.id]: station.id
        for station in stations.values()
        if station.id in enrolled and station.status is not None and station.status.audio_missing
    }
    sounds = {each.audio_sha256 for number in lacking.values() for each in own[number] if each.audio_sha256}
    found: dict[int, dict[str, datetime]] = {}
    for sound in sounds:
        rows = session.execute(
            select(LogEntry.enrolment_id, func.max(LogEntry.at))
            .where(
                LogEntry.station_id.in_(lacking.values()),
                LogEntry.enrolment_id.in_(lacking),
                LogEntry.kind == EntryKind.FETCHED.value,
                LogEntry.entry.contains(sound),
            )
            .group_by(LogEntry.enrolment_id)
        )
        for enrolment_id, at in rows:
            found.setdefault(lacking[enrolment_id], {})[sound] = at
    return found
