"""Hours of a policy as people type them: whole minutes, and midnight at the end of a day as 24:00."""

from __future__ import annotations

import re
from datetime import time

from broadcast.errors import Invalid
from schedules.recurrence import parse_wall_time

_END_OF_DAY = re.compile(r"24\s*(?:(?::|\.|h|g|giờ)\s*(?:00?)?)", re.IGNORECASE)


def parse_minute(text: str, *, field: str | None = None) -> time:
    """As `parse_wall_time`, without seconds. Raises Invalid."""
    wall = parse_wall_time(text, field=field)
    if wall.second:
        raise Invalid(f"Giờ “{text.strip()}” chỉ ghi đến phút, như {wall:%H:%M}.", field=field)
    return wall


def parse_end(text: str, *, field: str | None = None) -> time:
    """The end of a session or curfew: `24:00` and `24h` are midnight. Raises Invalid."""
    return time() if _END_OF_DAY.fullmatch(text.strip()) else parse_minute(text, field=field)
