"""What a report shows side by side: the hours of one day, else days, weeks or months, as many as fit on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from broadcast.outcome import OutcomeKind
from broadcast.reports.figures import Counts, Report, StationCounts
from web.shell.formats import vn_date, vn_day

DAYS_AT_MOST = 35  # a month and the days around it
WEEKS_AT_MOST = 27  # half a year

# The gravest first: a square that stands for several airings shows the worst of them.
GRAVITY = (
    OutcomeKind.MISSED,
    OutcomeKind.PARTIAL,
    OutcomeKind.LATE,
    OutcomeKind.UNKNOWN,
    OutcomeKind.COMPLETE,
    OutcomeKind.CANCELLED,
)
_WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included: one column."""

    first: date
    last: date
    label: str
    """Short, as above a column: `22/11`, `11/2026`."""
    under: str
    """What stands below it: the day of the week, or the end of the week."""

    @property
    def one_day(self) -> bool:
        return self.first == self.last

    @property
    def words(self) -> str:
        """`Chủ nhật, 22/11/2026`, `16/11/2026 đến 22/11/2026`."""
        if self.one_day:
            return vn_day(self.first)
        return f"{vn_date(self.first)} đến {vn_date(self.last)}"

    def counts(self, days: Mapping[date, Counts]) -> Counts:
        """All its days together."""
        if self.one_day:
            return days.get(self.first, Counts())
        total = Counts()
        for day, counts in days.items():
            if self.first <= day <= self.last:
                total.include(counts)
        return total


def step_of(columns: list[Span]) -> str:
    """What one bar stands for, in words."""
    if len(columns) == 1:
        return "giờ"
    if all(column.one_day for column in columns):
        return "ngày"
    return "tuần" if columns[0].under else "tháng"


def spans(from_on: date, until_on: date) -> list[Span]:
    """Days, else weeks from Monday to Sunday, else months; the first and the last are cut to the period."""
    length = (until_on - from_on).days + 1
    found: list[Span] = []
    first = from_on
    while first <= until_on:
        if length <= DAYS_AT_MOST:
            last = first
            found.append(Span(first, last, f"{first:%d/%m}", _WEEKDAYS[first.weekday()]))
        elif length <= WEEKS_AT_MOST * 7:
            last = min(first + timedelta(days=6 - first.weekday()), until_on)
            found.append(Span(first, last, f"{first:%d/%m}", f"–{last:%d/%m}"))
        else:
            last = min((first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1), until_on)
            found.append(Span(first, last, f"{first.month}/{first.year}", ""))
        first = last + timedelta(days=1)
    return found


@dataclass(frozen=True)
class Bar:
    """One column of the chart and one row of the table that says the same. `span` is None for an hour."""

    label: str
    words: str
    counts: Counts
    span: Span | None = None


FIRST_HOUR, LAST_HOUR = 5, 21
"""Drawn on every day; further hours where something aired in them."""


def bars(made: Report, columns: list[Span]) -> list[Bar]:
    """The hours of a single day, else its columns."""
    if len(columns) > 1:
        return [Bar(column.label, column.words, column.counts(made.days), column) for column in columns]
    first, last = min([FIRST_HOUR, *made.hours]), max([LAST_HOUR, *made.hours])
    return [
        Bar(f"{hour}h", f"{hour:02}:00–{hour:02}:59", made.hours.get(hour, Counts())) for hour in range(first, last + 1)
    ]


@dataclass(frozen=True)
class Square:
    """One station in one span. `kind` is the gravest outcome there, empty where nothing was due."""

    kind: str
    number: int
    """How many ended so."""
    heavy: bool
    """At least half of what was planned was missed."""
    counts: Counts


def square(counts: Counts) -> Square:
    for kind in GRAVITY:
        if number := counts.of(kind):
            return Square(kind.value, number, counts.missed * 2 >= counts.planned > 0, counts)
    return Square("", 0, False, counts)


def squares(station: StationCounts, columns: list[Span]) -> list[Square]:
    """A row of the heat map."""
    return [square(column.counts(station.days)) for column in columns]
