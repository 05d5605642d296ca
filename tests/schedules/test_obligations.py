"""An obligation per station and day: what is done, what is still to come, what is short, and what can be mended."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from broadcast.clock import VIETNAM
from broadcast.obligation import Obligation
from broadcast.station import StationUnit
from schedules.obligations.standing import Span, Standing, State, day_state, standing, total_state
from schedules.obligations.tallying import Count
from tests.schedules.obliged import Obliged

TODAY = date(2026, 11, 22)  # a Sunday, 10:00
DAY = timedelta(days=1)
LAST_PLANNED = TODAY + 14 * DAY


@pytest.fixture
def obliged(session: Session, now: datetime) -> Obliged:
    return Obliged(session, now)


def stand(obliged: Obliged, obligation: Obligation, now: datetime | None = None, **more: object) -> Standing:
    return standing(obliged.session, obligation, now or obliged.now, VIETNAM, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "day", "state", "why"),
    [
        (Count(done=2), TODAY - DAY, State.MET, "done"),
        (Count(done=1, failed=1), TODAY - DAY, State.MISSED, "over and too few"),
        (Count(), TODAY - DAY, State.MISSED, "over and nothing"),
        (Count(done=1, unknown=1), TODAY - DAY, State.UNKNOWN, "over, the station has not told yet"),
        (Count(failed=2, unknown=1), TODAY - DAY, State.MISSED, "what is unknown would not do"),
        (Count(done=1, to_come=1), TODAY, State.COMING, "the rest is planned"),
        (Count(done=1, failed=1), TODAY, State.SHORT, "one failed, and the day is not over"),
        (Count(unknown=1, to_come=1), TODAY, State.UNKNOWN, "it hangs on what is unknown"),
        (Count(done=2, to_come=3), TODAY, State.MET, "done before the day is over"),
        (Count(to_come=1), TODAY + DAY, State.SHORT, "too few planned"),
        (Count(to_come=2), LAST_PLANNED, State.COMING, "the last planned day"),
        (Count(), LAST_PLANNED + DAY, State.UNPLANNED, "behind what is planned nothing is short"),
    ],
)
def test_a_day_is_told_by_what_is_known_of_it(count: Count, day: date, state: State, why: str) -> None:
    assert day_state(2, count, day, TODAY, LAST_PLANNED) is state, why


@given(
    at_least=st.integers(1, 5),
    counts=st.tuples(*[st.integers(0, 4)] * 4),
    day=st.integers(-3, 20),
)
def test_what_is_short_would_be_met_by_so_many_more(at_least: int, counts: tuple[int, ...], day: int) -> None:
    done, failed, unknown, to_come = counts
    on = TODAY + day * DAY
    count = Count(done, failed, unknown, to_come if day >= 0 else 0)
    state = day_state(at_least, count, on, TODAY, LAST_PLANNED)
    if state is State.SHORT:
        assert TODAY <= on <= LAST_PLANNED
        more = Count(count.done, count.failed, count.unknown, count.to_come + at_least - count.forecast)
        assert day_state(at_least, more, on, TODAY, LAST_PLANNED) in {State.COMING, State.UNKNOWN}
    assert (state is State.MET) == (count.done >= at_least)
    assert state is not State.MISSED or on < TODAY


MONTH = (Span(TODAY, TODAY + 29 * DAY),)  # half of it is planned


@pytest.mark.parametrize(
    ("count", "days", "expected", "why"),
    [
        (Count(done=60), MONTH, (State.MET, 0), "done"),
        (Count(done=20, to_come=40), MONTH, (State.COMING, 0), "all planned already"),
        (Count(to_come=30), MONTH, (State.UNPLANNED, 0), "half of the days, half of the airings"),
        (Count(to_come=27), MONTH, (State.SHORT, 3), "behind the pace"),
        (Count(), MONTH, (State.SHORT, 30), "nothing planned at all"),
        (Count(done=59), (Span(TODAY - 9 * DAY, TODAY - DAY),), (State.MISSED, 0), "over"),
        (Count(done=59, unknown=1), (Span(TODAY - 9 * DAY, TODAY - DAY),), (State.UNKNOWN, 0), "over, not told yet"),
        (Count(done=50, to_come=5), (Span(TODAY - 9 * DAY, TODAY),), (State.SHORT, 5), "the last day"),
    ],
)
def test_a_whole_range_is_short_where_it_falls_behind_its_pace(
    count: Count, days: tuple[Span, ...], expected: tuple[State, int], why: str
) -> None:
    assert total_state(60, count, days, TODAY, LAST_PLANNED) == expected, why


def test_late_counts_as_done_and_a_part_of_an_airing_does_not(obliged: Obliged) -> None:
    station = obliged.station()
    for hour, outcome in enumerate(("complete", "late", "partial", "missed", "cancelled", "")):
        obliged.airing(station, TODAY - DAY, time(6 + hour), outcome)
    obliged.airing(station, TODAY, time(17, 15))
    obliged.airing(station, TODAY, time(18, 15), "cancelled")
    made = stand(obliged, obliged.order(3, TODAY - DAY, TODAY + DAY))
    [one] = made.stations
    yesterday, today, tomorrow = one.days[TODAY - DAY], one.days[TODAY], one.days[TODAY + DAY]
    assert yesterday.count == Count(done=2, failed=2, unknown=1, to_come=0)
    assert (yesterday.state, yesterday.short) == (State.UNKNOWN, 0)
    assert (today.state, today.count, today.short) == (State.SHORT, Count(to_come=1), 2)
    assert (tomorrow.state, tomorrow.short) == (State.SHORT, 3)
    assert (one.state, one.short, one.lost, made.short) == (State.SHORT, 5, 0, 5)


def test_what_the_station_kept_silent_about_until_it_was_settled_is_missed(obliged: Obliged) -> None:
    station = obliged.station()
    obliged.airing(station, TODAY - DAY, time(6))
    order = obliged.order(1, TODAY - DAY, TODAY - DAY)
    assert stand(obliged, order).state is State.UNKNOWN
    obliged.settled(station, obliged.now)
    made = stand(obliged, order)
    assert (made.state, made.lost, made.short) == (State.MISSED, 1, 0)


def test_airings_of_any_rule_count_and_those_of_another_bulletin_do_not(obliged: Obliged) -> None:
    station, other = obliged.station(), obliged.district.bulletin("N")
    obliged.airing(station, TODAY, time(17), bulletin=other)
    order = obliged.order(1, TODAY, TODAY)
    assert stand(obliged, order).state is State.SHORT
    obliged.airing(station, TODAY, time(18))
    assert stand(obliged, order).state is State.COMING


def test_a_day_is_a_local_day(obliged: Obliged) -> None:
    """05:30 in Vietnam is the day before in UTC."""
    station = obliged.station()
    obliged.airing(station, TODAY, time(5, 30), "complete")
    obliged.airing(station, TODAY, time(23, 59))
    made = stand(obliged, obliged.order(2, TODAY - DAY, TODAY))
    assert made.stations[0].days[TODAY].count == Count(done=1, to_come=1)
    assert made.stations[0].days[TODAY - DAY].count == Count()


def test_a_station_owes_only_while_it_is_there_and_below_the_units(obliged: Obliged) -> None:
    district = obliged.district
    moved, elsewhere = obliged.station("S1"), district.unit("Y")
    moved.units[0].until_on = TODAY
    moved.units.append(StationUnit(unit_id=elsewhere.id, from_on=TODAY + DAY))
    young = obliged.station("S2")
    young.created_at = obliged.now
    gone = obliged.station("S3")
    gone.retired_at = obliged.now - 3 * DAY
    obliged.session.flush()
    made = stand(obliged, obliged.order(1, TODAY - 5 * DAY, TODAY + 5 * DAY))
    days = {one.station_id: (min(one.days), max(one.days)) for one in made.stations}
    assert days == {
        moved.id: (TODAY - 5 * DAY, TODAY),
        young.id: (TODAY, TODAY + 5 * DAY),
        gone.id: (TODAY - 5 * DAY, TODAY - 3 * DAY),
    }
    assert stand(obliged, obliged.order(1, TODAY, TODAY, unit_codes=["Y"])).stations == []


def test_what_was_taken_back_is_owed_until_the_day_before(obliged: Obliged) -> None:
    obliged.station()
    order = obliged.order(1, TODAY - 2 * DAY, TODAY + 5 * DAY, ended_at=obliged.now)
    made = stand(obliged, order)
    assert made.span == Span(TODAY - 2 * DAY, TODAY - DAY)
    assert (made.state, made.lost, made.short) == (State.MISSED, 2, 0)
    order.from_on = TODAY
    assert stand(obliged, order).state is State.ENDED


def test_a_total_is_counted_whole_whatever_days_are_looked_at(obliged: Obliged) -> None:
    station = obliged.station()
    for day in range(1, 6):
        obliged.airing(station, TODAY - day * DAY, time(6), "complete")
    order = obliged.order(5, TODAY - 10 * DAY, TODAY + 10 * DAY, "total")
    made = stand(obliged, order, days=Span(TODAY, TODAY))
    assert (made.state, made.stations[0].count.done) == (State.MET, 5)


def test_of_the_stations_only_those_that_may_be_seen_are_counted(obliged: Obliged) -> None:
    first, second = obliged.station("S1"), obliged.station("S2")
    order = obliged.order(1, TODAY, TODAY)
    assert {one.station_id for one in stand(obliged, order).stations} == {first.id, second.id}
    assert [one.station_id for one in stand(obliged, order, station_ids={second.id}).stations] == [second.id]
