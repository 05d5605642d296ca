"""What a field of a set-up file may hold: days, times of day, codes, names; each mistake in the words of who typed it.

In the demonstration file alone a date may be "today" or "today+30" and a time "+1", "+2" (whole minutes from now, the
first at least 20 s ahead): `Moment` says when that is; without one such values are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from broadcast.arrangement import closing_fault
from broadcast.errors import Invalid
from broadcast.signs import LONGEST_CODE, code_fault, is_hidden
from schedules.days.typed_hours import parse_end, parse_minute
from schedules.recurrence import parse_wall_time, slot_key

FIRST_YEAR, LAST_YEAR = 1900, 2200  # no calendar may run over its end
FIRST_AIRING_AHEAD = timedelta(seconds=20)


@dataclass(frozen=True)
class Moment:
    """The instant against which the demonstration's relative days and times are filled in."""

    now: datetime
    zone: ZoneInfo

    def day(self, offset: int) -> date:
        # A demonstration that starts at 23:59 airs after midnight: its days follow its first airing.
        return self.minute(1).date() + timedelta(days=offset)

    def minute(self, offset: int) -> datetime:
        earliest = (self.now + FIRST_AIRING_AHEAD).astimezone(self.zone)
        whole = earliest.replace(second=0, microsecond=0)
        return whole + timedelta(minutes=offset - (whole == earliest))


_moment: ContextVar[Moment | None] = ContextVar("moment", default=None)


@contextmanager
def relative_to(moment: Moment | None) -> Iterator[None]:
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def _day(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, str | date):
        raise ValueError("phải là một ngày, ví dụ 2026-11-22")  # noqa: TRY004 -- pydantic takes ValueError
    if isinstance(value, date):
        return _possible(value)
    if (moment := _moment.get()) is not None and (found := re.fullmatch(r"today(?:\+(\d{1,4}))?", value)):
        return moment.day(int(found[1] or 0))
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"“{value}” không phải là một ngày có thật, ví dụ đúng: 2026-11-22") from error
    return _possible(day)


def _possible(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"ngày phải từ năm {FIRST_YEAR} đến {LAST_YEAR}; bỏ trường này nghĩa là từ trước hoặc mãi mãi")
    return day


def _wall(value: object) -> object:
    """`17:15`, with seconds only where there are any."""
    return slot_key(_time(value))


def _minute(value: object) -> object:
    return f"{_time(value, parse_minute):%H:%M}"


def _end(value: object) -> object:
    """Of a span: midnight at the end of a day may be written 24:00."""
    return f"{_time(value, parse_end):%H:%M}"


def _time(value: object, understand: Callable[[str], time] = parse_wall_time) -> time:
    if isinstance(value, time):
        value = f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    if not isinstance(value, str):
        raise ValueError("phải là giờ trong ngày, ví dụ “17:15”")  # noqa: TRY004
    if (moment := _moment.get()) is not None and (found := re.fullmatch(r"\+(\d{1,3})", value)):
        return moment.minute(int(found[1])).time()
    try:
        return understand(value)
    except Invalid as error:
        raise ValueError(error.message_vi) from error


Day = Annotated[date, BeforeValidator(_day)]
Wall = Annotated[str, BeforeValidator(_wall)]
Minute = Annotated[str, BeforeValidator(_minute)]
End = Annotated[str, BeforeValidator(_end)]


def _code(value: str) -> str:
    if fault := code_fault(value):
        raise ValueError(fault)
    return value


def _login(value: str) -> str:
    if fault := code_fault(value.replace("@", "_"), "person"):
        raise ValueError(fault)
    return value


def free(noun: str) -> AfterValidator:
    """A code of its own, not one that only names what is elsewhere: it must be none of the pages of its noun."""

    def check(value: str) -> str:
        if fault := code_fault(value, noun):
            raise ValueError(fault)
        return value

    return AfterValidator(check)


def _seen(value: str) -> str:
    if is_hidden(value):
        raise ValueError("có ký tự không nhìn thấy được; hãy gõ lại trên một dòng")
    return value


def _closing(value: str) -> str:
    if fault := closing_fault(value):
        raise ValueError(fault)
    return value


Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE), AfterValidator(_code)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_seen)]
Line = Annotated[str, AfterValidator(_seen)]
Closing = Annotated[str, Field(max_length=500), AfterValidator(_closing)]
Login = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.@\-]+$"), AfterValidator(_login)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
