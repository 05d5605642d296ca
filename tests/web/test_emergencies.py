"""Starting an emergency is one confirmed click of an approver; stopping it is everybody's who works there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from broadcast.airing import Airing
from broadcast.audit_event import AuditEvent
from broadcast.log_entry import LogEntry
from broadcast.person import Person
from broadcast.rule import Rule, RuleTarget
from broadcast.station import Station, StationStatus
from broadcast.tally import PLAN, count
from broadcast.writing import revise
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
    assert "kể cả trong giờ cấm phát" in client.get("/ban-tin/BT1/khan-cap").text
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


# ---- seen from the commune where it sounds


def of_district(web_database, services, client) -> str:
    """Started in all of the district and planned; gives the rule's code."""
    with web_database.writing() as session:
        session.scalars(select(Rule).where(Rule.code == "LP1")).one().stopped_at = NOW - timedelta(days=1)
    assert start(client).status_code == 302
    plan(web_database, services, NOW)
    with web_database.reading() as session:
        return rule_of(session).code


def plan(web_database, services, now) -> None:
    with web_database.writing() as session:
        planning = Planning(session, now, services.zone)
        for batch in station_batches(session):
            replan(session, planning, batch)


def first_trouble(client) -> str:
    page = client.get("/").text
    return unescape(re.sub(r"<[^>]+>", " ", page[page.index('class="troubles"') :].partition("</li>")[0]))


def test_the_operator_is_told_first_of_all_that_a_unit_above_sounds_on_her_loudspeakers(
    as_person, services, web_database, storm
):
    start(as_person("approver"))
    operator = as_person("operator")
    for planned in (False, True):
        if planned:
            plan(web_database, services, NOW)
        told = first_trouble(operator)
        assert "Tin khẩn cấp “Giữ vệ sinh nguồn nước” của Huyện Sông Lam đang phát lặp lại tại Trạm An Bình" in told
        assert "từ 10:00 cho đến khi dừng" in told
        assert "Dừng tại trạm của tôi" in told
        assert "Đọc và nghe" in told
    assert "tại Trạm An Bình và Trạm Bình Minh" in first_trouble(as_person("approver"))
    watching = first_trouble(as_person("supervisor"))
    assert "Đọc và nghe" in watching
    assert "Dừng" not in watching.replace("đến khi dừng", "")
    assert "Tin khẩn cấp" not in as_person("ngoai").get("/").text


def test_she_may_read_and_hear_it_and_nothing_else_of_the_unit_above(as_person, services, web_database, storm):
    operator = as_person("operator")
    assert operator.get("/ban-tin/BT1").status_code == 404
    code = of_district(web_database, services, as_person("approver"))
    with web_database.writing() as session:
        bulletin = of(session, "BT1")
        author = session.get_one(Person, bulletin.created_by_id)
        revise(session, bulletin, author, NOW, title="Bản nháp của huyện", script="Lời chưa ai duyệt.")
        airing = session.scalars(
            select(Airing).join(Station).where(Airing.rule_id == rule_of(session).id, Station.code == "S1")
        ).one()
    page = operator.get("/ban-tin/BT1")
    assert page.status_code == 200
    assert "Giữ vệ sinh nguồn nước" in page.text
    assert "Kính thưa bà con." in page.text
    assert "chưa ai duyệt" not in page.text
    assert f"/luot-phat/{airing.id}/am-thanh" in page.text
    assert f"/khan-cap/{code}/dung-tai-tram" in page.text
    assert "/sua" not in page.text
    assert 'href="/ban-tin/BT1"' in operator.get(f"/luot-phat/{airing.id}").text
    for further in ("/ban-tin/BT1/lich-su", "/ban-tin/BT2", f"/lich-phat/{code}"):
        assert operator.get(further).status_code == 404, further
    assert as_person("ngoai").get("/ban-tin/BT1").status_code == 404


def test_what_was_called_off_before_it_sounded_is_not_shown_below(as_person, services, web_database, storm):
    approver, operator = as_person("approver"), as_person("operator")
    code = of_district(web_database, services, approver)
    approver.post(f"/khan-cap/{code}/dung")
    plan(web_database, services, NOW + timedelta(seconds=1))
    assert operator.get("/ban-tin/BT1").status_code == 404
    assert "Tin khẩn cấp" not in operator.get("/").text


def test_the_operator_stops_it_at_her_own_station_and_it_goes_on_at_the_others(
    as_person, services, web_database, storm
):
    code = of_district(web_database, services, as_person("approver"))
    operator = as_person("operator")
    asked = operator.get(f"/khan-cap/{code}/dung-tai-tram").text
    assert "Trạm An Bình sẽ dừng ngay" in asked
    assert "1 trạm khác vẫn phát tiếp" in asked
    with web_database.reading() as session:
        before = count(session, PLAN)
    assert operator.post(f"/khan-cap/{code}/dung-tai-tram").status_code == 302
    with web_database.reading() as session:
        rule = rule_of(session)
        assert [target.station.code for target in rule.targets] == ["S2"]
        assert rule.stopped_at is None
        assert count(session, PLAN) == before + 1
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "stop_emergency_here")).one()
        assert (event.actor_name, event.detail["places"], event.detail["left"]) == (
            "Nguyễn Thị Trạm", "Trạm An Bình", 1,
        )  # fmt: skip
    plan(web_database, services, NOW + timedelta(seconds=2))
    with web_database.reading() as session:
        airings = session.scalars(select(Airing).where(Airing.rule_id == rule_of(session).id)).all()
        told = {airing.station.code: airing.cancel_reason for airing in airings}
        assert told == {"S1": "not_asked", "S2": None}
    assert "Tin khẩn cấp" not in operator.get("/").text
    assert "tại Trạm Bình Minh" in first_trouble(as_person("approver"))
    assert operator.post(f"/khan-cap/{code}/dung-tai-tram").status_code == 404


def test_when_the_last_station_stops_it_the_order_is_over(as_person, services, web_database, storm):
    of_district(web_database, services, as_person("approver"))
    with web_database.writing() as session:
        rule = rule_of(session)
        code, rule.targets[:] = rule.code, [RuleTarget(station_id=of_code(session, "S1").id)]
    operator = as_person("operator")
    assert "Không còn trạm nào khác" in operator.get(f"/khan-cap/{code}/dung-tai-tram").text
    assert operator.post(f"/khan-cap/{code}/dung-tai-tram").status_code == 302
    with web_database.reading() as session:
        assert rule_of(session).stopped_at == NOW
    assert operator.post(f"/khan-cap/{code}/dung-tai-tram").status_code == 409


def of_code(session, code: str) -> Station:
    return session.scalars(select(Station).where(Station.code == code)).one()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Bão số 9", "Khẩn cấp: Bão số 9"),
        ("Khẩn cấp: bão gần bờ", "Khẩn cấp: bão gần bờ"),
        ("KHẨN CẤP: lũ", "KHẨN CẤP: lũ"),
    ],
)
def test_an_order_says_that_it_is_urgent_once(as_person, web_database, storm, title, name):
    with web_database.writing() as session:
        of(session, "BT1").title = title
    start(as_person("approver"))
    with web_database.reading() as session:
        assert rule_of(session).name == name


# ---- its airing


def sounded(web_database, services, district, *entries: tuple[str, int, int | None]) -> str:
    """The airing at S1 of an emergency that was planned two seconds after its order; with what its station logged."""
    with web_database.writing() as session:
        airing = session.scalars(
            select(Airing).where(Airing.rule_id == rule_of(session).id, Airing.station_id == district.stations["S1"])
        ).one()
        airing.asked_at = NOW - timedelta(milliseconds=700)
        before = session.scalars(select(LogEntry).where(LogEntry.kind == "started")).first()
        for seq, (kind, after_s, sounded_ms) in enumerate(entries, 100):
            at = NOW + timedelta(seconds=after_s)
            session.add(
                LogEntry(
                    enrolment_id=before.enrolment_id, seq=seq, entry="{}", hash=f"{seq:064x}", airing_id=airing.id,
                    station_id=airing.station_id, kind=kind, at=at, received_at=at, manifest_sequence=1,
                    started_at=at if kind == "started" else None, sounded_ms=sounded_ms,
                    reason={"stopped": "cancelled", "missed": "output"}.get(kind),
                    station_code="S1", station_name="Trạm An Bình", unit_code="X1", unit_name="Xã An Bình",
                    bulletin_code="BT1", bulletin_title="Giữ vệ sinh nguồn nước", receipt_hash=f"{seq:064x}",
                )
            )  # fmt: skip
        return airing.id


def test_what_sounds_is_shown_as_sounding_everywhere_between_its_readings_too(
    as_person, services, web_database, district, storm, clock
):
    of_district(web_database, services, as_person("approver"))
    airing = sounded(web_database, services, district, ("started", 1, None))
    clock.at = NOW + timedelta(minutes=9)
    with web_database.writing() as session:
        status = session.get_one(StationStatus, district.stations["S1"])
        status.playing, status.seen_at, status.settled_until = None, clock.at, clock.at
        # What missed its time a minute before would share its mark on the board.
        session.get_one(Airing, district.airings["unknown"]).starts_at -= timedelta(minutes=30)
    client = as_person("operator")
    for address in ("/luot-phat", f"/luot-phat/{airing}", "/tram/S1", "/hom-nay/bang", "/tram/S1/chuong-trinh"):
        page = client.get(address).text
        assert "mất điện" not in page, address
    assert 'class="state state-playing"' in client.get(f"/luot-phat/{airing}").text
    assert 'class="state state-playing"' in client.get("/luot-phat?ket-qua=playing").text
    assert 'class="state state-playing"' in client.get("/tram/S1").text
    assert "mark-playing" in client.get("/hom-nay/bang").text
    for address in ("/tram", "/tram/S1"):
        assert f'<a href="/luot-phat/{airing}">Giữ vệ sinh nguồn nước</a>' in client.get(address).text, address


def test_the_page_of_an_airing_tells_the_order_and_how_often_it_was_read(
    as_person, services, web_database, district, storm
):
    of_district(web_database, services, as_person("approver"))
    airing = sounded(web_database, services, district, ("started", 1, None), ("stopped", 80, 79_000))
    page = as_person("operator").get(f"/luot-phat/{airing}").text
    assert "vì trùng giờ" not in page
    assert "Giờ ra lệnh" in page
    assert "1 phút 19 giây trên" not in page
    assert "1 phút 19 giây. Bản tin được đọc lặp lại cho đến khi dừng" in page
    assert "một lần đọc dài 1 phút" in page


def test_a_dead_loudspeaker_missed_the_warning_and_its_station_is_not_green(
    as_person, services, web_database, district, storm
):
    approver = as_person("approver")
    code = of_district(web_database, services, approver)
    airing = sounded(web_database, services, district, ("missed", 1, None))
    with web_database.writing() as session:
        session.get_one(StationStatus, district.stations["S1"]).errors = ["Không mở được thiết bị âm thanh."]
    approver.post(f"/khan-cap/{code}/dung")
    plan(web_database, services, NOW + timedelta(seconds=30))
    page = as_person("operator").get(f"/luot-phat/{airing}").text
    assert 'class="state state-missed"' in page
    assert "loa" in page
    for address in ("/tram", "/tram/S1"):
        listed = as_person("operator").get(address).text
        assert 'class="state state-station-ailing"' in listed, address
        assert "state-station-ok" not in listed
    assert as_person("operator").get("/tram?tinh-trang=ailing").text.count("/tram/S1") > 0
    assert "lane-health-ailing" in as_person("operator").get("/").text


def test_one_sound_for_everybody_with_braces_in_its_text_counts_no_commune_as_silent(as_person, web_database, storm):
    with web_database.writing() as session:
        revision = of(session, "BT1").latest
        revision.script = "Mời bà con {xã} sơ tán."  # approved before there were variables
        (approval,) = revision.approvals
        approval.text_sha256 = revision.text_sha256
    page = as_person("approver").get("/ban-tin/BT1/khan-cap")
    assert page.status_code == 200
    assert "Không phát ở" not in page.text
