"""The sound on the page: how far the work is, who may hear it, another try."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from broadcast.airing import Airing
from tests.web.bulletin_parts import bulletin_form, code_from, give_sound, of


@pytest.fixture
def code(as_person) -> str:
    return code_from(as_person("editor").post("/ban-tin/soan", data=bulletin_form()).location)


def test_the_panel_says_how_far_the_work_is_and_asks_to_be_asked_again(as_person, web_database, code):
    with web_database.writing() as session:
        rendering = of(session, code).latest.rendering
        rendering.state, rendering.sentences_done, rendering.sentences_total = "rendering", 3, 8
    part = as_person("editor").get(f"/ban-tin/{code}/am-thanh").text
    assert "3 / 8 câu" in part
    assert "data-pending" in part


def test_a_failure_tells_why_and_offers_another_try(as_person, web_database, code):
    with web_database.writing() as session:
        rendering = of(session, code).latest.rendering
        rendering.state, rendering.message_vi = "failed", "Bản tin chưa có câu nào để đọc."
    client = as_person("editor")
    part = client.get(f"/ban-tin/{code}/am-thanh").text
    assert "Bản tin chưa có câu nào để đọc." in part
    assert "Thử lại" in part
    assert client.post(f"/ban-tin/{code}/dung-lai").status_code == 302
    with web_database.reading() as session:
        assert [one.state for one in of(session, code).latest.renderings] == ["failed", "wanted"]
    assert client.post(f"/ban-tin/{code}/dung-lai").status_code == 409


def test_finished_sound_answers_ranges(as_person, services, code):
    content = bytes(range(256)) * 40
    sha256 = give_sound(services, code, content)
    client = as_person("editor")
    with client.get(f"/am-thanh/{sha256}.mp3") as whole:
        assert (whole.status_code, whole.data) == (200, content)
    with client.get(f"/am-thanh/{sha256}.mp3", headers={"Range": "bytes=100-199"}) as part:
        assert (part.status_code, part.data) == (206, content[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"


def test_sound_is_heard_by_those_of_the_unit_and_of_the_stations_where_it_airs(
    as_person, services, web_database, district, code
):
    sha256 = give_sound(services, code)
    assert as_person("ngoai").get(f"/am-thanh/{sha256}.mp3").status_code == 404
    assert as_person("operator").get(f"/am-thanh/{sha256}.mp3").status_code == 404
    with web_database.writing() as session:
        session.execute(update(Airing).where(Airing.station_id == district.stations["S1"]).values(audio_sha256=sha256))
    with as_person("operator").get(f"/am-thanh/{sha256}.mp3") as heard:
        assert heard.status_code == 200
    assert as_person("ngoai").get(f"/am-thanh/{sha256}.mp3").status_code == 404


@pytest.mark.parametrize("name", ["x", "../../etc/passwd", "ab" * 32])
def test_a_name_that_is_no_sound_is_not_found(as_person, name):
    assert as_person("editor").get(f"/am-thanh/{name}.mp3").status_code == 404
