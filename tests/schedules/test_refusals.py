"""One code for each refused slot, the first that fits, and a sentence with the facts in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from schedules.facts import BulletinFact, PolicyFact, WallSpan
from tests.schedules.world import (
    NO_CURFEW,
    SUNDAY,
    A,
    at,
    bulletin,
    codes,
    curfew,
    planned,
    rule,
    session,
    sound,
    standing,
    starts,
)

MONDAY = SUNDAY + timedelta(days=1)
SESSIONS = PolicyFact(
    "khung", "huyen", sessions=(session("sáng", "05:30", "06:30"), session("chiều", "17:00", "18:00")), source="QĐ 12"
)


@pytest.mark.parametrize(
    ("of", "code", "said"),
    [
        (bulletin(withdrawn_at=at("04:00", SUNDAY - timedelta(days=1))), "withdrawn", "04:00 ngày 21/11/2026"),
        (bulletin(valid_until=at("05:30")), "expired", "hết hiệu lực từ 05:30 ngày 22/11/2026"),
        (bulletin(valid_from=at("05:31")), "expired", "đến 05:31 ngày 22/11/2026 mới có hiệu lực"),
        (bulletin(audios=()), "not_approved", "chưa được phê duyệt"),
        (bulletin(audios=(sound(approver=None),)), "not_approved", "chưa được phê duyệt"),
        (bulletin(audios=(sound(), sound(approver=None, unit_id="xa-a"))), "not_approved", "Xã An Phú"),
        (bulletin(audios=(sound(unit_id="xa-b"),)), "no_audio", "chưa có âm thanh"),
        (bulletin(audios=(sound(available=False),)), "no_audio", "chưa có âm thanh"),
    ],
)
def test_a_bulletin_that_cannot_air_says_why(of: BulletinFact, code: str, said: str) -> None:
    result = planned(rule("r", "05:30", of=of))
    assert codes(result) == [("r", "22/11 05:30", code)]
    assert said in result.refused[0].reason
    assert "Bản tin tin" in result.refused[0].reason


def test_the_first_code_in_the_order_wins() -> None:
    of = bulletin(audios=(), valid_until=at("01:00"), withdrawn_at=at("00:00"))
    told = rule("r", "03:00", of=of)
    seen = []
    for repaired in ({}, {"withdrawn_at": None}, {"valid_until": None}, {"audios": (sound(),)}):
        of = replace(of, **repaired)
        seen += [code for _, _, code in codes(planned(replace(told, bulletins=(of,)), policies=(SESSIONS,)))]
    later = rule("r", "05:00", of=of)
    seen += [code for _, _, code in codes(planned(later, policies=(replace(SESSIONS, weekdays=frozenset({1})),)))]
    assert seen == ["withdrawn", "expired", "not_approved", "curfew", "policy"]


def test_without_any_policy_the_night_is_silent() -> None:
    result = planned(rule("r", "04:59", "05:00", "21:57", "21:58", "22:00"))
    assert [start for _, start in starts(result)] == ["22/11 05:00", "22/11 21:57"]
    assert [(asked, code) for _, asked, code in codes(result)] == [
        ("22/11 04:59", "curfew"),
        ("22/11 21:58", "curfew"),
        ("22/11 22:00", "curfew"),
    ]
    assert "22:00–05:00 (mặc định" in result.refused[0].reason


def test_the_reason_names_the_unit_and_the_document_of_a_curfew() -> None:
    policy = PolicyFact("p", "huyen", curfew=curfew("21:00", "06:00"), source="Quyết định 12/QĐ-UBND")
    (refused,) = planned(rule("r", "20:58"), policies=(policy,)).refused
    assert refused.reason == (
        "Lượt phát 20:58–21:01 chạm vào giờ cấm phát 21:00–06:00 "
        "(quy định của Huyện Tân Hòa, theo Quyết định 12/QĐ-UBND)."
    )
    assert json.loads(json.dumps(refused.facts)) == {
        "from": "21:00",
        "until": "06:00",
        "policy": "p",
        "unit": "huyen",
        "source": "Quyết định 12/QĐ-UBND",
    }


def test_all_readings_and_gaps_count_against_the_curfew() -> None:
    once = rule("r", "21:50", of=bulletin(minutes=5))
    assert starts(planned(once)) == [("r", "22/11 21:50")]
    assert starts(planned(replace(once, repeats=2))) == [("r", "22/11 21:50")]
    assert codes(planned(replace(once, repeats=2, gap_ms=1)))[0][2] == "curfew"


def test_what_would_be_put_off_into_a_curfew_is_a_collision() -> None:
    (refused,) = planned(rule("cu", "21:55", age=2), rule("moi", "21:56")).refused
    assert refused.code == "collision"
    assert "giờ cấm phát 22:00–05:00" in refused.reason


def test_the_nearest_unit_wins_field_by_field() -> None:
    policies = (
        PolicyFact("t", "tinh", curfew=curfew("20:00", "06:00"), weekdays=frozenset({1, 2, 3, 4, 5})),
        PolicyFact("x", "xa-a", curfew=()),
    )
    result = planned(rule("r", "03:00"), policies=policies, window_days=2)
    assert codes(result) == [("r", "22/11 03:00", "day")]
    assert starts(result) == [("r", "23/11 03:00")]
    assert "Chủ nhật 22/11/2026" in result.refused[0].reason


def test_a_policy_that_begins_tomorrow_holds_tomorrow() -> None:
    policies = (
        PolicyFact("cu", "huyen", curfew=curfew("22:00", "05:00"), until_on=SUNDAY),
        PolicyFact("moi", "huyen", curfew=curfew("21:00", "06:00"), from_on=MONDAY),
    )
    result = planned(rule("r", "05:30", "21:30"), policies=policies, window_days=2)
    assert starts(result) == [("r", "22/11 05:30"), ("r", "22/11 21:30")]
    assert [asked for _, asked, _ in codes(result)] == ["23/11 05:30", "23/11 21:30"]


def test_a_curfew_over_midnight_is_that_of_each_moments_own_day() -> None:
    policies = (
        PolicyFact("cu", "huyen", curfew=curfew("23:00", "06:00"), until_on=SUNDAY),
        PolicyFact("moi", "huyen", curfew=curfew("01:00", "04:00"), from_on=MONDAY),
    )
    result = planned(rule("r", "22:59", "00:30", "00:58", "05:00"), policies=policies, window_days=2)
    assert starts(result) == [("r", "23/11 00:30"), ("r", "23/11 05:00"), ("r", "23/11 22:59")]


def test_an_airing_across_midnight_is_held_to_both_days() -> None:
    policy = PolicyFact("p", "huyen", curfew=curfew("00:05", "05:00"))
    assert starts(planned(rule("r", "23:58", of=bulletin(minutes=7)), policies=(policy,))) == [("r", "22/11 23:58")]
    assert codes(planned(rule("r", "23:58", of=bulletin(minutes=7.1)), policies=(policy,)))[0][2] == "curfew"
    weekdays = (NO_CURFEW, PolicyFact("p", "huyen", weekdays=frozenset({7})))
    assert codes(planned(rule("r", "23:58"), policies=weekdays))[0][2] == "day"


def test_an_exact_time_outside_the_sessions_is_against_the_policy() -> None:
    result = planned(rule("r", "05:30", "11:00", "18:00"), policies=(SESSIONS,))
    assert starts(result) == [("r", "22/11 05:30")]
    assert codes(result) == [("r", "22/11 11:00", "policy"), ("r", "22/11 18:00", "policy")]
    assert "sáng 05:30–06:30, chiều 17:00–18:00 (quy định của Huyện Tân Hòa, theo QĐ 12)" in result.refused[0].reason


def test_a_session_that_the_unit_does_not_have_is_against_the_policy() -> None:
    assert codes(planned(rule("r", sessions=("trưa",)), policies=(SESSIONS,), window_days=2)) == [
        ("r", "22/11 00:00", "policy"),
        ("r", "23/11 00:00", "policy"),
    ]
    (refused, _) = planned(rule("r", sessions=("sáng",)), window_days=2).refused
    assert "chưa đặt khung giờ phát nào" in refused.reason


def test_a_unit_frees_itself_from_the_sessions_above_with_none_of_its_own() -> None:
    free = PolicyFact("x", "xa-a", sessions=())
    assert starts(planned(rule("r", "11:00"), policies=(SESSIONS, free))) == [("r", "22/11 11:00")]


def test_a_session_takes_what_fits_and_says_when_it_is_full() -> None:
    policy = PolicyFact("p", "huyen", sessions=(session("sáng", "05:30", "05:40"),))
    rules = [rule(f"r{age}", sessions=("sáng",), of=bulletin(f"tin {age}", minutes=4), age=age) for age in (3, 2, 1)]
    result = planned(*rules, policies=(policy,))
    assert starts(result) == [("r3", "22/11 05:30"), ("r2", "22/11 05:34")]
    assert [(refused.rule_id, refused.code) for refused in result.refused] == [("r1", "session_full")]
    assert "dài 4 phút" in result.refused[0].reason


def test_an_exact_time_that_does_not_end_within_its_session_finds_it_full() -> None:
    assert codes(planned(rule("r", "06:28"), policies=(SESSIONS,))) == [("r", "22/11 06:28", "session_full")]


def test_what_is_put_off_stays_within_its_session() -> None:
    result = planned(rule("cu", "06:24", age=2), rule("moi", "06:26"), policies=(SESSIONS,))
    assert starts(result) == [("cu", "22/11 06:24"), ("moi", "22/11 06:27")]
    refused = planned(rule("cu", "06:25", age=2), rule("moi", "06:26"), policies=(SESSIONS,)).refused
    assert [each.code for each in refused] == ["collision"]
    assert "quá giờ kết thúc khung “sáng”" in refused[0].reason


def test_the_minutes_of_a_session_are_limited() -> None:
    policy = replace(SESSIONS, longest_session_minutes=5)
    result = planned(rule("r", "05:30", "05:40", "17:00"), policies=(policy,))
    assert codes(result) == [("r", "22/11 05:40", "session_full")]
    assert "vượt 5 phút" in result.refused[0].reason


def test_the_sessions_of_a_day_are_limited() -> None:
    result = planned(rule("r", "05:30", "05:40", "17:00"), policies=(replace(SESSIONS, sessions_a_day=1),))
    assert codes(result) == [("r", "22/11 17:00", "cap")]


def test_the_same_text_is_capped_and_what_aired_this_morning_counts() -> None:
    policy = PolicyFact("p", "huyen", same_text_a_day=2, source="QĐ 7")
    told = rule("r", "05:30", "11:00", "17:00")
    morning = planned(told, policies=(policy,))
    assert codes(morning) == [("r", "22/11 17:00", "cap")]
    noon = planned(told, policies=(policy,), now=at("12:00"), existing=standing(morning))
    assert codes(noon) == [("r", "22/11 17:00", "cap")]
    assert noon.add == ()
    assert "đã đủ 2 lượt" in noon.refused[0].reason


def test_a_cap_begins_anew_each_local_day() -> None:
    policy = PolicyFact("p", "huyen", same_text_a_day=1)
    result = planned(rule("r", "05:30", "17:00"), policies=(policy,), window_days=2)
    assert [start for _, start in starts(result)] == ["22/11 05:30", "23/11 05:30"]


def test_a_policy_that_forbids_everything_refuses_everything_with_its_name() -> None:
    policy = PolicyFact("p", "huyen", curfew=(WallSpan(time(), time()),))
    result = planned(rule("r", every_minutes=60, between=(time(), time(23))), policies=(policy,))
    assert len(result.refused) == 24
    assert {refused.code for refused in result.refused} == {"curfew"}


def test_a_refused_slot_that_was_planned_is_cancelled_with_the_same_code() -> None:
    told = rule("r", "21:30")
    rows = standing(planned(told))
    result = planned(told, existing=rows, policies=(PolicyFact("p", "xa-a", curfew=curfew("21:00", "05:00")),))
    assert [(each.id, each.reason) for each in result.cancel] == [(rows[0].id, "curfew")]
    assert [refused.key for refused in result.refused] == [rows[0].id]


def test_two_policies_of_one_unit_are_read_with_the_later_first() -> None:
    policies = (
        PolicyFact("a", "huyen", curfew=curfew("20:00", "05:00")),
        PolicyFact("b", "huyen", from_on=date(2026, 11, 1), curfew=curfew("23:00", "05:00")),
    )
    assert starts(planned(rule("r", "21:00"), policies=policies, stations=(A,))) == [("r", "22/11 21:00")]
