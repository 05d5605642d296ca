"""What a station may send that is wrong, over real HTTP to the real server: told clearly, nothing lost, never stuck."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from broadcast.wire import LogBatch, LogItem
from tests.proof import Machine
from tests.real import PLACE, Place

STATIONS = """
[[station]]
code = "TRAM1"
name = "Trạm thôn Một"
unit = "BA"

[[station]]
code = "TRAM2"
name = "Trạm thôn Hai"
unit = "BA"
"""


class Sender:
    """A machine that enrolled over HTTP and sends what a test gives it."""

    def __init__(self, http: httpx.Client, code: str) -> None:
        self.http = http
        self.machine = Machine()
        answer = http.post("/api/v1/station/enrol", json={"code": code, "public_key": self.machine.public_key})
        assert answer.status_code == 201, answer.text
        self.machine.enrolment = answer.json()["enrolment"]
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        self.clock = datetime.now(UTC)

    def write(self, number: int, **facts: Any) -> None:
        for _ in range(number):
            self.clock += timedelta(seconds=1)
            self.machine.entry("ready", self.clock, **facts)

    def send(self, items: list[LogItem] | None = None, batch: LogBatch | None = None) -> httpx.Response:
        batch = batch or self.machine.batch(items)
        return self.http.post(
            "/api/v1/station/log",
            content=batch.model_dump_json(),
            headers=self.headers | {"Content-Type": "application/json"},
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("protocol"))
    place.load(PLACE + STATIONS)
    return place


@pytest.fixture(scope="module")
def http(place: Place) -> Iterator[httpx.Client]:
    """One server for all tests of this file: each enrols machines of its own."""
    with place.serving() as (url, _), httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def sender(place: Place, http: httpx.Client) -> Sender:
    return Sender(http, place.code())


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of a refusal, in Vietnamese."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["title"]
    return told


def stored(place: Place, sender: Sender) -> list[int]:
    enrolment = uuid.UUID(sender.machine.enrolment)
    query = "SELECT seq FROM log_entry WHERE replace(enrolment_id, '-', '') = ? ORDER BY seq"
    return [seq for (seq,) in place.rows(query, enrolment.hex)]


def test_an_entry_sent_twice_is_acknowledged_and_stored_once(place: Place, sender: Sender) -> None:
    sender.write(3)
    first, again = sender.send().json(), sender.send().json()
    assert (first["acknowledged"], first["duplicates"]) == (3, 0)
    assert (again["acknowledged"], again["duplicates"], again["rejected"]) == (3, 3, [])
    assert stored(place, sender) == [1, 2, 3]


def test_a_batch_whose_signature_is_wrong_is_refused_whole(place: Place, sender: Sender) -> None:
    sender.write(2)
    foreign = Machine(enrolment=sender.machine.enrolment, items=list(sender.machine.items))
    told = problem(sender.send(batch=foreign.batch()), 403)
    assert "chữ ký" in (told["title"] + told.get("detail", "")).lower()
    assert stored(place, sender) == []
    assert sender.send().json()["acknowledged"] == 2


def test_an_entry_about_the_airing_of_another_station_is_kept_apart_and_the_next_are_taken(
    place: Place, http: httpx.Client, sender: Sender
) -> None:
    other = Sender(http, place.code("TRAM2"))
    other.write(1)
    assert other.send().status_code == 200
    sender.write(1)
    # An entry of another station's chain in the middle of one's own.
    sender.machine.append(other.machine.items[0].entry)
    sender.machine.items[-1] = LogItem(seq=2, entry=other.machine.items[0].entry, hash=other.machine.items[0].hash)
    answer = sender.send().json()
    assert answer["acknowledged"] == 2
    assert [one["seq"] for one in answer["rejected"]] == [2]
    assert stored(place, sender) == [1]
    assert stored(place, other) == [1]


def test_a_fork_of_the_chain_is_acknowledged_kept_apart_and_named_by_the_audit(
    place: Place, http: httpx.Client
) -> None:
    place.load(PLACE + STATIONS + STATIONS.replace("TRAM1", "TRAM3").replace("TRAM2", "TRAM4"))
    sender = Sender(http, place.code("TRAM3"))
    sender.write(3)
    assert sender.send().json()["rejected"] == []
    # The disk image of yesterday was put back: number 3 is used again for something else.
    restored = Machine(key=sender.machine.key, enrolment=sender.machine.enrolment, items=sender.machine.items[:2])
    restored.entry("alarm", sender.clock, reason="error")
    restored.entry("ready", sender.clock)
    answer = sender.send(batch=restored.batch(restored.items[2:])).json()
    assert answer["acknowledged"] == 4
    assert [one["seq"] for one in answer["rejected"]] == [3]
    assert stored(place, sender) == [1, 2, 3, 4]
    told = place.run("audit", code=1)
    assert "nguyên vẹn" in told
    lines = {line.split()[0]: line for line in _audit_lines(place)}
    forked = next(line for line in lines.values() if "TRAM3" in line)
    assert "3" in forked.partition("TRAM3")[2]
    assert all("nhánh" not in line for line in lines.values() if "TRAM3" not in line)


def _audit_lines(place: Place) -> list[str]:
    from tests.real import broadcast

    return broadcast("audit", env=place.env).stdout.splitlines()


def test_a_code_works_once_and_not_after_seven_days(place: Place, http: httpx.Client) -> None:
    key = Machine().public_key
    code = place.code("TRAM2")
    assert http.post("/api/v1/station/enrol", json={"code": code, "public_key": key}).status_code == 201
    used = problem(http.post("/api/v1/station/enrol", json={"code": code, "public_key": key}), 409)
    eight_days_ago = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    old = place.code("TRAM2", "--now", eight_days_ago)
    expired = http.post("/api/v1/station/enrol", json={"code": old, "public_key": key})
    assert expired.status_code in {401, 409}
    problem(expired, expired.status_code)
    unknown = problem(
        http.post("/api/v1/station/enrol", json={"code": "AAAA-BBBB-CCCC", "public_key": key}),
        401,
    )
    assert len({used["title"] + used.get("detail", ""), unknown["title"] + unknown.get("detail", "")}) == 2
    assert place.value("SELECT count(*) FROM enrolment WHERE ended_at IS NULL") >= 1


def test_a_wrong_token_is_let_in_nowhere(http: httpx.Client, sender: Sender) -> None:
    sender.write(1)
    wrong = {"Authorization": "Bearer " + "x" * 43}
    sha256 = "ab" * 32
    for answer in (
        http.get("/api/v1/station/manifest", headers=wrong),
        http.get(f"/api/v1/audio/{sha256}", headers=wrong),
        http.post("/api/v1/station/log", content=sender.machine.batch().model_dump_json(), headers=wrong),
        http.post("/api/v1/station/status", json={}, headers=wrong),
        http.get("/api/v1/station/manifest"),
    ):
        problem(answer, 401)


def test_what_is_no_batch_is_told_and_stores_nothing(place: Place, sender: Sender) -> None:
    sender.write(1)
    url, headers = "/api/v1/station/log", sender.headers | {"Content-Type": "application/json"}
    for body, status in (
        (b"", 422),
        (b"{", 422),
        (b'{"entries": [], "signature": ""}', 422),
        (b"\xff\xfe", 422),
        (b"[" * 100_000, 422),
    ):
        answer = sender.http.post(url, content=body, headers=headers)
        assert answer.status_code in {status, 400}, (body[:20], answer.status_code)
        problem(answer, answer.status_code)
    long = {"code": "x" * 20_000, "public_key": sender.machine.public_key}
    problem(sender.http.post("/api/v1/station/enrol", json=long), 413)
    assert stored(place, sender) == []
    assert sender.send().json()["acknowledged"] == 1
