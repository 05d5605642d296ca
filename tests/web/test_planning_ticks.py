"""The clockwork plans the whole country where it must, only the stations that an act concerned where it may, and these
before all others."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast.airing import Airing
from broadcast.clock import VIETNAM
from broadcast.replanning import rule_changed, stations_changed
from broadcast.rule import Rule
from broadcast.station import Station
from broadcast.tally import PLAN, PLANNED, StaleStation, count, plan_is_stale
from schedules.replan import Planning
from tests.district import District
from web.serving import planning as planning_of_ticks
from web.serving.ticks import PLAN_AGAIN_AFTER, Ticks

STATIONS = 10


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def ticks(database, settings, clock):
    """Ten communes with a station each, a rule for all at 17:15, one of commune 3 at 17:45; planned once."""
    with database.writing() as session:
        district = District(session, clock.at)
        bulletin = district.bulletin("M")
        for number in range(STATIONS):
            commune = district.unit(f"C{number}", parent=district.top)
            district.station(f"S{number}", commune)
            if number == 3:
                district.rule("own", district.bulletin("N"), ["17:45"], unit=commune)
        district.rule("all", bulletin, ["17:15"])
    store = AudioStore(settings.audio_dir)
    for sound in ("M/1", "N/1"):  # as `District` names them
        store.put(sound.encode())
    made = Ticks(database, settings, clock)
    made.plan_now()
    yield made
    made.close()


@pytest.fixture
def planned(monkeypatch):
    """The ids of the stations that were planned, batch by batch; a batch is three stations."""
    batches: list[list[int]] = []
    replan = planning_of_ticks.replan

    def noting(session: Session, planning: Planning, ids: list[int]):
        batches.append(list(ids))
        return replan(session, planning, ids)

    monkeypatch.setattr(planning_of_ticks, "replan", noting)
    monkeypatch.setattr(planning_of_ticks, "station_groups", in_threes)
    return batches


def in_threes(session: Session) -> list[list[list[int]]]:
    """Two groups of two batches."""
    ids = list(session.scalars(select(Station.id).order_by(Station.id)))
    batches = [ids[start : start + 3] for start in range(0, len(ids), 3)]
    return [batches[:2], batches[2:]]


def rule_of(session: Session, code: str) -> Rule:
    return session.scalars(select(Rule).where(Rule.code == code)).one()


def stop(database, code: str, at: datetime) -> None:
    with database.writing() as session:
        rule = rule_of(session, code)
        rule.stopped_at = at
        session.flush()
        rule_changed(session, rule, at.astimezone(VIETNAM).date())


def standing(database, code: str) -> int:
    with database.reading() as session:
        rows = select(Airing.id).where(Airing.rule_id == rule_of(session, code).id, Airing.cancelled_at.is_(None))
        return len(session.scalars(rows).all())


def station_id(database, code: str) -> int:
    with database.reading() as session:
        return session.scalars(select(Station.id).where(Station.code == code)).one()


def orders(database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(StaleStation.station_id)))


def test_after_an_act_that_concerns_one_station_that_one_is_planned(ticks, database, clock, planned) -> None:
    assert standing(database, "own") == 15
    stop(database, "own", clock())
    ticks.plan_when_stale()
    assert planned == [[station_id(database, "S3")]]
    assert standing(database, "own") == 0
    assert orders(database) == []
    ticks.plan_when_stale()
    assert len(planned) == 1


def test_after_an_act_that_concerns_all_every_station_is_planned_once(ticks, database, clock, planned) -> None:
    stop(database, "own", clock())
    stop(database, "all", clock())
    ticks.plan_when_stale()
    own = station_id(database, "S3")
    assert planned[0] == [own]
    assert sorted(number for batch in planned for number in batch) == list(range(1, STATIONS + 1))
    assert (standing(database, "own"), standing(database, "all")) == (0, 0)
    with database.reading() as session:
        assert count(session, PLAN) == count(session, PLANNED) == 1
    assert orders(database) == []


def test_what_is_asked_while_the_country_is_planned_comes_before_the_next_batch_and_stays(
    ticks, database, clock, planned, monkeypatch
) -> None:
    """Also where that station's batch is still to come: older facts never plan what newer ones have planned."""
    noting = planning_of_ticks.replan

    def interrupted(session: Session, planning: Planning, ids: list[int]):
        done = noting(session, planning, ids)
        if len(planned) == 1:  # in the transaction of the first batch, so that it is committed with it
            rule = rule_of(session, "own")
            rule.times = ["18:00"]
            session.flush()
            rule_changed(session, rule, clock.at.astimezone(VIETNAM).date())
        return done

    monkeypatch.setattr(planning_of_ticks, "replan", interrupted)
    with database.writing() as session:
        plan_is_stale(session)
    ticks.plan_when_stale()
    own = station_id(database, "S3")
    assert planned[1] == [own]
    assert [number for batch in planned for number in batch].count(own) == 1
    with database.reading() as session:
        keys = select(Airing.slot_key).where(
            Airing.rule_id == rule_of(session, "own").id, Airing.cancelled_at.is_(None)
        )
        assert set(session.scalars(keys)) == {"18:00"}


def test_an_order_that_could_not_be_planned_stays(ticks, database, clock, monkeypatch) -> None:
    stop(database, "own", clock())

    def broken(*_: object) -> None:
        raise RuntimeError("the machine went down")

    with monkeypatch.context() as patch:
        patch.setattr(planning_of_ticks, "replan", broken)
        with pytest.raises(RuntimeError):
            ticks.plan_when_stale()
    assert orders(database) == [station_id(database, "S3")]
    ticks.plan_when_stale()
    assert standing(database, "own") == 0


def test_an_order_that_comes_while_its_station_is_planned_is_kept_for_the_next_tick(
    ticks, database, clock, planned, monkeypatch
) -> None:
    own = station_id(database, "S3")
    noting = planning_of_ticks.replan

    def interrupted(session: Session, planning: Planning, ids: list[int]):
        if not planned:
            stations_changed(session, [own])
        return noting(session, planning, ids)

    monkeypatch.setattr(planning_of_ticks, "replan", interrupted)
    stop(database, "own", clock())
    ticks.plan_when_stale()
    assert orders(database) == [own]
    ticks.plan_when_stale()
    assert (planned, orders(database)) == ([[own], [own]], [])


def test_from_time_to_time_and_on_a_new_day_all_are_planned(ticks, database, clock, planned) -> None:
    ticks.plan_when_stale()
    assert planned == []
    clock.at += PLAN_AGAIN_AFTER
    ticks.plan_when_stale()
    assert sum(map(len, planned)) == STATIONS
    clock.at = clock.at.astimezone(VIETNAM).replace(hour=23, minute=59, second=0)
    ticks.plan_when_stale()
    planned.clear()
    clock.at += timedelta(minutes=2)
    ticks.plan_when_stale()
    assert sum(map(len, planned)) == STATIONS
