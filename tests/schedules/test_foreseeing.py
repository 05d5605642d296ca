"""What a rule would bring is known before it is there: to itself, and to the slots of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from broadcast.clock import VIETNAM
from schedules.facts import ChoiceFact, DatedLink, PolicyFact, RuleFact, SlotChange, StationFact
from schedules.foresight.foreseeing import Foresight, Ground, first_asked, foresee, situations
from tests.schedules.world import (
    NO_CURFEW,
    SUNDAY,
    UNITS,
    A,
    B,
    at,
    bulletin,
    curfew,
    local,
    planned,
    rule,
    session,
    sound,
    standing,
)


def ground(*rules: RuleFact, policies: tuple[PolicyFact, ...] = (), days: int = 1, now: str = "00:00") -> Ground:
    return Ground(rules, UNITS, policies, at(now), days, VIETNAM)


def foreseen(new: RuleFact, on: Ground, stations: tuple[StationFact, ...] = (A,), existing=()) -> Foresight:
    return foresee(on, new, situations(on, new, stations), existing)


def told(foresight: Foresight) -> list[tuple[str, str, str | None]]:
    return [
        (slot.code, local(slot.asked_at), None if slot.starts_at is None else local(slot.starts_at))
        for slot in foresight.slots
    ]


def test_each_slot_of_the_rule_is_planned_moved_or_refused_with_its_reason():
    old = rule("cu", "17:15", age=5)
    new = rule("moi", "05:30", "17:15", "22:30")
    seen = foreseen(new, ground(old, policies=(PolicyFact("cam", "huyen", curfew=curfew("22:00", "05:00")),)))
    assert told(seen) == [
        ("", "22/11 05:30", "22/11 05:30"),
        ("moved", "22/11 17:15", "22/11 17:18"),
        ("curfew", "22/11 22:30", None),
    ]
    assert seen.slots[1].after == ("cu", "tin")
    assert "22:00–05:00" in seen.slots[2].reason
    assert seen.displaced == ()


def test_a_rule_of_a_higher_class_says_whose_slots_it_would_move_or_drop():
    patient, strict = rule("theo", "17:15", age=5), rule("dung", "17:20", age=4, on_collision="refuse")
    new = rule("moi", "17:14", of=bulletin("gap", minutes=8, bulletin_class="priority"))
    seen = foreseen(new, ground(patient, strict))
    assert [(each.was.rule_id, each.now.code, each.now.starts_at) for each in seen.displaced if each.now] == [
        ("theo", "moved", at("17:22")),
        ("dung", "collision", None),
    ]


def test_a_slot_that_airs_sooner_because_of_the_rule_is_no_harm():
    first, second = rule("a", "17:15", age=5, on_collision="refuse"), rule("b", "17:15", age=4)
    new = rule("moi", "17:14", of=bulletin("gap", minutes=2, bulletin_class="priority"))
    seen = foreseen(new, ground(first, second))
    # the first is refused, so the second, which stood after it at 17:18, begins at 17:16
    assert [each.was.rule_id for each in seen.displaced] == ["a"]


def test_editing_a_rule_shows_it_as_if_it_were_new():
    old = rule("cu", "17:15", age=5)
    rows = standing(planned(old, now=at("00:00")))
    seen = foreseen(replace(old, times=(at("18:00").astimezone(VIETNAM).time(),)), ground(), existing=rows)
    assert told(seen) == [("", "22/11 18:00", "22/11 18:00")]
    assert seen.displaced == ()


def test_what_has_begun_is_in_the_way_and_what_is_planned_later_is_laid_out_anew():
    old = rule("cu", "10:00", "17:15", of=bulletin(minutes=20), age=5)
    rows = standing(planned(old))
    seen = foreseen(rule("moi", "10:15"), ground(old, now="10:10"), existing=rows)
    assert told(seen) == [("moved", "22/11 10:15", "22/11 10:20")]


def test_stations_in_the_same_situation_stand_for_each_other():
    many = tuple(StationFact(f"s{number:03}", (DatedLink("xa-a"),)) for number in range(50))
    new = rule("moi", "17:15")
    on = ground(policies=(PolicyFact("rieng", "xa-b", curfew=curfew("17:00", "18:00")),))
    found = situations(on, new, (*many, B))
    assert [len(each.stations) for each in found] == [50, 1]
    seen = foresee(on, new, found, ())
    assert seen.weight(slot for slot in seen.slots if slot.starts_at is not None) == 50
    assert seen.weight(slot for slot in seen.slots if slot.code == "curfew") == 1


def test_a_station_with_a_slot_of_its_own_changed_is_a_situation_of_its_own():
    other = StationFact("tram-a2", (DatedLink("xa-a"),))
    old = rule("cu", "17:15", changes=(SlotChange(SUNDAY, "17:15", "tram-a", is_skipped=True),))
    found = situations(ground(old), rule("moi", "17:15"), (A, other))
    assert len(found) == 2


def test_what_a_representative_is_told_is_what_each_of_its_stations_would_be_told():
    """Situations only save work: planned one by one the stations fare the same."""
    stations = (A, B, StationFact("tram-a2", (DatedLink("xa-a"),)), StationFact("tram-b2", (DatedLink("xa-b"),)))
    olds = (rule("cu", "05:30", "17:15", age=5), rule("rieng", "17:15", unit="xa-b", age=3))
    new = rule("moi", "05:30", "17:15", "21:58")
    on = ground(*olds, policies=(PolicyFact("cam", "xa-a", curfew=curfew("21:00", "05:00")),), days=7)
    together = foreseen(new, on, stations)
    for station in stations:
        alone = foreseen(new, on, (station,))
        stands = next(each.station.id for each in together.situations if station.id in each.stations)
        of_it = [slot for slot in together.slots if slot.station_id == stands]
        assert [slot[4:] for slot in alone.slots] == [slot[4:] for slot in of_it]


def test_a_unit_that_puts_the_rule_first_has_it_before_others_of_its_class():
    old, new = rule("cu", "17:15", age=5), rule("moi", "17:15")
    on = ground(old)
    seen = foreseen(new, on.choosing("moi", ["xa-a"]), (A, B))
    of = {slot.station_id: slot.code for slot in seen.slots}
    assert of == {"tram-a": "", "tram-b": "moved"}
    assert [each.was.station_id for each in seen.displaced] == ["tram-a"]
    back = foreseen(new, on.choosing("moi", ["xa-a"]).choosing("moi", none=["xa-a"]), (A, B))
    assert {slot.code for slot in back.slots} == {"moved"}


def test_taking_the_place_away_leaves_what_else_the_unit_said():
    on = Ground(
        (), (replace(UNITS[2], choices=(ChoiceFact("moi", 3, True, "không cần"),)),), (), at("00:00"), 1, VIETNAM
    )
    assert on.choosing("moi", none=["xa-a"]).units[0].choices == (ChoiceFact("moi", None, True, "không cần"),)


def test_in_a_session_a_slot_is_not_late_wherever_it_stands():
    policy = PolicyFact("khung", "huyen", sessions=(session("sáng", "05:30", "06:30"),), curfew=())
    old = rule("cu", sessions=("sáng",), age=5)
    seen = foreseen(rule("moi", sessions=("sáng",)), ground(old, policies=(policy,)))
    assert told(seen) == [("", "22/11 05:30", "22/11 05:33")]


def test_the_first_asked_day_is_found_however_far_it_is():
    tet = rule("tet", "05:30", holidays="only", weekdays=frozenset({7}))
    found = first_asked(tet, SUNDAY)
    assert found is not None
    assert found.isoweekday() == 7
    assert found > SUNDAY + timedelta(days=14)
    assert first_asked(rule("cu", "05:30", until_on=SUNDAY - timedelta(days=1)), SUNDAY) is None
    assert first_asked(rule("sau", "05:30", from_on=date(2027, 3, 1)), SUNDAY) == date(2027, 3, 1)


def test_what_waits_for_approval_says_so_for_every_slot():
    unapproved = bulletin("nhap", audios=(sound(3, approver=None),))
    seen = foreseen(rule("moi", "05:30", of=unapproved), ground(policies=(NO_CURFEW,), days=3))
    assert [slot.code for slot in seen.slots] == ["not_approved"] * 3
