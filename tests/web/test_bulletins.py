"""Writing a bulletin, saving it, handing it over, taking it back, withdrawing it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Bulletin
from broadcast.catching_up import order_after_change
from broadcast.person import Person, Role, assign
from broadcast.tally import PLAN, count
from broadcast.unit import Unit
from tests.web.bulletin_parts import WORDS, asked_in, bulletin_form, code_from, count_of, give_sound, of
from tests.web.seed import NOW


def acts(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))


def write(client, **changed) -> str:
    answer = client.post("/ban-tin/soan", data=bulletin_form(**changed))
    assert answer.status_code == 302, answer.text
    return code_from(answer.location)


def test_a_new_bulletin_is_a_first_revision_with_its_sound_ordered(as_person, web_database):
    code = write(as_person("editor"))
    with web_database.reading() as session:
        bulletin = of(session, code)
        assert (bulletin.latest.number, bulletin.latest.state, bulletin.latest.script) == (1, "draft", WORDS)
        assert bulletin.latest.rendering.state == "wanted"
        assert bulletin.latest.author.login == "editor"
    assert "write" in acts(web_database)


def test_saving_again_without_a_change_adds_no_revision(as_person, web_database):
    client = as_person("editor")
    code = write(client)
    client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1"))
    with web_database.reading() as session:
        assert len(of(session, code).revisions) == 1


def test_saving_other_words_adds_a_revision_and_orders_its_sound(as_person, web_database):
    client = as_person("editor")
    code = write(client)
    client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Kính thưa bà con. Xin nhắc lại."))
    with web_database.reading() as session:
        first, second = of(session, code).revisions
        assert (first.rendering.state, second.rendering.state) == ("cancelled", "wanted")


def test_who_comes_second_is_told_and_keeps_what_was_typed(as_person, web_database):
    one, other = as_person("editor"), as_person("approver")
    code = write(one)
    one.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Lời của người thứ nhất."))
    answer = other.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Lời của người thứ hai."))
    assert answer.status_code == 409
    assert "Lê Thị Biên đã lưu một bản khác lúc" in answer.text
    assert "Lời của người thứ hai." in answer.text
    assert "Lời của người thứ nhất." in answer.text
    with web_database.reading() as session:
        assert len(of(session, code).revisions) == 2


def test_who_comes_second_sees_what_differs_and_what_their_text_would_discard(as_person, web_database):
    one, other = as_person("editor"), as_person("approver")
    code = write(one, script="Kính thưa bà con. Họp lúc bảy giờ. Xin cảm ơn.")
    theirs = "Kính thưa bà con. Họp lúc tám giờ. Xin cảm ơn."
    mine = bulletin_form(based_on="1", script="Kính thưa bà con. Họp lúc bảy giờ tối. Xin cảm ơn.")
    one.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script=theirs))
    page = other.post(f"/ban-tin/{code}/sua", data=mine).text
    assert '<mark class="mark-differs">Họp lúc tám giờ. </mark>' in page
    assert '<mark class="mark-differs">Họp lúc bảy giờ tối. </mark>' in page
    assert '<mark class="mark-differs">Kính thưa' not in page
    assert "sẽ không còn 1 câu sau của Lê Thị Biên: “Họp lúc tám giờ.”" in page
    assert "Lấy bản của Lê Thị Biên" in page
    assert "Thay bản của Lê Thị Biên bằng bản này" in page
    assert 'name="act"' not in page, "one choice, not two"
    # Pressing an old button again changes nothing; the button that names what it replaces does.
    assert other.post(f"/ban-tin/{code}/sua", data=mine).status_code == 409
    assert other.post(f"/ban-tin/{code}/sua", data=mine | {"replace": "2"}).status_code == 302
    with web_database.reading() as session:
        assert [revision.script for revision in of(session, code).revisions[1:]] == [theirs, mine["script"]]
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.act == "save").order_by(AuditEvent.id.desc())
        ).first()
        assert event.detail["replaced"] == "Lê Thị Biên"
    history = one.get(f"/ban-tin/{code}/lich-su").text
    assert "Lê Thị Biên lưu" in history
    assert "Trần Văn Duyệt lưu" in history


def test_replacing_is_refused_where_a_third_was_faster_still(as_person, web_database):
    one, other = as_person("editor"), as_person("approver")
    code = write(one)
    for number, script in ((1, "Lần hai."), (2, "Lần ba.")):
        one.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on=str(number), script=script))
    late = bulletin_form(based_on="1", script="Của tôi.", replace="2")
    assert other.post(f"/ban-tin/{code}/sua", data=late).status_code == 409
    with web_database.reading() as session:
        assert of(session, code).latest.script == "Lần ba."


def test_a_bulletin_handed_over_meanwhile_is_no_choice_of_texts(as_person):
    answer = as_person("editor").post("/ban-tin/BT2/sua", data=bulletin_form(based_on="1", script="Của tôi."))
    assert answer.status_code == 409
    assert "đang chờ duyệt" in answer.text
    assert "Của tôi." in answer.text
    assert "Thay bản của" not in answer.text


def test_an_approver_is_told_before_writing_that_they_cannot_approve_it_then(as_person, web_database, district):
    client = as_person("approver")
    told = "Sửa lời hay tiêu đề thì bạn thành người soạn và không tự duyệt được"
    for path in ("/ban-tin/BT1/sua", "/ban-tin/BT3/sua", "/ban-tin/BT2"):
        page = client.get(path).text
        assert told in page, path
        assert "Ngoài bạn ra không ai duyệt được" in page
    assert "Hãy để biên tập viên soạn, bạn duyệt" in client.get("/ban-tin/soan").text
    assert "không tự duyệt được" not in as_person("editor").get("/ban-tin/BT1/sua").text
    with web_database.writing() as session:
        other = Person(login="thu-hai", name="Đỗ Thị Hai", created_at=NOW, session_epoch=1)
        session.add(other)
        assign(session, other, Role.APPROVER, session.get_one(Unit, district.units["H1"]))
    assert "Người còn duyệt được: Đỗ Thị Hai." in client.get("/ban-tin/BT3/sua").text


def test_a_bulletin_that_nobody_can_approve_says_so(as_person, services, web_database):
    client = as_person("approver")
    code = write(client)
    give_sound(services, code)
    assert client.post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    for path in (f"/ban-tin/{code}", f"/duyet/{code}"):
        assert "Chưa ai duyệt được bản tin này" in client.get(path).text
    assert "Chưa ai duyệt được" not in client.get("/ban-tin/BT2").text


def test_the_reason_of_a_return_stays_until_it_is_handed_over_again(as_person, services, web_database):
    client = as_person("operator")
    reason = "Thiếu giờ họp và địa điểm."
    saved = bulletin_form(based_on="1", script="Họp lúc bảy giờ ở nhà văn hoá.", unit="X1")
    assert client.post("/ban-tin/BT4/sua", data=saved).status_code == 302
    for path in ("/ban-tin/BT4/sua", "/ban-tin/BT4"):
        page = client.get(path).text
        assert reason in page
        assert "trả lại bản 1 lúc" in page
    give_sound(services, "BT4")
    assert client.post("/ban-tin/BT4/gui-duyet").status_code == 302
    assert reason not in client.get("/ban-tin/BT4").text
    assert reason in as_person("approver").get("/duyet/BT4").text


def test_a_tick_to_read_as_it_is_ends_with_the_question_it_answered(as_person, web_database):
    client = as_person("editor")
    script = "Kính thưa bà con. Liên hệ QZXW để biết thêm."
    key = "capitals:QZXW"
    assert asked_in(script) == [key]
    code = write(client, script=script, as_is=[key, "capitals:KHÔNG HỎI"])
    told = "đã xem và chọn đọc nguyên văn: “QZXW”"
    assert told in client.get(f"/ban-tin/{code}").text
    client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Kính thưa bà con.", as_is=[key]))
    assert told not in client.get(f"/ban-tin/{code}").text
    with web_database.reading() as session:
        assert [revision.answered for revision in of(session, code).revisions] == [[key], []]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"title": " "}, "Hãy điền tiêu đề"),
        ({"script": ""}, "Hãy viết nội dung bản tin"),
        ({"script": "a\x07b"}, "ký tự không đọc được"),
        ({"class": "khác"}, "Hãy chọn loại bản tin"),
        ({"valid_from": "24/11/2026", "valid_until": "23/11/2026"}, "Ngày hết hiệu lực đứng trước"),
        ({"valid_until": "31/02/2027"}, "không phải là một ngày có thật"),
        ({"valid_until": "31/12/9999"}, "không phải là một ngày có thật"),
        ({"unit": "H9"}, "Hãy chọn đơn vị"),
    ],
)
def test_mistakes_are_told_at_their_field_and_nothing_is_stored(as_person, web_database, changed, told):
    before = count_of(web_database, Bulletin)
    answer = as_person("editor").post("/ban-tin/soan", data=bulletin_form(**changed))
    assert answer.status_code == 422
    assert told in answer.text
    assert count_of(web_database, Bulletin) == before


def test_an_operator_writes_for_the_own_commune_only(as_person):
    client = as_person("operator")
    assert client.post("/ban-tin/soan", data=bulletin_form(unit="X2")).status_code == 422
    assert client.post("/ban-tin/soan", data=bulletin_form(unit="X1")).status_code == 302


def test_a_script_of_two_megabytes_gets_a_clear_message(as_person, web_database):
    before = count_of(web_database, Bulletin)
    client = as_person("editor")
    answer = client.post("/ban-tin/soan", data=bulletin_form(script="a " * 1_000_000))
    assert answer.status_code == 422
    assert "nhiều hơn mức 60.000" in answer.text
    assert client.post("/ban-tin/soan", data=bulletin_form(script="ộ" * 700_000)).status_code in {413, 422}
    assert client.post("/ban-tin/doc-thu", data={"script": "a " * 1_000_000}).status_code == 413
    assert count_of(web_database, Bulletin) == before


def test_hostile_words_are_shown_as_words(as_person):
    client = as_person("editor")
    bad = '<script>alert("x")</script>'
    code = write(client, title=bad, script=f"Kính thưa bà con. {bad} Xin cảm ơn.", source=bad)
    for path in ("/ban-tin", f"/ban-tin/{code}", f"/ban-tin/{code}/sua", f"/ban-tin/{code}/lich-su", "/lich-phat/moi"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    part = client.post("/ban-tin/doc-thu", data={"script": f"Xin chào {bad}."})
    assert "<script>" not in part.text


def test_the_part_beside_the_text_says_it_sentence_by_sentence_and_marks_gaps(as_person):
    part = as_person("editor").post("/ban-tin/doc-thu", data={"script": "Họp lúc 17h30 tại [điền: địa điểm]."})
    assert part.status_code == 200
    assert "mười bảy giờ ba mươi" in part.text
    assert re.search(r'<mark class="mark-gap"[^>]*>\[điền: địa điểm\]</mark>', part.text)
    assert "Cần điền chỗ này" in part.text


def test_a_text_beyond_the_longest_sound_is_told_while_it_is_written(as_person):
    part = as_person("editor").post("/ban-tin/doc-thu", data={"script": "Kính thưa toàn thể bà con trong xã. " * 900})
    assert "dài quá 30 phút" in part.text


def test_a_template_is_filled_with_the_name_of_the_commune(as_person):
    page = as_person("operator").get("/ban-tin/soan?mau=bluezone")
    assert page.status_code == 200
    assert "xã An Bình" in page.text
    assert as_person("operator").get("/ban-tin/soan?mau=khong-co").status_code == 404


def test_it_is_handed_over_only_when_its_sound_is_ready(as_person, services, web_database):
    client = as_person("editor")
    code = write(client)
    answer = client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", act="submit"))
    assert "Âm thanh của bản tin chưa dựng xong" in answer.text
    give_sound(services, code)
    answer = client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", act="submit"))
    assert answer.status_code == 302
    with web_database.reading() as session:
        assert of(session, code).latest.state == "submitted"
    assert acts(web_database)[-1] == "submit"


def test_handing_over_with_unsaved_words_saves_them_and_waits_for_their_sound(as_person, services, web_database):
    client = as_person("editor")
    code = write(client)
    give_sound(services, code)
    client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Lời mới hơn.", act="submit"))
    with web_database.reading() as session:
        latest = of(session, code).latest
        assert (latest.number, latest.state, latest.script) == (2, "draft", "Lời mới hơn.")


def test_a_gap_is_never_handed_over(as_person, services, web_database):
    client = as_person("editor")
    script = "Kính thưa bà con. Họp tại [điền: địa điểm]."
    code = write(client, script=script)
    give_sound(services, code)
    answer = client.post(
        f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script=script, act="submit", as_is=asked_in(script))
    )
    assert answer.status_code == 422
    assert "Còn 1 chỗ phải điền" in answer.text
    with web_database.reading() as session:
        assert of(session, code).latest.state == "draft"


def test_open_questions_of_reading_hold_it_back_until_it_is_to_be_read_as_it_is(as_person, services, web_database):
    client = as_person("editor")
    script = "Kính thưa bà con. Liên hệ QZXW để biết thêm."
    code = write(client, script=script)
    give_sound(services, code)
    held = client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script=script, act="submit"))
    assert held.status_code == 422
    assert "chưa chắc cách đọc" in held.text
    assert '<mark class="mark-doubt"' in held.text
    assert "Còn 1 chỗ chưa chắc cách đọc: “QZXW” (dòng 1)" in held.text
    ticked = bulletin_form(based_on="1", script=script, act="submit", as_is=asked_in(script))
    assert client.post(f"/ban-tin/{code}/sua", data=ticked).status_code == 302
    with web_database.reading() as session:
        bulletin = of(session, code)
        assert (bulletin.latest.number, bulletin.latest.state, bulletin.latest.answered) == (
            1,
            "submitted",
            ["capitals:QZXW"],
        )
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "submit")).one()
        assert any("QZXW" in question for question in event.detail["read_as_is"])


@pytest.mark.parametrize(
    ("slip", "told", "is_said"),
    [
        ("Gọi {điện thoại ngay.", "Dấu ngoặc nhọn chưa đóng", True),
        ("Mời bà con xã} họp.", "Dấu ngoặc nhọn chưa mở", True),
        ("Mời {{xã}} họp.", "Dấu ngoặc nhọn viết thừa", False),
        ("Mời { } họp.", "Dấu ngoặc nhọn viết thừa", False),
    ],
)
def test_a_slip_with_braces_holds_it_back_until_somebody_saw_it(as_person, services, slip, told, is_said):
    client, script = as_person("editor"), f"Kính thưa bà con.\n{slip}"
    read = client.post("/ban-tin/doc-thu", data=bulletin_form(script=script)).text
    assert told in read
    assert "? 1 chỗ cần xem" in read
    assert "đọc được trọn vẹn" not in read
    assert ("Đã xem, bỏ qua dấu này" if is_said else "Đã xem, bỏ qua chỗ này") in read
    code = write(client, script=script)
    give_sound(services, code)
    held = client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script=script, act="submit"))
    assert held.status_code == 422
    assert re.search(r"Còn 1 chỗ chưa chắc cách đọc: “[^”]*[{}][^”]*” \(dòng 2\)", held.text)
    seen = bulletin_form(based_on="1", script=script, act="submit", as_is=asked_in(script))
    assert client.post(f"/ban-tin/{code}/sua", data=seen).location == f"/ban-tin/{code}"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("Mời bà con đi họp.", "✓ đọc được trọn vẹn"),
        ("Mời ông ......... đi họp. Gọi <b>ngay</b>.", "✓ hết chỗ phải xem, 3 chỗ bỏ qua không đọc"),
        ("Gọi QZXW nhé.", "✓ đọc được trọn vẹn"),
        ("Mời bà con 😀 đi họp 🎉🎉.", "✓ hết chỗ phải xem, 2 chỗ bỏ qua không đọc"),
        ("📢 Mời bà con đi họp.", "✓ đọc được trọn vẹn"),
    ],
)
def test_what_is_not_said_is_counted_once_nothing_is_left_to_look_at(as_person, script, told):
    form = bulletin_form(script=script, as_is=asked_in(script))
    assert told in as_person("editor").post("/ban-tin/doc-thu", data=form).text


def test_what_hinders_handing_over_stands_beside_the_sound(as_person, services, web_database):
    client = as_person("editor")
    code = write(client)
    button = re.compile(r'<button class="btn btn-primary" id="hand-over"[^>]*?( disabled)?>')
    page = client.get(f"/ban-tin/{code}/sua").text
    assert "chưa dựng xong" in page
    assert button.search(page)[1]
    with web_database.writing() as session:
        rendering = of(session, code).latest.rendering
        rendering.state, rendering.message_vi = "failed", "Không giọng nào đọc được câu này."
    page = client.get(f"/ban-tin/{code}/sua").text
    assert "Không giọng nào đọc được câu này." in page
    assert "Không dựng được âm thanh nên chưa gửi duyệt được" in page
    assert button.search(page)[1]
    give_sound(services, code)
    assert not button.search(client.get(f"/ban-tin/{code}/sua").text)[1]
    approved = client.get("/ban-tin/BT1/sua").text
    assert "Bản này đã được duyệt, không phải gửi lại" in approved
    assert button.search(approved)[1]


def test_units_without_a_value_wait_for_it_and_their_sound_is_made_once_it_is_there(as_person, web_database, district):
    client = as_person("editor")
    code = write(client, script="Kính thưa bà con {xã}, gọi {điện thoại}.")
    with web_database.reading() as session:
        assert {each.state for each in of(session, code).latest.newest_renderings} == {"lacking"}
    panel = client.get(f"/ban-tin/{code}/am-thanh").text
    assert "2 chờ điền giá trị" in panel
    assert "Chờ điền {điện thoại}." in panel
    assert "Dựng lại" not in panel
    with web_database.writing() as session:
        session.get_one(Unit, district.units["X1"]).variables = {"điện thoại": "0276 3822 123"}
        session.flush()
        order_after_change(session, [district.units["X1"]], ["điện thoại"], NOW)
    with web_database.reading() as session:
        states = {each.unit.code: each.state for each in of(session, code).latest.newest_renderings}
        assert states == {"X1": "wanted", "X2": "lacking"}


def test_each_question_is_answered_on_its_own_and_keeps_its_answer_while_other_words_change(
    as_person, services, web_database
):
    client = as_person("editor")
    script = "Kính thưa bà con. Liên hệ QZXW hoặc WRTQX.\nSố: /UBND, ngày  tháng 02."
    first, second, *blanks = asked_in(script)
    assert blanks == ["blank:Số: /UBND", "blank:ngày tháng 02"]
    code = write(client, script=script, as_is=[first, *blanks])
    give_sound(services, code)
    held = client.post(f"/ban-tin/{code}/gui-duyet")
    assert held.status_code == 422
    assert "Còn 1 chỗ chưa chắc cách đọc: “WRTQX” (dòng 1)" in held.text
    longer = f"Chiều mai họp. {script}"
    page = client.post("/ban-tin/doc-thu", data=bulletin_form(script=longer, as_is=[first, *blanks])).text
    assert "? 1 chỗ cần xem" in page
    assert page.count("Đã xem, bỏ qua chỗ này") == 2 * len(blanks), "what is not said is seen, not read"
    saved = bulletin_form(script=longer, based_on="1", as_is=[first, second, *blanks])
    assert client.post(f"/ban-tin/{code}/sua", data=saved).status_code == 302
    give_sound(services, code)
    assert client.post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    with web_database.reading() as session:
        assert of(session, code).latest.answered == [first, second, *blanks]
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "submit")).one()
        assert [place.split("“")[1].split("”")[0] for place in event.detail["read_as_is"]] == [
            "QZXW", "WRTQX", "Số: /UBND", "ngày tháng 02",
        ]  # fmt: skip


def test_a_form_that_changed_is_a_question_again(as_person, services):
    client = as_person("editor")
    code = write(client, script="Liên hệ QZXW.", as_is=asked_in("Liên hệ QZXW."))
    other = bulletin_form(based_on="1", script="Liên hệ QZXWR.", as_is=asked_in("Liên hệ QZXW."))
    assert client.post(f"/ban-tin/{code}/sua", data=other).status_code == 302
    give_sound(services, code)
    assert "“QZXWR” (dòng 1)" in client.post(f"/ban-tin/{code}/gui-duyet").text


def test_a_line_that_says_nothing_still_has_its_row_and_its_count(as_person):
    said = as_person("editor").post("/ban-tin/doc-thu", data={"script": "Số: /UBND, ngày  tháng 02.\nMời họp."}).text
    assert "? 2 chỗ cần xem" in said
    assert 'class="said-row has-doubt is-unsaid" id="cau-1"' in said
    assert "<em>không đọc</em>" in said
    assert said.count('<li class="said-row') == 3, "who speaks, what is not said, what is said"


def test_while_it_waits_it_is_not_edited_but_may_be_taken_back(as_person, web_database):
    client = as_person("editor")
    assert client.get("/ban-tin/BT2/sua").location == "/ban-tin/BT2"
    answer = client.post("/ban-tin/BT2/sua", data=bulletin_form(based_on="1"))
    assert answer.status_code == 409
    assert "đang chờ duyệt" in answer.text
    assert client.post("/ban-tin/BT2/rut-lai").status_code == 302
    with web_database.reading() as session:
        assert of(session, "BT2").latest.state == "draft"
    assert client.post("/ban-tin/BT2/rut-lai").status_code == 409


def test_the_class_of_what_was_approved_stays(as_person, web_database):
    with web_database.reading() as session:
        script = of(session, "BT1").latest.script
    form = bulletin_form(title="Giữ vệ sinh nguồn nước", script=script, based_on="1", **{"class": "emergency"})
    answer = as_person("editor").post("/ban-tin/BT1/sua", data=form)
    assert answer.status_code == 422
    assert "không đổi loại được" in answer.text
    with web_database.reading() as session:
        assert of(session, "BT1").bulletin_class == "normal"


def test_only_an_approver_changes_how_long_an_approved_bulletin_holds(as_person, web_database):
    with web_database.reading() as session:
        latest = of(session, "BT1").latest
        form = bulletin_form(title=latest.title, script=latest.script, based_on=str(latest.number))
    answer = as_person("editor").post("/ban-tin/BT1/sua", data=form | {"valid_until": "21/11/2026"})
    assert "chỉ người phê duyệt đổi được" in answer.text
    with web_database.reading() as session:
        assert of(session, "BT1").valid_until is None
    assert as_person("approver").post("/ban-tin/BT1/sua", data=form | {"valid_until": "30/11/2026"}).status_code == 302
    with web_database.reading() as session:
        assert of(session, "BT1").valid_until == date(2026, 11, 30)
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "save")).one()
        assert event.detail["valid"] == "… – 30/11/2026"


def test_an_approved_bulletin_goes_on_airing_while_its_new_revision_waits(as_person, web_database):
    client = as_person("editor")
    client.post("/ban-tin/BT1/sua", data=bulletin_form(title="Giữ vệ sinh nguồn nước", based_on="1"))
    page = client.get("/ban-tin/BT1")
    assert "Bản 1 đã duyệt vẫn đang phát" in page.text
    with web_database.reading() as session:
        assert of(session, "BT1").airing_revision.number == 1


def test_withdrawing_says_how_many_airings_it_cancels_and_makes_the_plan_stale(as_person, web_database):
    client = as_person("approver")
    assert "1 lượt phát sắp tới sẽ bị huỷ" in client.get("/ban-tin/BT1/thu-hoi").text
    with web_database.reading() as session:
        before = count(session, PLAN)
    assert client.post("/ban-tin/BT1/thu-hoi", data={"reason": "Sai số liệu"}).status_code == 302
    with web_database.reading() as session:
        bulletin = of(session, "BT1")
        assert (bulletin.withdrawn_at, bulletin.withdrawn_reason) == (NOW, "Sai số liệu")
        assert count(session, PLAN) == before + 1
    assert "Sai số liệu" in client.get("/ban-tin/BT1").text
    assert "đã thu hồi</span>" in client.get("/ban-tin/BT1").text
    assert "đã thu hồi</span>" in client.get("/ban-tin/BT1/lich-su").text
    assert client.post("/ban-tin/BT1/thu-hoi").status_code == 409


def test_a_draft_is_put_away_after_a_question_and_everything_of_it_stays_readable(as_person, web_database):
    writer = as_person("operator")
    assert "Bỏ bản nháp" in writer.get("/ban-tin/BT3").text
    assert "Bỏ bản nháp" in writer.get("/ban-tin/BT3/sua").text
    asked = writer.get("/ban-tin/BT3/bo-ban-nhap").text
    assert "Bỏ bản nháp “Lịch cắt điện tuần tới”?" in asked
    assert "chưa từng gửi duyệt" in asked
    assert writer.post("/ban-tin/BT3/bo-ban-nhap").status_code == 302
    assert 'href="/ban-tin/BT3"' not in writer.get("/ban-tin?trang-thai=draft").text
    assert 'href="/ban-tin/BT3"' in writer.get("/ban-tin?trang-thai=withdrawn").text
    page = writer.get("/ban-tin/BT3").text
    assert "Bản nháp đã bỏ lúc 10:00 ngày 22/11/2026." in page
    assert "Bỏ bản nháp" not in page
    for path in ("/ban-tin?trang-thai=withdrawn", "/ban-tin/BT3", "/ban-tin/BT3/lich-su"):
        (chip,) = re.findall(r'state-withdrawn">(.*?)</span>\s*([^<]*)</span>', writer.get(path).text)
        assert chip[1] == "đã bỏ", path
    assert "Soạn bản mới từ bản này" in page
    assert writer.get("/ban-tin/BT3/lich-su").status_code == 200
    assert writer.post("/ban-tin/BT3/bo-ban-nhap").status_code == 409
    with web_database.reading() as session:
        assert [event.act for event in session.scalars(select(AuditEvent))][-1] == "discard"
        assert len(of(session, "BT3").revisions) == 1
    assert "bỏ bản nháp của bản tin" in as_person("administrator").get("/vet").text


@pytest.mark.parametrize(
    ("login", "code"), [("approver", "BT3"), ("editor", "BT1"), ("editor", "BT2"), ("operator", "BT4")]
)
def test_what_one_did_not_write_and_what_an_approver_has_seen_is_not_put_away(as_person, web_database, login, code):
    client = as_person(login)
    assert "Bỏ bản nháp" not in client.get(f"/ban-tin/{code}").text
    assert client.get(f"/ban-tin/{code}/bo-ban-nhap").status_code in {403, 409}
    assert client.post(f"/ban-tin/{code}/bo-ban-nhap").status_code in {403, 409}
    with web_database.reading() as session:
        assert of(session, code).withdrawn_at is None


def test_the_list_is_filtered_by_the_address_and_found_without_marks(as_person):
    client = as_person("editor")
    drafts = client.get("/ban-tin?trang-thai=draft").text
    assert "Lịch cắt điện tuần tới" in drafts
    assert "Giữ vệ sinh nguồn nước" not in drafts
    found = client.get("/ban-tin?tim=nguon+nuoc").text
    assert "Giữ vệ sinh nguồn nước" in found
    assert "Họp thôn" not in found
    assert "Không có bản tin nào khớp" in client.get("/ban-tin?tim=khong-co-gi").text
    assert client.get("/ban-tin?trang=99999999&trang-thai=xyz").status_code == 200


def test_the_list_shows_what_needs_a_hand_first_and_where_each_airs_next(as_person):
    page = as_person("editor").get("/ban-tin").text
    order = [page.index(title) for title in ("Họp thôn cuối tháng", "Lịch cắt điện", "Tiêm phòng", "Giữ vệ sinh")]
    assert order == sorted(order)
    assert "17:15 hôm nay" in page


def test_an_expired_bulletin_is_listed_as_expired(as_person, web_database):
    with web_database.writing() as session:
        of(session, "BT1").valid_until = NOW.date().replace(day=21)
    page = as_person("editor").get("/ban-tin?trang-thai=expired")
    assert "Giữ vệ sinh nguồn nước" in page.text


def test_the_history_shows_what_was_put_in_and_taken_out(as_person):
    client = as_person("editor")
    code = write(client, script="Họp lúc bảy giờ sáng.")
    client.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", script="Họp lúc tám giờ sáng."))
    page = client.get(f"/ban-tin/{code}/lich-su").text
    assert "<del>bảy</del>" in page
    assert "<ins>tám</ins>" in page
