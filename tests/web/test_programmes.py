"""A station's week: what airs, what was refused and why, the hours of silence."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from broadcast.airing import Airing, Refusal
from broadcast.policy import Policy
from broadcast.unit import Unit
from tests.web.seed import NOW


def test_the_week_shows_airings_with_what_became_of_them_and_refusals_with_their_reason(as_person):
    page = as_person("supervisor").get("/tram/S1/chuong-trinh").text
    assert "05:45" in page
    assert "không phát: trạm chưa tải được âm thanh" in page
    assert "22:30 nằm trong giờ cấm phát 22:00–05:00." in page
    assert page.count("is-curfew") == 7 * 7  # 22:00–05:00 on seven days


def test_an_operator_sees_the_districts_airings_at_the_own_station_but_no_way_to_its_bulletins(as_person):
    page = as_person("operator").get("/tram/S1/chuong-trinh").text
    assert "Giữ vệ sinh nguồn nước" in page
    assert 'href="/ban-tin/BT1"' not in page


def test_other_weeks_have_an_address(as_person):
    client = as_person("supervisor")
    page = client.get("/tram/S1/chuong-trinh?tu=2026-12-02").text
    assert "30/11" in page
    assert "06/12" in page
    assert "mọi lượt được yêu cầu đều xếp được" in page


@pytest.mark.parametrize("asked", ["hôm qua", "0001-01-01", "9999-12-31", "2026-99-99", "<b>"])
def test_a_strange_week_is_answered_with_some_week(as_person, asked):
    assert as_person("supervisor").get("/tram/S1/chuong-trinh", query_string={"tu": asked}).status_code == 200


def test_what_was_put_after_midnight_stays_on_its_own_day(as_person, web_database):
    with web_database.writing() as session:
        airing = session.scalars(select(Airing).where(Airing.slot_key == "10:15")).one()
        airing.local_date, airing.starts_at = date(2026, 11, 22), NOW + timedelta(hours=14, minutes=5)
    page = as_person("supervisor").get("/tram/S1/chuong-trinh").text
    assert "00:05" in page


def test_a_cancelled_airing_whose_slot_is_refused_is_told_once(as_person, web_database):
    with web_database.writing() as session:
        airing = session.scalars(select(Airing).where(Airing.slot_key == "10:15")).one()
        airing.cancelled_at, airing.cancel_reason = NOW, "curfew"
        session.add(
            Refusal(
                id=airing.id, station_id=airing.station_id, rule_id=airing.rule_id, bulletin_id=airing.bulletin_id,
                local_date=airing.local_date, slot_key=airing.slot_key, asked_at=airing.asked_at, code="curfew",
                reason="Quy định mới cấm giờ này.", noted_at=NOW,
            )
        )  # fmt: skip
        assert uuid.UUID(airing.id)
    page = as_person("supervisor").get("/tram/S1/chuong-trinh").text
    assert "Quy định mới cấm giờ này." in page
    assert "đã huỷ:" not in page


def with_sessions(web_database, *sessions: tuple[str, str, str]) -> None:
    with web_database.writing() as session:
        policy = session.scalars(select(Policy).join(Policy.unit).where(Unit.code == "H1")).one()
        policy.sessions = [{"name": name, "from": start, "until": end} for name, start, end in sessions]


def test_where_a_unit_has_sessions_each_is_a_row_and_the_time_between_is_one(as_person, web_database):
    with_sessions(web_database, ("sáng", "05:30", "06:30"), ("chiều", "17:00", "18:00"))
    page = as_person("supervisor").get("/tram/S1/chuong-trinh").text
    assert "<b>sáng</b> 05:30–06:30" in page
    assert "06:30–17:00" in page
    assert page.count("is-session") == 2 * 7
    assert page.count("is-curfew") == 2 * 7  # before 05:00 and from 22:00


@pytest.mark.parametrize(
    ("sessions", "rows"),
    [
        ((), 24),
        ((("sáng", "05:00", "22:00"),), 3),
        ((("đêm", "21:00", "00:00"),), 4),
        (tuple((f"k{hour}", f"{hour:02}:10", f"{hour:02}:50") for hour in range(6, 20)), 24),
    ],
)
def test_a_week_has_never_more_rows_than_a_day_has_hours(as_person, web_database, sessions, rows):
    with_sessions(web_database, *sessions)
    page = as_person("supervisor").get("/tram/S1/chuong-trinh").text
    assert page.count('<div class="week-hour') == rows


def test_whoever_may_write_the_rule_is_led_to_change_one_slot_and_nobody_else(as_person):
    address = "/lich-phat/LP1/luot?ngay=2026-11-22&amp;khe=10%3A15&amp;tram=S1"
    editor, operator = (as_person(login).get("/tram/S1/chuong-trinh").text for login in ("editor", "operator"))
    assert address in editor
    assert "khe=22%3A30" in editor  # the refused one
    assert editor.count("/lich-phat/LP1/luot?") == 2  # what has begun or is over is not changed
    assert "/luot?" not in operator
    assert "/luot?" not in as_person("supervisor").get("/tram/S1/chuong-trinh").text
