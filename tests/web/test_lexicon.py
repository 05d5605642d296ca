"""Từ điển đọc on the screen: who may set how something is read, what they are shown before, what follows from it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from audio.jobs import said_by, speech_job
from audio.speaker import speaker_of
from broadcast.airing import Airing
from broadcast.audit_event import AuditEvent
from broadcast.lexicon_entry import LexiconEntry
from broadcast.rule import RuleBulletin
from schedules.replan import Planning, replan, station_batches
from tests.web.bulletin_parts import asked_in, bulletin_form, code_from, give_sound, of
from tests.web.seed import NOW

SCRIPT = "Kính thưa bà con. Trường học dạy theo chương trình QXZA."


def entry_form(**changed: Any) -> dict[str, Any]:
    """The form of an entry for the unit H1."""
    return {
        "viet": "QXZA", "doc": "quy xích", "loai": "term", "pham-vi": "don-vi", "don_vi": "H1", "ban_tin": "",
    } | changed  # fmt: skip


def entries(database) -> list[LexiconEntry]:
    """Those that tests made; the seeded ones apart."""
    with database.reading() as session:
        return [one for one in session.scalars(select(LexiconEntry).order_by(LexiconEntry.id)) if one.created_at == NOW]


def say(services, code: str) -> str:
    """The newest revision's order is worked, and what was said is noted. The hash of its sound."""
    with services.database.reading() as session:
        text = of(session, code).latest.rendering
        assert text is not None
        number = text.id
    sha256 = give_sound(services, code, f"ID3 {code} {number}".encode() * 200)
    with services.database.writing() as session:
        bulletin = of(session, code)
        speaker = speaker_of(session, bulletin.unit_id, bulletin.id, NOW)
        job = speech_job(services.settings, bulletin.latest.script, speaker, bulletin.latest.arrangement)
        bulletin.latest.rendering.said = said_by(job)
    return sha256


def written(as_person, services, *, state: str = "approved", script: str = SCRIPT) -> str:
    """The code of a bulletin of H1 that the editor wrote, with its sound, as far on its way as asked."""
    form = bulletin_form(script=script, as_is=asked_in(script))
    code = code_from(as_person("editor").post("/ban-tin/soan", data=form).location)
    say(services, code)
    if state != "draft":
        assert as_person("editor").post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    if state == "approved":
        approve(as_person, services, code)
    return code


def approve(as_person, services, code: str, login: str = "approver") -> None:
    with services.database.reading() as session:
        revision = of(session, code).latest
        form = {"revision": revision.number, "audio": revision.sound_key, "class": "normal", "sure": "1"}
    assert as_person(login).post(f"/duyet/{code}", data=form).status_code == 302
    with services.database.reading() as session:
        assert of(session, code).latest.approvals


def text_of(answer) -> str:
    """What people read of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def add(client: FlaskClient, **changed: Any):
    """As a person does who has seen what it touches."""
    answer = client.post("/tu-dien/them", data=entry_form(sure="1", **changed))
    assert answer.status_code == 302, text_of(answer)
    return answer


# ---- the list


def test_the_list_shows_who_set_what_for_whom_and_since_when(as_person):
    add(as_person("editor"))
    page = text_of(as_person("supervisor").get("/tu-dien"))
    assert "QXZA quy xích chữ viết tắt, ký hiệu Huyện Sông Lam và cấp dưới Lê Thị Biên 10:00 ngày 22/11/2026" in page
    assert "Sửa" not in page.split("QXZA")[1].split("QXZH1")[0]
    assert "Thôi dùng" in text_of(as_person("editor").get("/tu-dien"))


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("tim=qxza", True), ("tim=quy+xich", True), ("tim=khong+co", False), ("loai=term", True), ("loai=name", False),
        ("pham-vi=don-vi", True), ("pham-vi=moi-noi", False), ("loai=%27%3B--&pham-vi=x&muc=y&trang=0", True),
    ],
)  # fmt: skip
def test_the_list_is_searched_and_filtered(as_person, query, is_there):
    add(as_person("editor"))
    answer = as_person("editor").get(f"/tu-dien?{query}")
    assert answer.status_code == 200
    assert (">QXZA<" in answer.text) is is_there
    if not is_there:
        assert "Không có mục nào khớp." in answer.text


def test_what_came_with_the_program_is_searched_too_and_offers_another_reading(as_person):
    page = as_person("editor").get("/tu-dien?muc=co-san&tim=UBND").text
    assert "Ủy ban nhân dân" in page
    link = html.unescape(re.search(r'href="(/tu-dien/them\?viet=UBND&amp;[^"]+)"', page)[1])
    form = as_person("editor").get(link).text
    assert 'value="UBND"' in form
    assert '<option value="term" selected>' in form
    assert "Thay cách đọc" not in as_person("supervisor").get("/tu-dien?muc=co-san&tim=UBND").text


@pytest.mark.parametrize(
    ("viet", "doc", "loai"), [("UBND", "ủy ban nhân dân", "term"), ("họp thôn", "họp thôn", "word")]
)
def test_what_is_read_so_already_is_not_added_once_more(as_person, web_database, viet, doc, loai):
    answer = as_person("editor").post("/tu-dien/them", data=entry_form(viet=viet, doc=doc, loai=loai))
    assert answer.status_code == 422
    assert f"“{viet}” đã được đọc như vậy sẵn" in answer.text
    assert entries(web_database) == []
    other = entry_form(viet=viet, doc="hội đồng làng", loai=loai)
    assert as_person("editor").post("/tu-dien/them", data=other).status_code in {200, 302}


def test_a_form_that_is_too_long_is_refused_and_not_cut(as_person, web_database):
    editor = as_person("editor")
    assert 'maxlength="100"' not in editor.get("/tu-dien/them").text
    answer = editor.post("/tu-dien/them", data=entry_form(viet="Q" * 300))
    assert answer.status_code == 422
    assert "dài quá 100 ký tự" in answer.text
    assert "Q" * 300 in answer.text
    assert entries(web_database) == []


def test_an_empty_lexicon_offers_the_first_entry(as_person, web_database, district):
    with web_database.writing() as session:
        session.delete(session.get_one(LexiconEntry, district.lexicon))
    assert "Thêm cách đọc đầu tiên" in as_person("editor").get("/tu-dien").text
    assert "Đơn vị chưa đặt cách đọc nào." in as_person("supervisor").get("/tu-dien").text
    assert "Chưa có mục nào bị thôi dùng." in as_person("editor").get("/tu-dien?muc=da-thoi").text


# ---- who may


def test_entries_of_another_unit_are_neither_seen_nor_touched(as_person, district, web_database):
    editor, outsider = as_person("editor"), as_person("ngoai")
    add(outsider, viet="QXZB", don_vi="X9")
    assert "QXZB" in outsider.get("/tu-dien").text
    assert "QXZB" not in editor.get("/tu-dien").text
    number = entries(web_database)[0].id
    for path in ("sua", "thoi", "dung-lai"):
        assert editor.get(f"/tu-dien/{number}/{path}").status_code == 404
        assert editor.post(f"/tu-dien/{number}/{path}", data=entry_form(sure="1")).status_code == 404
    assert editor.post("/tu-dien/them", data=entry_form(don_vi="X9")).status_code == 422
    assert editor.post("/tu-dien/them", data=entry_form(**{"pham-vi": "ban-tin", "ban_tin": "BT9"})).status_code == 422
    assert len(entries(web_database)) == 1


def test_the_commune_sees_the_district_s_entries_changes_only_its_own_and_never_those_of_everywhere(
    as_person, web_database
):
    editor, operator = as_person("editor"), as_person("operator")
    add(editor, viet="QXZB", **{"pham-vi": "moi-noi"})
    add(editor, viet="QXZC", don_vi="X2")
    page = operator.get("/tu-dien").text
    assert "QXZB" in page
    assert "QXZH1" in page
    assert "QXZC" not in page
    for one in entries(web_database):
        status = operator.get(f"/tu-dien/{one.id}/sua").status_code
        assert status == {"QXZB": 403, "QXZC": 404}[one.written]
    assert "Mọi nơi" not in operator.get("/tu-dien/them").text
    refused = operator.post("/tu-dien/them", data=entry_form(**{"pham-vi": "moi-noi"}))
    assert refused.status_code == 422
    assert "Chỉ người soạn của đơn vị cao nhất" in refused.text
    add(operator, don_vi="X1")
    assert operator.get(f"/tu-dien/{entries(web_database)[-1].id}/sua").status_code == 200


# ---- typing


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"viet": ""}, "Hãy viết chữ cần đặt cách đọc."),
        ({"viet": "a" * 5_000}, "dài quá 100 ký tự"),
        ({"viet": "<script>alert(1)</script>"}, "không nhận ra"),
        ({"viet": "😀"}, "không nhận ra"),
        ({"doc": ""}, "Hãy viết cách đọc thành chữ."),
        ({"doc": "quy 5"}, "viết số và ký hiệu thành chữ"),
        ({"doc": "<b>quy</b>"}, "chỉ được gồm chữ"),
        ({"doc": "a" * 5_000}, "dài quá 400 ký tự"),
        ({"doc": "wifi"}, "Ví dụ: “oai phai”"),
        ({"loai": "body"}, "Hãy chọn loại chữ."),
        ({"pham-vi": "moi"}, "Hãy chọn phạm vi áp dụng."),
        ({"don_vi": "khong-co"}, "Không tìm thấy đơn vị này"),
        ({"pham-vi": "ban-tin", "ban_tin": ""}, "Không tìm thấy bản tin này"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_kept(as_person, web_database, changed, told):
    answer = as_person("editor").post("/tu-dien/them", data=entry_form(**changed, sure="1"))
    assert answer.status_code == 422
    assert told in html.unescape(answer.text)
    assert "<script>alert(1)" not in answer.text
    assert entries(web_database) == []


def test_what_begins_with_a_number_is_added_and_said_so_in_the_editor(as_person, web_database):
    editor = as_person("editor")
    add(editor, viet="5K", doc="năm ca")
    said = text_of(editor.post("/ban-tin/doc-thu", data={"script": "Thực hiện 5K. Còn 15K.", "unit": "H1"}))
    assert "Thực hiện năm ca ." in said
    assert "Còn mười lăm nghìn ." in said
    refused = editor.post("/tu-dien/them", data=entry_form(viet="115", doc="cấp cứu", sure="1"))
    assert refused.status_code == 422
    assert "có ít nhất một chữ cái" in html.unescape(refused.text)
    assert [entry.written for entry in entries(web_database)] == ["5K"]


def test_control_and_hidden_signs_are_dropped_and_nul_is_refused(as_person, web_database):
    assert as_person("editor").post("/tu-dien/them", data=entry_form(viet="A\x00B")).status_code == 400
    add(as_person("editor"), viet="QX\u200bZ\x07A")
    assert entries(web_database)[0].written == "QXZA"


def test_a_second_entry_for_the_same_form_is_refused_with_what_is_there(as_person, web_database):
    add(as_person("editor"))
    answer = as_person("approver").post("/tu-dien/them", data=entry_form(doc="quy xa"))
    assert answer.status_code == 422
    assert "đã có cách đọc “quy xích” do Lê Thị Biên đặt" in html.unescape(answer.text)
    assert 'value="quy xa"' in answer.text, "what was typed stays"
    assert len(entries(web_database)) == 1


def test_a_sentence_is_tried_out_while_typing(as_person):
    editor = as_person("editor")

    def tried(**changed: Any) -> str:
        return text_of(editor.post("/tu-dien/doc-thu", data=entry_form(**changed), headers={"X-Fragment": "1"}))

    assert "Sẽ đọc: Bà con chú ý: quy xích." in tried()
    assert "Sẽ đọc: Học theo quy xích nhé." in tried(cau="Học theo QXZA nhé.")
    assert "Đang đọc:" in tried(doc="")
    assert "viết số và ký hiệu thành chữ" in tried(doc="quy 5")
    assert "Gõ chữ và cách đọc" in tried(viet="")
    add(editor)
    assert "Sẽ đọc" not in tried(doc="quy xích"), "it is read so already"


# ---- changing, and two at once


def test_a_change_keeps_the_old_reading_in_the_history_and_can_be_taken_back(as_person, web_database):
    editor = as_person("editor")
    add(editor)
    first = entries(web_database)[0]
    assert editor.post(f"/tu-dien/{first.id}/sua", data=entry_form(doc="quy xa")).status_code == 302
    assert [one.spoken for one in entries(web_database) if one.ended_at is None] == ["quy xa"]
    page = text_of(editor.get("/tu-dien?muc=da-thoi"))
    assert "QXZA quy xích" in page
    assert "nay đọc là “quy xa”" in page
    assert "Dùng lại" not in page, "something else is there"
    assert "bản cũ , sửa bởi Lê Thị Biên" in page
    before = re.search(r"Đã thôi dùng (\d+)", page)[1]
    second = entries(web_database)[1]
    assert "không còn được đọc là “quy xa”" in text_of(editor.get(f"/tu-dien/{second.id}/thoi"))
    assert editor.post(f"/tu-dien/{second.id}/thoi").status_code == 302
    page = text_of(editor.get("/tu-dien?muc=da-thoi"))
    assert "Dùng lại" in page
    assert int(re.search(r"Đã thôi dùng (\d+)", page)[1]) == int(before) + 1, "the changed one does not count"
    assert page.count("bản cũ") == 1
    assert "sẽ lại được đọc là “quy xích”" in text_of(editor.get(f"/tu-dien/{first.id}/dung-lai"))
    assert editor.post(f"/tu-dien/{first.id}/dung-lai").status_code == 302
    assert [one.spoken for one in entries(web_database) if one.ended_at is None] == ["quy xích"]


def test_whoever_saves_second_is_told_and_keeps_what_was_typed(as_person, web_database):
    editor, approver = as_person("editor"), as_person("approver")
    add(editor)
    number = entries(web_database)[0].id
    assert approver.post(f"/tu-dien/{number}/sua", data=entry_form(doc="quy xa")).status_code == 302
    late = editor.post(f"/tu-dien/{number}/sua", data=entry_form(doc="quy xi", viet="QXZB"))
    assert late.status_code == 409
    assert "Trần Văn Duyệt vừa sửa hoặc thôi dùng mục “QXZA”" in html.unescape(late.text)
    assert 'value="quy xi"' in late.text
    assert editor.post(f"/tu-dien/{number}/thoi").status_code == 409
    assert editor.get(f"/tu-dien/{number}/sua").status_code == 302
    assert [one.spoken for one in entries(web_database) if one.ended_at is None] == ["quy xa"]


def test_saving_what_is_there_already_changes_nothing(as_person, web_database):
    add(as_person("editor"))
    number = entries(web_database)[0].id
    assert as_person("editor").post(f"/tu-dien/{number}/sua", data=entry_form()).status_code == 302
    assert len(entries(web_database)) == 1


def test_every_act_stands_in_the_trail_in_words(as_person, web_database):
    editor = as_person("editor")
    add(editor)
    number = entries(web_database)[0].id
    editor.post(f"/tu-dien/{number}/sua", data=entry_form(doc="quy xa", sure="1"))
    editor.post(f"/tu-dien/{number + 1}/thoi")
    editor.post(f"/tu-dien/{number}/dung-lai")
    page = text_of(as_person("administrator").get("/vet?loai=lexicon"))
    for sentence in (
        "thêm cách đọc “QXZA” đọc là: quy xích",
        "sửa cách đọc “QXZA” đọc là: quy xa",
        "trước đó chữ viết: QXZA, đọc là: quy xích",
        "thôi dùng cách đọc “QXZA”",
        "dùng lại cách đọc “QXZA”",
        "áp dụng cho: Huyện Sông Lam và cấp dưới",
    ):
        assert sentence in page
    assert "một việc với" not in page


# ---- what it does to bulletins


def test_what_a_change_touches_is_shown_before_it_is_saved(as_person, services, web_database):
    draft, approved = written(as_person, services, state="draft"), written(as_person, services)
    answer = as_person("editor").post("/tu-dien/them", data=entry_form())
    assert answer.status_code == 200
    page = text_of(answer)
    assert "1 bản tin chưa duyệt sẽ được dựng lại âm thanh" in page
    assert "1 bản tin đã duyệt vẫn phát như cũ" in page
    assert "sẽ đọc: Trường học dạy theo chương trình quy xích." in page
    assert f"/ban-tin/{draft}" in answer.text
    assert f"/ban-tin/{approved}" in answer.text
    assert entries(web_database) == []
    back = as_person("editor").post("/tu-dien/them", data=entry_form(act="back"))
    assert 'value="quy xích"' in back.text
    assert entries(web_database) == []


def test_titles_of_others_are_not_told_only_counted(as_person, services):
    written(as_person, services, state="draft")
    page = text_of(as_person("ngoai").post("/tu-dien/them", data=entry_form(**{"pham-vi": "moi-noi"})))
    assert "Có 1 bản tin của đơn vị khác." in page
    assert "Họp thôn" not in page


def test_a_waiting_text_is_rendered_anew_and_its_approval_needs_the_new_sound(as_person, services, web_database):
    code = written(as_person, services, state="submitted")
    with web_database.reading() as session:
        old_key = of(session, code).latest.sound_key
    add(as_person("editor"))
    with web_database.reading() as session:
        revision = of(session, code).latest
        assert (revision.number, revision.state, revision.rendering.state) == (1, "submitted", "wanted")
        told = session.scalars(select(AuditEvent).where(AuditEvent.act == "reread")).one()
        assert told.detail["word"] == "QXZA"
    form = {"revision": 1, "audio": old_key, "class": "normal", "heard_ms": "10000", "sure": "1"}
    assert as_person("approver").post(f"/duyet/{code}", data=form).status_code == 409
    say(services, code)
    assert as_person("approver").post(f"/duyet/{code}", data=form).status_code == 409, "that sound was heard before"
    approve(as_person, services, code)
    assert "cách đọc cũ" not in as_person("editor").get(f"/ban-tin/{code}").text
    page = text_of(as_person("administrator").get("/vet?loai=bulletin"))
    assert "làm đổi cách đọc nên dựng lại âm thanh của bản tin “Họp thôn” bản soạn thứ: 1 vì chữ: QXZA" in page


def test_from_an_entry_to_the_flag_and_over_a_new_approval_back_to_none(as_person, services, web_database):
    """An entry → the approved bulletin is flagged, planned with its old sound → made anew → approved → no flag."""
    editor = as_person("editor")
    code = written(as_person, services)
    with web_database.writing() as session:
        old_sound = of(session, code).latest.approvals[0].audio_sha256
        session.scalars(select(RuleBulletin)).first().bulletin_id = of(session, code).id
    assert planned_sounds(services, code) == {old_sound}

    add(editor)
    assert planned_sounds(services, code) == {old_sound}, "it airs as it was approved"
    for path in ("/ban-tin", f"/ban-tin/{code}"):
        assert "cách đọc cũ" in editor.get(path).text.lower()
    board = text_of(editor.get("/"))
    assert "“Họp thôn” còn âm thanh theo cách đọc cũ" in board
    assert "Dựng lại để duyệt" in board
    assert "theo cách đọc cũ" not in text_of(as_person("supervisor").get("/")), "nothing for them to do"
    compared = editor.get(f"/tu-dien/doc-cu/{code}")
    assert "nay đọc: Trường học dạy theo chương trình quy xích." in text_of(compared)
    assert "1 câu đọc khác." in text_of(compared)
    assert re.findall(r"<ins>(.*?)</ins>", compared.text) == ["xích."]
    assert len(re.findall(r"<del>(.*?)</del>", compared.text)) == 1
    assert re.search(r"<details [^>]*><summary>2 câu đọc như cũ</summary>.*?Đây là Đài", compared.text, re.DOTALL)
    assert "Họp thôn" in editor.get("/tu-dien/doc-cu").text
    page = text_of(editor.get(f"/ban-tin/{code}"))
    assert "Lời đang phát" in page
    assert page.count("như đang phát") == 2, "who speaks and the first sentence are said as before, the second is not"

    made = editor.post(f"/tu-dien/doc-cu/{code}")
    assert made.location.endswith(f"/ban-tin/{code}/sua")
    assert planned_sounds(services, code) == {old_sound}
    assert "Bản 2 chưa duyệt đã theo cách đọc mới" in text_of(editor.get(f"/ban-tin/{code}"))
    assert "“Họp thôn” còn âm thanh theo cách đọc cũ" not in text_of(editor.get("/")), "it is being mended"
    assert editor.post(f"/tu-dien/doc-cu/{code}").status_code == 409
    new_sound = say(services, code)
    assert editor.post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    assert planned_sounds(services, code) == {old_sound}
    approve(as_person, services, code)
    assert planned_sounds(services, code) == {new_sound} != {old_sound}
    assert "cách đọc cũ" not in editor.get(f"/ban-tin/{code}").text.lower()
    assert editor.get(f"/tu-dien/doc-cu/{code}").status_code == 302
    with web_database.reading() as session:
        bound = [each.approvals for each in of(session, code).revisions]
        assert [[one.audio_sha256 for one in approvals] for approvals in bound] == [[old_sound], [new_sound]]


def planned_sounds(services, code: str) -> set[str]:
    """The sounds of the airings to come of a bulletin, after the plan was made anew."""
    with services.database.writing() as session:
        planning = Planning(session, NOW, services.zone)
        for batch in station_batches(session):
            replan(session, planning, batch)
    with services.database.reading() as session:
        bulletin = of(session, code)
        coming = session.scalars(
            select(Airing.audio_sha256).where(
                Airing.bulletin_id == bulletin.id, Airing.starts_at > NOW, Airing.cancelled_at.is_(None)
            )
        )
        return set(coming)


def test_ending_the_entry_takes_the_flag_away(as_person, services, web_database):
    code = written(as_person, services)
    add(as_person("editor"))
    assert "cách đọc cũ" in as_person("editor").get(f"/ban-tin/{code}").text.lower()
    number = entries(web_database)[0].id
    assert "lại đọc đúng như âm thanh đang phát" in text_of(as_person("editor").get(f"/tu-dien/{number}/thoi"))
    as_person("editor").post(f"/tu-dien/{number}/thoi")
    assert "cách đọc cũ" not in as_person("editor").get(f"/ban-tin/{code}").text.lower()


def test_what_had_expired_when_the_entry_came_is_flagged_once_it_may_air_again(as_person, services, web_database):
    code = written(as_person, services)
    with web_database.writing() as session:
        of(session, code).valid_until = NOW.date() - timedelta(days=2)
    add(as_person("editor"))
    assert "cách đọc cũ" not in as_person("editor").get(f"/ban-tin/{code}").text.lower()
    longer = bulletin_form(script=SCRIPT, as_is=asked_in(SCRIPT), based_on="1", valid_until="30/11/2026")
    assert as_person("approver").post(f"/ban-tin/{code}/sua", data=longer).status_code == 302
    assert "cách đọc cũ" in as_person("editor").get(f"/ban-tin/{code}").text.lower()


def test_several_are_made_anew_at_once_and_one_that_cannot_be_stops_no_other(as_person, services, web_database):
    first, second = written(as_person, services), written(as_person, services)
    add(as_person("editor"))
    page = as_person("editor").get("/tu-dien/doc-cu").text
    assert page.count('name="ban_tin"') == 2
    answer = as_person("editor").post("/tu-dien/doc-cu", data={"ban_tin": ["BT9", first, "BT1", second]})
    assert answer.status_code == 302
    with web_database.reading() as session:
        assert [of(session, code).latest.number for code in (first, second, "BT1", "BT9")] == [2, 2, 1, 1]


def test_whoever_approves_is_told_what_making_it_anew_costs(as_person, services):
    code = written(as_person, services)
    add(as_person("editor"))
    assert "Bấm dựng lại thì bạn thành người soạn" in as_person("approver").get(f"/tu-dien/doc-cu/{code}").text
    assert "Bấm dựng lại thì bạn" not in as_person("editor").get(f"/tu-dien/doc-cu/{code}").text
    assert "Dựng lại để duyệt" not in as_person("supervisor").get(f"/tu-dien/doc-cu/{code}").text


# ---- from the editor


FRAGMENT = {"X-Fragment": "1"}


def quick(client: FlaskClient, **changed: Any):
    return client.post("/tu-dien/sua-nhanh", data=entry_form(**changed), headers=FRAGMENT)


def test_a_word_is_mended_for_this_bulletin_from_its_sentence(as_person, services, web_database):
    code, other = written(as_person, services, state="draft"), written(as_person, services, state="draft")
    editor = as_person("editor")
    part = editor.get(f"/tu-dien/sua-nhanh?viet=QXZA&ban_tin={code}", headers=FRAGMENT)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert re.search(r'value="ban-tin" checked', part.text)
    assert 'name="viet" value="QXZA"' in part.text
    saved = quick(editor, **{"pham-vi": "ban-tin", "ban_tin": code})
    assert saved.status_code == 201
    assert saved.get_json()["spoken"] == "quy xích"
    with web_database.reading() as session:
        assert of(session, code).latest.rendering.state == "wanted"
        assert of(session, other).latest.rendering.state == "ready"

    def said(of_bulletin: str) -> str:
        part = editor.post("/ban-tin/doc-thu", data={"script": SCRIPT, "code": of_bulletin}, headers=FRAGMENT).text
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split())

    assert "quy xích" in said(code)
    assert "quy xích" not in said(other)


def test_mending_for_more_than_this_bulletin_asks_first(as_person, services, web_database):
    code = written(as_person, services, state="draft")
    written(as_person, services, state="draft")
    asked = quick(as_person("editor"), ban_tin=code)
    assert asked.status_code == 200
    assert "2 bản tin chưa duyệt sẽ được dựng lại âm thanh" in text_of(asked)
    assert entries(web_database) == []
    assert quick(as_person("editor"), ban_tin=code, sure="1").status_code == 201
    assert len(entries(web_database)) == 1


@pytest.mark.parametrize("changed", [{"doc": "quy 5"}, {"viet": ""}, {"viet": "a" * 5_000}, {"don_vi": "X9"}])
def test_a_mistake_in_the_dialog_comes_back_with_the_form(as_person, web_database, changed):
    answer = quick(as_person("editor"), **changed)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert 'class="field-error"' in answer.text
    assert entries(web_database) == []


def test_mending_again_replaces_what_was_set_here_once_that_was_told(as_person, web_database):
    editor = as_person("editor")
    assert quick(editor).status_code == 201
    told = quick(editor, doc="quy xa")
    assert told.status_code == 422
    assert "“QXZA” đang được đọc là “quy xích”" in html.unescape(told.text)
    number = re.search(r'name="thay" value="(\d+)"', told.text)[1]
    assert quick(editor, doc="quy xa", thay=number).status_code == 201
    assert [one.spoken for one in entries(web_database) if one.ended_at is None] == ["quy xa"]
    assert quick(editor, doc="quy xa", thay=number).status_code == 422, "that one was replaced already"


def test_without_scripts_mending_is_a_page_that_leads_back(as_person, services):
    code = written(as_person, services, state="draft")
    page = as_person("editor").get(f"/tu-dien/sua-nhanh?viet=QXZA&ban_tin={code}")
    assert "<html" in page.text
    form = entry_form(**{"pham-vi": "ban-tin", "ban_tin": code})
    assert as_person("editor").post("/tu-dien/sua-nhanh", data=form).location.endswith(f"/ban-tin/{code}/sua")


def test_another_district_s_bulletin_cannot_be_mended(as_person):
    assert as_person("editor").get("/tu-dien/sua-nhanh?viet=A&ban_tin=BT9", headers=FRAGMENT).status_code == 404
    assert quick(as_person("editor"), **{"pham-vi": "ban-tin", "ban_tin": "BT9"}).status_code == 422
