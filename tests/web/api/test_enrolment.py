"""`POST /api/v1/station/enrol`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from broadcast.db import Database
from broadcast.enrolling import new_code
from broadcast.station import Station
from broadcast.wire import EnrolAnswer, milliseconds, verify
from tests.proof import Machine
from tests.web.api.conftest import Dial, Hands

URL = "/api/v1/station/enrol"


@pytest.fixture
def code(database: Database, hands: Hands, dial: Dial) -> str:
    with database.writing() as session:
        return new_code(session, session.get_one(Station, hands.commune.station.id), dial.at)


def test_a_machine_becomes_the_station_and_the_manifest_is_there_at_the_first_asking(
    client: FlaskClient, code: str, dial: Dial
) -> None:
    answer = client.post(URL, json={"code": code, "public_key": Machine().public_key, "later": "ignored"})
    assert answer.status_code == 201
    told = EnrolAnswer.model_validate_json(answer.data)
    assert (told.station, told.name, told.server_time_ms) == ("T-TC", "Trạm Tân Cảnh 1", milliseconds(dial.at))
    programme = client.get("/api/v1/station/manifest", headers={"Authorization": f"Bearer {told.token}"})
    assert programme.status_code == 200
    assert verify(told.manifest_key, programme.data, programme.headers["Manifest-Signature"])
    assert programme.get_json()["enrolment"] == str(told.enrolment)


def test_the_machine_before_is_not_let_in_any_more(client: FlaskClient, code: str, hands: Hands) -> None:
    assert client.get("/api/v1/station/manifest", headers=hands.headers).status_code == 200
    client.post(URL, json={"code": code, "public_key": Machine().public_key})
    refused = client.get("/api/v1/station/manifest", headers=hands.headers)
    assert refused.status_code == 401
    assert "máy khác" in refused.get_json()["detail"]


def test_used_expired_and_unknown_codes_are_told_apart(client: FlaskClient, code: str, dial: Dial) -> None:
    key = Machine().public_key
    dial.at += timedelta(days=8)
    assert client.post(URL, json={"code": code, "public_key": key}).status_code == 401
    dial.at -= timedelta(days=8)
    assert client.post(URL, json={"code": code, "public_key": key}).status_code == 201
    assert client.post(URL, json={"code": code, "public_key": key}).status_code == 409
    unknown = client.post(URL, json={"code": "0000-0000-0000", "public_key": key})
    assert unknown.status_code == 401
    assert unknown.mimetype == "application/problem+json"
    assert unknown.get_json()["detail"].startswith("Mã ghi danh không đúng")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("", "application/json", 400),
        ("\udcff", "application/json", 400),
        ("[]", "application/json", 422),
        ('{"code": "1"}', "application/json", 422),
        ('{"code": "0000-0000-0000", "public_key": "short"}', "application/json", 422),
        ('{"code": "0\\u0000", "public_key": "short"}', "application/json", 422),
        ("code=1", "application/x-www-form-urlencoded", 415),
        (" " * 20_000, "application/json", 413),
    ],
)
def test_what_is_not_an_enrolment_is_told_so(
    client: FlaskClient, hands: Hands, body: str, kind: str, status: int
) -> None:
    answer = client.post(URL, data=body.encode(errors="surrogateescape"), content_type=kind)
    assert answer.status_code == status
    problem = answer.get_json()
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert problem["title"]
    assert problem["detail"]
    assert hands.token not in answer.text


def test_ten_failures_in_ten_minutes_from_one_address_are_enough(client: FlaskClient, code: str, dial: Dial) -> None:
    key = Machine().public_key
    wrong = {"code": "0000-0000-0000", "public_key": key}
    start = dial.at
    for second in range(10):
        dial.at = start + timedelta(seconds=second)
        assert client.post(URL, json=wrong).status_code == 401
    throttled = client.post(URL, json={"code": code, "public_key": key})
    assert throttled.status_code == 429
    assert throttled.headers["Retry-After"] == "591"
    elsewhere = client.post(URL, json=wrong, environ_base={"REMOTE_ADDR": "::1"})
    assert elsewhere.status_code == 401
    dial.at = start + timedelta(minutes=10)
    assert client.post(URL, json={"code": code, "public_key": key}).status_code == 201


def test_a_retired_station_is_not_let_in(client: FlaskClient, database: Database, hands: Hands, dial: Dial) -> None:
    with database.writing() as session:
        session.execute(update(Station).values(retired_at=dial.at))
    assert client.get("/api/v1/station/manifest", headers=hands.headers).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer  ", "Basic dGVzdDp0ZXN0", "Bearer sai-hoàn-toàn", "Bearer " + "x" * 4000]
)
def test_a_wrong_token_is_refused_on_every_call(client: FlaskClient, hands: Hands, header: str) -> None:
    headers = {"Authorization": header.encode().decode("latin-1")}
    calls = [
        client.get("/api/v1/station/manifest", headers=headers),
        client.get(f"/api/v1/audio/{'0' * 64}", headers=headers),
        client.post("/api/v1/station/log", json={}, headers=headers),
        client.post("/api/v1/station/status", json={}, headers=headers),
    ]
    assert [call.status_code for call in calls] == [401] * 4
    assert {call.mimetype for call in calls} == {"application/problem+json"}
    assert calls[0].headers["WWW-Authenticate"] == "Bearer"
    assert hands.token not in calls[0].text


def test_unknown_addresses_and_wrong_methods_are_problems_too(client: FlaskClient) -> None:
    unknown = client.get("/api/v1/khong-co")
    assert (unknown.status_code, unknown.mimetype) == (404, "application/problem+json")
    wrong = client.delete("/api/v1/station/log")
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert "POST" in wrong.headers["Allow"]


def test_the_openapi_document_is_made_from_the_shapes_of_the_wire(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert set(document["paths"]) == {
        "/station/enrol",
        "/station/manifest",
        "/audio/{sha256}",
        "/station/log",
        "/station/status",
    }
    airing = document["components"]["schemas"]["ManifestAiring"]["properties"]
    assert {"id", "starts_at", "class", "approved_by", "repeats"} <= set(airing)
    assert "429" in document["paths"]["/station/enrol"]["post"]["responses"]
