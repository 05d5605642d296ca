"""Days and wall times of rules, and how people type them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from broadcast.errors import Invalid
from schedules.recurrence import asks_on, bulletin_on, day_slots, parse_days, parse_wall_time, wall_times
from tests.schedules.world import SUNDAY, bulletin, rule


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("5h30", time(5, 30)),
        ("05:30", time(5, 30)),
        ("17g15", time(17, 15)),
        ("5h", time(5)),
        ("17 giờ 15", time(17, 15)),
        ("17 giờ 15 phút", time(17, 15)),
        (" 0:00 ", time(0)),
        ("23H59", time(23, 59)),
        ("17:15:30", time(17, 15, 30)),
        ("5.30", time(5, 30)),
        ("5 h 30", time(5, 30)),
        ("17 : 15", time(17, 15)),
        ("5 giờ rưỡi", time(5, 30)),
        ("7 rưỡi tối", time(19, 30)),
        ("5 giờ 30", time(5, 30)),
        ("7h tối", time(19)),
        ("7 giờ tối", time(19)),
        ("5h30 chiều", time(17, 30)),
        ("17h30 chiều", time(17, 30)),
        ("05:30 sáng", time(5, 30)),
        ("sáng 5h30", time(5, 30)),
        ("12h trưa", time(12)),
        ("1 giờ trưa", time(13)),
        ("12 giờ đêm", time(0)),
        ("11h khuya", time(23)),
        ("7 giờ kém 10 tối", time(18, 50)),
        ("7 gio toi", time(19)),
        ("7h tô\u0301i", time(19)),  # the tone as a sign of its own, as some keyboards send it
    ],
)
def test_people_type_times_in_several_ways(typed: str, meant: time) -> None:
    assert parse_wall_time(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["25:61", "24:00", "5h60", "12:5", "5:", "mười giờ", "", "-1:00", "5h30h", "99", "5.3", "5h3", "17h sáng",
     "12 giờ tối", "8 giờ chiều", "sáng 5h chiều", "5h30:15", "17 30"],
)  # fmt: skip
def test_a_time_that_does_not_exist_is_refused_with_what_would_be_right(typed: str) -> None:
    with pytest.raises(Invalid) as told:
        parse_wall_time(typed, field="times")
    assert told.value.field == "times"
    assert f"“{typed.strip()}”" in told.value.message_vi
    assert any(hint in told.value.message_vi for hint in ("05:30", "từ 0 đến 23"))


def test_days_are_names_of_weekdays_or_dates_or_daily() -> None:
    assert parse_days("daily") == (None, None)
    assert parse_days(["mon", "CN", "thứ 6", "T2"]) == (frozenset({1, 5, 7}), None)
    assert parse_days(["2026-02-28", date(2026, 3, 1)]) == (None, frozenset({date(2026, 2, 28), date(2026, 3, 1)}))
    assert parse_days(["sun", "2026-09-02"]) == (frozenset({7}), frozenset({date(2026, 9, 2)}))


@pytest.mark.parametrize("wrong", [["2026-02-30"], ["thứ 8"], [], "weekly", [7], [datetime(2026, 1, 1)]])  # noqa: DTZ001
def test_a_day_that_does_not_exist_is_refused(wrong: list[str]) -> None:
    with pytest.raises(Invalid):
        parse_days(wrong, field="days")


def test_every_ninety_minutes_includes_both_ends_and_listed_times_once() -> None:
    told = rule("nhac", "06:00", "07:00", every_minutes=90, between=(time(6), time(9)))
    assert wall_times(told) == (time(6), time(7), time(7, 30), time(9))


def test_the_last_interval_stops_before_the_end_where_it_does_not_meet_it() -> None:
    assert wall_times(rule("nhac", every_minutes=90, between=(time(6), time(8, 59)))) == (time(6), time(7, 30))


def test_slot_keys_are_the_wall_time_or_the_place_in_the_session() -> None:
    told = rule("hai", "17:15", sessions=("sáng", "chiều"), per_session=2)
    assert [slot.key for slot in day_slots(told)] == ["17:15", "sáng#1", "sáng#2", "chiều#1", "chiều#2"]


def test_a_range_includes_its_last_day_and_its_first() -> None:
    told = rule("r", "05:30", from_on=SUNDAY, until_on=SUNDAY + timedelta(days=2))
    days = [SUNDAY + timedelta(days=offset) for offset in range(-1, 4)]
    assert [asks_on(told, day) for day in days] == [False, True, True, True, False]


def test_sunday_is_a_day_of_the_week() -> None:
    told = rule("r", "05:30", weekdays=frozenset({7}))
    assert asks_on(told, SUNDAY)
    assert not asks_on(told, SUNDAY + timedelta(days=1))


def test_the_29th_of_february_is_asked_only_where_it_exists() -> None:
    told = rule("r", "05:30", from_on=date(2028, 2, 28), until_on=date(2028, 3, 1))
    assert asks_on(told, date(2028, 2, 29))
    chosen = rule("r", "05:30", dates=parse_days(["2028-02-29"]).dates)
    assert asks_on(chosen, date(2028, 2, 29))
    assert not asks_on(chosen, date(2028, 2, 28))


def test_tet_can_be_excepted_from_a_daily_rule() -> None:
    tet = frozenset(date(2027, 2, 5) + timedelta(days=offset) for offset in range(5))
    told = rule("r", "05:30", except_on=tet)
    assert asks_on(told, date(2027, 2, 4))
    assert not any(asks_on(told, day) for day in tet)
    assert asks_on(told, date(2027, 2, 10))


def test_bulletins_in_rotation_take_turns_within_a_day_and_from_day_to_day() -> None:
    first, second = bulletin("một"), bulletin("hai")
    told = rule("r", "05:30", "17:00", bulletins=(first, second))
    heard = [[bulletin_on(told, SUNDAY + timedelta(days=day), turn).id for turn in (0, 1)] for day in (0, 1)]
    assert sorted(heard[0]) == sorted(heard[1]) == ["hai", "một"]
    assert heard[0][0] != heard[1][0]


def test_a_weekly_rule_rotates_from_week_to_week() -> None:
    told = rule("r", "05:30", weekdays=frozenset({7}), bulletins=tuple(bulletin(str(each)) for each in range(7)))
    heard = {bulletin_on(told, SUNDAY + timedelta(weeks=week), 0).id for week in range(7)}
    assert len(heard) == 7


def test_an_exception_moves_no_other_day_of_a_rotation() -> None:
    told = rule("r", "05:30", bulletins=(bulletin("một"), bulletin("hai")))
    without = replace(told, except_on=frozenset({SUNDAY}))
    monday = SUNDAY + timedelta(days=1)
    assert bulletin_on(told, monday, 0) == bulletin_on(without, monday, 0)
