"""A series that is edited: its slots, days and turns stay what they were, and nothing is asked twice or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules.facts import RuleFact, SlotChange
from schedules.recurrence import asks_on, bulletin_on, day_slots
from schedules.series import Move, Split, aligned, begun_keys, carried, change_at, moved_days, moved_keys, split, steady
from tests.schedules.world import bulletin, rule

MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
THREE = (bulletin("mot"), bulletin("hai"), bulletin("ba"))


def weekly(*days: int, **more: object) -> RuleFact:
    return rule("lich", "05:45", "17:15", weekdays=frozenset(days), **more)


# ---- which slot is which


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        (["05:45", "17:15"], ["05:45", "17:15"], {"05:45": "05:45", "17:15": "17:15"}),
        (["05:45", "17:15"], ["06:00", "17:15"], {"05:45": "06:00", "17:15": "17:15"}),
        (["05:45", "17:15"], ["06:00", "17:30"], {"05:45": "06:00", "17:15": "17:30"}),
        (["05:45", "06:00"], ["06:00", "06:15"], {"05:45": "06:15", "06:00": "06:00"}),
        (["05:45", "17:15"], ["17:15"], {"17:15": "17:15"}),
        (["05:45", "17:15"], ["06:00"], {}),
        (["05:45"], ["05:45", "17:15"], {"05:45": "05:45"}),
    ],
)
def test_exact_times_go_to_exact_times_in_order_once_those_that_stayed_are_taken_out(old, new, moved):
    assert moved_keys(rule("lich", *old), rule("lich", *new)) == moved


def test_places_in_a_session_go_to_the_same_places_of_the_session_that_takes_its_turn():
    old = rule("lich", "12:00", sessions=("sáng", "tối"), per_session=2)
    new = replace(old, sessions=("sáng", "chiều"), times=(time(12, 30),), per_session=1)
    assert moved_keys(old, new) == {"12:00": "12:30", "sáng#1": "sáng#1", "tối#1": "chiều#1"}


def test_places_spread_over_the_day_keep_their_numbers():
    assert moved_keys(rule("lich", per_day=3), rule("lich", per_day=2)) == {"*#1": "*#1", "*#2": "*#2"}


def test_a_time_every_so_often_that_becomes_exact_is_the_same_slot():
    old = rule("lich", every_minutes=60, between=(time(6), time(8)))
    assert moved_keys(old, rule("lich", "06:00", "07:00", "08:00")) == {key: key for key in ("06:00", "07:00", "08:00")}


# ---- where days go


@pytest.mark.parametrize(
    ("old", "new", "day", "to"),
    [
        ({1}, {2}, MONDAY, TUESDAY),
        ({1, 3}, {2, 3}, MONDAY, TUESDAY),
        ({1, 3}, {2, 3}, WEDNESDAY, WEDNESDAY),
        ({7}, {1}, date(2026, 11, 29), MONDAY),
        ({1}, {2, 3}, MONDAY, MONDAY),
        ({1, 2}, {3}, MONDAY, MONDAY),
        ({1}, {7}, date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_a_weekday_goes_to_the_one_that_takes_its_place_in_the_same_week(old, new, day, to):
    assert moved_days(weekly(*old), weekly(*new)).of(day) == to


def test_chosen_dates_go_to_as_many_others_in_order():
    old = rule("lich", "05:45", dates=frozenset({MONDAY, WEDNESDAY}))
    new = replace(old, dates=frozenset({TUESDAY, WEDNESDAY}))
    assert moved_days(old, new).of(MONDAY) == TUESDAY
    assert moved_days(old, replace(old, dates=frozenset({TUESDAY}))).of(MONDAY) == MONDAY


def test_days_of_a_rule_that_is_daily_stay():
    assert moved_days(rule("lich", "05:45"), weekly(2)).of(MONDAY) == MONDAY


def test_exceptions_go_along_and_stay_so_that_a_move_back_finds_them():
    there = Move(weekly(1), weekly(2), MONDAY).exceptions(frozenset({MONDAY}))
    assert there == {MONDAY, TUESDAY}
    assert MONDAY in Move(weekly(2), weekly(1), MONDAY).exceptions(there)


def test_nothing_goes_from_or_to_a_day_that_is_over():
    move = Move(weekly(1, 5), weekly(2, 5), WEDNESDAY)
    assert move.slot(MONDAY, "05:45") == (MONDAY, "05:45")
    friday = date(2026, 11, 27)
    back = Move(weekly(5), weekly(1), WEDNESDAY)
    assert back.slot(friday, "05:45") == (friday, "05:45")
    assert back.exceptions(frozenset({friday})) == {friday}


def test_a_change_goes_with_its_day_and_its_time_unless_its_slot_has_begun():
    old, new = weekly(1), replace(weekly(2), times=(time(6), time(17, 15)))
    assert Move(old, new, MONDAY).slot(MONDAY, "05:45") == (TUESDAY, "06:00")
    assert Move(old, new, MONDAY, frozenset({"05:45"})).slot(MONDAY, "05:45") == (MONDAY, "05:45")
    assert Move(old, new, MONDAY).slot(MONDAY, "08:00") == (TUESDAY, "08:00")


def test_an_edit_that_is_looked_at_has_the_changes_where_they_will_be():
    changes = (SlotChange(MONDAY, "05:45", is_skipped=True), SlotChange(MONDAY, "17:15", "tram-a", to_time=time(18)))
    old = weekly(1, changes=changes)
    new = replace(weekly(2, except_on=frozenset({MONDAY})), times=(time(6), time(17, 15)))
    seen = carried(old, new, MONDAY - timedelta(3), time(9))
    assert seen.except_on == {MONDAY, TUESDAY}
    assert set(seen.changes) == {
        SlotChange(TUESDAY, "06:00", is_skipped=True),
        SlotChange(TUESDAY, "17:15", "tram-a", to_time=time(18)),
    }


# ---- a day in the middle of which a series moves


def test_a_slot_that_has_begun_does_not_sound_again_at_its_new_time():
    old = rule("lich", "05:45", "17:15")
    new = replace(old, times=(time(6), time(17, 15)))
    begun = begun_keys(old, MONDAY, time(5, 50))
    assert begun == {"05:45"}
    assert steady(old, new, MONDAY, begun, time(5, 50)) == (SlotChange(MONDAY, "06:00", is_skipped=True),)
    assert steady(old, new, MONDAY, begun, time(6, 5)) == ()


def test_a_slot_still_to_come_whose_new_time_is_over_keeps_its_time_for_today():
    old = rule("lich", "05:45", "17:15")
    new = replace(old, times=(time(5, 45), time(9)))
    begun = begun_keys(old, MONDAY, time(10))
    assert steady(old, new, MONDAY, begun, time(10)) == (SlotChange(MONDAY, "09:00", to_time=time(17, 15)),)


def test_another_rule_that_goes_on_does_not_ask_again_for_what_has_begun_in_a_session():
    whole = rule("lich", "17:15", sessions=("sáng",))
    begun = frozenset({"sáng#1"})
    assert steady(whole, whole, MONDAY, begun, time(6), apart=True) == (SlotChange(MONDAY, "sáng#1", is_skipped=True),)
    assert steady(whole, whole, MONDAY, begun, time(6)) == ()
    assert steady(whole, replace(whole, from_on=TUESDAY), MONDAY, begun, time(6), apart=True) == ()


def test_a_stations_own_change_counts_before_that_for_all():
    general, own = SlotChange(MONDAY, "05:45", is_skipped=True), SlotChange(MONDAY, "05:45", "tram-a", to_time=time(6))
    changed = rule("lich", "05:45", changes=(general, own))
    assert change_at(changed, MONDAY, "05:45", "tram-a") == own
    assert change_at(changed, MONDAY, "05:45", "tram-b") == change_at(changed, MONDAY, "05:45", None) == general
    assert change_at(changed, TUESDAY, "05:45", "tram-a") is None


def test_a_slot_put_earlier_or_later_has_begun_when_its_own_time_is_over():
    changes = (
        SlotChange(MONDAY, "05:45", to_time=time(18)),
        SlotChange(MONDAY, "17:15", "tram-a", to_time=time(5)),
        SlotChange(TUESDAY, "17:15", to_time=time(5)),
    )
    moved = rule("lich", "05:45", "08:00", "17:15", changes=changes)
    assert begun_keys(moved, MONDAY, time(7)) == {"17:15"}
    assert begun_keys(moved, MONDAY, time(5)) == frozenset()


# ---- this and following


def test_the_old_part_ends_the_day_before_and_each_takes_its_exceptions_along():
    changes = (SlotChange(MONDAY, "05:45", is_skipped=True), SlotChange(WEDNESDAY, "05:45", to_time=time(6)))
    whole = rule("lich", "05:45", except_on=frozenset({MONDAY - timedelta(7), WEDNESDAY}), changes=changes)
    before, after = split(whole, TUESDAY)
    assert before is not None
    assert (before.until_on, before.except_on, before.changes) == (MONDAY, {MONDAY - timedelta(7)}, changes[:1])
    assert (after.from_on, after.except_on, after.changes) == (TUESDAY, {WEDNESDAY}, changes[1:])


@pytest.mark.parametrize(
    "whole",
    [
        rule("lich", "05:45", from_on=TUESDAY),
        rule("lich", "05:45", from_on=WEDNESDAY),
        weekly(2, from_on=MONDAY - timedelta(5)),
        rule("lich", "05:45", dates=frozenset({TUESDAY, WEDNESDAY})),
        rule("lich", "05:45", from_on=MONDAY, except_on=frozenset({MONDAY})),
    ],
)
def test_where_nothing_is_left_before_the_edit_is_of_the_whole(whole):
    assert split(whole, TUESDAY).before is None


def test_slots_of_the_day_that_have_begun_stay_with_the_old_part_and_the_others_go_with_the_new():
    before, after = split(rule("lich", "05:45", "17:15", from_on=MONDAY), MONDAY, frozenset({"05:45"}))
    assert before is not None
    assert (before.until_on, before.changes) == (MONDAY, (SlotChange(MONDAY, "17:15", is_skipped=True),))
    assert (after.from_on, after.changes) == (MONDAY, (SlotChange(MONDAY, "05:45", is_skipped=True),))


def test_bulletins_that_take_turns_go_on_where_they_were_though_the_dates_are_divided():
    dates = frozenset(MONDAY + timedelta(days=later) for later in (0, 1, 3, 8, 9))
    whole = rule("lich", "05:45", dates=dates, bulletins=THREE)
    _, after = split(whole, WEDNESDAY)
    assert after.dates == {day for day in dates if day >= WEDNESDAY}
    assert [each.id for each in after.bulletins] == ["ba", "mot", "hai"]


def test_turns_stay_where_two_patterns_are_mixed_and_one_of_them_comes_to_nothing():
    whole = weekly(1, 4, dates=frozenset({MONDAY + timedelta(1)}), bulletins=THREE)
    _, after = split(whole, WEDNESDAY)
    for later in range(30):
        day = WEDNESDAY + timedelta(days=later)
        assert bulletin_on(after, day, 0) == bulletin_on(whole, day, 0)


def test_other_bulletins_begin_as_they_are_named():
    old = rule("lich", "05:45", dates=frozenset({MONDAY, TUESDAY}), bulletins=THREE)
    assert aligned(old, replace(old, bulletins=THREE[:2]), TUESDAY) == (0, 1)
    assert aligned(old, replace(old, dates=frozenset({TUESDAY})), TUESDAY) == (1, 2, 0)


# ---- for any rule, any day

AROUND = [MONDAY + timedelta(days=later) for later in range(-20, 41)]
days = st.sampled_from(AROUND)
keys = st.sampled_from(["05:45", "07:00", "17:15", "sáng#1", "tối#1", "*#1", "*#2"])
some = st.sampled_from
stations = ("tram-a", "tram-b")


# Rules have many parts, and machines that test are busy: slowness says nothing about the plan.
at_ease = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def series(draw: st.DrawFn) -> RuleFact:
    changes = {
        (on, key, station): SlotChange(on, key, station, *otherwise)
        for on, key, station, otherwise in draw(
            st.lists(
                st.tuples(
                    days,
                    keys,
                    some([None, *stations]),
                    some([(True, None, None), (False, time(11), None), (False, None, bulletin("khac"))]),
                ),
                max_size=8,
            )
        )
    }
    return rule(
        "lich",
        *draw(st.lists(some(["05:45", "07:00", "17:15"]), unique=True)),
        bulletins=THREE[: draw(st.integers(1, 3))],
        weekdays=draw(st.none() | st.frozensets(st.integers(1, 7), min_size=1)),
        dates=draw(st.none() | st.frozensets(days, min_size=1, max_size=12)),
        lunar_days=draw(some([None, None, frozenset({1, 15})])),
        holidays=draw(some(["any", "any", "skip", "only"])),
        sessions=draw(some([(), ("sáng", "tối")])),
        per_day=draw(some([None, None, 2])),
        from_on=draw(st.none() | days),
        until_on=draw(st.none() | days),
        except_on=draw(st.frozensets(days, max_size=4)),
        changes=tuple(changes.values()),
    )


def asked(whole: RuleFact, station: str) -> list[tuple[date, str, str, time | None]]:
    """Day, key, bulletin and time of each slot, its changes applied: a station's own before those for everybody."""
    changes = {(each.local_on, each.slot_key, each.station_id): each for each in whole.changes}
    found = []
    for day in AROUND:
        for slot in day_slots(whole) if asks_on(whole, day) else ():
            change = changes.get((day, slot.key, station)) or changes.get((day, slot.key, None))
            if change is None:
                change = SlotChange(day, slot.key)
            if not change.is_skipped:
                airs = change.bulletin or bulletin_on(whole, day, slot.turn)
                found.append((day, slot.key, airs.id, change.to_time or slot.wall_time))
    return sorted(found)


@at_ease
@given(series(), days, st.frozensets(keys, max_size=4))
def test_both_parts_together_ask_for_what_the_whole_asked_for(whole, on, begun):
    parts = split(whole, on, begun)
    for station in stations:
        before = asked(parts.before, station) if parts.before is not None else []
        assert sorted(before + asked(parts.after, station)) == asked(whole, station)
        assert all(day < on or (day == on and key in begun) for day, key, *_ in before)


@at_ease
@given(series(), days)
def test_a_part_that_is_split_again_is_still_the_whole(whole, on):
    first: Split = split(whole, on)
    second = split(first.after, on + timedelta(days=5))
    pieces = [piece for piece in (first.before, second.before, second.after) if piece is not None]
    assert sorted(slot for piece in pieces for slot in asked(piece, "tram-a")) == asked(whole, "tram-a")


@at_ease
@given(series(), series())
def test_no_two_slots_or_days_become_one(old, new):
    moved = moved_keys(old, new)
    assert len(set(moved.values())) == len(moved)
    assert set(moved) <= {slot.key for slot in day_slots(old)}
    assert set(moved.values()) <= {slot.key for slot in day_slots(new)}
    for pairs in moved_days(old, new):
        assert len(set(pairs.values())) == len(pairs)
