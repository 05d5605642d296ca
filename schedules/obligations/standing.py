"""How an obligation stands at each station on each day: done, still to come, short, and whether it can be mended.

An airing counts where it sounded whole, late or not; a part of one does not. What the station has not told yet is
“unknown”: it counts in the forecast and is shown apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from broadcast.clock import WINDOW_DAYS, local_day
from broadcast.obligation import DAY, Obligation
from schedules.obligations.owing import Places, Span, owed_span
from schedules.obligations.tallying import Count, count_airings

NONE = Count()


class State(StrEnum):
    """Of a day or a station. SHORT can still be mended, MISSED cannot; UNPLANNED lies behind the days that are
    planned; ENDED was taken back before it was met."""

    SHORT = "short"
    MISSED = "missed"
    UNKNOWN = "unknown"
    UNPLANNED = "unplanned"
    COMING = "coming"
    MET = "met"
    ENDED = "ended"


GRAVITY = {state: place for place, state in enumerate(State)}
"""The lower, the sooner somebody should look."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one station. `short`: so many more would do."""

    state: State
    count: Count
    short: int = 0


@dataclass(frozen=True, slots=True)
class StationStanding:
    """One station: each day on which it owes, and the whole. `lost` are airings of days that are over, `short` what can
    still be mended."""

    station_id: int
    state: State
    count: Count
    days: Mapping[date, Cell]
    short: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Standing:
    """An obligation on the days of `span`; None where no day is owed any more."""

    obligation: Obligation
    span: Span | None
    today: date
    last_planned: date
    stations: list[StationStanding] = field(default_factory=list)

    @property
    def states(self) -> Counter[State]:
        """Stations by state."""
        return Counter(one.state for one in self.stations)

    @property
    def state(self) -> State:
        """The gravest of all stations'; of one that nobody owes ENDED."""
        return min((one.state for one in self.stations), key=GRAVITY.__getitem__, default=State.ENDED)

    @property
    def short(self) -> int:
        return sum(one.short for one in self.stations)

    @property
    def lost(self) -> int:
        return sum(one.lost for one in self.stations)

    def of_day(self, day: date) -> Counter[State]:
        """Stations by how they stand on that day."""
        return Counter(one.days[day].state for one in self.stations if day in one.days)


def day_state(at_least: int, count: Count, day: date, today: date, last_planned: date) -> State:
    """What a day of an obligation per day is, by what is known of it."""
    if count.done >= at_least:
        return State.MET
    if day < today:
        return State.UNKNOWN if count.done + count.unknown >= at_least else State.MISSED
    if day > last_planned:
        return State.UNPLANNED
    if count.forecast < at_least:
        return State.SHORT
    return State.COMING if count.done + count.to_come >= at_least else State.UNKNOWN


def total_state(
    at_least: int, count: Count, days: tuple[Span, ...], today: date, last_planned: date
) -> tuple[State, int]:
    """The same of an obligation for its whole range, and how many more would do now.

    What lies behind the planned days is not foreseen: until then a station is short where it falls behind the pace.
    """
    if count.done >= at_least:
        return State.MET, 0
    if days[-1].until_on < today:
        return (State.UNKNOWN if count.done + count.unknown >= at_least else State.MISSED), 0
    if count.forecast >= at_least:
        return (State.COMING if count.done + count.to_come >= at_least else State.UNKNOWN), 0
    all_days = sum((span.until_on - span.from_on).days + 1 for span in days)
    foreseen = sum(max(0, (min(span.until_on, last_planned) - span.from_on).days + 1) for span in days)
    behind = -(-at_least * foreseen // all_days) - count.forecast
    return (State.SHORT, behind) if behind > 0 else (State.UNPLANNED, 0)


def standing(
    session: Session,
    obligation: Obligation,
    now: datetime,
    zone: ZoneInfo,
    *,
    days: Span | None = None,
    station_ids: Collection[int] | None = None,
    places: Places | None = None,
) -> Standing:
    """How `obligation` stands at `now`, at the stations that owe it (of them those in `station_ids`).

    `days` narrows an obligation per day to some of its days; one for the whole range is always counted whole.
    `places` may be one that was read already, for these stations or more.
    """
    today = local_day(now, zone)
    last_planned = today + timedelta(days=WINDOW_DAYS - 1)
    span = owed_span(obligation, zone)
    if span is not None and days is not None and obligation.per == DAY:
        span = span.meet(days)
    made = Standing(obligation, span, today, last_planned)
    if span is None:
        return made
    owing = (places or Places(session, zone, station_ids)).owing(obligation.unit_codes, span)
    if station_ids is not None:
        owing = {station_id: own for station_id, own in owing.items() if station_id in station_ids}
    # a few thousand ids in one query are slower than the days of everybody
    narrowed = owing.keys() if len(owing) <= 500 else None
    counts = count_airings(session, [obligation.bulletin_id], span, now, zone, narrowed) if owing else {}
    decide = _by_day if obligation.per == DAY else _in_total
    for station_id, own in owing.items():
        aired = counts.get((obligation.bulletin_id, station_id), {})
        made.stations.append(decide(obligation, station_id, own, aired, today, last_planned))
    return made


def _by_day(
    obligation: Obligation,
    station_id: int,
    owed: tuple[Span, ...],
    aired: Mapping[date, Count],
    today: date,
    last_planned: date,
) -> StationStanding:
    days: dict[date, Cell] = {}
    whole = Count()
    short = lost = 0
    for span in owed:
        for day in span.days():
            count = aired.get(day, NONE)
            state = day_state(obligation.at_least, count, day, today, last_planned)
            lacking = obligation.at_least - count.forecast if state in {State.SHORT, State.MISSED} else 0
            days[day] = Cell(state, count, lacking)
            whole.add(count)
            short += lacking if state is State.SHORT else 0
            lost += lacking if state is State.MISSED else 0
    state = min((cell.state for cell in days.values()), key=GRAVITY.__getitem__)
    if state is State.UNPLANNED and any(cell.state is State.COMING for cell in days.values()):
        state = State.COMING
    return StationStanding(station_id, state, whole, days, short, lost)


def _in_total(
    obligation: Obligation,
    station_id: int,
    owed: tuple[Span, ...],
    aired: Mapping[date, Count],
    today: date,
    last_planned: date,
) -> StationStanding:
    whole = Count()
    days: dict[date, Cell] = {}
    for span in owed:
        for day in span.days():
            count = aired.get(day, NONE)
            whole.add(count)
            if day > last_planned:
                state = State.UNPLANNED
            elif day >= today and count.to_come:
                state = State.COMING
            else:
                state = State.UNKNOWN if count.unknown and not count.done else State.MET
            days[day] = Cell(state, count)
    state, short = total_state(obligation.at_least, whole, owed, today, last_planned)
    if obligation.ended_at is not None and state is not State.MET:
        return StationStanding(station_id, State.ENDED, whole, days)
    lost = obligation.at_least - whole.forecast if state is State.MISSED else 0
    return StationStanding(station_id, state, whole, days, short, lost)
