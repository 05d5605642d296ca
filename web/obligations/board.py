"""What the pages of obligations show: a bar of days for each, and stations × days with those alike in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from broadcast.obligation import DAY, Obligation
from schedules.obligations.owing import Places, Span
from schedules.obligations.standing import GRAVITY, Cell, Standing, State, StationStanding, standing
from web.obligations.words import STATES, Told, told_of
from web.services import services
from web.shell.access import now, today
from web.shell.formats import vn_date, vn_number, vn_weekday

BEHIND, AHEAD = timedelta(days=6), timedelta(days=14)
"""The days that a list shows: the last week, and all that is planned."""
DAYS_AT_ONCE = 21
GROUPS_AT_ONCE = 40
NAMES_AT_ONCE = 3


@dataclass(frozen=True)
class Mark:
    """One day of a bar: the gravest of its stations' states, and how many there are of each."""

    day: date
    state: State
    words: str


@dataclass(frozen=True)
class Line:
    """One obligation of the list."""

    told: Told
    made: Standing
    marks: list[Mark]

    @property
    def state(self) -> State:
        return self.made.state


@dataclass(frozen=True)
class Row:
    """Stations that stand alike on all the days shown, of which `first` stands for all."""

    names: list[str]
    first: StationStanding
    cells: list[Cell | None]
    """One a day shown; None where nothing is owed."""


def looked_at() -> Span:
    """The days that lists look at."""
    return Span(today() - BEHIND, today() + AHEAD)


def lines(session: Session, obligations: Sequence[Obligation], station_ids: set[int]) -> list[Line]:
    """The obligations, the worst first."""
    places = Places(session, services().zone, station_ids)
    found = [_line(session, each, station_ids, places) for each in obligations]
    return sorted(found, key=lambda line: (GRAVITY[line.state], -line.made.short, line.told.obligation.until_on))


def _line(session: Session, obligation: Obligation, station_ids: set[int], places: Places) -> Line:
    days = looked_at() if obligation.until_on >= today() else None
    made = standing(session, obligation, now(), services().zone, days=days, station_ids=station_ids, places=places)
    return Line(told_of(obligation), made, marks(made, looked_at()) if obligation.per == DAY else [])


def marks(made: Standing, shown: Span) -> list[Mark]:
    """The days of `shown` on which anything is owed."""
    if made.span is None or (both := made.span.meet(shown)) is None:
        return []
    found = []
    for day in both.days():
        if states := made.of_day(day):
            gravest = min(states, key=GRAVITY.__getitem__)
            found.append(Mark(day, gravest, f"{vn_weekday(day)} {vn_date(day)}: {states_words(states)}"))
    return found


def states_words(states: Counter[State]) -> str:
    """`12 trạm đủ, 3 trạm thiếu, còn kịp bù`, the gravest first."""
    ordered = sorted(states, key=GRAVITY.__getitem__)
    return "; ".join(f"{vn_number(states[state])} trạm {STATES[state][1]}" for state in ordered if states[state])


def days_to_show(made: Standing, asked: date | None) -> Span | None:
    """DAYS_AT_ONCE days of the obligation: from `asked` on, else so that today lies among them."""
    if made.span is None:
        return None
    first = asked or max(
        made.span.from_on, min(today() - BEHIND, made.span.until_on - timedelta(days=DAYS_AT_ONCE - 1))
    )
    first = min(max(first, made.span.from_on), made.span.until_on)
    return Span(first, min(first + timedelta(days=DAYS_AT_ONCE - 1), made.span.until_on))


def rows(made: Standing, shown: Span, names: Mapping[int, str]) -> list[Row]:
    """The stations by what they show on these days, shortages first."""
    days = shown.days()
    grouped: dict[tuple[object, ...], tuple[StationStanding, list[str]]] = {}
    for one in made.stations:
        cells = [one.days.get(day) for day in days]
        key = (
            one.state, one.short, one.lost, one.count.done, one.count.unknown, one.count.to_come,
            *(_looks(cell) if cell is not None else None for cell in cells),
        )  # fmt: skip
        grouped.setdefault(key, (one, []))[1].append(names.get(one.station_id, "trạm không còn"))
    found = [Row(sorted(own), first, [first.days.get(day) for day in days]) for first, own in grouped.values()]
    return sorted(found, key=lambda row: (GRAVITY[row.first.state], -row.first.short, -row.first.lost, row.names))


def _looks(cell: Cell) -> tuple[State, int, int, int]:
    return cell.state, cell.count.done, cell.count.forecast, cell.count.failed
