"""DESIGN §5.7: at once, over everything, in curfew too, until stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from schedules.facts import DatedLink, PolicyFact, StationFact
from tests.schedules.world import (
    SUNDAY,
    A,
    B,
    alarm,
    at,
    bulletin,
    codes,
    local,
    planned,
    rule,
    sound,
    standing,
    starts,
)

STORM = at("16:50")


def test_an_emergency_begins_now_in_curfew_with_its_approver_named() -> None:
    (airing,) = planned(alarm(begins_at=at("02:13")), now=at("02:13")).add
    assert local(airing.starts_at) == "22/11 02:13"
    assert (airing.bulletin_class, airing.repeats, airing.approved_by) == ("emergency", None, "Trần Thị Duyệt")
    assert airing.ends_at - airing.starts_at == timedelta(minutes=1)


def test_an_emergency_planned_a_moment_after_it_was_started_begins_at_once() -> None:
    later = STORM + timedelta(seconds=2)
    (airing,) = planned(alarm(begins_at=STORM), now=later).add
    assert (airing.asked_at, airing.starts_at) == (STORM, later)


def test_an_emergency_that_nobody_approved_does_not_air() -> None:
    of = bulletin("bao", bulletin_class="emergency", audios=(sound(approver=None),))
    result = planned(alarm(begins_at=STORM, bulletins=(of,)), now=STORM)
    assert codes(result) == [("bao", "22/11 16:50", "not_approved")]


def test_an_emergency_needs_no_session_no_allowed_day_and_no_cap() -> None:
    policy = PolicyFact("p", "huyen", weekdays=frozenset({1}), same_text_a_day=0)
    assert len(planned(alarm(begins_at=STORM), now=STORM, policies=(policy,)).add) == 1


def test_what_an_emergency_displaces_is_cancelled_for_it_and_says_so() -> None:
    daily = rule("r", "17:15")
    rows = standing(planned(daily, now=at("16:00"), window_days=4))
    result = planned(daily, alarm(begins_at=STORM), now=STORM, existing=rows, window_days=4)
    assert {each.reason for each in result.cancel} == {"emergency"}
    assert [asked for _, asked, _ in codes(result)] == ["22/11 17:15", "23/11 17:15"]
    assert "khẩn cấp “Bản tin bao” cho đến khi có lệnh dừng" in result.refused[0].reason
    assert result.unchanged == 2


def test_what_has_begun_is_left_to_the_station() -> None:
    daily = rule("r", "16:49")
    rows = standing(planned(daily, now=at("16:00")))
    result = planned(daily, alarm(begins_at=STORM), now=STORM, existing=rows)
    assert not result.cancel
    assert starts(result) == [("bao", "22/11 16:50")]


def test_while_it_goes_on_nothing_of_it_changes() -> None:
    told = (rule("r", "17:15"), alarm(begins_at=STORM))
    rows = standing(planned(*told, now=STORM))
    later = planned(*told, now=at("17:00"), existing=rows)
    assert (later.add, later.change, later.cancel) == ((), (), ())
    assert later.unchanged == 1
    assert codes(later) == [("r", "22/11 17:15", "collision")]


def test_a_station_that_is_added_meanwhile_begins_when_it_comes() -> None:
    told = alarm(begins_at=STORM)
    rows = standing(planned(told, now=STORM))
    result = planned(told, now=at("18:00", SUNDAY + timedelta(days=4)), existing=rows, stations=(A, B))
    assert [(airing.station_id, local(airing.starts_at)) for airing in result.add] == [("tram-b", "26/11 18:00")]
    assert result.add[0].local_on == SUNDAY


def test_when_it_is_stopped_it_is_cancelled_and_the_rest_comes_back() -> None:
    daily, storm = rule("r", "17:15", "19:00"), alarm(begins_at=STORM)
    rows = standing(planned(daily, now=at("16:00")))
    rows = standing(planned(daily, storm, now=STORM, existing=rows), rows)
    stopped = replace(storm, ends_at=at("17:20"))
    result = planned(daily, stopped, now=at("17:21"), existing=rows)
    assert [each.reason for each in result.cancel] == ["stopped"]
    assert starts(result) == [("r", "22/11 19:00")]
    settled = planned(daily, stopped, now=at("17:21"), existing=standing(result, rows))
    assert (settled.add, settled.change, settled.cancel) == ((), (), ())


def test_a_second_emergency_queues_by_time_of_approval() -> None:
    early = bulletin("lũ", bulletin_class="emergency", audios=(replace(sound(1), approved_at=at("10:00")),))
    late = bulletin("cháy", bulletin_class="emergency", audios=(replace(sound(1), approved_at=at("11:00")),))
    result = planned(
        alarm("chay", begins_at=STORM, bulletins=(late,), age=9),
        alarm("lu", begins_at=STORM, bulletins=(early,)),
        now=STORM,
    )
    assert starts(result) == [("lu", "22/11 16:50"), ("chay", "22/11 16:51")]


def test_a_withdrawn_emergency_is_cancelled_while_it_sounds() -> None:
    told = alarm(begins_at=STORM)
    rows = standing(planned(told, now=STORM))
    gone = replace(told, bulletins=(replace(told.bulletins[0], withdrawn_at=at("17:00")),))
    result = planned(gone, now=at("17:00"), existing=rows)
    assert [each.reason for each in result.cancel] == ["withdrawn"]


def test_an_emergency_ends_on_a_station_that_leaves_its_area() -> None:
    moved = StationFact(
        "tram-a", (DatedLink("xa-a", until_on=SUNDAY), DatedLink("xa-b", from_on=SUNDAY + timedelta(days=1)))
    )
    told = alarm(begins_at=STORM, unit="xa-a")
    rows = standing(planned(told, now=STORM, stations=(moved,)))
    result = planned(told, now=at("00:00", SUNDAY + timedelta(days=1)), stations=(moved,), existing=rows)
    assert [each.reason for each in result.cancel] == ["not_asked"]


def test_an_emergency_script_in_an_ordinary_rule_is_put_before_the_others_at_its_time() -> None:
    drill = rule("tap", "17:15", of=bulletin("diễn tập", bulletin_class="emergency"))
    result = planned(rule("cu", "17:15", age=9), drill)
    assert starts(result) == [("tap", "22/11 17:15"), ("cu", "22/11 17:18")]
