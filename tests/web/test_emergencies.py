"""Starting an emergency is one confirmed click of an approver; stopping it is everybody's who works there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from broadcast.airing import Airing
from broadcast.audit_event import AuditEvent
from broadcast.rule import Rule
from broadcast.tally import PLAN, count
from schedules.replan import Planning, replan, station_batches
from tests.web.bulletin_parts import of
from tests.web.seed import NOW


@pytest.fixture
def storm(web_database) -> str:
    """BT1 as an emergency that was approved."""
    with web_database.writing() as session:
        bulletin = of(session, "BT1")
        bulletin.bulletin_class = "emergency"
        (approval,) = bulletin.latest.approvals
        approval.text_sha256 = bulletin.latest.text_sha256  # the approval binds the class too
    return "BT1"


def rule_of(session) -> Rule:
    return session.scalars(select(Rule).where(Rule.starts_at.is_not(None))).one()


def start(client, *targets: str):
    return client.post("/ban-tin/BT1/khan-cap", data={"targets": list(targets or ["unit:H1"])})


def test_it_starts_now_and_repeats_until_it_is_stopped(as_person, web_database, storm):
    with web_database.reading() as session:
        before = count(session, PLAN)
    client = as_person("approver")
    assert "Phát khẩn cấp ngay" in client.get("/ban-tin/BT1").text
    assert "kể cả trong giờ không phát" in client.get("/ban-tin/BT1/khan-cap").text
    assert start(client).status_code == 302
    with web_database.reading() as session:
        rule = rule_of(session)
        assert (rule.starts_at, rule.times, rule.stopped_at) == (NOW, [], None)
        assert [target.unit.code for target in rule.targets] == ["H1"]
        assert count(session, PLAN) == before + 1
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "start_emergency")).one()
        assert (event.actor_name, event.detail["stations"]) == ("Trần Văn Duyệt", 2)


def test_the_plan_puts_it_on_every_station_at_once(as_person, services, web_database, storm):
    start(as_person("approver"))
    with web_database.writing() as session:
        planning = Planning(session, NOW, services.zone)
        for batch in station_batches(session):
            replan(session, planning, batch)
    with web_database.reading() as session:
        airings = session.scalars(select(Airing).where(Airing.rule_id == rule_of(session).id)).all()
        assert sorted(airing.station.code for airing in airings) == ["S1", "S2"]
        assert {(airing.starts_at, airing.repeats) for airing in airings} == {(NOW, None)}


def test_only_what_is_urgent_and_approved_can_be_started(as_person, web_database):
    client = as_person("approver")
    assert start(client).status_code == 409
    with web_database.writing() as session:
        of(session, "BT2").bulletin_class = "emergency"
    answer = client.post("/ban-tin/BT2/khan-cap", data={"targets": "unit:H1"})
    assert answer.status_code == 409
    assert "người thứ hai duyệt" in answer.text


def test_what_is_no_longer_as_it_was_approved_is_not_started(as_person, web_database, storm):
    with web_database.writing() as session:
        of(session, "BT1").latest.script = "Lời khác."
    answer = start(as_person("approver"))
    assert answer.status_code == 409
    assert "không còn đúng bản đã duyệt" in answer.text


def test_a_place_must_be_ones_own_and_have_a_station(as_person, web_database, storm):
    client = as_person("approver")
    assert start(client, "unit:H9").status_code == 422
    assert start(client, "station:S9").status_code == 422
    assert client.post("/ban-tin/BT1/khan-cap").status_code == 422
    with web_database.reading() as session:
        assert session.scalars(select(Rule).where(Rule.starts_at.is_not(None))).all() == []


def test_two_clicks_start_it_once(as_person, web_database, storm):
    client = as_person("approver")
    start(client)
    assert start(client).status_code == 409
    with web_database.reading() as session:
        assert rule_of(session).stopped_at is None


def test_the_operator_of_the_commune_where_it_sounds_may_stop_it(as_person, web_database, storm):
    start(as_person("approver"), "station:S1")
    with web_database.reading() as session:
        code = rule_of(session).code
    operator = as_person("operator")
    assert "Dừng phát khẩn cấp?" in operator.get(f"/khan-cap/{code}/dung").text
    assert operator.post(f"/khan-cap/{code}/dung").status_code == 302
    with web_database.reading() as session:
        assert rule_of(session).stopped_at == NOW
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "stop_emergency")).one()
        assert event.actor_name == "Nguyễn Thị Trạm"
    assert as_person("approver").post(f"/khan-cap/{code}/dung").status_code == 409


def test_that_of_the_whole_district_is_beyond_the_operator_but_not_the_administrator(as_person, web_database, storm):
    start(as_person("approver"))
    with web_database.reading() as session:
        code = rule_of(session).code
    assert as_person("operator").post(f"/khan-cap/{code}/dung").status_code == 404
    assert as_person("editor").post(f"/khan-cap/{code}/dung").status_code == 403
    assert as_person("administrator").post(f"/khan-cap/{code}/dung").status_code == 302


def test_an_ordinary_rule_is_not_stopped_as_an_emergency_nor_the_other_way(as_person, web_database, storm):
    client = as_person("approver")
    assert client.post("/khan-cap/LP1/dung").status_code == 409
    start(client)
    with web_database.reading() as session:
        code = rule_of(session).code
    assert client.post(f"/lich-phat/{code}/dung").status_code == 409
    assert client.get(f"/lich-phat/{code}").status_code == 200
    assert "Đang phát khẩn cấp" in client.get("/lich-phat").text
