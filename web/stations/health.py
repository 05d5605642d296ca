"""How stations do, for the board and the lists."""

from __future__ import annotations

from datetime import datetime, timedelta

from broadcast.station import Station, is_silent
from web.services import services
from web.shell.access import now


def health(station: Station) -> str:
    """`retired`, `awaited` (never heard of), `silent` or `ok`."""
    if station.retired_at is not None:
        return "retired"
    status = station.status
    if status is None or status.seen_at is None:
        return "awaited"
    return "silent" if is_silent(status, now(), _patience()) else "ok"


def plays(station: Station) -> str | None:
    """The airing it plays, as far as it was heard of lately."""
    return station.status.playing if station.status is not None and health(station) == "ok" else None


def silent_since(station: Station) -> datetime | None:
    return station.status.seen_at if station.status is not None and health(station) == "silent" else None


def _patience() -> timedelta:
    return timedelta(minutes=services().settings.silent_after_minutes)
