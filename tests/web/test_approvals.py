"""A second person hears, reads and decides; what they heard and what they decided on is kept."""

from __future__ import annotations

from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.deciding import submit
from broadcast.person import Person, Role, assign
from broadcast.rule import Rule, RuleBulletin
from broadcast.tally import PLAN, count
from broadcast.unit import Unit
from broadcast.writing import revise
from tests.web.bulletin_parts import of, put_in_a_rule
from tests.web.seed import NOW, SOUND
from web.listening.voices import voice_words

HEARD = {"revision": "1", "audio": SOUND, "class": "normal", "heard_ms": "58000"}


def test_the_oldest_that_waits_is_opened_first(as_person):
    assert as_person("approver").get("/duyet").location == "/duyet/BT2"


def test_with_nothing_waiting_the_page_says_so(as_person):
    client = as_person("approver")
    client.post("/duyet/BT2", data=HEARD)
    assert "Không có bản tin nào đang chờ duyệt" in client.get("/duyet").text


def test_who_decides_sees_how_it_was_put_together_and_what_the_length_counts(as_person, web_database):
    client = as_person("approver")
    plain = client.get("/duyet/BT2").text
    told = "nhạc hiệu Cồng chiêng · đọc 1 lần · không lời kết · hồ sơ âm thanh: Như cài đặt ("
    assert f"<strong>Cách dàn dựng:</strong> {told}" in plain
    assert "lần đọc" not in plain
    for content, closing, words in (("text", "Xin cảm ơn.", "có lời kết"), ("recording", "", "không lời kết")):
        with web_database.writing() as session:
            revision = of(session, "BT2").latest
            revision.content, revision.closing = content, closing
            revision.readings, revision.reading_gap_s, revision.chime, revision.sound_profile = 2, 5, "none", "horn"
            voice = voice_words(revision.audio.voice)
        page = client.get("/duyet/BT2").text
        told = f"Không nhạc hiệu · đọc 2 lần, nghỉ 5 giây · {words} · hồ sơ âm thanh: Loa nén ngoài trời"
        assert f"<strong>Cách dàn dựng:</strong> {told} · {voice}. Độ dài tính cả 2 lần đọc.</p>" in page


def test_what_was_heard_is_kept_with_the_approval(as_person, web_database):
    with web_database.writing() as session:
        put_in_a_rule(session, "BT2")
        before = count(session, PLAN)
    assert as_person("approver").post("/duyet/BT2", data=HEARD).status_code == 302
    with web_database.reading() as session:
        bulletin = of(session, "BT2")
        (approval,) = bulletin.latest.approvals
        assert (approval.heard_ms, approval.audio_sha256, approval.approved_by_name) == (
            58_000,
            SOUND,
            "Trần Văn Duyệt",
        )
        assert approval.approved_at == NOW
        assert approval.holds
        assert count(session, PLAN) == before + 1
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "approve")).one()
        assert (event.actor_name, event.detail["heard_ms"]) == ("Trần Văn Duyệt", 58_000)


def test_unheard_sound_asks_once_more_before_it_is_approved(as_person, web_database):
    client = as_person("approver")
    page = client.post("/duyet/BT2", data=HEARD | {"heard_ms": "0"})
    assert page.status_code == 200
    assert "Bạn chưa nghe giây nào của bản tin dài 1 phút." in page.text
    assert '<a class="btn btn-primary" href="/duyet/BT2">Quay lại nghe</a>' in page.text
    assert "Vẫn duyệt" in page.text
    with web_database.reading() as session:
        assert of(session, "BT2").latest.state == "submitted"
    assert client.post("/duyet/BT2", data=HEARD | {"heard_ms": "0", "sure": "1"}).status_code == 302
    with web_database.reading() as session:
        assert of(session, "BT2").latest.approvals[0].heard_ms == 0


def test_more_was_never_heard_than_there_is(as_person, web_database):
    as_person("approver").post("/duyet/BT2", data=HEARD | {"heard_ms": "99000000"})
    with web_database.reading() as session:
        assert of(session, "BT2").latest.approvals[0].heard_ms == 60_000


def test_the_keyboard_way_asks_even_after_hearing_all(as_person, web_database):
    page = as_person("approver").post("/duyet/BT2", data=HEARD | {"ask": "1"})
    assert "đúng lời và đúng âm thanh bạn vừa nghe" in page.text
    with web_database.reading() as session:
        assert of(session, "BT2").latest.state == "submitted"


def test_a_page_that_is_out_of_date_approves_nothing(as_person, web_database):
    client = as_person("approver")
    for changed in ({"revision": "2"}, {"audio": "cd" * 32}, {"class": "emergency"}):
        assert client.post("/duyet/BT2", data=HEARD | changed).status_code == 409
    assert client.post("/duyet/BT2", data=HEARD | {"revision": "x"}).status_code == 422
    with web_database.reading() as session:
        assert of(session, "BT2").latest.state == "submitted"


def test_who_wrote_it_cannot_approve_it_whatever_roles_they_hold(as_person, web_database):
    with web_database.writing() as session:
        writer = session.scalars(select(Person).where(Person.login == "editor")).one()
        assign(session, writer, Role.APPROVER, session.scalars(select(Unit).where(Unit.code == "H1")).one())
    client = as_person("editor")
    page = client.get("/duyet/BT2").text
    assert "không tự duyệt được" in page
    assert "Duyệt cho phát" not in page
    answer = client.post("/duyet/BT2", data=HEARD | {"sure": "1"})
    assert answer.status_code == 403
    with web_database.reading() as session:
        assert of(session, "BT2").latest.state == "submitted"


def test_an_approver_who_edited_it_is_an_author_too(as_person, services, web_database):
    with web_database.writing() as session:
        bulletin = of(session, "BT3")
        approver = session.scalars(select(Person).where(Person.login == "approver")).one()
        revision = revise(session, bulletin, approver, NOW, title=bulletin.title, script="Lời đã sửa.")
        revision.renderings[-1].state, revision.renderings[-1].audio_sha256 = "ready", SOUND
        session.flush()
        session.refresh(revision.renderings[-1])
        submit(session, bulletin, approver, NOW)
    answer = as_person("approver").post("/duyet/BT3", data=HEARD | {"revision": "2", "sure": "1"})
    assert answer.status_code == 403


def test_sending_back_needs_words_that_help(as_person, web_database):
    client = as_person("approver")
    answer = client.post("/duyet/BT2/tra-lai", data={"reason": "  "})
    assert answer.status_code == 422
    assert "Hãy điền lý do trả lại" in answer.text
    assert client.post("/duyet/BT2/tra-lai", data={"reason": "Thiếu ngày tiêm."}).status_code == 302
    with web_database.reading() as session:
        revision = of(session, "BT2").latest
        assert (revision.state, revision.returned_reason, revision.returned_by.login) == (
            "returned",
            "Thiếu ngày tiêm.",
            "approver",
        )
    assert "Thiếu ngày tiêm." in as_person("editor").get("/ban-tin/BT2/sua").text


def test_what_no_longer_waits_leads_to_its_page(as_person):
    assert as_person("approver").get("/duyet/BT1").location == "/ban-tin/BT1"
    assert as_person("approver").post("/duyet/BT1", data=HEARD).status_code == 409


def test_what_comes_of_an_approval_is_said_as_it_is(as_person, web_database):
    client = as_person("approver")
    client.post("/duyet/BT2", data=HEARD)
    page = client.get("/ban-tin/BT2").text
    assert "Chưa có lịch phát nào dùng bản tin này" in page
    assert "sẽ phát theo lịch" not in page
    with web_database.writing() as session:
        rule = session.scalars(select(Rule).where(Rule.code == "LP1")).one()
        rule.bulletins.append(RuleBulletin(bulletin_id=of(session, "BT3").id, position=1))
        submit(session, of(session, "BT3"), of(session, "BT3").latest.author, NOW)
    client.post("/duyet/BT3", data=HEARD)
    page = client.get("/ban-tin/BT3").text
    assert "Bản tin sẽ phát theo lịch." in page
    assert "chưa có lịch phát" not in page.lower()
