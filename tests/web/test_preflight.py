"""Sắp phát: what begins in the next half hour, and which stations will not play it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from broadcast.airing import Airing
from broadcast.log_entry import LogEntry
from broadcast.station import Enrolment, Station, StationStatus, StationUnit
from broadcast.unit import Unit
from tests.web.programme_parts import airing, by_code, holds, refusal
from tests.web.seed import NOW, seed
from web.preflight.loading import refused_soon, soon

SOON = NOW + timedelta(minutes=15)


@pytest.fixture
def at_s1(web_database):
    """10:15 at S1, which holds its programme; everything there is in order."""
    with web_database.writing() as session:
        made = airing(session, "S1", SOON)
        holds(session, "S1", made)
    return made


def said(web_database, station: str, **values) -> None:
    with web_database.writing() as session:
        number = by_code(session, Station, station).id
        session.execute(update(StationStatus).where(StationStatus.station_id == number).values(**values))


def test_where_everything_is_in_order_the_page_says_so_with_its_counts(as_person, at_s1):
    page = as_person("supervisor").get("/sap-phat").text
    assert "Cả 1 lượt ở 1 trạm đều đã có chương trình và âm thanh" in page
    assert "Cần xử lý" not in page


def test_where_nothing_begins_the_next_airing_is_named(as_person, web_database):
    page = as_person("supervisor").get("/sap-phat").text
    assert "Không có lượt nào bắt đầu trong 30 phút tới" in page
    assert "17:15 ngày 22/11/2026" in page
    with web_database.writing() as session:
        session.execute(update(Airing).values(cancelled_at=NOW))
    assert "Không có lượt nào sắp phát." in as_person("editor").get("/sap-phat").text


@pytest.mark.parametrize(
    ("minutes", "seen"), [("30", False), ("60", True), ("120", True), ("999", False), ("x", False)]
)
def test_one_chooses_how_far_ahead_one_looks(as_person, web_database, minutes, seen):
    with web_database.writing() as session:
        airing(session, "S1", NOW + timedelta(minutes=45))
    assert ("Các lượt sắp bắt đầu" in as_person("supervisor").get(f"/sap-phat?phut={minutes}").text) is seen


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"clock_source": "none"}, "Chưa biết giờ đúng nên không phát."),
        ({"clock_offset_ms": 12_300}, "Đồng hồ máy lệch 12,3 giây; trạm đã biết và tự bù khi phát"),
        ({"clock_offset_ms": -12_300, "clock_source": "battery"}, "lệch 12,3 giây so với máy chủ"),
        ({"volume": 0}, "Âm lượng đang là 0"),
        ({"errors": ["Không mở được thiết bị âm thanh: no device"]}, "Trạm báo lỗi: không mở được thiết bị âm thanh."),
        ({"seen_at": NOW - timedelta(hours=2)}, "Im lặng từ 08:00 (2 giờ trước)"),
        ({"manifest_sequence": None}, "Trạm chưa báo là đã nhận chương trình."),
        ({"manifest_sequence": 6}, "Trạm chưa báo là đã nhận chương trình."),
        ({"audio_missing": 2}, "nhật ký chưa ghi đã tải tệp của lượt 10:15 “Giữ vệ sinh nguồn nước”."),
        ({"audio_missing": 2, "audio_held": 0}, "Trạm chưa có tệp âm thanh nào, thiếu 2 tệp"),
    ],
)
def test_what_is_wrong_at_a_station_is_a_sentence_with_a_button(as_person, web_database, at_s1, values, sentence):
    said(web_database, "S1", **values)
    page = as_person("supervisor").get("/sap-phat").text
    assert sentence in page
    assert 'href="/tram/S1"' in page


def test_a_programme_older_than_the_airing_is_told(as_person, web_database, at_s1):
    with web_database.writing() as session:
        session.get_one(Airing, at_s1).latest_start_at = SOON + timedelta(minutes=3)
    assert "chưa có lượt 10:15 “Giữ vệ sinh nguồn nước”" in as_person("supervisor").get("/sap-phat").text


def test_a_sound_that_the_log_says_was_fetched_is_no_danger(as_person, web_database, at_s1):
    said(web_database, "S1", audio_missing=1)
    with web_database.writing() as session:
        first = session.scalars(select(LogEntry).where(LogEntry.station_code == "S1")).first()
        values = {
            column.name: getattr(first, column.name) for column in LogEntry.__table__.columns if column.name != "id"
        }
        session.add(LogEntry(**{**values, "seq": 99, "kind": "fetched", "airing_id": None, "hash": "f" * 64}))
    page = as_person("supervisor").get("/sap-phat").text
    assert "nhưng tệp của lượt 10:15 “Giữ vệ sinh nguồn nước” thì đã tải về" in page
    assert "lượt có thể không phát" in page
    assert "1 lượt còn lại sẽ phát được" in page


def test_a_station_without_a_machine_leads_those_who_may_to_enrol_one(as_person, web_database):
    with web_database.writing() as session:
        station = by_code(session, Station, "S1")
        session.execute(delete(StationStatus).where(StationStatus.station_id == station.id))
        session.execute(update(Enrolment).where(Enrolment.station_id == station.id).values(ended_at=NOW))
        airing(session, "S1", SOON)
    assert 'href="/tram/S1/ghi-danh"' in as_person("operator").get("/sap-phat").text
    page = as_person("supervisor").get("/sap-phat").text
    assert "Chưa ghi danh máy nào" in page
    assert "ghi-danh" not in page


def test_the_commune_is_called_at_its_own_number(as_person, web_database, at_s1):
    said(web_database, "S1", volume=0)
    with web_database.writing() as session:
        by_code(session, Unit, "H1").variables = {"điện thoại": "0276 000 000"}
    assert "tel:" not in as_person("supervisor").get("/sap-phat").text  # the district's is not the commune's
    with web_database.writing() as session:
        by_code(session, Unit, "X1").variables = {"điện thoại": "0276 3 812 345"}
    assert 'href="tel:02763812345"' in as_person("supervisor").get("/sap-phat").text


def test_refused_slots_of_the_same_time_stand_there_with_their_reason_once(as_person, web_database):
    with web_database.writing() as session:
        for station in ("S1", "S2"):
            refusal(session, station, SOON, "Trùng với bản tin khác.")
        refusal(session, "S1", NOW + timedelta(hours=1), "Chưa đến lúc nói.")
    page = as_person("supervisor").get("/sap-phat").text
    assert page.count("Trùng với bản tin khác.") == 1
    assert "2 trạm" in page
    assert "Chưa đến lúc nói." not in page


def test_cancelled_airings_and_those_of_others_are_not_looked_at(as_person, web_database):
    with web_database.writing() as session:
        airing(session, "S9", SOON, rule="LP9", bulletin="BT9")
        airing(session, "S1", SOON, cancelled_at=NOW)
        airing(session, "S2", SOON)
    page = as_person("operator").get("/sap-phat").text
    assert "Trạm Khe Sâu" not in page
    assert "Trạm Bình Minh" not in page
    assert "Không có lượt nào bắt đầu" in page


def test_the_part_that_refreshes_costs_nothing_while_nothing_changes(as_person, at_s1):
    client = as_person("supervisor")
    first = client.get("/sap-phat/bang", headers={"X-Fragment": "1"})
    again = client.get("/sap-phat/bang", headers={"X-Fragment": "1", "If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_today_has_one_line_where_something_of_the_next_half_hour_is_in_danger(as_person, web_database, at_s1):
    assert "30 phút tới có thể không phát" not in as_person("supervisor").get("/").text
    said(web_database, "S1", volume=0)
    page = as_person("supervisor").get("/").text
    assert "1 lượt trong 30 phút tới có thể không phát, ở 1 trạm." in page
    assert 'href="/sap-phat"' in page


def test_a_province_of_stations_is_a_list_of_the_first_and_a_way_to_all(as_person, web_database):
    with web_database.writing() as session:
        unit = by_code(session, Unit, "X1")
        for number in range(45):
            station = Station(code=f"N{number:02}", name=f"Trạm số {number:02}", created_at=NOW)
            station.units.append(StationUnit(unit=unit))
            session.add(station)
            session.flush()
            airing(session, station.code, SOON)
    client = as_person("supervisor")
    page = client.get("/sap-phat").text
    assert page.count("Chưa ghi danh máy nào") == 40
    assert "Xem cả 45 trạm" in page
    assert client.get("/sap-phat?tat-ca=1").text.count("Chưa ghi danh máy nào") == 45


def test_what_is_known_is_read_alike_from_both_databases(database):
    handles = seed(database)
    with database.writing() as session:
        there, unknown = airing(session, "S1", SOON), airing(session, "S1", SOON + timedelta(minutes=5))
        holds(session, "S1", there)
        by_code(session, Station, "S1").status.audio_missing = 1
        refusal(session, "S1", SOON, "Trùng với bản tin khác.")
    with database.reading() as session:
        found = soon(session, set(handles.units.values()), NOW, timedelta(minutes=30), timedelta(minutes=5))
        assert [(each.code, each.airings) for each in found.findings.found] == [
            ("audio", (there,)), ("behind", (unknown,)),
        ]  # fmt: skip
        assert len(refused_soon(session, set(handles.stations.values()), NOW, timedelta(minutes=30))) == 1
