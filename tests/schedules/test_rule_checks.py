"""A rule or policy that cannot mean anything is told so at its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from broadcast.errors import Invalid
from schedules.facts import PolicyFact, WallSpan
from schedules.rule_checks import problems_of, problems_of_policy, require_sound
from tests.schedules.world import SUNDAY, alarm, at, bulletin, rule, session

GOOD = rule("r", "05:30", from_on=SUNDAY, until_on=SUNDAY + timedelta(days=30))
TUESDAY = SUNDAY + timedelta(days=2)


@pytest.mark.parametrize(
    "sound",
    [
        GOOD,
        rule("r", "05:30"),
        replace(GOOD, until_on=SUNDAY),
        replace(GOOD, from_on=None, until_on=None, weekdays=frozenset({7})),
        replace(GOOD, times=(), sessions=("sáng",)),
        replace(GOOD, times=(), every_minutes=90, between=(time(6), time(20))),
        replace(GOOD, dates=frozenset({SUNDAY})),
        replace(GOOD, from_on=None, until_on=None, except_on=frozenset({SUNDAY})),
        alarm(begins_at=at("16:50")),
    ],
)
def test_a_sensible_rule_has_no_problems(sound: Any) -> None:
    assert problems_of(sound) == ()


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"until_on": SUNDAY - timedelta(days=1)}, "until", "21/11/2026 trước ngày bắt đầu 22/11/2026"),
        ({"until_on": date(2056, 11, 22)}, "until", "10 năm"),
        ({"times": ()}, "times", "05:30"),
        ({"bulletins": ()}, "bulletin", "chưa có bản tin"),
        ({"targets": frozenset()}, "targets", "chưa có đơn vị"),
        ({"repeats": 0}, "repeats", "từ 1"),
        ({"repeats": None}, "repeats", "khẩn cấp"),
        ({"gap_ms": 61_000}, "gap_seconds", "60 giây"),
        ({"gap_ms": -1}, "gap_seconds", "60 giây"),
        ({"shift_minutes": -1}, "shift_minutes", "lùi"),
        ({"every_minutes": 90}, "every_minutes", "khoảng giờ"),
        ({"every_minutes": 0, "between": (time(6), time(7))}, "every_minutes", "1440"),
        ({"every_minutes": 5, "between": (time(20), time(6))}, "between", "(06:00) trước khi bắt đầu (20:00)"),
        ({"every_minutes": 1, "between": (time(6), time(20))}, "times", "288"),
        ({"dates": frozenset({date(2027, 5, 1)})}, "days", "Không có ngày nào để phát"),
        ({"weekdays": frozenset({1}), "from_on": TUESDAY, "until_on": TUESDAY + timedelta(days=5)}, "days", "khoảng"),
        ({"dates": frozenset({SUNDAY}), "except_on": frozenset({SUNDAY})}, "days", "loại trừ"),
    ],
)
def test_a_rule_that_cannot_be_is_told_at_its_field(wrong: dict[str, Any], field: str, said: str) -> None:
    problems = problems_of(replace(GOOD, **wrong))
    assert [problem.field for problem in problems] == [field]
    assert said in problems[0].message_vi


def test_an_emergency_cannot_end_before_it_begins() -> None:
    assert [each.field for each in problems_of(alarm(begins_at=at("16:50"), ends_at=at("16:50")))] == ["until"]


def test_only_an_emergency_repeats_until_stopped() -> None:
    told = alarm(begins_at=at("16:50"), bulletins=(bulletin(),))
    with pytest.raises(Invalid, match="khẩn cấp") as refused:
        require_sound(told)
    assert refused.value.field == "repeats"


def test_a_sound_rule_passes() -> None:
    require_sound(GOOD)
    assert problems_of(GOOD) == ()


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"from_on": SUNDAY, "until_on": SUNDAY - timedelta(days=1)}, "until", "trước khi có hiệu lực"),
        ({"curfew": (WallSpan(time(5), time(5)),)}, "curfew", "cấm cả ngày"),
        ({"weekdays": frozenset()}, "days", "không cho phát"),
        ({"sessions": (session("sáng", "06:30", "05:30"),)}, "sessions", "kết thúc trước khi bắt đầu"),
        ({"sessions": (session("a", "05:30", "06:30"), session("b", "06:00", "07:00"))}, "sessions", "chồng"),
        ({"sessions": (session("a", "05:30", "06:30"), session("a", "17:00", "18:00"))}, "sessions", "trùng tên"),
        ({"sessions_a_day": 0}, "sessions_a_day", "từ 1 trở lên"),
    ],
)
def test_a_policy_that_cannot_be_is_told_at_its_field(wrong: dict[str, Any], field: str, said: str) -> None:
    problems = problems_of_policy(PolicyFact("p", "huyen", **wrong))
    assert [problem.field for problem in problems] == [field]
    assert said in problems[0].message_vi


def test_no_curfew_and_a_session_until_midnight_are_sensible() -> None:
    assert problems_of_policy(PolicyFact("p", "huyen", curfew=(), sessions=(session("đêm", "23:00", "00:00"),))) == ()
