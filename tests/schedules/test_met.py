"""A rule that ends when its obligation is met: today once today's number sounded, for good once nothing is owed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.clock import VIETNAM
from broadcast.met_again import heard
from broadcast.rule import RuleBulletin
from broadcast.station import Station
from broadcast.tally import PLAN, StaleStation, count
from schedules.obligations.met import Met, met_rules
from schedules.replan import Planning
from tests.schedules.obliged import Obliged
from tests.schedules.planned import replanned

TODAY = date(2026, 11, 22)  # 10:00
DAY = timedelta(days=1)


@pytest.fixture
def obliged(session: Session, now: datetime) -> Obliged:
    made = Obliged(session, now)
    made.rule.times, made.rule.from_on, made.rule.until_on = ["09:00", "11:00", "17:15"], None, None
    made.rule.ends_when_met = True
    session.flush()
    return made


def met(obliged: Obliged, now: datetime | None = None) -> Met:
    now = now or obliged.now
    stations = obliged.session.scalars(select(Station)).all()
    return met_rules(obliged.session, stations, Planning(obliged.session, now, VIETNAM).district.rules, now, VIETNAM)


def test_without_an_obligation_it_asks_as_usual(obliged: Obliged) -> None:
    obliged.station()
    assert met(obliged) == {}


def test_today_ends_once_its_number_has_sounded_whole(obliged: Obliged) -> None:
    station = obliged.station()
    obliged.order(2, TODAY, TODAY + 30 * DAY)
    obliged.airing(station, TODAY, time(6), "complete")
    obliged.airing(station, TODAY, time(7), "partial")
    assert met(obliged) == {}
    obliged.airing(station, TODAY, time(8), "late")
    assert met(obliged) == {"S1": frozenset({("tay", TODAY)})}
    assert met(obliged, obliged.now + DAY) == {}


def test_the_days_behind_the_last_are_not_asked_and_afterwards_none_is(obliged: Obliged) -> None:
    obliged.station()
    obliged.order(2, TODAY - 5 * DAY, TODAY + 12 * DAY)
    assert met(obliged) == {"S1": frozenset({("tay", TODAY + 13 * DAY), ("tay", TODAY + 14 * DAY)})}
    assert met(obliged, obliged.now + 13 * DAY) == {"S1": frozenset({("tay", None)})}


def test_before_the_first_day_it_asks_as_usual(obliged: Obliged) -> None:
    obliged.station()
    obliged.order(1, TODAY + DAY, TODAY + 30 * DAY)
    assert met(obliged) == {}


def test_a_total_is_met_for_good_and_only_at_the_station_that_did_it(obliged: Obliged) -> None:
    done, behind = obliged.station("S1"), obliged.station("S2")
    obliged.order(3, TODAY - 5 * DAY, TODAY + 30 * DAY, "total")
    for back in (1, 2, 3):
        obliged.airing(done, TODAY - back * DAY, time(6), "complete")
        obliged.airing(behind, TODAY - back * DAY, time(6), "complete" if back > 1 else "missed")
    assert met(obliged) == {"S1": frozenset({("tay", None)})}


def test_of_several_obligations_and_bulletins_all_have_to_be_met(obliged: Obliged) -> None:
    station, other = obliged.station(), obliged.district.bulletin("N")
    obliged.rule.bulletins.append(RuleBulletin(bulletin_id=other.id, position=1))
    obliged.order(1, TODAY, TODAY + 30 * DAY)
    obliged.order(1, TODAY, TODAY + 30 * DAY, bulletin_id=other.id)
    obliged.airing(station, TODAY, time(6), "complete")
    assert met(obliged) == {}
    obliged.airing(station, TODAY, time(7), "complete", other)
    assert met(obliged) == {"S1": frozenset({("tay", TODAY)})}


def test_what_was_taken_back_is_owed_no_more(obliged: Obliged) -> None:
    obliged.station()
    obliged.order(1, TODAY - DAY, TODAY + 30 * DAY, ended_at=obliged.now)
    assert met(obliged) == {"S1": frozenset({("tay", None)})}


def test_a_rule_without_that_end_is_not_asked_about(obliged: Obliged) -> None:
    station = obliged.station()
    obliged.rule.ends_when_met = False
    obliged.order(1, TODAY, TODAY)
    obliged.airing(station, TODAY, time(6), "complete")
    assert met(obliged) == {}


def test_the_plan_leaves_out_what_is_met_and_cancels_what_stood(obliged: Obliged) -> None:
    station = obliged.station()
    obliged.order(1, TODAY, TODAY + DAY)
    replanned(obliged.session, obliged.now)
    own = select(Airing.local_date, Airing.slot_key).where(Airing.cancelled_at.is_(None)).order_by(Airing.starts_at)
    keys = ["11:00", "17:15"]
    assert obliged.session.execute(own).all() == [
        *((TODAY, key) for key in keys), *((TODAY + DAY, key) for key in ["09:00", *keys])
    ]  # fmt: skip
    obliged.airing(station, TODAY, time(8), "complete")
    replanned(obliged.session, obliged.now)
    assert [key for day, key in obliged.session.execute(own) if day == TODAY] == ["08:00"]


def test_what_a_station_heard_to_the_end_has_it_planned_again(obliged: Obliged) -> None:
    station = obliged.station()
    for code in ("S2", "S3", "S4", "S5"):
        obliged.station(code)
    airing = obliged.airing(station, TODAY, time(8), "complete")
    before = count(obliged.session, PLAN)
    heard(obliged.session, station.id, {airing.id})
    assert list(obliged.session.scalars(select(StaleStation.station_id))) == [station.id]
    obliged.rule.ends_when_met = False
    obliged.session.flush()
    heard(obliged.session, station.id, {airing.id})
    heard(obliged.session, station.id, set())
    assert len(obliged.session.scalars(select(StaleStation)).all()) == 1
    assert count(obliged.session, PLAN) == before
