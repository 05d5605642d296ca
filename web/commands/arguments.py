"""What a command is told: an instant, a day, a text on the line or on standard input; each mistake in words."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

from broadcast import clock
from broadcast.config import load_settings
from broadcast.errors import Invalid
from web.commands.reading import text_of

LARGEST_INPUT = 4 * 1024 * 1024
FIRST_YEAR, LAST_YEAR = 1945, 2200  # as on the screens: no calendar may run over its end


class Instant(click.ParamType):
    """ISO 8601; without an offset it is local time."""

    name = "ISO8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            instant = clock.parse_instant(value, zone=load_settings().zone)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} không phải là thời điểm ISO 8601, ví dụ 2026-11-22T05:30:00+07:00", param, ctx)
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            self.fail(f"{value!r} nằm ngoài các năm {FIRST_YEAR} đến {LAST_YEAR}", param, ctx)
        return instant


class Day(click.ParamType):
    name = "NGÀY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} không phải là một ngày có thật, ví dụ 2026-11-22", param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value!r} nằm ngoài các năm {FIRST_YEAR} đến {LAST_YEAR}", param, ctx)
        return day


now_option = click.option("--now", type=Instant(), default=None, help="tính như thể bây giờ là thời điểm này")


def text_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """TEXT, or `-` or nothing for standard input."""
    return click.argument("text", required=False, default="-")(command)


def read_text(text: str) -> str:
    if text != "-":
        return text
    data = sys.stdin.buffer.read(LARGEST_INPUT + 1)
    if len(data) > LARGEST_INPUT:
        raise Invalid("Văn bản lớn hơn 4 MB.")
    return text_of(data)
