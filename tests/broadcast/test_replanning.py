"""Which stations are planned again after an act, and that no other is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.replanning import bulletin_changed, rule_changed, stations_changed, units_changed
from broadcast.rule import RuleChange, RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.tally import PLAN, PROGRAMME, StaleStation, count
from broadcast.unit import Unit, UnitParent
from tests.district import District
from tests.schedules.planned import replanned

TODAY = date(2026, 11, 22)


class Province(District):
    """Communes C0 … C9 below H, with a station each."""

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__(session, now)
        self.communes = [self.unit(f"C{number}", parent=self.top) for number in range(10)]
        self.stations = [self.station(f"S{number}", unit) for number, unit in enumerate(self.communes)]

    def stale(self) -> list[str]:
        """Codes of the stations that are to be planned again, each once; what was noted is forgotten."""
        rows = self.session.scalars(select(Station.code).join(StaleStation, StaleStation.station_id == Station.id))
        found = sorted(set(rows))
        self.session.query(StaleStation).delete()
        return found


@pytest.fixture
def province(session: Session, now: datetime) -> Province:
    return Province(session, now)


def moved(session: Session, unit: Unit, parent: Unit, **dates: date) -> None:
    session.add(UnitParent(unit=unit, parent=parent, **dates))
    session.flush()


def test_a_rule_of_one_commune_concerns_its_station_only(province: Province, session: Session) -> None:
    before = count(session, PROGRAMME)
    rule = province.rule("r", province.bulletin("M"), ["17:15"], unit=province.communes[3])
    rule_changed(session, rule, TODAY)
    assert province.stale() == ["S3"]
    assert count(session, PLAN) == 0
    # what was stopped leaves the programme at once, so held requests look
    assert count(session, PROGRAMME) == before + 1


def test_a_rule_of_the_district_concerns_everybody(province: Province, session: Session) -> None:
    rule_changed(session, province.rule("r", province.bulletin("M"), ["17:15"]), TODAY)
    assert province.stale() == []
    assert count(session, PLAN) == 1


def test_a_rule_that_names_a_station_concerns_that_one(province: Province, session: Session) -> None:
    rule = province.rule("r", province.bulletin("M"), ["17:15"], unit=province.communes[3])
    rule.targets[:] = [RuleTarget(station_id=province.stations[5].id)]
    session.flush()
    rule_changed(session, rule, TODAY)
    assert province.stale() == ["S5"]


def test_whoever_lies_below_on_any_day_from_today_on_is_concerned(province: Province, session: Session) -> None:
    quarter = province.unit("K", parent=province.top)
    moved(session, province.communes[1], quarter, until_on=TODAY - timedelta(days=1))
    moved(session, province.communes[2], quarter, until_on=TODAY)
    province.stations[7].units.append(StationUnit(unit_id=province.communes[2].id, from_on=TODAY + timedelta(days=400)))
    rule = province.rule("r", province.bulletin("M"), ["17:15"], unit=quarter)
    rule_changed(session, rule, TODAY)
    assert province.stale() == ["S2", "S7"]


def test_units_in_a_ring_end_the_search(province: Province, session: Session) -> None:
    moved(session, province.communes[4], province.communes[5], from_on=TODAY)
    moved(session, province.communes[5], province.communes[4], from_on=TODAY)
    rule_changed(session, province.rule("r", province.bulletin("M"), ["17:15"], unit=province.communes[4]), TODAY)
    assert province.stale() == ["S4", "S5"]


@pytest.mark.parametrize("wall_time", ["17:15", "23:30"])
def test_a_station_that_a_rule_has_left_is_planned_again_while_it_holds_airings_or_refusals(
    province: Province, session: Session, now: datetime, wall_time: str
) -> None:
    rule = province.rule("r", province.bulletin("M"), [wall_time], unit=province.communes[3])
    replanned(session, now)
    rule.targets[:] = [RuleTarget(unit_id=province.communes[6].id)]
    session.flush()
    rule_changed(session, rule, TODAY)
    assert province.stale() == ["S3", "S6"]
    replanned(session, now)
    rule_changed(session, rule, TODAY)
    assert province.stale() == ["S6"]


def test_a_station_that_an_emergency_of_last_week_still_sounds_on_is_planned_again(
    province: Province, session: Session, now: datetime
) -> None:
    bulletin = province.bulletin("K", bulletin_class="emergency")
    began = now - timedelta(days=7)
    rule = province.rule("k", bulletin, [], unit=province.communes[3], starts_at=began)
    replanned(session, began)
    rule.targets[:] = [RuleTarget(unit_id=province.communes[6].id)]
    session.flush()
    rule_changed(session, rule, TODAY)
    assert province.stale() == ["S3", "S6"]


def test_a_bulletin_concerns_the_stations_of_all_rules_that_name_it(province: Province, session: Session) -> None:
    bulletin, other = province.bulletin("M"), province.bulletin("N")
    province.rule("a", bulletin, ["17:15"], unit=province.communes[1])
    changed = province.rule("b", other, ["17:15"], unit=province.communes[2])
    changed.changes.append(
        RuleChange(local_date=TODAY, slot_key="17:15", bulletin_id=bulletin.id, changed_at=province.now)
    )
    province.rule("c", other, ["17:15"], unit=province.communes[3])
    province.rule("d", bulletin, ["17:15"], unit=province.communes[4], until_on=TODAY - timedelta(days=2))
    session.flush()
    bulletin_changed(session, bulletin.id, TODAY)
    assert province.stale() == ["S1", "S2"]


def test_a_bulletin_that_no_rule_names_concerns_nobody(province: Province, session: Session) -> None:
    before = count(session, PROGRAMME)
    bulletin_changed(session, province.bulletin("M").id, TODAY)
    assert province.stale() == []
    assert (count(session, PLAN), count(session, PROGRAMME)) == (0, before)


def test_a_unit_concerns_its_own_stations_and_those_below(province: Province, session: Session) -> None:
    quarter = province.unit("K", parent=province.communes[8])
    province.station("SK", quarter)
    units_changed(session, [province.communes[8].id], TODAY)
    assert province.stale() == ["S8", "SK"]


def test_each_act_is_noted_on_its_own_and_more_than_a_quarter_is_everybody(
    province: Province, session: Session
) -> None:
    ids = [station.id for station in province.stations]
    stations_changed(session, ids[:2])
    stations_changed(session, ids[1:2])
    assert sorted(session.scalars(select(StaleStation.station_id))) == [ids[0], ids[1], ids[1]]
    assert count(session, PLAN) == 0
    stations_changed(session, ids[:3])
    assert count(session, PLAN) == 1
    stations_changed(session, [])
    assert count(session, PLAN) == 1
