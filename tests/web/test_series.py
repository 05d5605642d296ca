"""Editing this one, this and following, all: a series that is renamed, moved or divided keeps its exceptions, what is
over never changes. On both databases, planned again after each act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.rule import Rule, RuleBulletin, RuleChange, RuleChoice, RuleTarget
from broadcast.unit import Unit
from schedules.recurrence import bulletin_on
from tests.web.conftest import Clock
from tests.web.seed import NOW
from tests.web.series_parts import MONDAY, SUNDAY, TUESDAY, WEDNESDAY, Town, changes_of, founded, rule_of
from web import limiter
from web.rules.series import save_following, save_whole, shape_of


@pytest.fixture
def town(database: Database, settings: Settings, clock: Clock) -> Iterator[Town]:
    yield founded(database, settings, clock)
    limiter.reset()


def typed(session: Session, code: str = "LP5", **changed: Any) -> Rule:
    """The rule as its form would send it, with what was typed otherwise."""
    rule = rule_of(session, code)
    kept = (
        "code", "name", "source", "weekdays", "dates", "lunar_days", "holidays", "times", "every_minutes", "between",
        "sessions", "per_day", "place", "except_on", "repeats", "gap_seconds", "on_collision", "shift_minutes",
        "from_on", "until_on", "ends_when_met", "latest_start_s", "stopped_at", "created_at", "unit_id",
    )  # fmt: skip
    values = {name: getattr(rule, name) for name in kept} | changed
    return Rule(
        **values,
        bulletins=[RuleBulletin(bulletin_id=link.bulletin_id, position=link.position) for link in rule.bulletins],
        targets=[RuleTarget(unit_id=target.unit_id, station_id=target.station_id) for target in rule.targets],
    )


def whole(town: Town, code: str = "LP5", **changed: Any) -> None:
    with town.acting() as session:
        save_whole(session, rule_of(session, code), typed(session, code, **changed))
    town.plan()


def following(town: Town, on: date, code: str = "LP5", **changed: Any) -> str:
    with town.acting() as session:
        new = save_following(session, rule_of(session, code), typed(session, code, **changed), on).code
    town.plan()
    return new


BEGUN = ["22/11 05:45"]
SUNDAY_ON_S1 = ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 05:45", "25/11 18:30"]
SUNDAY_ON_S2 = ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 18:30"]


def test_a_renamed_series_is_the_same_to_the_last_column(town):
    assert (town.airs("S1"), town.airs("S2")) == (SUNDAY_ON_S1, SUNDAY_ON_S2)
    before = town.rows("LP5")
    whole(town, name="Nước sạch cho mọi nhà")
    assert town.rows("LP5") == before
    assert len(changes_of(town)) == 3


def test_a_series_moved_to_another_time_keeps_exceptions_changes_and_ids_of_what_stayed(town):
    before = town.rows("LP5")
    whole(town, times=["06:00", "17:15"])
    assert town.airs("S1") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 06:00", "25/11 18:30"]
    assert town.airs("S2") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 18:30"]
    assert changes_of(town) == [(23, "06:00", None, None), (25, "06:00", "S2", None), (25, "17:15", None, "18:30")]
    after = town.rows("LP5")
    key = list(Airing.__table__.columns.keys()).index("slot_key") - 1
    begins = list(Airing.__table__.columns.keys()).index("starts_at") - 1
    for airing, row in before.items():
        if row[key] == "17:15" or row[begins] < NOW:
            assert after[airing] == row


def test_a_series_moved_from_monday_to_tuesday_takes_its_changes_along(town):
    whole(town, weekdays=["mon", "wed"], except_on=["2026-11-23"])
    assert town.airs("S1") == [*BEGUN, "25/11 05:45", "25/11 18:30"]
    whole(town, weekdays=["tue", "wed"])
    assert town.airs("S1") == [*BEGUN, "25/11 05:45", "25/11 18:30"]
    assert (24, "05:45", None, None) in changes_of(town)
    with town.database.reading() as session:
        assert rule_of(session).except_on == ["2026-11-23", "2026-11-24"]
    whole(town, weekdays=["mon", "wed"])
    assert town.airs("S1") == [*BEGUN, "25/11 05:45", "25/11 18:30"]
    assert (23, "05:45", None, None) in changes_of(town)


def test_what_begins_on_a_day_to_come_is_a_rule_of_its_own_and_nothing_is_asked_twice(town):
    before, slots = town.rows("LP5"), len(town.asked("LP5"))
    new = following(town, WEDNESDAY)
    assert new != "LP5"
    assert town.airs("S1") == SUNDAY_ON_S1
    assert town.airs("S2") == SUNDAY_ON_S2
    assert len(town.asked("LP5", new)) == slots
    assert changes_of(town) == [(23, "05:45", None, None)]
    assert changes_of(town, new) == [(25, "05:45", "S2", None), (25, "17:15", None, "18:30")]
    with town.database.reading() as session:
        old, after = rule_of(session), rule_of(session, new)
        assert (old.until_on, after.from_on, after.follows_id) == (TUESDAY, WEDNESDAY, old.id)
        assert (old.except_on, after.except_on) == (["2026-11-24"], [])
        assert after.created_at == old.created_at  # its place among the others
    begins = list(Airing.__table__.columns.keys()).index("local_date") - 1
    assert all(town.rows("LP5")[airing] == row for airing, row in before.items() if row[begins] < WEDNESDAY)


def test_this_and_following_at_another_time_takes_the_changes_there(town):
    new = following(town, WEDNESDAY, times=["06:00", "17:15"])
    assert town.airs("S1") == ["22/11 05:45", "22/11 17:15", "23/11 17:15", "25/11 06:00", "25/11 18:30"]
    assert changes_of(town, new) == [(25, "06:00", "S2", None), (25, "17:15", None, "18:30")]


def test_from_today_on_what_has_begun_stays_and_what_is_to_come_goes_with_the_new(town):
    new = following(town, SUNDAY, times=["05:45", "17:30"])
    assert town.airs("S1", until=MONDAY) == ["22/11 05:45", "22/11 17:30", "23/11 17:30"]
    assert changes_of(town) == [(22, "17:15", None, None)]
    with town.database.reading() as session:
        assert rule_of(session).until_on == SUNDAY
        assert rule_of(session, new).from_on == SUNDAY


def test_a_slot_that_has_begun_is_not_heard_again_at_its_new_time_today(town):
    town.clock.at = NOW.replace(day=21, hour=22, minute=50)  # ten to six
    following(town, SUNDAY, times=["06:00", "17:15"])
    assert town.airs("S1", until=MONDAY) == ["22/11 05:45", "22/11 17:15", "23/11 17:15"]


def test_the_same_holds_where_the_whole_series_moves(town):
    town.clock.at = NOW.replace(day=21, hour=22, minute=50)
    whole(town, times=["06:00", "17:15"])
    assert town.airs("S1", until=MONDAY) == ["22/11 05:45", "22/11 17:15", "23/11 17:15"]


def test_todays_slot_whose_new_time_is_over_keeps_its_time_today(town):
    whole(town, times=["05:45", "09:00"])
    assert town.airs("S1", until=MONDAY) == ["22/11 05:45", "22/11 17:15", "23/11 09:00"]


@pytest.mark.parametrize("on", [SUNDAY - timedelta(days=3), SUNDAY - timedelta(days=1)])
def test_following_from_a_day_that_is_over_or_before_the_first_is_the_whole(town, on):
    assert following(town, on, name="Tất cả") == "LP5"
    with town.database.reading() as session:
        assert rule_of(session).name == "Tất cả"


def test_bulletins_that_take_turns_on_chosen_dates_go_on_where_they_were(town):
    dates = [(SUNDAY + timedelta(days=later)).isoformat() for later in (0, 1, 3, 4, 6)]
    with town.database.writing() as session:
        rule = rule_of(session)
        rule.dates, rule.except_on = dates, []
        codes = ("BT1", "BT2", "BT3")
        bulletins = [session.scalars(select(Bulletin).where(Bulletin.code == code)).one() for code in codes]
        rule.bulletins[:] = [RuleBulletin(bulletin_id=each.id, position=place) for place, each in enumerate(bulletins)]
    with town.database.reading() as session:
        whole_shape = shape_of(session, rule_of(session))
    new = following(town, WEDNESDAY)
    with town.database.reading() as session:
        old, after = rule_of(session), rule_of(session, new)
        assert (old.dates, after.dates) == (dates[:2], dates[2:])
        for rule, days in ((old, dates[:2]), (after, dates[2:])):
            for day in map(date.fromisoformat, days):
                assert bulletin_on(shape_of(session, rule), day, 0) == bulletin_on(whole_shape, day, 0)


def test_what_a_commune_chose_about_a_rule_holds_for_the_one_that_follows(town):
    with town.database.writing() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "X2")).one()
        session.add(RuleChoice(unit_id=unit.id, rule_id=rule_of(session).id, is_declined=True, chosen_at=NOW))
    town.plan()
    new = following(town, MONDAY)
    assert town.airs("S2") == BEGUN
    with town.database.reading() as session:
        choice = session.scalars(select(RuleChoice).where(RuleChoice.rule_id == rule_of(session, new).id)).one()
        assert choice.is_declined


def test_a_change_that_meets_nothing_gives_way_to_one_that_comes_to_its_place(town):
    with town.database.writing() as session:
        rule = rule_of(session)
        rule.changes.append(RuleChange(local_date=MONDAY, slot_key="06:00", to_time="07:00", changed_at=NOW))
    whole(town, times=["06:00", "17:15"])
    assert (23, "06:00", None, None) in changes_of(town)
    assert len(changes_of(town)) == 3
