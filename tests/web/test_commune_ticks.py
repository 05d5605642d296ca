"""The clockwork orders and makes the sounds of communes that come later, each by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from broadcast.catching_up import TRIED_AGAIN_AFTER
from broadcast.station import Station, StationUnit
from broadcast.tally import StaleStation
from broadcast.unit import Unit, UnitParent
from tests.web.bulletin_parts import of
from tests.web.commune_parts import with_variables
from tests.web.seed import NOW
from web.serving.ticks import Ticks


@pytest.fixture
def ticks(web_database, settings):
    made = Ticks(web_database, settings.model_copy(update={"voice": "tone"}), lambda: NOW)
    yield made
    made.close()


def add_commune(session, district, code, name, **variables):
    unit = Unit(code=code, name=name, kind="xã", created_at=NOW, variables=variables)
    session.add_all([unit, UnitParent(unit=unit, parent_id=district.units["H1"])])
    station = Station(code=f"S-{code}", name=f"Trạm {name}", created_at=NOW)
    station.units.append(StationUnit(unit=unit))
    session.add(station)
    session.flush()


def test_of_two_new_communes_the_one_without_a_value_waits_for_it_and_the_other_sounds(ticks, web_database, district):
    with_variables(web_database, district, "approved")
    with web_database.writing() as session:
        session.get_one(Unit, district.units["H1"]).variables = {}
        add_commune(session, district, "X3", "Xã Cát Lộc")
        add_commune(session, district, "X4", "Xã Gia Khánh", **{"điện thoại": "0276 3 444 444"})
    ticks.order_sounds()
    ticks.order_sounds()
    ticks.make_sound()
    with web_database.reading() as session:
        revision = of(session, "BV").latest
        states = {each.unit.code: each.state for each in revision.renderings}
        assert states == {"X1": "ready", "X2": "ready", "X3": "lacking", "X4": "ready"}
        lacking = next(each for each in revision.renderings if each.unit.code == "X3")
        assert lacking.message_vi == "Chờ điền {điện thoại}."
        assert [each.unit.code for each in revision.unapproved_sounds] == ["X4"]
        assert revision.sound_key is not None
        # Its refusal says from now on that it waits for approval, not for a sound.
        stale = select(Station.code).join(StaleStation, StaleStation.station_id == Station.id)
        assert list(session.scalars(stale)) == ["S-X4"]


def test_a_sound_that_failed_for_a_while_is_there_a_day_later_without_anybody(ticks, web_database, district):
    with_variables(web_database, district, "approved")
    with web_database.writing() as session:
        add_commune(session, district, "X4", "Xã Gia Khánh")
    ticks.order_sounds()
    with web_database.writing() as session:  # as after a morning with a full disk
        failed = of(session, "BV").latest.renderings[-1]
        failed.state, failed.attempts, failed.finished_at = "failed", 4, NOW
    ticks.order_sounds()
    ticks.make_sound()
    with web_database.reading() as session:
        assert of(session, "BV").latest.renderings[-1].state == "failed"
    ticks.now = lambda: NOW + TRIED_AGAIN_AFTER
    ticks.order_sounds()
    ticks.make_sound()
    with web_database.reading() as session:
        assert [each.unit.code for each in of(session, "BV").latest.unapproved_sounds] == ["X4"]
