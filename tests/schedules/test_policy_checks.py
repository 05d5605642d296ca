"""A policy that cannot mean anything, by itself or with those around it, is told so at its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.checks.policy_checks import clashes, forbidden_minutes, openings_cut, problems_of_policy
from schedules.facts import PolicyFact, Problem, SessionFact, WallSpan
from schedules.placing.territory import Territory
from tests.schedules.world import SUNDAY, UNITS, bulletin, curfew, planned, rule, session

TREE = Territory(UNITS)
HALVES = (WallSpan(time(22), time(11)), WallSpan(time(11), time(22)))
NIGHT = curfew("22:00", "05:00")
MORNING, EVENING, DAWN = (
    session("sáng", "05:30", "06:30"),
    session("chiều", "17:00", "18:00"),
    session("sớm", "4h", "5h"),
)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"from_on": SUNDAY, "until_on": SUNDAY - timedelta(days=1)}, "until", "trước khi có hiệu lực"),
        ({"curfew": (WallSpan(time(5), time(5)),)}, "curfew", "cấm cả ngày"),
        ({"curfew": HALVES}, "curfew", "cấm cả ngày"),
        ({"weekdays": frozenset()}, "days", "không cho phát"),
        ({"sessions": (session("sáng", "06:30", "05:30"),)}, "sessions", "kết thúc trước khi bắt đầu"),
        ({"sessions": (MORNING, session("b", "06:00", "07:00"))}, "sessions", "chồng"),
        ({"sessions": (MORNING, session("sáng", "17:00", "18:00"))}, "sessions", "trùng tên"),
        ({"sessions": (session("*", "05:30", "06:30"),)}, "sessions", "tên bằng chữ"),
        ({"sessions": (session(" ", "05:30", "06:30"),)}, "sessions", "tên bằng chữ"),
        ({"sessions": (session("s" * 31, "05:30", "06:30"),)}, "sessions", "dài quá 30"),
        ({"sessions": (DAWN, MORNING), "curfew": NIGHT}, "sessions", "“sớm” 04:00–05:00 nằm trọn trong giờ cấm phát"),
        ({"sessions_a_day": 0}, "sessions_a_day", "0 buổi thì không phát được gì"),
        ({"same_text_a_day": 0}, "same_text_a_day", "từ 1 trở lên"),
        ({"longest_session_minutes": 0}, "longest_session_minutes", "từ 1 trở lên"),
        ({"longest_session_minutes": 1441}, "longest_session_minutes", "nhiều nhất là 1440 phút"),
    ],
)
def test_a_policy_that_cannot_be_is_told_at_its_field(wrong: dict[str, Any], field: str, said: str) -> None:
    problems = problems_of_policy(PolicyFact("p", "huyen", **wrong))
    assert [problem.field for problem in problems] == [field]
    assert said in problems[0].message_vi


def test_no_curfew_and_a_session_until_midnight_are_sensible() -> None:
    assert problems_of_policy(PolicyFact("p", "huyen", curfew=(), sessions=(session("đêm", "23:00", "00:00"),))) == ()


def test_minutes_of_spans_that_overlap_count_once_and_those_over_midnight_on_both_sides() -> None:
    assert forbidden_minutes((*NIGHT, *curfew("23:00", "01:00"))) == 7 * 60
    assert forbidden_minutes(NIGHT, 4 * 60, 6 * 60) == 60
    assert forbidden_minutes(()) == 0


def told(*problems: Problem) -> list[str]:
    return [problem.message_vi for problem in problems]


def test_sessions_that_all_lie_in_an_inherited_curfew_are_a_warning_that_names_the_place() -> None:
    above = PolicyFact("1", "tinh", curfew=curfew("22:00", "07:00"))
    (problem,) = clashes(PolicyFact("new", "xa-a", from_on=SUNDAY, sessions=(MORNING,)), TREE, [above])
    assert problem.field == "sessions"
    assert "Xã An Phú: mọi khung giờ phát (sáng 05:30–06:30) đều nằm trong giờ cấm phát" in problem.message_vi


def test_a_curfew_is_held_against_the_sessions_of_units_below() -> None:
    below = PolicyFact("1", "xa-a", sessions=(MORNING, EVENING))
    new = PolicyFact("new", "huyen", from_on=SUNDAY, curfew=curfew("20:00", "06:00"))
    (problem,) = clashes(new, TREE, [below])
    assert problem.field == "curfew"
    assert "Xã An Phú: khung giờ “sáng” 05:30–06:30 chạm" in problem.message_vi
    (problem,) = clashes(replace(new, curfew=curfew("20:00", "07:00")), TREE, [below])
    assert "Xã An Phú: khung giờ “sáng” 05:30–06:30 nằm trọn" in problem.message_vi


def test_the_curfew_that_holds_where_nobody_says_otherwise_counts_too() -> None:
    (problem,) = clashes(PolicyFact("new", "huyen", from_on=SUNDAY, sessions=(DAWN, EVENING)), TREE, [])
    assert "giờ cấm phát mặc định 22:00–05:00" in problem.message_vi


def test_what_other_policies_do_to_each_other_is_not_told_of_this_one() -> None:
    others = [PolicyFact("1", "tinh", curfew=curfew("22:00", "07:00")), PolicyFact("2", "xa-a", sessions=(MORNING,))]
    assert clashes(PolicyFact("new", "huyen", from_on=SUNDAY, same_text_a_day=3), TREE, others) == ()
    assert clashes(PolicyFact("new", "xa-b", from_on=SUNDAY, sessions=(EVENING,)), TREE, others) == ()


def test_a_policy_that_begins_later_is_met_on_its_own_first_day() -> None:
    later = PolicyFact("1", "tinh", from_on=SUNDAY + timedelta(days=30), curfew=curfew("16:00", "05:00"))
    new = PolicyFact("new", "xa-a", from_on=SUNDAY, sessions=(EVENING,))
    assert len(clashes(new, TREE, [later])) == 1
    assert clashes(replace(new, until_on=SUNDAY + timedelta(days=29)), TREE, [later]) == ()


def test_a_policy_is_told_which_opening_its_sessions_would_cut() -> None:
    long = rule("r", of=bulletin("nhạc hiệu", minutes=20), sessions=("sáng",), place="opening")
    new = PolicyFact("new", "xa-a", from_on=SUNDAY, sessions=(session("sáng", "05:30", "05:45"),))
    assert "ngắn hơn phần mở đầu “Bản tin nhạc hiệu” dài 20 phút" in told(*openings_cut(new, TREE, [], [long]))[0]
    limit = PolicyFact("new", "tinh", from_on=SUNDAY, longest_session_minutes=15)
    held = PolicyFact("1", "huyen", sessions=(MORNING,))
    assert len(openings_cut(limit, TREE, [held], [long])) == 1
    assert openings_cut(new, TREE, [], [replace(long, targets=frozenset({"xa-b"}))]) == ()
    assert openings_cut(replace(new, sessions=(MORNING,)), TREE, [], [long]) == ()


@st.composite
def policies(draw: st.DrawFn) -> PolicyFact:
    wall = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
    names = ("sáng", "trưa", "chiều")
    curfews = st.lists(st.builds(WallSpan, wall, wall), max_size=3).map(tuple)
    return PolicyFact(
        "new",
        "xa-a",
        curfew=draw(st.none() | curfews),
        sessions=draw(st.none() | st.builds(lambda ends: tuple(map(SessionFact, names, *zip(*ends, strict=True))),
                                            st.lists(st.tuples(wall, wall), min_size=1, max_size=3))),
        weekdays=draw(st.none() | st.frozensets(st.integers(1, 7))),
        longest_session_minutes=draw(st.none() | st.integers(0, 3)),
        sessions_a_day=draw(st.none() | st.integers(0, 2)),
        same_text_a_day=draw(st.none() | st.integers(0, 2)),
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(policies())
def test_whatever_forbids_everything_is_told(policy: PolicyFact) -> None:
    """A minute asked for every five minutes of a week: where none of it is granted, somebody was told why."""
    always = rule("r", of=bulletin(minutes=1), every_minutes=5, between=(time(0), time(23, 55)))
    said = told(*problems_of_policy(policy), *clashes(policy, TREE, []))
    if not any("không phát được gì" in each for each in said) and not problems_of_policy(policy):
        assert planned(always, policies=(policy,), window_days=7).add
