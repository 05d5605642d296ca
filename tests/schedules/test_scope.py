"""A plan of a few stations, from what is loaded for them alone, is the same as from all that there is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from broadcast.clock import VIETNAM
from broadcast.deciding import withdraw
from broadcast.rule import Rule, RuleBulletin, RuleChoice, RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.unit import Succession, Unit, UnitParent
from schedules.replan import Planning
from tests.district import District
from tests.schedules.planned import replanned

TODAY = date(2026, 11, 22)
SOON = TODAY + timedelta(days=5)


class Changing(District):
    """Two districts of four communes. C1 goes into C0 in five days; C4 moves to the other district then; the station
    of C6 moves to C7; a station serves two communes one after the other. Rules, policies and choices at all levels,
    more than one minute can hold."""

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__(session, now)
        self.districts = [self.unit(f"D{number}", parent=self.top) for number in range(2)]
        self.communes = [self.unit(f"C{number}", parent=self.districts[number // 4]) for number in range(8)]
        self.stations = [self.station(f"S{number}", unit) for number, unit in enumerate(self.communes)]
        self._links()
        self._rules_and_policies()
        session.flush()
        session.expire_all()

    def _links(self) -> None:
        c = self.communes
        self.session.add(Succession(old_id=c[1].id, new_id=c[0].id, extent="whole", on_date=SOON))
        self._move(self.stations[1], c[0])
        self._move(self.stations[6], c[7])
        c[4].parents[0].until_on = SOON - timedelta(days=1)
        self.session.add(UnitParent(unit=c[4], parent=self.districts[0], from_on=SOON))
        self.session.flush()

    def _move(self, station: Station, to: Unit) -> None:
        station.units[0].until_on = SOON - timedelta(days=1)
        station.units.append(StationUnit(unit_id=to.id, from_on=SOON))

    def _rules_and_policies(self) -> None:
        units = [self.top, *self.districts, *self.communes]
        for number, unit in enumerate(units):
            bulletin = self.bulletin(f"B{number}", duration_ms=90_000)
            rule = self.rule(f"r{number}", bulletin, ["06:00", "17:15"], unit=unit)
            rule.unit_id = unit.id
            self.policy(unit, source=f"Văn bản {number}", same_text_a_day=1 + number % 2)
        self.policy(self.districts[1], from_on=SOON, curfew=["20:00", "06:30"])
        elsewhere = self.rule("one", self.bulletin("E"), ["06:00", "19:00"])
        elsewhere.targets[:] = [RuleTarget(station_id=self.stations[5].id)]
        elsewhere.unit_id = self.communes[0].id
        chosen = {"unit_id": self.communes[2].id, "chosen_at": self.now}
        rules = {rule.code: rule for rule in self.session.query(Rule)}
        self.session.add(RuleChoice(rule_id=rules["r0"].id, is_declined=True, **chosen))
        self.session.add(RuleChoice(rule_id=rules["r1"].id, place=1, **chosen))


@pytest.fixture
def changing(session: Session, now: datetime) -> Changing:
    return Changing(session, now)


def same_for_each(changing: Changing, now: datetime) -> None:
    """Whoever is planned alone, in twos or with all others."""
    session = changing.session
    whole = Planning(session, now, VIETNAM)
    ids = [station.id for station in changing.stations]
    for some in [*([number] for number in ids), ids[:2], ids[4:7], ids]:
        alone = Planning(session, now, VIETNAM, only=some).compute(session, some)
        expected = whole.compute(session, some)
        assert alone.existing == expected.existing
        assert alone.plan == expected.plan


def test_whatever_is_above_a_station_on_any_day_is_loaded_for_it(changing: Changing, now: datetime) -> None:
    same_for_each(changing, now)
    plan = Planning(changing.session, now, VIETNAM).compute(changing.session, [s.id for s in changing.stations]).plan
    assert {refused.code for refused in plan.refused} >= {"curfew"}


def test_rules_of_others_are_not_loaded(changing: Changing, now: datetime) -> None:
    district = Planning(changing.session, now, VIETNAM, only=[changing.stations[3].id]).district
    assert {rule.code for rule in district.rules} == {"r0", "r1", "r6"}
    assert {unit.id for unit in district.units} == {"unit/H", "unit/D0", "unit/C3"}


def test_what_a_station_still_holds_counts_as_if_all_were_loaded(
    changing: Changing, session: Session, now: datetime
) -> None:
    """A rule that left it, a bulletin that is withdrawn while it sounds and is aired by other rules only."""
    replanned(session, now)
    rules = {rule.code: rule for rule in session.query(Rule)}
    rules["one"].targets[:] = [RuleTarget(station_id=changing.stations[2].id)]
    sounding = rules["r6"].bulletins[0].bulletin
    rules["r6"].bulletins[:] = [RuleBulletin(bulletin_id=rules["r0"].bulletins[0].bulletin_id, position=0)]
    rules["r9"].bulletins.append(RuleBulletin(bulletin_id=sounding.id, position=1))
    session.flush()
    at = datetime.combine(TODAY, datetime.min.time(), VIETNAM).replace(hour=17, minute=15, second=30)
    withdraw(session, sounding, changing.approver, at, "sai")
    session.flush()
    session.expire_all()
    same_for_each(changing, at)
    own = changing.stations[3].id
    cancelled = Planning(session, at, VIETNAM, only=[own]).compute(session, [own]).plan.cancel
    assert "withdrawn" in {each.reason for each in cancelled}
