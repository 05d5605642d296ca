"""What would be refused or moved comes with ways out that really help, and with none that do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from broadcast.clock import VIETNAM
from schedules.facts import DatedLink, PolicyFact, RuleFact, StationFact
from schedules.foresight.foreseeing import Ground, foresee, situations
from schedules.foresight.offering import Offering, Offers, Trouble, troubles
from tests.schedules.world import UNITS, A, B, at, bulletin, curfew, rule, session, sound

UNIT_OF = {"tram-a": "xa-a", "tram-b": "xa-b"}


def offered(
    new: RuleFact,
    *olds: RuleFact,
    policies: tuple[PolicyFact, ...] = (),
    stations: tuple[StationFact, ...] = (A,),
    orderable: tuple[str, ...] = ("xa-a", "xa-b"),
    days: int = 3,
) -> list[tuple[Trouble, Offers]]:
    ground = Ground(olds, UNITS, policies, at("00:00"), days, VIETNAM)
    seen = foresee(ground, new, situations(ground, new, stations), ())
    offering = Offering(ground, new, seen, (), UNIT_OF, orderable)
    return [(trouble, offering.about(trouble)) for trouble in troubles(seen)]


def after(new: RuleFact, *olds: RuleFact, policies: tuple[PolicyFact, ...] = (), stations=(A,), first=()) -> list[str]:
    """The codes of the slots once an offer was taken."""
    ground = Ground(olds, UNITS, policies, at("00:00"), 3, VIETNAM).choosing(new.id, first)
    return [slot.code for slot in foresee(ground, new, situations(ground, new, stations), ()).slots]


def test_another_time_is_one_at_which_every_station_has_room_on_every_day():
    long = bulletin("dai", minutes=20)
    olds = (rule("a", "17:15", of=long, unit="xa-a", age=5), rule("b", "16:55", of=long, unit="xa-b", age=4))
    new = rule("moi", "17:15", on_collision="refuse")
    [(trouble, offers)] = offered(new, *olds, stations=(A, B))
    assert (trouble.wall, trouble.code) == (time(17, 15), "collision")
    # at 17:00–17:15 the other station is taken, at 17:12–17:35 this one
    assert offers.times == (time(17, 35), time(16, 50), time(17, 40))
    for wall in offers.times:
        assert set(after(replace(new, times=(wall,)), *olds, stations=(A, B))) == {""}


def test_a_time_in_curfew_is_moved_to_the_nearest_hour_outside_of_it():
    night = (PolicyFact("cam", "huyen", curfew=curfew("22:00", "05:00")),)
    [(_, offers)] = offered(rule("moi", "22:30"), policies=night)
    assert offers.times[0] == time(21, 55)
    assert offers.shift_minutes is None
    assert offers.first_units == ()
    assert not offers.barred


def test_a_time_outside_of_the_sessions_is_moved_into_one():
    policy = (PolicyFact("khung", "huyen", sessions=(session("sáng", "05:30", "06:30"),), curfew=()),)
    [(trouble, offers)] = offered(rule("moi", "17:15"), policies=policy)
    assert trouble.code == "policy"
    assert offers.times
    assert all(time(5, 30) <= wall < time(6, 30) for wall in offers.times)


def test_a_time_that_the_rule_asks_for_already_is_no_offer():
    olds = (rule("cu", "17:15", age=5),)
    [(_, offers)] = offered(rule("moi", "17:10", "17:15", "17:20", on_collision="refuse"), *olds)
    assert offers.times
    assert not {time(17, 10), time(17, 20)} & set(offers.times)


@pytest.mark.parametrize(
    ("minutes", "patience"),
    [(8, 10), (13, 15), (27, 30), (119, 120)],
)
def test_airing_after_what_is_there_takes_the_patience_it_needs(minutes, patience):
    old = rule("cu", "17:15", of=bulletin("dai", minutes=minutes), age=5)
    new = rule("moi", "17:15", on_collision="refuse")
    [(_, offers)] = offered(new, old)
    assert offers.shift_minutes == patience
    assert set(after(replace(new, on_collision="after", shift_minutes=patience), old)) == {"moved"}


def test_where_no_patience_helps_none_is_offered():
    policy = (PolicyFact("khung", "huyen", sessions=(session("chiều", "17:00", "17:30"),), curfew=()),)
    old = rule("cu", "17:05", of=bulletin("dai", minutes=24), age=5)
    [(_, offers)] = offered(rule("moi", "17:15", on_collision="refuse"), old, policies=policy)
    assert offers.shift_minutes is None


def test_going_first_is_offered_where_the_order_is_ones_own_and_helps():
    old, new = rule("cu", "17:15", age=5), rule("moi", "17:15", on_collision="refuse")
    [(_, offers)] = offered(new, old, stations=(A, B), orderable=("xa-a",))
    assert offers.first_units == ("xa-a",)
    assert not offers.barred
    assert after(new, old, stations=(A,), first=("xa-a",)) == ["", "", ""]


def test_nobody_goes_before_a_higher_class_and_is_told_so():
    old = rule("cu", "17:15", of=bulletin("gap", bulletin_class="priority"), age=5)
    [(_, offers)] = offered(rule("moi", "17:15", on_collision="refuse"), old)
    assert offers.first_units == ()
    assert offers.barred
    [(trouble, offers)] = offered(rule("moi", "17:15"), old)
    assert (trouble.code, offers.first_units, offers.barred) == ("moved", (), True)


def test_two_priority_items_are_ordered_by_the_commune():
    urgent = {"of": bulletin("gap", bulletin_class="priority")}
    old, new = rule("tren", "17:15", age=5, **urgent), rule("xa", "17:15", unit="xa-a", on_collision="refuse")
    new = replace(new, bulletins=(bulletin("xa-gap", bulletin_class="priority"),))
    # the commune's own goes first by itself; where the district's was put first, the commune may change its mind
    assert offered(new, old) == []
    later = replace(new, unit_id="huyen")
    [(_, offers)] = offered(later, old)
    assert offers.first_units == ("xa-a",)


def test_a_full_session_can_be_opened_to_the_rule_by_going_first():
    policy = (PolicyFact("khung", "huyen", sessions=(session("sáng", "05:30", "05:40"),), curfew=()),)
    old, new = rule("cu", sessions=("sáng",), of=bulletin(minutes=8), age=5), rule("moi", sessions=("sáng",))
    [(trouble, offers)] = offered(new, old, policies=policy)
    assert (trouble.slot_key, trouble.wall, trouble.code) == ("sáng#", None, "session_full")
    assert offers.times == ()
    assert offers.first_units == ("xa-a",)


def test_nothing_is_offered_against_what_waiting_or_nobody_can_mend():
    unapproved = bulletin("nhap", audios=(sound(3, approver=None),))
    [(trouble, offers)] = offered(rule("moi", "17:15", of=unapproved))
    assert (trouble.code, offers) == ("not_approved", Offers())


def test_every_so_many_minutes_is_told_by_time_but_not_moved_by_one():
    old = rule("cu", "17:00", age=5)
    new = rule("moi", every_minutes=60, between=(time(16), time(18)), on_collision="refuse")
    [(trouble, offers)] = offered(new, old)
    assert trouble.wall == time(17)
    assert offers.times == ()
    assert offers.shift_minutes == 5


def test_a_station_of_many_is_looked_at_even_where_others_are_well():
    crowd = tuple(StationFact(f"s{number:02}", (DatedLink("xa-b"),)) for number in range(30))
    old = rule("cu", "17:15", unit="xa-a", age=5)
    new = rule("moi", "17:15", on_collision="refuse")
    [(trouble, offers)] = offered(new, old, stations=(A, *crowd))
    assert {slot.station_id for slot in trouble.slots} == {"tram-a"}
    assert offers.times[0] == time(17, 18)  # right after it
