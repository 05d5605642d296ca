"""What a station says of itself, and until when its log is thereby complete."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.db import INTEGER_MAX
from broadcast.errors import Invalid
from broadcast.station import Station, StationStatus
from broadcast.wire import ClockSource, StatusReport, instant_of_ms


def record_status(session: Session, station: Station, report: StatusReport, now: datetime) -> StationStatus:
    """Keeps what the station says of itself.

    With an empty outbox its log is complete until the instant of the report, as far as its time can be trusted and
    the server's clock agrees; while an airing plays, only until that airing.
    """
    if max(report.manifest_sequence, report.audio_held, report.audio_missing, report.outbox) > INTEGER_MAX:
        raise Invalid("Một con số trong báo cáo trạng thái vượt quá giới hạn.")
    playing = session.get(Airing, str(report.playing)) if report.playing is not None else None
    if playing is not None and playing.station_id != station.id:
        playing = None  # nobody plays what was ordered of another
    status = session.get(StationStatus, station.id, with_for_update=True)
    if status is None:
        status = StationStatus(station_id=station.id, errors=[])
        session.add(status)
    if report.outbox == 0 and report.clock_source is not ClockSource.NONE:
        settled = _settled(report, playing, now)
        if settled is not None and (status.settled_until is None or settled > status.settled_until):
            status.settled_until = settled
    status.seen_at, status.silent_since = now, None
    status.clock_offset_ms = _bounded(report.clock_offset_ms)
    status.clock_source = report.clock_source.value
    status.volume = report.volume
    status.disk_free_bytes = report.disk_free_bytes
    status.version = report.version[:40]
    status.manifest_sequence = report.manifest_sequence
    status.audio_held, status.audio_missing = report.audio_held, report.audio_missing
    status.playing = playing.id if playing is not None else None
    status.outbox = report.outbox
    status.errors = list(report.errors)
    session.flush()
    return status


def _settled(report: StatusReport, playing: Airing | None, now: datetime) -> datetime | None:
    try:
        said = instant_of_ms(report.sent_ms)
    except OverflowError:
        return None
    settled = min(said, now)
    if report.playing is None:
        return settled
    return None if playing is None else min(settled, playing.starts_at)


def _bounded(offset_ms: int | None) -> int | None:
    """A clock that is decades off is shown as far off as a column can hold."""
    return None if offset_ms is None else max(-INTEGER_MAX, min(INTEGER_MAX, offset_ms))
