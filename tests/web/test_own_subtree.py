"""Everyone sees and changes what is theirs: one day and one tree. Route by route it is in test_rights.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast.audio_asset import AudioAsset
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.log_entry import LogEntry, SetAside
from broadcast.person import Assignment
from broadcast.station import Station
from broadcast.unit import Unit, UnitParent
from broadcast.wire import StatusReport, milliseconds
from tests.proof import Machine
from tests.web.conftest import Clock, sign_in
from tests.web.seed import NOW, Handles
from web.api.state import state_of

LISTS = ("/", "/tram", "/luot-phat", "/ban-tin", "/lich-phat", "/nhat-ky", "/chinh-sach")


def named_on_pages(client: FlaskClient) -> set[str]:
    """Codes of stations, bulletins and rules to which the lists lead."""
    found: set[str] = set()
    for address in LISTS:
        answer = client.get(address)
        assert answer.status_code == 200, address
        found |= set(re.findall(r'href="/(?:tram|ban-tin|lich-phat)/((?:S|BT|LP)\d+)', answer.text))
    return found


def the_person_s_half(
    app: Flask, database: Database, district: Handles, clock: Clock, as_person: Callable[[str], FlaskClient]
) -> None:
    editor, outsider = as_person("editor"), as_person("ngoai")
    ours, theirs = named_on_pages(editor), named_on_pages(outsider)
    assert {"S1", "S2", "BT1", "LP1"} <= ours
    assert theirs == {"S9", "BT9", "LP9"}
    assert ours & theirs == set()
    assert named_on_pages(as_person("operator")) >= {"S1"}
    assert "S2" not in named_on_pages(as_person("operator"))

    # What lies outside is as if it were not there, and an attempt to change it changes nothing.
    assert outsider.get("/ban-tin/BT1").status_code == 404
    assert outsider.post("/ban-tin/BT1/sua", data={"title": "Của tôi", "script": "Của tôi."}).status_code == 404
    assert editor.get("/ban-tin/BT9").status_code == 404

    # From tomorrow commune X9 lies below H1 and no longer below H9; the editor of H1 is assigned until tomorrow.
    tomorrow = local_day(NOW) + timedelta(days=1)
    with database.writing() as session:
        commune = session.get_one(Unit, district.units["X9"])
        commune.parents[0].until_on = local_day(NOW)
        commune.parents.append(UnitParent(parent_id=district.units["H1"], from_on=tomorrow))
        assignment = session.scalars(select(Assignment).where(Assignment.person_id == district.people["editor"])).one()
        assignment.until_on = tomorrow
    assert editor.get("/tram/S9").status_code == 404
    clock.at = NOW + timedelta(days=1)
    assert editor.get("/tram/S9").status_code == 200
    assert outsider.get("/tram/S9").status_code == 404
    clock.at = NOW + timedelta(days=2)
    fresh = sign_in(app.test_client(), district.people["editor"])
    for address in LISTS:
        assert fresh.get(address).status_code == 403, address
    assert fresh.post("/ban-tin/BT3/gui-duyet").status_code == 403
    clock.at = NOW


def enrolled(session: Session, code: str) -> tuple[Machine, dict[str, str]]:
    machine = Machine()
    station = session.scalars(select(Station).where(Station.code == code)).one()
    _, token = machine.enrol(session, station, NOW)
    return machine, {"Authorization": f"Bearer {token}"}


def the_station_s_half(app: Flask, database: Database, settings: Settings, district: Handles) -> None:
    client = app.test_client()
    secret = b"sound of nobody's programme"
    sha256 = AudioStore(settings.audio_dir).put(secret)
    with database.writing() as session:
        session.add(
            AudioAsset(
                sha256=sha256, bytes=len(secret), duration_ms=1000, lufs=-16.0, true_peak_db=-2.0,
                media_type="audio/mpeg", voice="tone", created_at=NOW,
            )
        )  # fmt: skip
        first, first_headers = enrolled(session, "S1")
        _, second_headers = enrolled(session, "S9")
        before = len(session.scalars(select(LogEntry)).all())

    for code, headers in (("S1", first_headers), ("S9", second_headers)):
        manifest = client.get("/api/v1/station/manifest", headers=headers).get_json()
        assert manifest["station"] == code
        others = {one for name, one in district.airings.items() if (name == "foreign") != (code == "S9")}
        assert {airing["id"] for airing in manifest["airings"]} & others == set()
        assert client.get(f"/api/v1/audio/{sha256}", headers=headers).status_code == 404

    # The machine of S1 cannot write into the log of S9: neither with its token, nor about its airing.
    first.entry("ready", NOW)
    batch = first.batch().model_dump_json()
    answer = client.post("/api/v1/station/log", data=batch, headers=second_headers, content_type="application/json")
    assert answer.status_code == 403
    first.entry("started", NOW, airing=district.airings["foreign"], started_at=NOW)
    answer = client.post(
        "/api/v1/station/log",
        data=first.batch().model_dump_json(),
        headers=first_headers,
        content_type="application/json",
    )
    assert [one["seq"] for one in answer.get_json()["rejected"]] == [2]
    with database.reading() as session:
        assert len(session.scalars(select(LogEntry)).all()) == before + 1
        assert len(session.scalars(select(SetAside)).all()) == 1

    # Its status is told about itself only.
    report = StatusReport(
        sent_ms=milliseconds(NOW), clock_offset_ms=0, clock_source="server", volume=11, disk_free_bytes=1, version="1",
        manifest_sequence=1, audio_held=0, audio_missing=0, playing=None, outbox=0, errors=[],
    )  # fmt: skip
    answer = client.post(
        "/api/v1/station/status",
        data=report.model_dump_json(),
        headers=second_headers,
        content_type="application/json",
    )
    assert answer.get_json()["last_seq"] == 0


def test_a_person_sees_and_changes_only_what_lies_below_the_unit_of_an_assignment_that_is_valid_today_a_station_sees_only_itself(  # noqa: E501
    app: Flask,
    web_database: Database,
    settings: Settings,
    district: Handles,
    clock: Clock,
    as_person: Callable[[str], FlaskClient],
) -> None:
    the_person_s_half(app, web_database, district, clock, as_person)
    the_station_s_half(app, web_database, settings, district)
    state_of(app).room.close()
