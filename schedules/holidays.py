"""Public holidays of Vietnam (helper A is writing the real one; stands here so that imports work)."""

from __future__ import annotations

from datetime import date


def holiday_on(day: date) -> str | None:
    """The Vietnamese name of the public holiday on `day`."""
    return {(1, 1): "Tết Dương lịch", (4, 30): "Ngày Chiến thắng"}.get((day.month, day.day))
