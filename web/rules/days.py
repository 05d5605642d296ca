"""Days and spans of days as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime

from broadcast.clock import local_day
from web.bulletins.acting import FIRST_YEAR, LAST_YEAR
from web.services import services

_UNTIL = re.compile(r"\s*(?:[-–—]|\bđến(?:\s+hết)?\b|\btới\b)\s*", re.IGNORECASE)
_DAY = re.compile(r"(?:ngày\s+)?(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?", re.IGNORECASE)


def parse_days_span(typed: str, at: datetime) -> tuple[date, date] | None:
    """The first and the last day of `28/1/2027 - 3/2/2027`, `28/1 đến 3/2`, `28-30/1/2027`, or of a single day.

    A year that one end does not say is taken from the other. None for what is neither. The last may be before the
    first: the caller says so.
    """
    if day := parse_day(typed, at):
        return day, day
    typed = re.sub(r"^từ\s+", "", typed, flags=re.IGNORECASE)
    for between in _UNTIL.finditer(typed):
        head, tail = typed[: between.start()].strip(), typed[between.end() :].strip()
        last = parse_day(tail, at)
        if last is None:
            continue
        number = re.fullmatch(r"(?:ngày\s+)?(\d{1,2})", head, re.IGNORECASE)
        first = _date(last.year, last.month, int(number[1])) if number else parse_day(head, at)
        if first is not None:
            return (first, last) if number else _same_years(head, first, tail, last)
    return None


def _same_years(head: str, first: date, tail: str, last: date) -> tuple[date, date]:
    """With the year that one end leaves out as the other end says it."""
    head_says, tail_says = (bool(re.search(r"\d{4}", end)) for end in (head, tail))
    if head_says and not tail_says:
        later = (_date(first.year + ahead, last.month, last.day) for ahead in range(2))
        return first, next((day for day in later if day is not None and day >= first), last)
    if not head_says:
        earlier = (_date(last.year - back, first.month, first.day) for back in range(2))
        return next((day for day in earlier if day is not None and day <= last), first), last
    return first, last


def parse_day(typed: str, at: datetime) -> date | None:
    """`22/11/2026`, `22-11-2026`, `2026-11-22`, or `22/11` for the next such day. None for anything else."""
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", typed):
        year, month, day = map(int, match.groups())
        return _date(year, month, day)
    match = _DAY.fullmatch(typed)
    if match is None:
        return None
    day, month = int(match[1]), int(match[2])
    if match[3]:
        return _date(int(match[3]), month, day)
    this = local_day(at, services().zone)
    years = [this.year + ahead for ahead in range(9)]  # 29/02 comes every fourth year, but for 2100
    return next((found for year in years if (found := _date(year, month, day)) and found >= this), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
