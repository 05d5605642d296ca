"""Hôm nay, lượt phát."""

from __future__ import annotations


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
