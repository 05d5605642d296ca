"""Hôm nay, lượt phát."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.person import Assignment, Person
from broadcast.rule import Rule
from broadcast.station import StationStatus
from tests.web.seed import NOW
from web.today.lanes import SEVERAL_WIDE, SINGLE_WIDE, Hours, lane


def seen(page: str) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def links(page: str) -> dict[str, str]:
    """Words of each link → where it leads."""
    return {
        seen(words).strip(): html.unescape(href)
        for href, words in re.findall(r'href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    }


def test_the_board_counts_what_sounded_and_names_what_needs_a_hand(as_person):
    page = as_person("approver").get("/").text
    assert "Trạm Bình Minh im lặng từ 08:00 (2 giờ trước)" in page
    assert "không phát “Giữ vệ sinh nguồn nước” lúc 08:00: trạm chưa tải được âm thanh" in page
    assert "“Tiêm phòng cho đàn trâu bò” chờ duyệt" in page


def test_an_airing_tells_what_why_and_its_proof(as_person, district):
    page = as_person("operator").get(f"/luot-phat/{district.airings['complete']}").text
    assert "Bắt đầu phát" in page
    assert "05:45:00" in page
    assert "Trần Văn Duyệt" in page


def test_a_station_page_shows_its_day_and_what_it_last_said(as_person):
    page = as_person("operator").get("/tram/S1").text
    assert "hoạt động" in page
    assert "theo máy chủ" in page
    assert "Âm lượng" in page


def test_the_list_of_stations_has_those_in_need_first(as_person):
    page = as_person("supervisor").get("/tram").text
    assert page.index("Trạm Bình Minh") < page.index("Trạm An Bình")
    assert "Trạm Khe Sâu" not in page


@pytest.mark.parametrize("role", ["supervisor", "operator"])
def test_board_report_and_lists_have_one_count(as_person, role):
    client = as_person(role)
    board, report = client.get("/").text, client.get("/bao-cao").text
    due = 4 if role == "supervisor" else 3
    for page in (seen(board), seen(report)):
        assert f"1 / {due} lượt đến giờ đã phát" in page
        assert "còn 1 lượt trong ngày" in page
    figures = links(board[board.index('class="figures"') : board.index('id="to-do"')])
    for words, number in (("1", 1), (str(due), due), ("1 không phát", 1)):
        assert f"22/11/2026: {number} lượt" in seen(client.get(figures[words]).text)
    for words, number in (("1 lượt", 1), (f"{due - 2} chưa rõ", due - 2)):
        assert f"{number} lượt." in seen(client.get(figures[words]).text)


def test_what_plays_now_is_no_riddle_on_the_board_and_in_the_report(as_person, web_database, district):
    with web_database.writing() as session:
        session.get_one(StationStatus, district.stations["S1"]).playing = district.airings["unknown"]
    client = as_person("operator")
    board = client.get("/").text
    assert "1 đang phát" in seen(board)
    assert "chưa rõ" not in links(board)
    assert "1 lượt." in seen(client.get(links(board)["1 đang phát"]).text)
    assert "chưa rõ (33%), trong đó 1 đang phát" in seen(client.get("/bao-cao").text)


def test_what_was_called_off_before_its_time_hides_no_programme_unless_asked_for(as_person, web_database, district):
    with web_database.writing() as session:
        airing = session.get_one(Airing, district.airings["planned"])
        airing.cancelled_at, airing.cancel_reason = NOW - timedelta(hours=1), "not_asked"
    client = as_person("supervisor")
    for path in ("/", "/tram/S1", "/tram/S1/chuong-trinh"):
        page = client.get(path).text
        assert district.airings["planned"] not in page
        assert "1 lượt đã huỷ từ trước giờ phát không hiện ở đây" in seen(page)
        everything = client.get(links(page)["Hiện cả lượt đã huỷ"]).text
        assert district.airings["planned"] in everything
        assert "Ẩn lượt đã huỷ" in everything


def test_what_was_stopped_after_its_time_stays_in_sight(as_person, web_database, district):
    with web_database.writing() as session:
        airing = session.get_one(Airing, district.airings["unknown"])
        airing.cancelled_at, airing.cancel_reason = airing.starts_at + timedelta(seconds=5), "stopped"
    for path in ("/", "/tram/S1", "/tram/S1/chuong-trinh"):
        assert district.airings["unknown"] in as_person("supervisor").get(path).text


def test_a_rule_with_nothing_left_to_air_is_told_with_what_to_do(as_person, web_database):
    assert "không còn bản tin để phát" not in as_person("editor").get("/").text
    with web_database.writing() as session:
        bulletin = session.scalars(select(Bulletin).where(Bulletin.code == "BT1")).one()
        bulletin.withdrawn_at, bulletin.withdrawn_reason = NOW, "Hết dịch."
    page = as_person("editor").get("/").text
    assert "Lịch “Giữ vệ sinh nguồn nước” không còn bản tin để phát: bản tin đã thu hồi." in page
    assert links(page)["Thay bản tin"] == "/lich-phat/LP1/sua"
    assert links(page)["Dừng lịch"] == "/lich-phat/LP1/dung"
    assert "không còn bản tin để phát" not in as_person("supervisor").get("/").text  # who could do nothing about it
    with web_database.writing() as session:
        session.scalars(select(Rule).where(Rule.code == "LP1")).one().stopped_at = NOW
    assert "không còn bản tin để phát" not in as_person("editor").get("/").text


def test_a_bulletin_that_nobody_may_approve_is_told_to_those_who_can_help(as_person, web_database, district):
    assert "chưa ai duyệt được" not in as_person("editor").get("/").text
    with web_database.writing() as session:
        bulletin = session.scalars(select(Bulletin).where(Bulletin.code == "BT2")).one()
        bulletin.latest.author_id = district.people["approver"]
    told = "“Tiêm phòng cho đàn trâu bò” chờ duyệt nhưng chưa ai duyệt được: người phê duyệt của đơn vị đã tự sửa bài"
    for role in ("editor", "approver", "administrator"):
        assert told in as_person(role).get("/").text
    assert links(as_person("administrator").get("/").text)["Phân công người phê duyệt"] == "/nguoi-dung"
    assert "chưa ai duyệt được" not in as_person("operator").get("/").text
    with web_database.writing() as session:
        session.query(Assignment).filter_by(role="approver").update({"until_on": date(2026, 11, 21)})
    assert "chưa ai duyệt được: đơn vị chưa có người phê duyệt." in as_person("editor").get("/").text


def test_the_one_who_sent_a_bulletin_is_named_not_the_last_who_edited(as_person, web_database, district):
    with web_database.writing() as session:
        bulletin = session.scalars(select(Bulletin).where(Bulletin.code == "BT2")).one()
        bulletin.latest.submitted_by_id = district.people["operator"]
        assert session.get_one(Person, district.people["operator"]).name == "Nguyễn Thị Trạm"
    assert "chờ duyệt: Nguyễn Thị Trạm gửi" in as_person("approver").get("/").text


DENSE = [60 * 6 + 15 * number for number in range(40)]


@pytest.mark.parametrize(
    "minutes",
    [
        [13 * 60 + 30, 13 * 60 + 41, 13 * 60 + 58],
        [5 * 60 + 45, 6 * 60 + 10, 6 * 60 + 20, 6 * 60 + 59, 7 * 60 + 1],
        DENSE,
        [60 * 6 + 30 * number for number in range(30)],
        [60 * 6 + 7 * number for number in range(100)],
    ],
)
@pytest.mark.parametrize("span", [(5, 22), (0, 24)])
def test_marks_never_cover_one_another_and_several_stand_for_whole_hours(minutes, span):
    midnight = NOW - timedelta(hours=10)
    hours = Hours(*span, midnight)
    shown = [
        SimpleNamespace(airing=SimpleNamespace(starts_at=midnight + timedelta(minutes=each)), kind="planned")
        for each in minutes
    ]
    marks = lane(SimpleNamespace(name="Trạm"), "ok", shown, hours).marks
    assert sum(len(mark.airings) for mark in marks) == len(minutes)
    for two in pairwise(marks):
        room = sum(SINGLE_WIDE if len(mark.airings) == 1 else SEVERAL_WIDE for mark in two) / 2
        assert two[1].at - two[0].at >= room - 0.02
    for mark in marks:
        if len(mark.airings) > 1:
            first, last = mark.hours
            assert sum(first <= each // 60 < last for each in minutes) == len(mark.airings)


def test_the_board_has_a_quick_way_to_an_emergency_for_those_who_may_start_one(as_person):
    assert "loai=emergency" in links(as_person("approver").get("/").text)["Phát khẩn cấp"]
    assert "Phát khẩn cấp" not in as_person("editor").get("/").text
