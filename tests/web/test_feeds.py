"""Lịch cho điện thoại: making, fetching and revoking the link of a station's programme."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from broadcast.airing import Airing
from broadcast.audit_event import Actor, AuditEvent
from broadcast.bulletin import Bulletin
from broadcast.errors import Conflict
from broadcast.rule import Rule
from broadcast.station import Station
from broadcast.station_feed import StationFeed
from tests.web.seed import NOW
from web.audit_words import act_in_words
from web.stations import feed_acts, feed_fetching

PAGE = "/tram/S1/lich-dien-thoai"


def make(client, name="Điện thoại chị Hoa", page=PAGE) -> str:
    """The address of a new link, as the page shows it."""
    answer = client.post(page, data={"feed_name": name})
    assert answer.status_code == 200, answer.text
    found = re.search(r'<pre id="feed-link">http://localhost(/lich/[\w-]{43}\.ics)</pre>', answer.text)
    assert found is not None
    return found[1]


@pytest.fixture
def link(as_person) -> str:
    return make(as_person("operator"))


def events_of(answer) -> list:
    return Calendar.from_ical(answer.data).walk("VEVENT")


# ---- making and revoking


def test_a_link_is_shown_once_and_kept_as_a_hash(as_person, web_database):
    client = as_person("editor")
    answer = client.post(PAGE, data={"feed_name": "Điện thoại chị Hoa"})
    token = re.search(r"/lich/([\w-]{43})\.ics", answer.text)[1]
    assert answer.headers["Cache-Control"] == "private, no-store"
    for page in (PAGE, "/tram/S1"):
        shown = client.get(page).text
        assert token not in shown
        assert "Điện thoại chị Hoa" in shown
        assert "Lê Thị Biên tạo 10:00 ngày 22/11/2026" in " ".join(shown.split())
    with web_database.reading() as session:
        [feed] = session.scalars(select(StationFeed))
        assert token not in {str(value) for value in vars(feed).values()}
        everything = [str(vars(event)) for event in session.scalars(select(AuditEvent))]
    assert not any(token in event for event in everything)


def test_the_link_is_copied_with_a_button(as_person):
    assert 'data-copy="#feed-link"' in as_person("editor").post(PAGE, data={"feed_name": "Máy bàn"}).text


@pytest.mark.parametrize("login", ["editor", "approver", "operator", "administrator"])
def test_whoever_writes_for_or_administers_the_unit_makes_and_revokes_links(login, as_person, client):
    mine = as_person(login)
    address = make(mine)
    confirmed = mine.get(f"{PAGE}/1/thu-hoi")
    assert "Điện thoại chị Hoa" in confirmed.text
    assert mine.post(f"{PAGE}/1/thu-hoi").status_code == 302
    assert client.get(address).status_code == 410


def test_a_supervisor_reads_the_station_and_sees_no_links(as_person, link):
    client = as_person("supervisor")
    assert "iCalendar" not in client.get("/tram/S1").text
    assert client.post(PAGE, data={"feed_name": "x"}).status_code == 403
    assert client.post(f"{PAGE}/1/thu-hoi").status_code == 403


def test_the_links_of_another_district_or_station_cannot_be_touched(as_person, link, client):
    assert as_person("ngoai").post(f"{PAGE}/1/thu-hoi").status_code == 404
    assert as_person("ngoai").post("/tram/S9/lich-dien-thoai/1/thu-hoi").status_code == 404
    assert as_person("editor").post("/tram/S2/lich-dien-thoai/1/thu-hoi").status_code == 404
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("typed", ["", "   ", "x" * 101, "ẩn\u202edấu"])
def test_a_link_without_a_readable_name_is_refused_where_it_is_typed(typed, as_person, web_database):
    answer = as_person("editor").post(PAGE, data={"feed_name": typed})
    assert answer.status_code == 422
    assert 'id="e-feed_name"' in answer.text
    with web_database.reading() as session:
        assert session.scalar(select(StationFeed)) is None


def test_making_and_revoking_stand_in_the_audit_trail_in_words(as_person, link, web_database):
    as_person("operator").post(f"{PAGE}/1/thu-hoi")
    as_person("operator").post(f"{PAGE}/1/thu-hoi")  # a second time is no act
    with web_database.reading() as session:
        events = list(session.scalars(select(AuditEvent).where(AuditEvent.noun == "feed").order_by(AuditEvent.id)))
        assert [act_in_words(event) for event in events] == [
            "tạo đường dẫn lịch “Điện thoại chị Hoa, Trạm An Bình”",
            "thu hồi đường dẫn lịch “Điện thoại chị Hoa, Trạm An Bình”",
        ]
        assert {event.actor_name for event in events} == {"Nguyễn Thị Trạm"}


def test_a_station_has_so_many_links_and_no_more(session, now):
    station = Station(code="T1", name="Trạm Một", created_at=now)
    session.add(station)
    session.flush()
    who = Actor("Người thử")
    tokens = {feed_acts.make_feed(session, who, station, f"máy {n}", unit_id=None, now=now) for n in range(50)}
    assert len(tokens) == 50
    with pytest.raises(Conflict):
        feed_acts.make_feed(session, who, station, "một máy nữa", unit_id=None, now=now)
    first = feed_acts.feed_by_token(session, min(tokens))
    feed_acts.end_feed(session, who, station, first, unit_id=None, now=now)
    feed_acts.make_feed(session, who, station, "một máy nữa", unit_id=None, now=now)
    assert len(feed_acts.living_feeds(session, station)) == 50


# ---- fetching


def test_a_calendar_fetches_every_airing_of_the_station_once(client, link, web_database, district):
    answer = client.get(link)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private")
    assert "Set-Cookie" not in answer.headers
    with web_database.reading() as session:
        ids = set(session.scalars(select(Airing.id).where(Airing.station_id == district.stations["S1"])))
    told = [str(event["UID"]) for event in events_of(answer)]
    assert len(told) == len(set(told))
    assert set(told) == ids


def test_an_event_says_what_became_of_its_airing(client, link, district):
    by_id = {str(event["UID"]): event for event in events_of(client.get(link))}
    for name, state in (("complete", "đã phát"), ("missed", "không phát"), ("planned", "sẽ phát")):
        event = by_id[district.airings[name]]
        assert f"Tình trạng: {state}" in event["DESCRIPTION"]
        assert "Người duyệt: Trần Văn Duyệt" in event["DESCRIPTION"]
        assert event["SUMMARY"] == "Giữ vệ sinh nguồn nước (thông thường)"


def test_nothing_of_another_station_and_no_refused_slot_is_told(client, link, district):
    text = client.get(link).text
    assert district.airings["foreign"] not in text
    assert "Bình Minh" not in text
    assert "Khe Sâu" not in text
    assert "22:30" not in text


def test_a_cancelled_airing_is_told_as_cancelled_with_a_higher_sequence(client, link, web_database, district):
    planned = district.airings["planned"]
    before = {str(event["UID"]): event["SEQUENCE"] for event in events_of(client.get(link))}
    with web_database.writing() as session:
        airing = session.get(Airing, planned)
        airing.cancelled_at, airing.cancel_reason = NOW, "withdrawn"
    [event] = [event for event in events_of(client.get(link)) if event["UID"] == planned]
    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] > before[planned]
    assert "đã huỷ, bản tin đã thu hồi" in event["DESCRIPTION"]
    with web_database.writing() as session:
        airing = session.get(Airing, planned)
        airing.cancelled_at = airing.cancel_reason = None
        session.get(Rule, airing.rule_id).version += 1
    [again] = [each for each in events_of(client.get(link)) if each["UID"] == planned]
    assert again["STATUS"] == "CONFIRMED"
    assert again["SEQUENCE"] > event["SEQUENCE"]


def test_a_calendar_that_has_it_already_is_told_so_until_something_changes(client, link, web_database):
    first = client.get(link)
    again = client.get(link, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with web_database.writing() as session:
        session.scalar(select(Bulletin).where(Bulletin.code == "BT1")).title = "Một, hai; ba\\bốn 📢"
    changed = client.get(link, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "Một, hai; ba\\bốn 📢 (thông thường)" in {str(event["SUMMARY"]) for event in events_of(changed)}


def test_the_calendar_reaches_thirty_days_back_and_fourteen_ahead(client, link, clock, district):
    clock.at = NOW + timedelta(days=30)
    kept = {str(event["UID"]) for event in events_of(client.get(link))}
    assert district.airings["planned"] in kept
    clock.at = NOW + timedelta(days=31)
    assert district.airings["planned"] not in {str(event["UID"]) for event in events_of(client.get(link))}
    clock.at = NOW - timedelta(days=14)
    assert district.airings["planned"] in {str(event["UID"]) for event in events_of(client.get(link))}
    clock.at = NOW - timedelta(days=15)
    answer = client.get(link)
    assert (answer.status_code, events_of(answer)) == (200, [])


def test_a_revoked_link_says_so_in_plain_words(client, as_person, link):
    as_person("operator").post(f"{PAGE}/1/thu-hoi")
    answer = client.get(link)
    assert answer.status_code == 410
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "đã được thu hồi" in answer.text


@pytest.mark.parametrize("token", ["a" * 43, "a", "a" * 4000, "..%2F..%2Fetc", "%00", "ăn", "a.b"])
def test_an_unknown_link_is_not_found_in_plain_words(token, client):
    answer = client.get(f"/lich/{token}.ics")
    assert answer.status_code == 404
    assert "ở địa chỉ này" in answer.text or "không có" in answer.text


def test_whoever_guesses_is_slowed_down_while_real_links_go_on(client, link, clock):
    for _ in range(20):
        assert client.get(f"/lich/{'b' * 43}.ics").status_code == 404
    refused = client.get(f"/lich/{'b' * 43}.ics")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Content-Type"].startswith("text/plain")
    assert client.get(link).status_code == 200
    clock.at += timedelta(minutes=10)
    assert client.get(f"/lich/{'b' * 43}.ics").status_code == 404


def test_one_link_cannot_be_hammered(client, link):
    answers = [client.get(link).status_code for _ in range(121)]
    assert answers == [200] * 120 + [429]


def test_a_failure_is_logged_without_the_token(client, app, link, monkeypatch, caplog):
    def broken(*_args):
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    token = link.removeprefix("/lich/").removesuffix(".ics")
    for failure in (broken, lambda *_args: 1 / 0):
        monkeypatch.setattr(feed_fetching, "_programme", failure)
        with caplog.at_level(logging.DEBUG):
            assert client.get(link).status_code == 500
    logged = "\n".join(record.getMessage() for record in caplog.records) + caplog.text
    assert "/lich/" in logged
    assert token not in logged


def test_states_are_called_what_every_screen_calls_them(app):
    macros = app.jinja_env.get_template("_macros.html").module
    assert {kind: word for kind, (_shape, word) in macros.OUTCOMES.items()} == feed_fetching.STATES
