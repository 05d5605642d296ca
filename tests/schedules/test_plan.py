"""What the plan grants, and where."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from schedules.facts import DatedLink, PolicyFact, StationFact
from schedules.placing.identity import AIRINGS, airing_id
from tests.schedules.world import (
    NO_CURFEW,
    SUNDAY,
    UNITS,
    A,
    B,
    at,
    bulletin,
    codes,
    local,
    planned,
    rule,
    session,
    sound,
    standing,
    starts,
    withdrawn,
)

MONDAY = SUNDAY + timedelta(days=1)


def test_a_rule_gives_each_station_below_its_unit_its_airings() -> None:
    result = planned(rule("r", "05:45", "17:15"), stations=(A, B))
    assert sorted((airing.station_id, local(airing.starts_at)) for airing in result.add) == [
        ("tram-a", "22/11 05:45"),
        ("tram-a", "22/11 17:15"),
        ("tram-b", "22/11 05:45"),
        ("tram-b", "22/11 17:15"),
    ]
    assert not result.refused


def test_an_airing_is_named_by_rule_station_local_date_and_slot() -> None:
    (airing,) = planned(rule("r", "05:45")).add
    assert airing.id == str(uuid.uuid5(AIRINGS, "r/tram-a/2026-11-22/05:45"))
    assert airing.id == airing_id("r", "tram-a", SUNDAY, "05:45")


def test_an_airing_lasts_for_all_its_readings_and_the_gaps_between() -> None:
    (airing,) = planned(rule("r", "05:45", of=bulletin(minutes=2), repeats=3, gap_ms=10_000)).add
    assert airing.ends_at - airing.starts_at == timedelta(minutes=6, seconds=20)
    assert (airing.duration_ms, airing.repeats, airing.gap_ms) == (120_000, 3, 10_000)
    assert airing.latest_start_at - airing.starts_at == timedelta(seconds=120)


def test_a_station_named_directly_is_reached_and_its_neighbour_is_not() -> None:
    result = planned(rule("r", "05:45", targets=frozenset({"tram-b"})), stations=(A, B))
    assert [airing.station_id for airing in result.add] == ["tram-b"]


def test_a_station_reached_twice_by_one_rule_airs_once() -> None:
    result = planned(rule("r", "05:45", targets=frozenset({"tram-a", "xa-a", "tinh"})))
    assert starts(result) == [("r", "22/11 05:45")]


def test_the_window_is_today_and_the_next_fourteen_days() -> None:
    result = planned(rule("r", "05:45"), window_days=15, now=at("12:00"))
    days = [airing.local_on for airing in result.add]
    assert days[0] == MONDAY
    assert days[-1] == SUNDAY + timedelta(days=14)
    assert len(days) == 14


def test_what_is_asked_for_the_present_instant_still_airs_and_what_lies_before_is_not_asked() -> None:
    result = planned(rule("r", "05:45", "05:46"), now=at("05:46"))
    assert starts(result) == [("r", "22/11 05:46")]
    assert not result.refused


def test_what_comes_second_is_put_right_after_what_is_there() -> None:
    result = planned(rule("cu", "17:15", age=2), rule("moi", "17:15", of=bulletin("hai")))
    assert starts(result) == [("cu", "22/11 17:15"), ("moi", "22/11 17:18")]
    moved = next(airing for airing in result.add if airing.rule_id == "moi")
    assert local(moved.asked_at) == "22/11 17:15"


def test_ten_minutes_later_than_asked_is_still_granted_and_more_is_a_collision() -> None:
    granted = planned(rule("cu", "17:15", of=bulletin(minutes=10), age=2), rule("moi", "17:15"))
    assert starts(granted) == [("cu", "22/11 17:15"), ("moi", "22/11 17:25")]
    refused = planned(rule("cu", "17:15", of=bulletin("dài", minutes=10.01), age=2), rule("moi", "17:15"))
    assert codes(refused) == [("moi", "22/11 17:15", "collision")]
    reason = refused.refused[0].reason
    assert "“Bản tin dài”" in reason
    assert "17:15" in reason
    assert "quá 10 phút" in reason
    assert refused.refused[0].facts["with_rule"] == "CU"


def test_a_rule_may_wait_longer_or_refuse_to_be_moved() -> None:
    there = rule("cu", "17:15", of=bulletin(minutes=15), age=2)
    assert starts(planned(there, rule("moi", "17:15", shift_minutes=20)))[1] == ("moi", "22/11 17:30")
    refused = planned(there, rule("moi", "17:20", on_collision="refuse"))
    assert codes(refused) == [("moi", "22/11 17:20", "collision")]


def test_the_place_after_is_looked_for_behind_everything_in_a_row() -> None:
    result = planned(
        rule("a", "17:00", age=5), rule("b", "17:03", age=4), rule("c", "17:06:30", age=3), rule("d", "17:00")
    )
    assert starts(result)[-1] == ("d", "22/11 17:09:30")


def test_two_items_in_one_minute_follow_each_other() -> None:
    short = bulletin("ngắn", minutes=0.25)
    result = planned(rule("r", "17:15:00", "17:15:10", of=short))
    assert starts(result) == [("r", "22/11 17:15"), ("r", "22/11 17:15:15")]


def test_airings_that_only_meet_do_not_collide() -> None:
    result = planned(rule("r", "17:15", "17:18", "17:12"))
    assert [start for _, start in starts(result)] == ["22/11 17:12", "22/11 17:15", "22/11 17:18"]


def test_collisions_go_by_class_then_by_own_unit_then_by_age() -> None:
    oldest = rule("huyen-cu", "17:15", age=9)
    own = rule("xa-moi", "17:15", unit="xa-a", age=0)
    urgent = rule("uu-tien", "17:15", of=bulletin("ưu", bulletin_class="priority"), age=1)
    result = planned(oldest, own, urgent)
    assert [name for name, _ in starts(result)] == ["uu-tien", "xa-moi", "huyen-cu"]


def test_what_has_begun_is_not_displaced_by_an_older_rule() -> None:
    first = planned(rule("moi", "17:00"), now=at("16:00"))
    later = planned(
        rule("moi", "17:00"),
        rule("cu", "17:02", of=bulletin(bulletin_class="priority"), age=9),
        now=at("17:01"),
        existing=standing(first),
    )
    assert starts(later) == [("cu", "22/11 17:03")]
    assert not later.cancel


def test_what_was_put_off_and_has_not_begun_stays_where_it_is() -> None:
    rules = (rule("cu", "17:00", age=2), rule("moi", "17:00"))
    rows = standing(planned(*rules))
    later = planned(*rules, now=at("17:01"), existing=rows)
    assert (later.add, later.change, later.cancel, later.unchanged) == ((), (), (), 1)
    gone = planned(rules[0], now=at("17:01"), existing=rows)
    assert [cancelled.reason for cancelled in gone.cancel] == ["not_asked"]


def test_what_was_put_off_over_midnight_belongs_to_the_day_it_was_asked_for() -> None:
    rules = (rule("cu", "23:58", age=2), rule("moi", "23:58"))
    rows = standing(planned(*rules, policies=(NO_CURFEW,)))
    assert [local(row.starts_at) for row in rows] == ["22/11 23:58", "23/11 00:01"]
    later = planned(*rules, policies=(NO_CURFEW,), now=at("00:00", MONDAY), existing=rows)
    assert (later.change, later.cancel) == ((), ())
    assert {airing.local_on for airing in later.add} == {MONDAY}


def test_the_window_that_rolls_on_moves_nothing_of_its_last_evening() -> None:
    rules = (rule("cu", "00:02", age=2), rule("moi", "23:58", of=bulletin(minutes=5)))
    first = planned(*rules, policies=(NO_CURFEW,))
    assert codes(first) == []
    assert starts(first) == [("cu", "22/11 00:02"), ("moi", "23/11 00:05")]
    later = planned(*rules, policies=(NO_CURFEW,), now=at("10:00"), existing=standing(first), window_days=2)
    assert (later.change, later.cancel) == ((), ())
    assert starts(later) == [("cu", "23/11 00:02"), ("moi", "24/11 00:05")]


def test_a_changed_sound_changes_the_airings_to_come_and_not_those_begun() -> None:
    old = rule("r", "05:45", "17:15")
    rows = standing(planned(old))
    new = replace(old, bulletins=(bulletin(audios=(replace(sound(4), sha256="cd" * 32),)),))
    result = planned(new, now=at("05:46"), existing=rows)
    assert [local(airing.starts_at) for airing in result.change] == ["22/11 17:15"]
    assert result.change[0].audio == "cd" * 32
    assert result.change[0].id in {row.id for row in rows}


def test_a_cancelled_airing_comes_back_under_its_own_id() -> None:
    told = rule("r", "17:15")
    rows = standing(planned(told))
    excepted = planned(replace(told, except_on=frozenset({SUNDAY})), existing=rows)
    assert [(cancelled.id, cancelled.reason) for cancelled in excepted.cancel] == [(rows[0].id, "not_asked")]
    again = planned(told, existing=standing(excepted, rows))
    assert [airing.id for airing in again.change] == [rows[0].id]
    assert not again.add


def test_withdrawing_a_bulletin_cancels_what_is_to_come_and_what_still_sounds() -> None:
    told = rule("r", "05:45", "17:00", "18:00")
    rows = standing(planned(told))
    now = at("17:01")
    result = planned(replace(told, bulletins=(withdrawn(bulletin(), now),)), now=now, existing=rows)
    assert sorted(
        (local(row.starts_at), each.reason) for each in result.cancel for row in rows if row.id == each.id
    ) == [
        ("22/11 17:00", "withdrawn"),
        ("22/11 18:00", "withdrawn"),
    ]
    assert codes(result) == [("r", "22/11 18:00", "withdrawn")]


def test_a_stopped_rule_asks_for_nothing_from_that_instant_on() -> None:
    told = rule("r", "05:45", "17:15")
    result = planned(replace(told, ends_at=at("12:00")), existing=standing(planned(told)))
    assert len(result.cancel) == 1
    assert result.unchanged == 1


def test_airings_of_stations_that_are_not_planned_are_left_alone() -> None:
    rows = standing(planned(rule("r", "17:15"), stations=(A, B)))
    result = planned(stations=(A,), existing=rows)
    assert [each.station_id for each in result.cancel] == ["tram-a"]


def test_a_station_moves_to_another_unit_on_its_day() -> None:
    moving = StationFact("tram", (DatedLink("xa-a", until_on=SUNDAY), DatedLink("xa-b", from_on=MONDAY)))
    result = planned(
        rule("a", "05:30", unit="xa-a"), rule("b", "05:30", unit="xa-b"), stations=(moving,), window_days=2
    )
    assert starts(result) == [("a", "22/11 05:30"), ("b", "23/11 05:30")]


def test_a_merged_unit_takes_its_new_parent_on_its_day() -> None:
    units = (
        *UNITS[:3],
        replace(UNITS[3], parents=(DatedLink("huyen", until_on=SUNDAY), DatedLink("tinh", from_on=MONDAY))),
    )
    result = planned(rule("r", "05:30"), stations=(B,), units=units, window_days=2)
    assert starts(result) == [("r", "22/11 05:30")]


def test_a_station_without_a_unit_that_day_is_asked_for_nothing() -> None:
    closed = StationFact("tram", (DatedLink("xa-a", until_on=SUNDAY - timedelta(days=1)),))
    result = planned(rule("r", "05:30", targets=frozenset({"tram", "xa-a"})), stations=(closed,))
    assert (result.add, result.refused) == ((), ())


def test_a_circle_in_the_tree_is_walked_once() -> None:
    units = (
        replace(UNITS[0], parents=(DatedLink("huyen"),)),
        *UNITS[1:],
    )
    assert len(planned(rule("r", "05:30"), units=units).add) == 1


def test_each_commune_gets_its_own_sound_where_there_is_one() -> None:
    variants = (sound(2), replace(sound(4), sha256="cd" * 32, unit_id="xa-a"))
    result = planned(rule("r", "05:30", of=bulletin(audios=variants)), stations=(A, B))
    assert {airing.station_id: airing.audio for airing in result.add} == {"tram-a": "cd" * 32, "tram-b": "ab" * 32}


def test_a_rule_in_a_session_takes_its_places_one_after_the_other() -> None:
    policy = PolicyFact("p", "huyen", sessions=(session("sáng", "05:30", "06:30"),))
    result = planned(
        rule("moi", sessions=("sáng",), age=1),
        rule("cu", sessions=("sáng",), age=5),
        rule("uu", sessions=("sáng",), of=bulletin("ưu", bulletin_class="priority")),
        policies=(policy,),
    )
    assert starts(result) == [("uu", "22/11 05:30"), ("cu", "22/11 05:33"), ("moi", "22/11 05:36")]
    assert {airing.slot_key for airing in result.add} == {"sáng#1"}


def test_several_places_in_a_session_are_spread_over_it() -> None:
    policy = PolicyFact("p", "huyen", sessions=(session("sáng", "05:30", "06:30"),))
    result = planned(rule("r", sessions=("sáng",), per_session=3), policies=(policy,))
    assert [start for _, start in starts(result)] == ["22/11 05:30", "22/11 05:50", "22/11 06:10"]


def test_year_end_is_crossed_like_any_midnight() -> None:
    last = date(2026, 12, 31)
    result = planned(rule("r", "23:59"), policies=(NO_CURFEW,), now=at("20:00", last), window_days=2)
    assert starts(result) == [("r", "31/12 23:59"), ("r", "01/01 23:59")]
    assert result.add[0].local_on == last


@pytest.mark.parametrize("wrong", [{"now": at("05:00").replace(tzinfo=None)}, {"window_days": 0}])
def test_a_naive_now_or_an_empty_window_is_a_mistake_of_the_caller(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="aware"):
        planned(rule("r", "05:30"), **wrong)  # type: ignore[arg-type]


def test_instants_are_utc() -> None:
    (airing,) = planned(rule("r", "05:30")).add
    assert airing.starts_at.tzinfo is UTC
    assert airing.starts_at.hour == 22
