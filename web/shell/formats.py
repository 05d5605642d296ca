"""How days, times, lengths and numbers are written on the screens: always local, always the Vietnamese way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import floor

from flask import Flask

from web.services import services

WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
WEEKDAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOTHING = "–"


def _local(value: datetime) -> datetime:
    """At either end of time, where no local hour is left, the instant as it is: a page never fails over a figure."""
    try:
        return value.astimezone(services().zone)
    except OverflowError:
        return value


def vn_date(value: date | datetime | None) -> str:
    """`22/11/2026`; a dash for None."""
    if value is None:
        return NOTHING
    day = _local(value).date() if isinstance(value, datetime) else value
    return f"{day.day:02}/{day.month:02}/{day.year}"


def vn_date_typed(text: str) -> str:
    """What a date field shows: an ISO date as `22/11/2026`, anything else as it was typed."""
    try:
        return vn_date(date.fromisoformat(text))
    except ValueError:
        return text


def vn_weekday(value: date | datetime) -> str:
    """`Chủ nhật`."""
    day = _local(value).date() if isinstance(value, datetime) else value
    return WEEKDAYS[day.weekday()]


def vn_day(value: date | datetime) -> str:
    """`Chủ nhật, 22/11/2026`."""
    return f"{vn_weekday(value)}, {vn_date(value)}"


def vn_weekday_code(code: str) -> str:
    """`mon` as `Thứ hai`; what is no code comes back as it is."""
    return WEEKDAYS[WEEKDAY_CODES.index(code)] if code in WEEKDAY_CODES else code


def vn_time(value: datetime | None, seconds: bool = False) -> str:
    """`17:15`, or `17:15:03` with seconds."""
    return NOTHING if value is None else _local(value).strftime("%H:%M:%S" if seconds else "%H:%M")


def vn_datetime(value: datetime | None, seconds: bool = False) -> str:
    """`17:15 ngày 22/11/2026`."""
    return NOTHING if value is None else f"{vn_time(value, seconds)} ngày {vn_date(value)}"


def vn_length(ms: int | float | None) -> str:
    """Milliseconds as `2 phút 10 giây`, `1 giờ 05 phút`, to the nearest second.

    Under a second is `dưới 1 giây`, zero `0 giây`.
    """
    if ms is None:
        return NOTHING
    if 0 < ms < 1000:
        return "dưới 1 giây"
    minutes, seconds = divmod(floor(ms / 1000 + 0.5), 60)  # round() makes 2 of 2.5, the browser 3
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{vn_number(hours)} giờ {minutes:02} phút" if minutes else f"{vn_number(hours)} giờ"
    if minutes:
        return f"{minutes} phút {seconds:02} giây" if seconds else f"{minutes} phút"
    return f"{seconds} giây"


def vn_number(value: int | float | None, digits: int = 1) -> str:
    """`1.234` for whole numbers, `1.234,5` for others."""
    if value is None:
        return NOTHING
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,"))


def vn_ago(value: datetime | None, now: datetime) -> str:
    """How long before `now`: `vừa xong`, `12 phút trước`, `3 giờ trước`, `5 ngày trước`."""
    if value is None:
        return "chưa bao giờ"
    past = now - value
    if past < timedelta(minutes=1):
        return "vừa xong"
    if past < timedelta(hours=1):
        return f"{int(past.total_seconds() // 60)} phút trước"
    if past < timedelta(days=1):
        return f"{int(past.total_seconds() // 3600)} giờ trước"
    return f"{past.days} ngày trước"


def register(app: Flask) -> None:
    for function in (
        vn_date, vn_date_typed, vn_weekday, vn_day, vn_weekday_code, vn_time, vn_datetime, vn_length, vn_number, vn_ago,
    ):  # fmt: skip
        app.add_template_filter(function, function.__name__)
