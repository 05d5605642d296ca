"""Cả ngày: all stations down, the hours across, with what was refused and what stays empty."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from broadcast.airing import Airing
from broadcast.policy import Policy
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit
from tests.web.programme_parts import airing, by_code, refusal, sessions_of
from tests.web.seed import NOW

MIDNIGHT = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """An instant of the local day."""
    return MIDNIGHT + timedelta(days=days, hours=hour, minutes=minute)


@pytest.fixture
def sessions(web_database):
    """sáng 05:30–06:30 and chiều 17:00–18:00 in all of H1."""
    with web_database.writing() as session:
        sessions_of(session, "H1", ("sáng", "05:30", "06:30"), ("chiều", "17:00", "18:00"))


def figures(page: str) -> list[str]:
    """The four: to come, sounded, refused, empty sessions."""
    return re.findall(r'<span class="figure-value">([\d.]+)</span>', page)


def row(page: str, code: str) -> str:
    """The line of one station."""
    [found] = [part for part in page.split('<tr class="day-row">')[1:] if f"/tram/{code}/chuong-trinh" in part]
    return found


def test_the_day_is_counted_in_four_figures(as_person, sessions):
    page = as_person("supervisor").get("/ca-ngay").text
    # 17:15 is to come, 05:45 sounded, 22:30 is refused; S2 has nothing in either session
    assert figures(page) == ["1", "1", "1", "2"]
    assert "1 không phát" in page
    assert "khung giờ trống, ở 1 trạm" in page


def test_a_session_in_which_nothing_airs_is_said_in_words_and_drawn(as_person, sessions):
    page = as_person("supervisor").get("/ca-ngay").text
    empty = row(page, "S2")
    assert "khung sáng trống" in empty
    assert "khung chiều trống" in empty
    assert empty.count('class="hole"') == 2
    assert "trống" not in row(page, "S1")


@pytest.mark.parametrize(
    ("values", "holes"),
    [
        ({}, 2),
        ({"sessions_a_day": 1}, 1),
        ({"sessions_a_day": 0}, 0),
        ({"days": ["mon"]}, 0),
        ({"days": ["sun"]}, 2),
    ],
)
def test_where_no_more_may_be_used_nothing_is_missed(as_person, web_database, values, holes):
    """22 November 2026 is a Sunday."""
    with web_database.writing() as session:
        sessions_of(session, "H1", ("sáng", "05:30", "06:30"), ("chiều", "17:00", "18:00"), **values)
    assert row(as_person("supervisor").get("/ca-ngay").text, "S2").count('class="hole"') == holes


def test_a_missed_or_cancelled_airing_fills_a_session_or_does_not(as_person, web_database, sessions):
    with web_database.writing() as session:
        airing(session, "S2", at(5, 40))  # nothing is known of it
        airing(session, "S2", at(17, 10), cancelled_at=NOW - timedelta(days=1))
    empty = row(as_person("supervisor").get("/ca-ngay").text, "S2")
    assert "khung sáng trống" not in empty
    assert "khung chiều trống" in empty


def test_a_refused_slot_is_a_mark_that_leads_to_its_reason(as_person, web_database):
    page = row(as_person("supervisor").get("/ca-ngay").text, "S1")
    [target] = re.findall(r'href="#(khong-xep-[\w-]+)"', page)
    assert f'id="{target}"' in page
    assert page.count("22:30 nằm trong giờ cấm phát 22:00–05:00.") >= 2  # at the mark, and in the list


def test_what_was_ended_or_declined_on_purpose_is_no_trouble(as_person, web_database):
    with web_database.writing() as session:
        refusal(session, "S2", at(17), "Bản tin đã được thu hồi.", code="withdrawn")
        refusal(session, "S2", at(18), "Xã chọn không phát.", code="policy", facts={"declined_by": "unit/X2"})
    page = as_person("supervisor").get("/ca-ngay").text
    assert figures(page)[2] == "1"
    assert "2 lượt có chủ ý" in page
    assert row(page, "S2").count("day-meant") == 2
    assert "2 lượt không phát có chủ ý" in row(page, "S2")


def test_classes_are_told_by_pattern_and_outcomes_by_shape(as_person, web_database):
    with web_database.writing() as session:
        airing(session, "S2", at(12), bulletin_class="priority")
        airing(session, "S2", at(15), bulletin_class="emergency")
    page = row(as_person("supervisor").get("/ca-ngay").text, "S2")
    assert 'class="bar"' in page
    assert 'class="body emergency"' in page
    assert "12:00 Giữ vệ sinh nguồn nước, ưu tiên, sẽ phát" in page
    assert "09:00 Giữ vệ sinh nguồn nước, thông thường, chưa rõ" in page
    assert " style=" not in page


def test_a_mark_of_several_shows_the_gravest_class_and_outcome(as_person, web_database):
    with web_database.writing() as session:
        airing(session, "S2", at(12))
        airing(session, "S2", at(12, 4), bulletin_class="priority")
    page = row(as_person("supervisor").get("/ca-ngay").text, "S2")
    assert "2 lượt từ 12:00 đến 12:04, ưu tiên, sẽ phát" in page
    assert "tram=S2&amp;tu=12&amp;den=13" in page


def hours(page: str) -> list[str]:
    head = page[page.index("day-hours") : page.index("</thead>")]
    return re.findall(r">(\d+)</text>", head)


def test_only_the_hours_from_the_first_event_to_the_last_are_shown(as_person, web_database, sessions):
    client = as_person("supervisor")
    assert (hours(client.get("/ca-ngay").text)[0], hours(client.get("/ca-ngay").text)[-1]) == ("5", "22")
    assert hours(client.get("/ca-ngay?ngay=2026-11-24").text)[-1] == "17"  # the last session ends at 18:00
    with web_database.writing() as session:
        airing(session, "S1", at(3, 10, days=2))
    assert hours(client.get("/ca-ngay?ngay=24/11/2026").text)[0] == "3"


def test_what_was_put_after_midnight_is_drawn_on_its_own_day(as_person, web_database):
    with web_database.writing() as session:
        airing(session, "S1", at(24, 5), local_date=date(2026, 11, 22))
    page = as_person("supervisor").get("/ca-ngay").text
    assert hours(page)[-1] == "0"
    assert all(0 <= float(place) <= 100 for place in re.findall(r'<svg x="([\d.-]+)%"', page))


def test_an_emergency_that_goes_on_for_days_does_not_stretch_the_day(as_person, web_database):
    with web_database.writing() as session:
        airing(session, "S1", at(9), repeats=None, ends_at=at(9, days=3), bulletin_class="emergency")
    assert len(hours(as_person("supervisor").get("/ca-ngay").text)) <= 26


@pytest.mark.parametrize("asked", ["hôm qua", "0001-01-01", "9999-12-31", "2026-99-99", "<b>", ""])
def test_a_strange_day_is_answered_with_today_and_told(as_person, asked):
    answer = as_person("supervisor").get("/ca-ngay", query_string={"ngay": asked})
    assert answer.status_code == 200
    assert ("Đang xem hôm nay." in answer.text) is bool(asked)


@pytest.mark.parametrize("asked", ["1945-01-01", "2200-12-31", "2026-11-21"])
def test_any_day_of_these_times_can_be_looked_at(as_person, asked):
    assert as_person("supervisor").get(f"/ca-ngay?ngay={asked}").status_code == 200


def test_one_narrows_by_commune_class_and_trouble(as_person, web_database, sessions):
    with web_database.writing() as session:
        airing(session, "S2", at(12), bulletin_class="priority")
    client = as_person("supervisor")
    assert "Trạm An Bình" not in client.get("/ca-ngay?tim=binh+minh").text
    only = client.get("/ca-ngay?loai=priority").text
    assert figures(only)[:3] == ["1", "0", "0"]
    assert "khung sáng trống" not in row(only, "S1")  # a filter makes no holes
    assert "Không có trạm nào khớp." in client.get("/ca-ngay?tim=khong-co").text
    with web_database.writing() as session:
        for code in ("S1", "S2"):
            for start in (at(5, 40, 3), at(17, 10, 3)):
                airing(session, code, start)
    assert "Không có trạm nào cần xem trong ngày này." in client.get("/ca-ngay?ngay=2026-11-25&can-xem=1").text
    assert "Trạm Bình Minh" in client.get("/ca-ngay?can-xem=1").text


def many(web_database, number: int) -> None:
    with web_database.writing() as session:
        unit = by_code(session, Unit, "X1")
        for each in range(number):
            station = Station(code=f"N{each:03}", name=f"Trạm số {each:03}", created_at=NOW)
            station.units.append(StationUnit(unit=unit))
            session.add(station)
            session.flush()
            airing(session, station.code, at(12))


def test_many_stations_come_page_by_page_grouped_by_commune(as_person, web_database):
    many(web_database, 60)
    client = as_person("supervisor")
    first, second = client.get("/ca-ngay").text, client.get("/ca-ngay?trang=2").text
    assert (first.count('class="day-row"'), second.count('class="day-row"')) == (40, 22)
    assert "Xã An Bình</th>" in first
    assert "Xã An Bình</th>" in second  # said again where it goes on
    assert figures(first) == figures(second)  # of all, not of the page
    assert client.get("/ca-ngay?tat-ca=1").text.count('class="day-row"') == 62


def test_stations_of_the_same_day_are_folded_together_where_one_asks_for_it(as_person, web_database):
    many(web_database, 60)
    page = as_person("supervisor").get("/ca-ngay?gom=1").text
    assert page.count('class="day-row"') == 3
    assert "và 59 trạm giống hệt" in page
    assert "Trạm số 042</a>" in page


def test_one_sees_only_the_stations_of_the_unit_one_looks_at(as_person):
    page = as_person("operator").get("/ca-ngay").text
    assert "Trạm An Bình" in page
    assert "Trạm Bình Minh" not in page
    assert "Trạm Khe Sâu" not in page
    assert "/lich-phat/LP1" not in page


def test_a_retired_station_stands_on_the_days_on_which_it_aired(as_person, web_database):
    with web_database.writing() as session:
        by_code(session, Station, "S2").retired_at = NOW
    client = as_person("supervisor")
    assert "Trạm Bình Minh" in client.get("/ca-ngay").text
    assert "Trạm Bình Minh" not in client.get("/ca-ngay?ngay=2026-11-25").text


def test_a_policy_of_another_day_counts_on_that_day(as_person, web_database, sessions):
    with web_database.writing() as session:
        session.add(
            Policy(unit_id=by_code(session, Unit, "X2").id, from_on=date(2026, 11, 24), sessions=[], created_at=NOW)
        )
    client = as_person("supervisor")
    assert "khung sáng trống" in row(client.get("/ca-ngay?ngay=2026-11-23").text, "S2")
    assert "trống" not in row(client.get("/ca-ngay?ngay=2026-11-24").text, "S2")


def test_what_was_called_off_before_its_time_is_left_out_and_can_be_seen(as_person, web_database):
    with web_database.writing() as session:
        made = airing(session, "S2", at(15), cancelled_at=NOW)
        assert session.get_one(Airing, made).cancelled_at
    client = as_person("supervisor")
    assert "15:00" not in row(client.get("/ca-ngay").text, "S2")
    assert "1 lượt đã huỷ từ trước giờ phát" in client.get("/ca-ngay").text
    assert "15:00" in row(client.get("/ca-ngay?huy=1").text, "S2")
