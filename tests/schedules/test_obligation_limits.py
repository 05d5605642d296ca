"""What the policies leave no room for is told before it is ordered: caps, hours, days, the length of the sound."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy.orm import Session

from broadcast.clock import VIETNAM
from schedules.facts import PolicyFact, SessionFact, WallSpan
from schedules.obligations.limits import Limit, limits, room_of
from schedules.obligations.owing import Span
from schedules.placing.policies import resolve
from tests.schedules.obliged import Obliged

TODAY = date(2026, 11, 22)  # a Sunday
MONTH = Span(TODAY, TODAY + timedelta(days=27))
TWO_SESSIONS = (SessionFact("sáng", time(5, 30), time(6)), SessionFact("chiều", time(17), time(18)))
MINUTE = 60_000


@pytest.mark.parametrize(
    ("said", "length_ms", "a_day", "why"),
    [
        ({}, 10 * MINUTE, 102, "17 hours outside of the default curfew"),
        ({"curfew": ()}, 60 * MINUTE, 24, "no curfew"),
        ({"curfew": (WallSpan(time(0), time(0)),)}, MINUTE, 0, "all day is curfew"),
        ({"sessions": TWO_SESSIONS}, 20 * MINUTE, 4, "one in the morning, three in the evening"),
        ({"sessions": TWO_SESSIONS}, 45 * MINUTE, 1, "too long for the morning"),
        ({"sessions": TWO_SESSIONS}, 90 * MINUTE, 0, "too long for any"),
        ({"sessions": TWO_SESSIONS, "longest_session_minutes": 20}, 20 * MINUTE, 2, "one a session"),
        ({"sessions": TWO_SESSIONS, "sessions_a_day": 1}, 20 * MINUTE, 3, "the longer one"),
        ({"sessions_a_day": 2, "longest_session_minutes": 15}, 5 * MINUTE, 6, "unnamed sessions"),
        ({"sessions": TWO_SESSIONS, "same_text_a_day": 3}, 20 * MINUTE, 3, "the cap"),
        ({"same_text_a_day": 3}, 0, 3, "no sound yet"),
    ],
)
def test_a_policy_leaves_room_for_so_many_a_day(said: dict[str, object], length_ms: int, a_day: int, why: str) -> None:
    assert room_of(resolve([PolicyFact("p", "u", **said)]), length_ms).a_day == a_day, why  # type: ignore[arg-type]


@pytest.fixture
def obliged(session: Session, now) -> Obliged:
    made = Obliged(session, now)
    made.station("S1")
    return made


def told(
    obliged: Obliged, at_least: int, per: str = "day", span: Span = MONTH, units: tuple[str, ...] = ("H",)
) -> list[Limit]:
    return limits(obliged.session, obliged.bulletin, units, at_least, per, span, VIETNAM)


def test_what_can_be_met_is_told_nothing(obliged: Obliged) -> None:
    assert told(obliged, 5) == told(obliged, 500, "total") == []


def test_more_than_the_cap_is_told_with_the_paper_it_comes_from(obliged: Obliged) -> None:
    obliged.district.policy(obliged.district.top, same_text_a_day=2, source="Quyết định 12")
    [limit] = told(obliged, 3)
    assert (limit.field, limit.is_total, limit.stations) == ("at_least", True, 1)
    assert "2 lần cùng một nội dung (theo Quyết định 12)" in limit.message_vi
    assert told(obliged, 2) == []
    [whole] = told(obliged, 57, "total")
    assert "nhiều nhất 56 lượt" in whole.message_vi
    assert told(obliged, 56, "total") == []


def test_where_only_some_stations_cannot_the_others_are_counted_too(obliged: Obliged) -> None:
    own = obliged.district.unit("Y", parent=obliged.district.top)
    obliged.district.station("S2", own)
    obliged.district.policy(own, same_text_a_day=1)
    [limit] = told(obliged, 2)
    assert (limit.stations, limit.of_all, limit.is_total) == (1, 2, False)


def test_days_on_which_nothing_may_air_are_named(obliged: Obliged) -> None:
    obliged.district.policy(obliged.district.top, days=["mon", "tue", "wed", "thu", "fri"], source="Quy chế")
    [limit] = told(obliged, 1)
    assert limit.field == "per"
    assert "thứ Bảy, Chủ nhật (theo Quy chế)" in limit.message_vi
    assert told(obliged, 1, span=Span(TODAY + timedelta(days=1), TODAY + timedelta(days=5))) == []


def test_a_policy_that_begins_later_counts_from_its_day(obliged: Obliged) -> None:
    obliged.district.policy(obliged.district.top, from_on=TODAY + timedelta(days=10), same_text_a_day=1)
    assert told(obliged, 2, span=Span(TODAY, TODAY + timedelta(days=9))) == []
    assert len(told(obliged, 2)) == 1


def test_units_without_a_station_owe_nothing(obliged: Obliged) -> None:
    obliged.district.unit("Y")
    [limit] = told(obliged, 1, units=("Y",))
    assert limit.field == "units"


def test_ten_years_are_looked_at_in_no_time(obliged: Obliged) -> None:
    assert told(obliged, 1, span=Span(TODAY, TODAY + timedelta(days=3650))) == []
