"""One click approves the sounds of all communes; those of later communes are approved on a page of their own."""

from __future__ import annotations

from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.person import Person, Role, assign
from broadcast.tally import PLAN, count
from broadcast.unit import Unit
from broadcast.writing import revise
from tests.web.bulletin_parts import of, put_in_a_rule
from tests.web.commune_parts import make, newcomer, sha_of, with_variables
from tests.web.seed import NOW

PHONE = f"X1-{'điện thoại'.encode().hex()}"


def form_of(database, **more):
    """What the page of the approver sends."""
    with database.reading() as session:
        bulletin = of(session, "BV")
        revision = bulletin.airing_revision or bulletin.latest
        shown = {"revision": str(revision.number), "audio": revision.sound_key, "class": bulletin.bulletin_class}
    return shown | {"heard_ms": "20000"} | more


def test_the_page_shows_every_commune_with_its_own_values_and_player(as_person, web_database, district):
    with_variables(web_database, district)
    page = as_person("approver").get("/duyet/BV").text
    for unit in ("X1", "X2"):
        assert f"/am-thanh/{sha_of('BV', district.units[unit])}.mp3" in page
    assert "Khác nhau ở:" in page
    for words in ("0276 3 100 100", "0276 3 200 200", "Xã An Bình", "Xã Bình Minh", "Duyệt cả 2 bản cho phát"):
        assert words in page
    # What is said in one commune only is there to be read; what all say is not repeated.
    assert "Đây là đài của Xã Bình Minh." in page
    assert "<li>Xin cảm ơn.</li>" not in page
    assert '<p class="sub mb-0">Dài 20 giây. ' in page, "a player of its own says 0:00 until it is pressed"


def test_a_value_that_is_the_same_everywhere_is_no_difference(as_person, web_database, district):
    with_variables(web_database, district)
    with web_database.writing() as session:
        session.get_one(Unit, district.units["X2"]).variables = {}
    page = as_person("approver").get("/duyet/BV").text
    assert page.count("0276 3 100 100 ở mọi nơi") == 1


def test_one_click_approves_them_all_and_keeps_what_was_heard_of_each(as_person, web_database, district):
    with_variables(web_database, district)
    second = sha_of("BV", district.units["X2"])
    answer = as_person("approver").post(
        "/duyet/BV", data=form_of(web_database, heard_of=[f"{second}:7000", f"{'0' * 64}:9", "x"])
    )
    assert answer.status_code == 302
    with web_database.reading() as session:
        approvals = of(session, "BV").latest.approvals
        assert {approval.audio_sha256: approval.heard_ms for approval in approvals} == {
            sha_of("BV", district.units["X1"]): 20_000,
            second: 7_000,
        }
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "approve")).one()
        assert set(event.detail["sounds_sha256"]) == {approval.audio_sha256 for approval in approvals}
    trail = as_person("administrator").get("/vet").text
    assert "số bản âm thanh: 2" in trail
    assert second not in trail


def test_a_value_that_came_after_handing_over_and_asks_holds_the_approval_up(as_person, web_database, district):
    with_variables(web_database, district)
    as_person("editor").post("/don-vi/X1/gia-tri", data={f"{PHONE}-was": "", PHONE: "QXZW-07/b#"})
    with web_database.writing() as session:
        make(session, of(session, "BV").latest.renderings[-1], sha_of("another", 1))
        name = session.get_one(Unit, district.units["X1"]).name
    approver = as_person("approver")
    page = approver.get("/duyet/BV").text
    assert "Chưa duyệt được" in page
    assert f"(ở {name})" in page
    answer = approver.post("/duyet/BV", data=form_of(web_database, sure="1"))
    assert answer.status_code == 409
    assert name in answer.text
    with web_database.writing() as session:
        revision = of(session, "BV").latest
        assert not revision.approvals
        revision.read_as_is = True  # answered, all of it
    assert "đã xem" in approver.get("/duyet/BV").text
    assert approver.post("/duyet/BV", data=form_of(web_database, sure="1")).status_code == 302


def test_an_old_text_with_one_sound_for_everybody_gets_those_of_its_communes_before_it_is_handed_over(
    as_person, web_database, district
):
    with_variables(web_database, district, "draft")
    with web_database.writing() as session:  # as the version before left it
        revision = of(session, "BV").latest
        first, *others = revision.renderings
        first.unit_id = None
        for each in others:
            session.delete(each)
    editor = as_person("editor")
    assert editor.post("/ban-tin/BV/gui-duyet").status_code == 409
    assert editor.post("/ban-tin/BV/dung-lai").status_code == 302
    with web_database.reading() as session:
        assert [(each.unit.code, each.state) for each in of(session, "BV").latest.newest_renderings] == [
            ("X1", "wanted"),
            ("X2", "wanted"),
        ]


def test_a_newcomers_sound_that_failed_is_ordered_again_while_another_revision_is_written(
    as_person, web_database, district
):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district, made=False)
    with web_database.writing() as session:
        bulletin = of(session, "BV")
        failed = bulletin.latest.renderings[-1]
        failed.state, number = "failed", failed.unit_id
        writer = session.get_one(Person, district.people["editor"])
        revise(session, bulletin, writer, NOW, title=bulletin.title, script="Mời bà con gọi số mới.")
        bulletin.latest.rendering.state = "ready"
    assert as_person("editor").post("/ban-tin/BV/dung-lai").status_code == 302
    with web_database.reading() as session:
        again = of(session, "BV").airing_revision.renderings[-1]
        assert (again.unit_id, again.state) == (number, "wanted")


def test_an_approver_who_changed_a_value_is_named_and_cannot_approve_what_says_it(as_person, web_database, district):
    with_variables(web_database, district)
    approver = as_person("approver")
    assert approver.post("/don-vi/X1/gia-tri", data={f"{PHONE}-was": "", PHONE: "0276 3 999 999"}).status_code == 302
    with web_database.writing() as session:
        make(session, of(session, "BV").latest.renderings[-1], sha_of("another", 1))
        name = session.get_one(Person, district.people["approver"]).name
    page = approver.get("/duyet/BV").text
    assert f"{name} đổi cách đọc sau đó" in page
    assert "không tự duyệt được" in page
    assert approver.post("/duyet/BV", data=form_of(web_database, sure="1")).status_code == 403


def test_a_sound_that_changed_under_the_page_is_not_approved(as_person, web_database, district):
    with_variables(web_database, district)
    shown = form_of(web_database)
    with web_database.writing() as session:
        rendering = of(session, "BV").latest.renderings[1]
        make(session, rendering, "9" * 64)
    assert as_person("approver").post("/duyet/BV", data=shown).status_code == 409


def test_asking_once_more_forgets_nothing_that_was_heard(as_person, web_database, district):
    with_variables(web_database, district)
    told = f"{sha_of('BV', district.units['X2'])}:7000"
    page = as_person("approver").post("/duyet/BV", data=form_of(web_database, heard_ms="1000", heard_of=told)).text
    assert f'name="heard_of" value="{told}"' in page


def heard(district, **seconds):
    """`heard(district, X2=7)`: what the page's players tell."""
    return [f"{sha_of('BV', district.units[unit])}:{told * 1000}" for unit, told in seconds.items()]


def test_the_question_counts_every_sound_and_names_the_communes_that_were_not_heard(as_person, web_database, district):
    with_variables(web_database, district)
    client = as_person("approver")

    def asked(first_ms, **seconds):
        return client.post(
            "/duyet/BV", data=form_of(web_database, heard_ms=str(first_ms), heard_of=heard(district, **seconds))
        ).text

    assert "Bạn chưa nghe giây nào của 2 bản: Xã An Bình, Xã Bình Minh." in asked(0)
    assert "Đã nghe 6 giây / 20 giây của Xã Bình Minh; chưa nghe bản của: Xã An Bình." in asked(0, X2=6)
    assert "Đã nghe 4 giây / 20 giây của Xã An Bình, 6 giây / 20 giây của Xã Bình Minh." in asked(4000, X2=6)
    # One heard whole is not enough where another one's name was not heard.
    assert "Đã nghe 20 giây / 20 giây của Xã An Bình; chưa nghe bản của: Xã Bình Minh." in asked(20_000)
    assert "Đã nghe 20 giây / 20 giây của Xã An Bình, 2 giây / 20 giây của Xã Bình Minh." in asked(20_000, X2=2)
    with web_database.reading() as session:
        assert of(session, "BV").latest.state == "submitted"


def test_the_common_part_counts_as_heard_once_it_was_heard_in_any_commune(as_person, web_database, district):
    with_variables(web_database, district)
    form = form_of(web_database, heard_ms="6000", heard_of=heard(district, X2=20))
    assert as_person("approver").post("/duyet/BV", data=form).status_code == 302
    with web_database.reading() as session:
        assert [each.heard_ms for each in of(session, "BV").latest.approvals] == [6_000, 20_000]


def test_the_decision_stands_after_all_that_is_heard_and_read(as_person, web_database, district):
    with_variables(web_database, district)
    page = as_person("approver").get("/duyet/BV").text
    second = page.index(f"/am-thanh/{sha_of('BV', district.units['X2'])}.mp3")
    assert second < page.index('id="loi"') < page.index('id="approve"')


def test_a_failed_commune_is_named_and_holds_nobody_up(as_person, web_database, district):
    with_variables(web_database, district)
    with web_database.writing() as session:
        rendering = of(session, "BV").latest.renderings[1]
        rendering.state, rendering.message_vi, rendering.audio_sha256 = "failed", "Giọng đọc không trả lời.", None
        name = rendering.unit.name
    page = as_person("approver").get("/duyet/BV").text
    assert f"Chưa có âm thanh: {name}." in page
    assert "Giọng đọc không trả lời." in page
    assert as_person("approver").post("/duyet/BV", data=form_of(web_database)).status_code == 302


# ---- communes that come later


def test_the_queue_leads_to_new_communes_once_nothing_else_waits(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    client = as_person("approver")
    assert client.get("/duyet").location == "/duyet/BT2"
    client.post("/duyet/BT2", data={"revision": "1", "audio": "ab" * 32, "class": "normal", "heard_ms": "60000"})
    assert "Không có bản tin nào" in client.get("/duyet").text
    newcomer(web_database, district)
    assert client.get("/duyet").location == "/duyet/BV/xa-moi"


def test_only_the_new_communes_sound_is_shown_and_approved(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    unit = newcomer(web_database, district)
    client = as_person("approver")
    page = client.get("/duyet/BV/xa-moi").text
    assert f"/am-thanh/{sha_of('BV', unit)}.mp3" in page
    assert f"/am-thanh/{sha_of('BV', district.units['X1'])}.mp3" not in page
    assert "đang phát ở 2 nơi. Có trạm sau đó: Xã Cát Lộc;" in page
    assert "Cách dàn dựng:" in page
    assert page.index("Lời đọc, như ở") < page.index('id="approve"'), "one reads before one decides"
    with web_database.writing() as session:
        put_in_a_rule(session, "BV")
        before = count(session, PLAN)
    heard = f"{sha_of('BV', unit)}:19500"
    assert client.post("/duyet/BV/xa-moi", data=form_of(web_database, heard_of=heard)).status_code == 302
    with web_database.reading() as session:
        added = of(session, "BV").latest.approvals[-1]
        assert (added.audio_sha256, added.heard_ms) == (sha_of("BV", unit), 19_500)
        assert count(session, PLAN) == before + 1
    assert "phê duyệt bản riêng của xã mới cho bản tin" in as_person("administrator").get("/vet").text
    assert client.get("/duyet/BV/xa-moi").location == "/ban-tin/BV"


def test_a_new_communes_sound_that_nobody_heard_asks_once_more(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district)
    client = as_person("approver")
    page = client.post("/duyet/BV/xa-moi", data=form_of(web_database)).text
    assert 'action="/duyet/BV/xa-moi"' in page
    assert "chưa nghe giây nào" in page
    assert client.post("/duyet/BV/xa-moi", data=form_of(web_database, sure="1")).status_code == 302


def test_while_it_is_being_made_nothing_is_offered(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district, made=False)
    client = as_person("approver")
    assert client.get("/duyet/BV/xa-moi").location == "/ban-tin/BV"
    assert client.post("/duyet/BV/xa-moi", data=form_of(web_database, audio="", sure="1")).status_code == 409


def test_an_author_approves_no_later_sound_either(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district)
    with web_database.writing() as session:
        writer = session.get_one(Person, district.people["editor"])
        assign(session, writer, Role.APPROVER, session.get_one(Unit, district.units["H1"]))
    client = as_person("editor")
    assert "không tự duyệt được" in client.get("/duyet/BV/xa-moi").text
    assert client.post("/duyet/BV/xa-moi", data=form_of(web_database, sure="1")).status_code == 403


# ---- elsewhere


def test_the_page_of_a_bulletin_says_how_each_commune_stands(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district)
    page = as_person("approver").get("/ban-tin/BV").text
    assert page.count("đã duyệt</span>") >= 2
    assert 'href="/duyet/BV/xa-moi"' in page
    assert "chưa phát ở Xã Cát Lộc" in as_person("approver").get("/").text
    reader = as_person("editor").get("/ban-tin/BV").text
    assert "Xã Cát Lộc" in reader
    assert 'href="/duyet/BV/xa-moi"' not in reader
    assert "/duyet/BV/xa-moi" not in as_person("editor").get("/").text


def test_whoever_starts_an_emergency_is_told_where_nothing_will_sound(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    newcomer(web_database, district, made=False)
    with web_database.writing() as session:
        bulletin = of(session, "BV")
        bulletin.bulletin_class = "emergency"
        session.flush()
        for approval in bulletin.latest.approvals:
            approval.text_sha256 = bulletin.latest.text_sha256
    page = as_person("approver").get("/ban-tin/BV/khan-cap").text
    assert "Không phát ở Xã Cát Lộc:" in page
    assert page.count("<audio") == 2


def test_an_approval_of_many_sounds_is_one_line_of_the_history(as_person, web_database, district):
    with_variables(web_database, district, "approved")
    assert as_person("editor").get("/ban-tin/BV/lich-su").text.count("Trần Văn Duyệt duyệt") == 1
