"""`GET /api/v1/audio/{sha256}` over a real server: whole, in ranges, cached for good, for its own station only."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import httpx
import pytest

from broadcast.config import Settings
from broadcast.db import Database
from tests.proof import Machine, a_bulletin, a_commune, an_airing, keep_sound
from tests.web.api.conftest import Dial, Hands, changed


@pytest.fixture
def sha256(database: Database, hands: Hands, dial: Dial, server: httpx.Client) -> str:
    """Named by the station's manifest, which has been asked for."""
    with database.writing() as session:
        an_airing(session, hands.commune, dial.at + timedelta(hours=1))
        changed(session, hands.commune.station, 70)
    server.get("/api/v1/station/manifest", headers=hands.headers)
    return hands.commune.asset.sha256


def test_the_whole_file_has_its_hash_and_may_be_kept_for_good(server: httpx.Client, hands: Hands, sha256: str) -> None:
    answer = server.get(f"/api/v1/audio/{sha256}", headers=hands.headers)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == sha256
    assert answer.headers["ETag"] == f'"{sha256}"'
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"] == "audio/mpeg"
    known = hands.headers | {"If-None-Match": f'"{sha256}"'}
    assert server.get(f"/api/v1/audio/{sha256}", headers=known).status_code == 304


def test_a_broken_download_goes_on_where_it_ended(server: httpx.Client, hands: Hands, sha256: str) -> None:
    whole = server.get(f"/api/v1/audio/{sha256}", headers=hands.headers).content
    part = hands.headers | {"Range": "bytes=1000-", "If-Range": f'"{sha256}"'}
    rest = server.get(f"/api/v1/audio/{sha256}", headers=part)
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert whole[:1000] + rest.content == whole
    other = hands.headers | {"Range": "bytes=1000-", "If-Range": '"something else"'}
    assert server.get(f"/api/v1/audio/{sha256}", headers=other).status_code == 200


def test_a_range_beyond_the_end_is_told_so(server: httpx.Client, hands: Hands, sha256: str) -> None:
    answer = server.get(f"/api/v1/audio/{sha256}", headers=hands.headers | {"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_station_hears_only_what_its_own_programme_names(
    server: httpx.Client, database: Database, settings: Settings, hands: Hands, sha256: str, dial: Dial
) -> None:
    with database.writing() as session:
        unit, author, approver = hands.commune.unit, hands.commune.author, hands.commune.approver
        *_, other = a_bulletin(session, unit, author, approver, dial.at, "KHAC")
        neighbour = Machine()
        _, token = neighbour.enrol(session, a_commune(session, dial.at, "BEN").station, dial.at)
    keep_sound(settings.audio_dir, "KHAC")
    assert server.get(f"/api/v1/audio/{other.sha256}", headers=hands.headers).status_code == 404
    foreign = {"Authorization": f"Bearer {token}"}
    assert server.get(f"/api/v1/audio/{sha256}", headers=foreign).status_code == 404
    assert server.get(f"/api/v1/audio/{sha256}").status_code == 401


@pytest.mark.parametrize("name", ["x", "..%2f..%2fkeys%2fsecret_key", "A" * 64, "0" * 64])
def test_what_is_not_a_hash_of_the_programme_is_not_found(
    server: httpx.Client, hands: Hands, sha256: str, name: str
) -> None:
    assert sha256 != name
    assert server.get(f"/api/v1/audio/{name}", headers=hands.headers).status_code == 404


def test_a_file_that_is_gone_is_told_so(server: httpx.Client, settings: Settings, hands: Hands, sha256: str) -> None:
    (settings.audio_dir / sha256[:2] / sha256[2:4] / f"{sha256}.mp3").unlink()
    answer = server.get(f"/api/v1/audio/{sha256}", headers=hands.headers)
    assert answer.status_code == 404
    assert "không còn trong kho" in answer.json()["detail"]
