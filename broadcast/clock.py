"""The one clock. Nothing else in the project asks what time it is.

Instants are aware UTC datetimes; days and wall times are local to `TIMEZONE` (Asia/Ho_Chi_Minh unless set).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
WINDOW_DAYS = 15
"""Today and the next 14 local days: what is planned and handed to stations (DESIGN §5.1)."""


def now() -> datetime:
    """The present instant, UTC, whole milliseconds (what the wire and the database keep)."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def parse_instant(text: str, *, zone: ZoneInfo = VIETNAM) -> datetime:
    """`text` in ISO 8601 as an aware UTC instant; without an offset it is local time in `zone`.

    Raises ValueError for anything else.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return instant.astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo = VIETNAM) -> date:
    """The local calendar day that `instant` belongs to."""
    return instant.astimezone(zone).date()


def instant_of(day: date, wall: time, zone: ZoneInfo = VIETNAM) -> datetime:
    """The UTC instant of wall time `wall` on local `day`."""
    return datetime.combine(day, wall, zone).astimezone(UTC)


def day_span(day: date, zone: ZoneInfo = VIETNAM) -> tuple[datetime, datetime]:
    """The half-open UTC span of local `day`."""
    return instant_of(day, time(), zone), instant_of(day + timedelta(days=1), time(), zone)


def iso_millis(instant: datetime) -> str:
    """UTC with milliseconds and `Z`, as on the wire: `2026-11-22T10:15:00.000Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
