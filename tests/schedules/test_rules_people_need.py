"""Lunar days, holidays, slots spread over sessions, openings, single changes, what a commune chose, free times."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from schedules.facts import ChoiceFact, PolicyFact, RuleFact, SlotChange, StationFact, UnitFact
from schedules.foresight.free_times import free_times
from schedules.plan import Planner
from tests.schedules.world import (
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
    standing,
    starts,
)

MORNING, AFTERNOON = session("sáng", "5h30", "6h30"), session("chiều", "17h", "18h")
SESSIONS = PolicyFact("khung", "huyen", sessions=(MORNING, AFTERNOON))
MONDAY = SUNDAY + timedelta(days=1)


def chosen(*choices: ChoiceFact, by: str = "xa-a") -> tuple[UnitFact, ...]:
    return tuple(replace(unit, choices=choices) if unit.id == by else unit for unit in UNITS)


# ---- days


def test_the_first_and_the_fifteenth_of_the_lunar_month_are_asked_and_leap_months_too() -> None:
    moon = rule("ram", "5h30", lunar_days=frozenset({1, 15}))
    result = planned(moon, now=at("00:00", date(2025, 7, 1)), window_days=60)
    # the sixth month of 2025 came twice: 25/6–24/7 and, as the leap month, 25/7–22/8
    assert [airing.local_on for airing in result.add] == [
        date(2025, 7, 9),
        date(2025, 7, 25),
        date(2025, 8, 8),
        date(2025, 8, 23),
    ]


def test_public_holidays_are_left_out_or_are_the_only_days() -> None:
    around = {"now": at("00:00", date(2027, 4, 28)), "window_days": 6}
    without = planned(rule("thuong", "5h30", holidays="skip"), **around)
    only = planned(rule("le", "5h30", holidays="only"), **around)
    assert {date(2027, 4, 30), date(2027, 5, 1)} <= {airing.local_on for airing in only.add}
    assert {airing.local_on for airing in without.add}.isdisjoint(airing.local_on for airing in only.add)
    assert len(without.add) + len(only.add) == 6


def test_tet_is_a_holiday_on_the_vietnamese_calendar() -> None:
    # 17/2/2007 in Vietnam, 18/2/2007 in China
    result = planned(rule("tet", "5h30", holidays="only"), now=at("00:00", date(2007, 2, 15)), window_days=3)
    assert date(2007, 2, 17) in {airing.local_on for airing in result.add}


def test_bulletins_take_turns_over_lunar_days_and_an_exception_moves_no_other() -> None:
    three = tuple(bulletin(key) for key in "abc")
    moon = rule("ram", "5h30", bulletins=three, lunar_days=frozenset({1, 15}))
    window = {"now": at("00:00", date(2026, 1, 1)), "window_days": 180}
    turns = [airing.bulletin_id for airing in planned(moon, **window).add]
    assert len(turns) == 13
    assert all({one, two, three_} == set("abc") for one, two, three_ in zip(turns, turns[1:], turns[2:], strict=False))
    days = [airing.local_on for airing in planned(moon, **window).add]
    fewer = planned(replace(moon, except_on=frozenset({days[3]})), **window).add
    assert [airing.bulletin_id for airing in fewer] == turns[:3] + turns[4:]


# ---- sessions


def test_n_a_day_are_spread_over_the_sessions_of_the_station() -> None:
    result = planned(rule("bluezone", per_day=5), policies=[SESSIONS])
    assert [when for _, when in starts(result)] == [
        "22/11 05:30",
        "22/11 05:50",
        "22/11 06:10",
        "22/11 17:00",
        "22/11 17:30",
    ]
    assert [airing.slot_key for airing in result.add] == ["*#1", "*#2", "*#3", "*#4", "*#5"]


def test_n_a_day_over_some_sessions_and_without_any_each_slot_says_why_not() -> None:
    afternoon = planned(rule("tin", per_day=2, sessions=("chiều",)), policies=[SESSIONS])
    assert [when for _, when in starts(afternoon)] == ["22/11 17:00", "22/11 17:30"]
    nowhere = planned(rule("tin", per_day=2))
    assert [code for _, _, code in codes(nowhere)] == ["policy", "policy"]
    assert "khung giờ" in nowhere.refused[0].reason


def test_the_opening_goes_before_priority_and_the_rest_after_it() -> None:
    welcome = rule("mo-dau", of=bulletin("chào", minutes=1), sessions=("sáng",), place="opening")
    urgent = rule("uu-tien", of=bulletin("gấp", bulletin_class="priority"), sessions=("sáng",), age=5)
    usual = rule("tin", of=bulletin("tin"), sessions=("sáng",), age=9)
    result = planned(usual, urgent, welcome, policies=[SESSIONS])
    assert starts(result) == [
        ("mo-dau", "22/11 05:30"),
        ("uu-tien", "22/11 05:31"),
        ("tin", "22/11 05:34"),
    ]


def test_a_session_that_is_shorter_than_its_opening_says_both_lengths() -> None:
    short = replace(SESSIONS, sessions=(session("sáng", "5h30", "5h35"),))
    (refused,) = planned(
        rule("mo-dau", of=bulletin("chào", minutes=6), sessions=("sáng",), place="opening"), policies=[short]
    ).refused
    assert refused.code == "session_full"
    assert "5 phút" in refused.reason
    assert "6 phút" in refused.reason


def test_limits_hold_where_nobody_named_the_sessions() -> None:
    inner = PolicyFact("noi-thanh", "huyen", longest_session_minutes=15, sessions_a_day=2)
    five = [rule(f"r{number}", wall, of=bulletin(f"t{number}", minutes=6), age=number) for number, wall in enumerate(
        ("17:00", "17:07", "17:14", "6:00", "12:00")
    )]  # fmt: skip
    result = planned(*reversed(five), policies=[inner])
    assert starts(result) == [("r3", "22/11 06:00"), ("r4", "22/11 12:00")]
    reasons = {refused.rule_id: refused.code for refused in result.refused}
    assert reasons == {"r0": "cap", "r1": "cap", "r2": "cap"}
    two = planned(*five[:3], policies=[inner])
    assert starts(two) == [("r1", "22/11 17:07"), ("r2", "22/11 17:14")]
    assert codes(two) == [("r0", "22/11 17:00", "session_full")]


def test_what_aired_in_the_evening_does_not_wake_anybody_before_six() -> None:
    quiet = PolicyFact("sang-som", "huyen", no_repeat_before=time(6), source="Công văn số 12/UBND")
    news = rule("tin", "5h30", "17h")
    result = planned(news, policies=[quiet], window_days=3)
    assert [when for _, when in starts(result)] == ["22/11 05:30", "22/11 17:00", "23/11 17:00", "24/11 17:00"]
    assert codes(result) == [("tin", "23/11 05:30", "cap"), ("tin", "24/11 05:30", "cap")]
    assert "Công văn số 12/UBND" in result.refused[0].reason
    again = planned(news, policies=[quiet], window_days=2, now=at("18:00"), existing=standing(result))
    assert (again.add, again.change, again.cancel) == ((), (), ())


def test_of_two_rules_with_one_text_it_is_the_dawn_that_gives_way_whichever_is_older() -> None:
    quiet = PolicyFact("sang-som", "huyen", no_repeat_before=time(6))
    for age in (0, 9):
        result = planned(
            rule("sang", "5h30", age=9 - age), rule("toi", "17h", age=age), policies=[quiet], window_days=2
        )
        assert codes(result) == [("sang", "23/11 05:30", "cap")]


def test_a_nearer_unit_lets_texts_be_repeated_at_dawn() -> None:
    quiet = PolicyFact("sang-som", "huyen", no_repeat_before=time(6))
    lifted = PolicyFact("xa", "xa-a", no_repeat_before=time(0))
    assert planned(rule("tin", "5h30", "17h"), policies=[quiet, lifted], window_days=2).refused == ()


# ---- one slot that is otherwise


def changed(told: RuleFact, *changes: SlotChange) -> RuleFact:
    return replace(told, changes=changes)


def test_a_slot_taken_out_is_not_asked_one_moved_keeps_its_id_and_one_may_air_something_else() -> None:
    daily = rule("tin", "5h30", "17h")
    before = planned(daily, window_days=2)
    after = planned(
        changed(
            daily,
            SlotChange(SUNDAY, "05:30", is_skipped=True),
            SlotChange(SUNDAY, "17:00", to_time=time(18, 20)),
            SlotChange(MONDAY, "17:00", bulletin=bulletin("khác")),
        ),
        window_days=2,
        existing=standing(before),
    )
    assert [(each.id, each.reason) for each in after.cancel] == [(before.add[0].id, "not_asked")]
    moved, other = sorted(after.change, key=lambda airing: airing.starts_at)
    assert (moved.id, local(moved.starts_at), moved.slot_key) == (before.add[1].id, "22/11 18:20", "17:00")
    assert (other.id, other.bulletin_id) == (before.add[3].id, "khác")
    assert (after.add, after.refused, after.unchanged) == ((), (), 1)


def test_a_change_on_one_station_is_that_stations_alone_and_goes_before_the_one_for_everybody() -> None:
    daily = changed(
        rule("tin", "5h30"),
        SlotChange(MONDAY, "05:30", to_time=time(7)),
        SlotChange(MONDAY, "05:30", A.id, is_skipped=True),
    )
    result = planned(daily, stations=(A, B), window_days=3)
    assert {(airing.station_id, local(airing.starts_at)) for airing in result.add} == {
        (A.id, "22/11 05:30"),
        (A.id, "24/11 05:30"),
        (B.id, "22/11 05:30"),
        (B.id, "23/11 07:00"),
        (B.id, "24/11 05:30"),
    }


def test_a_slot_moved_into_the_curfew_is_refused_at_the_hour_it_was_moved_to() -> None:
    result = planned(changed(rule("tin", "5h30"), SlotChange(SUNDAY, "05:30", to_time=time(3, 15))))
    assert codes(result) == [("tin", "22/11 03:15", "curfew")]


def test_a_slot_that_has_begun_is_what_it_was_though_its_series_or_a_change_now_asks_for_it_later() -> None:
    daily = rule("tin", "5h45")
    begun = standing(planned(daily))
    for late in (time(18), time(3, 15)):  # granted, and refused
        told = changed(daily, SlotChange(SUNDAY, "05:45", to_time=late))
        result = planned(told, now=at("05:46"), existing=begun)
        assert (result.add, result.change, result.cancel, result.refused) == ((), (), (), ())
    in_session = rule("khung", sessions=("sáng",))
    rows = standing(planned(in_session, policies=[SESSIONS]))
    later = replace(SESSIONS, sessions=(session("sáng", "6h", "6h30"),))
    result = planned(in_session, policies=[later], now=at("05:32"), existing=rows)
    assert (result.add, result.change, result.cancel, result.refused) == ((), (), (), ())


# ---- what a commune chose


def priorities() -> tuple[RuleFact, RuleFact]:
    urgent = bulletin("gấp", bulletin_class="priority")
    above = rule("huyen-gap", "6h", of=urgent, age=9)
    own = rule("xa-gap", "6h", of=replace(urgent, id="xã"), unit="xa-a")
    return above, own


def test_a_communes_own_priority_item_goes_first_and_the_commune_may_order_them_otherwise() -> None:
    above, own = priorities()
    assert starts(planned(above, own)) == [("xa-gap", "22/11 06:00"), ("huyen-gap", "22/11 06:03")]
    ordered = chosen(ChoiceFact("huyen-gap", place=1), ChoiceFact("xa-gap", place=2))
    assert starts(planned(above, own, units=ordered)) == [("huyen-gap", "22/11 06:00"), ("xa-gap", "22/11 06:03")]
    elsewhere = planned(above, units=ordered, stations=[B])
    assert starts(elsewhere) == [("huyen-gap", "22/11 06:00")]


def test_no_order_puts_a_normal_bulletin_before_a_priority_one() -> None:
    usual = rule("tin", "6h", unit="xa-a", of=bulletin("tin"))
    above, _ = priorities()
    ordered = chosen(ChoiceFact("tin", place=1), ChoiceFact("huyen-gap", place=2))
    assert starts(planned(above, usual, units=ordered)) == [("huyen-gap", "22/11 06:00"), ("tin", "22/11 06:03")]


def test_a_commune_may_decline_a_normal_bulletin_from_above_and_no_other() -> None:
    above, _ = priorities()
    usual = rule("tin", "17h")
    declining = chosen(
        ChoiceFact("tin", is_declined=True, note="xã đã phát nội dung này hôm qua"),
        ChoiceFact("huyen-gap", is_declined=True),
    )
    result = planned(above, usual, units=declining, stations=(A, B))
    assert [(refused.station_id, refused.code) for refused in result.refused] == [(A.id, "policy")]
    assert "Xã An Phú chọn không phát" in result.refused[0].reason
    assert "xã đã phát nội dung này hôm qua" in result.refused[0].reason
    assert [(airing.station_id, airing.rule_id) for airing in result.add] == [
        (A.id, "huyen-gap"),
        (B.id, "huyen-gap"),
        (B.id, "tin"),
    ]


# ---- an end when the obligation is met


def test_a_rule_asks_nothing_more_of_a_station_whose_obligation_is_met() -> None:
    daily = rule("bu", "5h30", ends_when_met=True)
    today = StationFact(A.id, A.units, frozenset({("bu", SUNDAY)}))
    for_good = StationFact(A.id, A.units, frozenset({("bu", None)}))
    assert [airing.local_on for airing in planned(daily, stations=[today], window_days=2).add] == [MONDAY]
    assert planned(daily, stations=[for_good], window_days=2).add == ()


# ---- cases of time


def test_two_items_in_one_minute_stand_one_after_the_other() -> None:
    result = planned(rule("r", "5h30", of=bulletin("một", minutes=0.4), age=1), rule("s", "5h30", of=bulletin("hai")))
    assert starts(result) == [("r", "22/11 05:30"), ("s", "22/11 05:30:24")]


def test_an_item_that_crosses_midnight_belongs_to_the_day_it_began_and_heeds_the_next_ones_curfew() -> None:
    late = rule("dem", "23h58", of=bulletin("dài", minutes=10))
    open_night = PolicyFact("mo", "huyen", curfew=())
    (airing,) = planned(late, policies=[open_night]).add
    assert (airing.local_on, local(airing.ends_at)) == (SUNDAY, "23/11 00:08")
    from_monday = PolicyFact("cam", "xa-a", from_on=MONDAY, curfew=())
    closed = planned(late, policies=[replace(open_night, until_on=SUNDAY), replace(from_monday, curfew=None)])
    assert codes(closed) == [("dem", "22/11 23:58", "curfew")]


def test_the_last_day_of_a_range_and_the_sunday_of_a_week_are_asked() -> None:
    weekly = rule("cn", "5h30", weekdays=frozenset({7}), from_on=SUNDAY, until_on=SUNDAY + timedelta(days=7))
    result = planned(weekly, window_days=15)
    assert [airing.local_on for airing in result.add] == [SUNDAY, SUNDAY + timedelta(days=7)]


# ---- where there is room


def free(
    *rules: RuleFact, policies: tuple[PolicyFact, ...] = (), near: time | None = None, most: int = 3
) -> list[time]:
    planner = Planner(rules, UNITS, policies, at("00:00"), window_days=2)
    return free_times(planner, A, [], rule("moi", of=bulletin("mới", minutes=5)), SUNDAY, near, most)


def test_the_nearest_free_times_are_offered_and_all_of_them_fit_together() -> None:
    taken = rule("tin", "6h", of=bulletin("tin", minutes=12))
    walls = free(taken, near=time(6, 2))
    assert walls == [time(5, 55), time(6, 12), time(5, 50)]
    together = replace(rule("moi", of=bulletin("mới", minutes=5)), times=tuple(walls))
    assert [airing.starts_at for airing in planned(taken, together).add if airing.rule_id == "moi"] == sorted(
        at(f"{wall:%H:%M}") for wall in walls
    )


def test_without_a_wish_they_are_spread_over_the_sessions() -> None:
    assert free(policies=(SESSIONS,), most=2) == [time(6), time(17, 15)]
    walls = free(policies=(SESSIONS,), most=30)
    assert len(walls) == 24
    assert all(MORNING.from_time <= wall < MORNING.until_time or AFTERNOON.from_time <= wall for wall in walls)


def test_a_cap_leaves_no_free_time_and_the_probe_says_why() -> None:
    capped = PolicyFact("tran", "huyen", same_text_a_day=1)
    planner = Planner([rule("tin", "6h")], UNITS, [capped], at("00:00"), window_days=2)
    (probed,) = planner.probe(A, [], rule("moi"), SUNDAY, [time(17)])
    assert probed.reason is not None
    assert probed.reason.code == "cap"
    assert free_times(planner, A, [], rule("moi"), SUNDAY, None, 2) == []


def test_of_two_policies_of_one_unit_from_the_same_day_the_later_made_counts() -> None:
    nine, ten = (PolicyFact(number, "huyen", sessions=(each,)) for number, each in (("9", MORNING), ("10", AFTERNOON)))
    for order in ((nine, ten), (ten, nine)):
        assert codes(planned(rule("tin", "5h45"), policies=order)) == [("tin", "22/11 05:45", "policy")]
