"""`POST /api/v1/station/log` and `/status`: proof comes in, the time goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from broadcast.audit import audit
from broadcast.db import Database
from broadcast.log_entry import LogEntry
from broadcast.outcome import outcomes_of
from broadcast.station import StationStatus
from broadcast.wire import LogAnswer, StatusAnswer, milliseconds
from tests.proof import Machine, an_airing
from tests.web.api.conftest import Dial, Hands

LOG = "/api/v1/station/log"
STATUS = "/api/v1/station/status"


def stored(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(LogEntry)) or 0


def a_status(dial: Dial, **other: Any) -> dict[str, Any]:
    return {
        "sent_ms": milliseconds(dial.at),
        "clock_offset_ms": -40,
        "clock_source": "kernel",
        "volume": 70,
        "disk_free_bytes": 900_000_000,
        "version": "0.1.0",
        "manifest_sequence": 0,
        "audio_held": 0,
        "audio_missing": 0,
        "playing": None,
        "outbox": 0,
        "errors": [],
    } | other


def test_five_hundred_entries_are_recorded_acknowledged_and_proven(
    server: httpx.Client, database: Database, hands: Hands, dial: Dial
) -> None:
    with database.writing() as session:
        airing = an_airing(session, hands.commune, dial.at)
    hands.machine.played(airing)
    for second in range(498):
        hands.machine.entry("ready", dial.at + timedelta(seconds=second), note="sẵn sàng")
    body = hands.machine.batch().model_dump_json()
    headers = hands.headers | {"Content-Type": "application/json"}
    first = LogAnswer.model_validate_json(server.post(LOG, content=body, headers=headers).content)
    again = LogAnswer.model_validate_json(server.post(LOG, content=body, headers=headers).content)
    assert (first.acknowledged, first.duplicates, first.rejected) == (500, 0, [])
    assert (again.acknowledged, again.duplicates, again.rejected) == (500, 500, [])
    assert stored(database) == 500
    with database.reading() as session:
        assert [line.ok for line in audit(session)] == [True]
        assert outcomes_of(session, [airing], dial.at)[airing.id].kind == "complete"


def test_a_batch_with_a_wrong_signature_is_refused_and_nothing_is_stored(
    client: FlaskClient, database: Database, hands: Hands, dial: Dial
) -> None:
    hands.machine.entry("ready", dial.at)
    stranger = Machine(enrolment=hands.machine.enrolment, items=hands.machine.items)
    answer = client.post(LOG, json=stranger.batch().model_dump(), headers=hands.headers)
    assert answer.status_code == 403
    assert "Chữ ký" in answer.get_json()["detail"]
    assert stored(database) == 0


def test_a_batch_of_more_than_five_hundred_is_too_large(client: FlaskClient, hands: Hands, dial: Dial) -> None:
    item = hands.machine.entry("ready", dial.at).model_dump()
    answer = client.post(LOG, json={"entries": [item] * 501, "signature": "x"}, headers=hands.headers)
    assert answer.status_code == 413
    assert "500" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entries": [], "signature": ""},
        {"entries": [{"seq": 0, "entry": "", "hash": "0" * 64}], "signature": ""},
        {"entries": [{"seq": 1, "entry": 5, "hash": "0" * 64}], "signature": ""},
        {"entries": [{"seq": 1, "entry": "a\u0000b", "hash": "0" * 64}], "signature": ""},
        {"entries": "x", "signature": ""},
        [],
    ],
)
def test_a_batch_of_another_shape_is_told_so(
    client: FlaskClient, database: Database, hands: Hands, body: object
) -> None:
    answer = client.post(LOG, json=body, headers=hands.headers)
    assert answer.status_code == 422
    assert answer.get_json()["detail"].startswith("Nội dung chưa đúng khuôn dạng")
    assert stored(database) == 0


def test_what_was_set_aside_is_named_in_the_answer(client: FlaskClient, hands: Hands, dial: Dial) -> None:
    hands.machine.entry("ready", dial.at)
    hands.machine.append("{")
    answer = client.post(LOG, json=hands.machine.batch().model_dump(), headers=hands.headers).get_json()
    assert answer == {"acknowledged": 2, "duplicates": 0, "rejected": [{"seq": 2, "error": "unreadable"}]}


def test_a_status_is_kept_and_answered_with_the_time_and_the_end_of_the_log(
    client: FlaskClient, database: Database, hands: Hands, dial: Dial
) -> None:
    answer = client.post(STATUS, json=a_status(dial), headers=hands.headers).get_json()
    assert answer == {
        "received_ms": milliseconds(dial.at),
        "sent_ms": milliseconds(dial.at),
        "last_seq": 0,
        "last_hash": None,
    }
    hands.machine.entry("ready", dial.at)
    client.post(LOG, json=hands.machine.batch().model_dump(), headers=hands.headers)
    told = StatusAnswer.model_validate_json(client.post(STATUS, json=a_status(dial), headers=hands.headers).data)
    assert (told.last_seq, told.last_hash) == (1, hands.machine.items[0].hash)
    with database.reading() as session:
        status = session.get_one(StationStatus, hands.commune.station.id)
        assert (status.clock_source, status.clock_offset_ms, status.settled_until) == ("kernel", -40, dial.at)


def test_a_station_with_a_large_card_is_kept_too(
    client: FlaskClient, database: Database, hands: Hands, dial: Dial
) -> None:
    report = a_status(dial, disk_free_bytes=64 * 10**9)
    assert client.post(STATUS, json=report, headers=hands.headers).status_code == 200
    with database.reading() as session:
        assert session.get_one(StationStatus, hands.commune.station.id).disk_free_bytes == 64 * 10**9


@pytest.mark.parametrize(
    "other",
    [
        {"volume": 101},
        {"clock_source": "sundial"},
        {"errors": ["x" * 501]},
        {"errors": ["x"] * 51},
        {"outbox": -1},
        {"manifest_sequence": 2**40},
        {"sent_ms": "now"},
    ],
)
def test_a_status_of_another_shape_is_told_so(
    client: FlaskClient, database: Database, hands: Hands, dial: Dial, other: dict[str, Any]
) -> None:
    assert client.post(STATUS, json=a_status(dial, **other), headers=hands.headers).status_code == 422
    with database.reading() as session:
        status = session.get(StationStatus, hands.commune.station.id)
        assert status is None or status.clock_source is None


@pytest.mark.parametrize("sent_ms", [2**53 - 1, -(2**53) + 1, 0])
def test_a_clock_that_is_ages_off_does_no_harm(
    client: FlaskClient, database: Database, hands: Hands, dial: Dial, sent_ms: int
) -> None:
    report = a_status(dial, sent_ms=sent_ms, clock_offset_ms=sent_ms)
    assert client.post(STATUS, json=report, headers=hands.headers).status_code == 200
    with database.reading() as session:
        settled = session.get_one(StationStatus, hands.commune.station.id).settled_until
        assert settled is None or settled <= dial.at
