"""A relay is written, handed over, approved by a second person, put into a rule and planned, all on screen."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from tests.web.bulletin_parts import code_from, count_of, of, rule_form
from tests.web.rule_parts import sound  # noqa: F401
from tests.web.seed import SOUND


def relay_form(**changed):
    return {
        "title": "Thời sự đài tỉnh", "relay_url": "https://dai.example.vn/truc-tiep.mp3", "relay_minutes": "30",
        "relay_fallback": "", "class": "normal", "unit": "H1",
    } | changed  # fmt: skip


def written(client, **changed) -> str:
    answer = client.post("/ban-tin/tiep-song/moi", data=relay_form(**changed))
    assert answer.status_code == 302, answer.text
    return code_from(answer.location + "/")


def approved(as_person, code: str) -> None:
    assert as_person("editor").post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    page = as_person("approver").get(f"/duyet/{code}").text
    assert "Tiếp sóng 30 phút từ" in page
    data = {"revision": "1", "audio": "", "class": "normal", "heard_ms": "0"}
    assert as_person("approver").post(f"/duyet/{code}", data=data).status_code == 302


def test_a_relay_goes_the_way_of_every_bulletin(as_person, web_database, sound):  # noqa: F811
    client = as_person("editor")
    assert "Tiếp sóng" in client.get("/ban-tin/moi").text
    code = written(client, relay_fallback=SOUND)
    page = client.get(f"/ban-tin/{code}").text
    assert "https://dai.example.vn/truc-tiep.mp3" in page
    assert "Khi không bắt được sóng thì phát:" in page
    approved(as_person, code)
    with web_database.reading() as session:
        approval = of(session, code).latest.approvals[0]
        assert (approval.audio_sha256, approval.holds) == (None, True)
        assert of(session, code).latest.relay_fallback_sha256 == SOUND
    part = client.post("/lich-phat/xem-truoc", data=rule_form(bulletins=[code], times="18:00, 21:45")).text
    assert "14 lượt sẽ phát" in part, "half an hour has room at six"
    assert "Lượt phát 21:45–22:15 chạm vào giờ cấm phát" in part


def test_another_stream_is_another_revision_that_waits_for_approval(as_person, web_database):
    code = written(as_person("editor"))
    approved(as_person, code)
    form = relay_form(relay_url="https://khac.example.vn/x", based_on="1")
    assert as_person("editor").post(f"/ban-tin/{code}/tiep-song", data=form).status_code == 302
    with web_database.reading() as session:
        bulletin = of(session, code)
        assert (bulletin.latest.number, bulletin.latest.state) == (2, "draft")
        assert bulletin.airing_revision.relay_url == "https://dai.example.vn/truc-tiep.mp3"


def test_saving_what_is_there_makes_no_revision(as_person, web_database):
    client = as_person("editor")
    code = written(client)
    page = client.get(f"/ban-tin/{code}/tiep-song").text
    assert 'value="https://dai.example.vn/truc-tiep.mp3"' in page
    assert client.post(f"/ban-tin/{code}/tiep-song", data=relay_form(based_on="1")).status_code == 302
    with web_database.reading() as session:
        assert of(session, code).latest.number == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"relay_url": "http://192.168.1.5/x"}, "mạng nội bộ"),
        ({"relay_url": "https://a:b@dai.example.vn/x"}, "mật khẩu"),
        ({"relay_minutes": "0"}, "số từ 1 đến 240"),
        ({"relay_minutes": "241"}, "số từ 1 đến 240"),
        ({"relay_fallback": "cd" * 32}, "không còn dùng được"),
        ({"title": ""}, "Hãy điền tiêu đề"),
        ({"unit": "H9"}, "Hãy chọn đơn vị"),
    ],
)
def test_mistakes_are_told_at_their_field_and_nothing_is_saved(as_person, web_database, changed, told):
    before = count_of(web_database, Bulletin)
    answer = as_person("editor").post("/ban-tin/tiep-song/moi", data=relay_form(source="Đã gõ", **changed))
    assert answer.status_code == 422
    assert told in answer.text
    assert "Đã gõ" in answer.text
    assert count_of(web_database, Bulletin) == before


def test_who_is_slower_overwrites_nothing(as_person, web_database):
    code = written(as_person("editor"))
    first = relay_form(relay_minutes="20", based_on="1")
    assert as_person("approver").post(f"/ban-tin/{code}/tiep-song", data=first).status_code == 302
    answer = as_person("editor").post(f"/ban-tin/{code}/tiep-song", data=relay_form(relay_minutes="45", based_on="1"))
    assert answer.status_code == 409
    assert 'value="45"' in answer.text
    with web_database.reading() as session:
        assert of(session, code).latest.relay_minutes == 20


def test_a_text_is_edited_where_texts_are(as_person):
    assert as_person("editor").get("/ban-tin/BT1/tiep-song").status_code == 302
    assert as_person("editor").post("/ban-tin/BT1/tiep-song", data=relay_form(based_on="1")).status_code == 409


def test_an_operator_relays_in_the_own_commune(as_person, web_database):
    code = written(as_person("operator"), unit="X1")
    with web_database.reading() as session:
        assert session.scalars(select(Bulletin).where(Bulletin.code == code)).one().unit.code == "X1"


def test_the_operator_of_the_server_may_let_inner_addresses_pass(tmp_path):
    assert Settings(data_dir=tmp_path).relay_private is False
