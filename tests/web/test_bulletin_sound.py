"""The sound on the page: how far the work is, who may hear it, another try."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from audio.orders import take_order, work
from audio.rendering import Renderer
from broadcast.airing import Airing
from broadcast.audit_event import AuditEvent
from tests.web.bulletin_parts import bulletin_form, code_from, give_sound, of
from tests.web.seed import NOW


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
    assert "Dựng lại" in part
    assert client.post(f"/ban-tin/{code}/dung-lai").status_code == 302
    with web_database.reading() as session:
        assert [one.state for one in of(session, code).latest.renderings] == ["failed", "wanted"]
    assert client.post(f"/ban-tin/{code}/dung-lai").status_code == 409


def test_rendering_is_stopped_and_ordered_again(as_person, web_database, code):
    client = as_person("editor")
    with web_database.writing() as session:
        of(session, code).latest.rendering.state = "rendering"
    part = client.post(f"/ban-tin/{code}/ngung-dung", headers={"X-Fragment": "1"})
    assert part.status_code == 200
    assert "Đã dừng dựng âm thanh" in part.text
    assert "data-pending" not in part.text
    with web_database.reading() as session:
        assert of(session, code).latest.rendering.state == "cancelled"
    assert client.post(f"/ban-tin/{code}/ngung-dung").status_code == 409
    assert client.post(f"/ban-tin/{code}/dung-lai").status_code == 302
    with web_database.reading() as session:
        assert [one.state for one in of(session, code).latest.renderings] == ["cancelled", "wanted"]
        told = [event.act for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert told[-2:] == ["stop_rendering", "render_again"]


def test_the_worker_leaves_what_was_stopped(as_person, services, web_database, code):
    """It was rendering when somebody pressed the button: nothing is kept, nothing is written over the answer."""
    with web_database.writing() as session:
        order = take_order(session, NOW)
    as_person("editor").post(f"/ban-tin/{code}/ngung-dung")
    with Renderer() as renderer:
        assert work(web_database, services.settings, order, renderer, lambda: NOW) is False
    with web_database.reading() as session:
        rendering = of(session, code).latest.rendering
        assert (rendering.state, rendering.audio_sha256) == ("cancelled", None)


def test_each_unit_has_its_line_and_only_what_failed_is_made_again(as_person, services, web_database, district):
    client = as_person("editor")
    script = "Kính thưa bà con {xã}. Mời bà con đi họp."
    code = code_from(client.post("/ban-tin/soan", data=bulletin_form(script=script)).location)
    with web_database.writing() as session:
        first, second = of(session, code).latest.newest_renderings
        first.state, first.sentences_done, first.sentences_total = "rendering", 1, 4
    part = client.get(f"/ban-tin/{code}/am-thanh").text
    assert "0 / 2 đơn vị đã xong" in part
    assert "đang dựng: 1 / 4 câu" in part
    assert "data-pending" in part
    sound = give_sound(services, "BT3")
    with web_database.writing() as session:
        first, second = of(session, code).latest.newest_renderings
        first.state, first.audio_sha256 = "ready", sound
        second.state, second.message_vi = "failed", "Không giọng nào đọc được câu “Xin mời”."
    part = client.get(f"/ban-tin/{code}/am-thanh").text
    assert "1 / 2 đơn vị đã xong" in part
    assert "Không giọng nào đọc được câu" in part
    assert part.count("<audio") == 1
    assert "data-pending" not in part
    client.post(f"/ban-tin/{code}/dung-lai")
    with web_database.reading() as session:
        states = [(one.unit_id, one.state) for one in of(session, code).latest.newest_renderings]
    assert states == [(district.units["X1"], "ready"), (district.units["X2"], "wanted")]


def test_the_bulletin_of_another_unit_is_neither_stopped_nor_ordered(as_person):
    for act in ("ngung-dung", "dung-lai"):
        assert as_person("editor").post(f"/ban-tin/BT9/{act}").status_code == 404


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
