"""`GET /api/v1/station/manifest`, with and without `wait`, over a real server where it matters."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast.db import Database
from broadcast.station import Manifest, StationStatus
from broadcast.tally import PLAN, bump
from tests.proof import an_airing
from tests.web.api.conftest import Dial, Hands, changed
from web.api.state import state_of
from web.api.waiting import WaitingRoom

URL = "/api/v1/station/manifest"


def test_an_unchanged_manifest_is_not_sent_again(client: FlaskClient, hands: Hands) -> None:
    first = client.get(URL, headers=hands.headers)
    etag = first.headers["ETag"]
    assert first.status_code == 200
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(URL, headers=hands.headers | {"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(URL, headers=hands.headers | {"If-None-Match": '"x"'}).data == first.data


def test_what_is_changed_is_there_at_the_next_asking(client: FlaskClient, database: Database, hands: Hands) -> None:
    first = client.get(URL, headers=hands.headers)
    with database.writing() as session:
        changed(session, hands.commune.station, 33)
    second = client.get(URL, headers=hands.headers | {"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.get_json()["volume"] == 33
    assert second.get_json()["sequence"] > first.get_json()["sequence"]


def test_an_act_that_changes_nothing_for_this_station_makes_no_new_manifest(
    client: FlaskClient, database: Database, hands: Hands
) -> None:
    etag = client.get(URL, headers=hands.headers).headers["ETag"]
    with database.writing() as session:
        bump(session, PLAN)
    assert client.get(URL, headers=hands.headers | {"If-None-Match": etag}).status_code == 304
    with database.reading() as session:
        assert len(session.scalars(select(Manifest)).all()) == 1


def test_the_window_rolls_on_once_a_day(client: FlaskClient, hands: Hands, dial: Dial) -> None:
    first = client.get(URL, headers=hands.headers)
    dial.at += timedelta(hours=13)
    assert client.get(URL, headers=hands.headers | {"If-None-Match": first.headers["ETag"]}).status_code == 304
    dial.at += timedelta(hours=11)
    later = client.get(URL, headers=hands.headers | {"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.get_json()["window"]["from"] == "2026-11-22T17:00:00.000Z"


def test_what_the_station_holds_lifts_a_restored_server_above_it(
    client: FlaskClient, database: Database, hands: Hands
) -> None:
    held = client.get(URL, headers=hands.headers).get_json()["sequence"] + 77
    with database.writing() as session:
        status = session.get_one(StationStatus, hands.commune.station.id)
        status.manifest_sequence = held
    assert client.get(URL, headers=hands.headers).get_json()["sequence"] == held + 1


@pytest.mark.parametrize(("wait", "status"), [("x", 422), ("-1", 422), ("1.5", 422), ("", 422), ("²", 422)])
def test_a_wait_that_is_no_number_of_seconds_is_told_so(
    client: FlaskClient, hands: Hands, wait: str, status: int
) -> None:
    assert client.get(URL, query_string={"wait": wait}, headers=hands.headers).status_code == status


def test_the_last_request_is_noted_about_every_ten_seconds(
    client: FlaskClient, database: Database, hands: Hands, dial: Dial
) -> None:
    seen = []
    start = dial.at
    for second in (0, 9, 10, 15, 21):
        dial.at = start + timedelta(seconds=second)
        client.get(URL, headers=hands.headers)
        with database.reading() as session:
            seen_at = session.get_one(StationStatus, hands.commune.station.id).seen_at
            assert seen_at is not None
            seen.append((seen_at - start).total_seconds())
    assert seen == [0, 0, 10, 10, 21]


def test_a_request_ends_the_silence_at_once(client: FlaskClient, database: Database, hands: Hands, dial: Dial) -> None:
    client.get(URL, headers=hands.headers)
    with database.writing() as session:
        session.get_one(StationStatus, hands.commune.station.id).silent_since = dial.at
    client.get(URL, headers=hands.headers)
    with database.reading() as session:
        assert session.get_one(StationStatus, hands.commune.station.id).silent_since is None


def test_a_held_request_is_answered_as_soon_as_there_is_something_new(
    server: httpx.Client, app: Flask, database: Database, hands: Hands
) -> None:
    etag = server.get(URL, headers=hands.headers).headers["ETag"]
    known = hands.headers | {"If-None-Match": etag}
    room = state_of(app).room
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(server.get, URL, params={"wait": 15}, headers=known)
        until(lambda: room.waiting == 1)
        if database.is_sqlite:
            until(lambda: database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]
        with database.writing() as session:
            an_airing(session, hands.commune, hands.commune.station.created_at + timedelta(hours=1))
            changed(session, hands.commune.station, 70)
        answer = held.result()
    assert answer.status_code == 200
    assert len(answer.json()["airings"]) == 1
    assert room.waiting == 0


def test_a_held_request_with_nothing_new_ends_with_304_at_its_time(server: httpx.Client, hands: Hands) -> None:
    etag = server.get(URL, headers=hands.headers).headers["ETag"]
    answer = server.get(URL, params={"wait": 1}, headers=hands.headers | {"If-None-Match": etag})
    assert (answer.status_code, answer.headers["ETag"]) == (304, etag)


def test_a_request_that_has_nothing_yet_is_not_held(server: httpx.Client, hands: Hands) -> None:
    assert server.get(URL, params={"wait": 290}, headers=hands.headers).status_code == 200


def test_where_too_many_wait_the_next_is_answered_at_once(server: httpx.Client, app: Flask, hands: Hands) -> None:
    state = state_of(app)
    state.room.close()
    state.room = WaitingRoom(lambda: 0, places=1)
    etag = server.get(URL, headers=hands.headers).headers["ETag"]
    known = hands.headers | {"If-None-Match": etag}
    with state.room.place() as has_place:
        assert has_place
        answer = server.get(URL, params={"wait": 290}, headers=known)
    assert (answer.status_code, answer.headers["Retry-After"]) == (304, "30")


def test_one_station_holds_two_requests_and_the_next_is_answered_at_once(
    server: httpx.Client, app: Flask, hands: Hands
) -> None:
    etag = server.get(URL, headers=hands.headers).headers["ETag"]
    room, known = state_of(app).room, hands.headers | {"If-None-Match": etag}
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(server.get, URL, params={"wait": 290}, headers=known) for _ in range(2)]
        until(lambda: room.waiting == 2)
        answer = server.get(URL, params={"wait": 290}, headers=known)
        assert (answer.status_code, answer.headers["Retry-After"]) == (304, "30")
        room.close()
        assert [each.result().status_code for each in held] == [304, 304]


def test_the_end_of_the_server_sends_those_who_wait_home(server: httpx.Client, app: Flask, hands: Hands) -> None:
    etag = server.get(URL, headers=hands.headers).headers["ETag"]
    room = state_of(app).room
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(server.get, URL, params={"wait": 290}, headers=hands.headers | {"If-None-Match": etag})
        until(lambda: room.waiting == 1)
        room.close()
        assert held.result().status_code == 304


def until(comes: object) -> None:
    """Waits for what another thread does, and gives up after a while."""
    pause = threading.Event()
    for _ in range(500):
        if comes():  # type: ignore[operator]
            return
        pause.wait(0.02)
    raise AssertionError("it did not come")
