"""A rule that cannot mean anything is told so at its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from broadcast.errors import Invalid
from schedules.checks.rule_checks import hints_of, opening_problems, problems_of, require_sound
from schedules.facts import SlotChange
from tests.schedules.world import SUNDAY, alarm, at, bulletin, rule, session, sound

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
        replace(GOOD, lunar_days=frozenset({1, 15})),
        replace(GOOD, from_on=None, until_on=None, lunar_days=frozenset({30})),
        replace(GOOD, from_on=None, until_on=None, holidays="only"),
        replace(GOOD, holidays="skip"),
        replace(GOOD, times=(), per_day=3),
        replace(GOOD, times=(), sessions=("sáng",), place="opening"),
        replace(GOOD, changes=(SlotChange(SUNDAY, "05:30", is_skipped=True),)),
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
        ({"lunar_days": frozenset({0, 15})}, "lunar_days", "từ 1"),
        ({"lunar_days": frozenset({31})}, "lunar_days", "đến 30"),
        ({"lunar_days": frozenset()}, "lunar_days", "ít nhất một ngày"),
        ({"lunar_days": frozenset({1}), "until_on": SUNDAY}, "lunar_days", "không rơi vào khoảng"),
        ({"holidays": "only", "until_on": SUNDAY}, "holidays", "không có ngày lễ nào"),
        ({"per_day": 0}, "per_day", "từ 1 đến 48"),
        ({"per_day": 49}, "per_day", "từ 1 đến 48"),
        ({"place": "opening"}, "place", "khung giờ"),
        ({"changes": (SlotChange(SUNDAY, "05:30"),)}, "changes", "lượt 05:30 ngày 22/11/2026 chưa nói gì"),
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


IN_SESSIONS = replace(GOOD, times=(), sessions=("sáng",), place="opening")
MORNING = session("sáng", "05:30", "05:35")
EVENING = session("chiều", "17:00", "18:00")


def test_a_session_shorter_than_its_opening_is_named_with_both_lengths() -> None:
    opening = replace(IN_SESSIONS, bulletins=(bulletin("tin", minutes=7),))
    (problem,) = opening_problems(opening, (MORNING, EVENING))
    assert problem.field == "sessions"
    assert (
        "“sáng” 05:30–05:35 chỉ được phát 5 phút, ngắn hơn phần mở đầu “Bản tin tin” dài 7 phút" in problem.message_vi
    )


def test_what_opens_a_session_is_as_long_as_its_readings_and_the_gaps_between_them() -> None:
    twice = replace(IN_SESSIONS, repeats=2, gap_ms=1_000, bulletins=(bulletin("tin", audios=(sound(2.5),)),))
    assert len(opening_problems(twice, (MORNING,))) == 1
    assert opening_problems(replace(twice, gap_ms=0), (MORNING,)) == ()


def test_the_longest_session_by_policy_counts_and_sessions_that_the_rule_does_not_open_do_not() -> None:
    assert opening_problems(IN_SESSIONS, (MORNING, EVENING)) == ()
    assert len(opening_problems(IN_SESSIONS, (MORNING, EVENING), 2)) == 1
    spread = replace(IN_SESSIONS, sessions=(), per_day=2)
    assert len(opening_problems(spread, (MORNING, EVENING), 2)) == 2
    assert opening_problems(replace(IN_SESSIONS, place="any"), (MORNING,), 2) == ()


def test_the_thirtieth_of_a_lunar_month_is_a_hint_and_no_mistake() -> None:
    last = replace(GOOD, lunar_days=frozenset({30}))
    assert problems_of(last) == ()
    (hint,) = hints_of(last)
    assert (hint.field, "chỉ có 29 ngày" in hint.message_vi) == ("lunar_days", True)
    assert hints_of(replace(GOOD, lunar_days=frozenset({29, 30}))) == ()
    assert hints_of(replace(GOOD, lunar_days=frozenset({1, 15}))) == ()


def test_a_rule_over_thirty_years_is_asked_for_its_year() -> None:
    (problem,) = problems_of(replace(GOOD, from_on=date(2026, 1, 1), until_on=date(2056, 1, 1)))
    assert "kiểm tra lại năm" in problem.message_vi
