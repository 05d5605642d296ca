"""Cách dàn dựng: chosen in the editor, saved with the text, read and doubted with it, and heard in the sound."""

from __future__ import annotations

import pytest

from audio.orders import job_of, take_order
from audio.rendering import SpeechJob
from audio.store import MASTER, AudioStore
from broadcast.arrangement import Arrangement
from broadcast.upload import Chime
from tests.web.bulletin_parts import WORDS, asked_in, bulletin_form, code_from, give_sound
from tests.web.seed import NOW
from tests.web.upload_parts import newest

PANEL = {"chime": "bells", "readings": "3", "gap_s": "5", "closing": "Xin cảm ơn bà con.", "profile": "horn"}


def arranged(**changed) -> dict:
    return bulletin_form(**(PANEL | changed))


@pytest.fixture
def own(services, district) -> dict[str, str]:
    """Unit → sha256 of a chime of its own."""
    store, made = AudioStore(services.settings.audio_dir), {}
    with services.database.writing() as session:
        for unit in ("H1", "X1", "X2", "H9"):
            made[unit] = store.put(unit.encode(), MASTER)
            session.add(
                Chime(
                    unit_id=district.units[unit], name=f"Nhạc {unit}", sha256=made[unit], duration_ms=1000,
                    uploaded_at=NOW, uploaded_by_id=district.people["editor"],
                )
            )  # fmt: skip
    return made


def kept(services) -> Arrangement:
    with services.database.reading() as session:
        return newest(session).latest.arrangement


def test_what_is_chosen_is_saved_and_is_what_the_renderer_is_told(as_person, services, settings):
    assert as_person("editor").post("/ban-tin/soan", data=arranged()).status_code == 302
    assert kept(services) == Arrangement("bells", 3, 5, "Xin cảm ơn bà con.", "horn")
    with services.database.writing() as session:
        order = take_order(session, NOW)
    job = job_of(settings, order)
    assert isinstance(job, SpeechJob)
    assert (job.chime, job.repeats, job.gap_ms, job.profile) == ("bells", 3, 5000, "horn")
    assert job.closing == ("Xin cảm ơn bà con.",)


def test_a_changed_arrangement_is_a_new_revision_with_new_sound_and_the_same_one_is_none(as_person, services):
    editor = as_person("editor")
    code = code_from(editor.post("/ban-tin/soan", data=arranged()).location)
    path = f"/ban-tin/{code}/sua"
    editor.post(path, data=arranged(based_on="1"))
    with services.database.reading() as session:
        assert newest(session).latest.number == 1
    editor.post(path, data=arranged(based_on="1", readings="2"))
    with services.database.reading() as session:
        latest = newest(session).latest
        assert (latest.number, latest.readings, latest.rendering.state) == (2, 2, "wanted")


def test_the_editor_shows_what_holds_and_the_panel_is_open_where_it_is_not_the_usual(as_person, services):
    editor = as_person("editor")
    usual = editor.get("/ban-tin/soan").text
    assert '<details class="card-box more arrangement" id="arrangement">' in usual
    code = code_from(editor.post("/ban-tin/soan", data=arranged()).location)
    page = editor.get(f"/ban-tin/{code}/sua").text
    assert 'id="arrangement" open>' in page
    for shown in (
        'value="bells" selected',
        'value="3" selected',
        'value="5"',
        "Xin cảm ơn bà con.",
        'value="horn" sel',
    ):
        assert shown in page, shown
    assert 'src="/nhac-hieu/nghe/bells"' in page


def test_a_form_without_the_panel_leaves_the_arrangement_as_it_is(as_person, services):
    editor = as_person("editor")
    code = code_from(editor.post("/ban-tin/soan", data=arranged()).location)
    editor.post(f"/ban-tin/{code}/sua", data=bulletin_form(based_on="1", title="Họp thôn tối mai"))
    assert kept(services).chime == "bells"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"readings": "6"}, "số lần đọc là một số từ 1 đến 5"),
        ({"readings": "hai"}, "số lần đọc là một số từ 1 đến 5"),
        ({"gap_s": "61"}, "khoảng nghỉ giữa hai lần đọc là một số từ 0 đến 60"),
        ({"gap_s": ""}, "khoảng nghỉ giữa hai lần đọc"),
        ({"closing": "a" * 501}, "dài quá 500 ký tự"),
        ({"profile": "karaoke"}, "Hãy chọn hồ sơ âm thanh"),
        ({"chime": "trống"}, "Hãy chọn một nhạc hiệu đơn vị này dùng được"),
        ({"chime": "ab" * 40}, "Hãy chọn một nhạc hiệu đơn vị này dùng được"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_saved(as_person, services, changed, told):
    with services.database.reading() as session:
        before = newest(session).id
    answer = as_person("editor").post("/ban-tin/soan", data=arranged(**changed))
    assert answer.status_code == 422
    assert told in answer.text
    assert 'id="arrangement" open>' in answer.text
    with services.database.reading() as session:
        assert newest(session).id == before


def test_a_bulletin_may_begin_with_the_chimes_of_its_unit_and_of_those_above(as_person, services, own):
    page = as_person("operator").get("/ban-tin/soan").text
    for unit in ("H1", "X1"):
        assert f"Nhạc {unit} (" in page
    for unit in ("X2", "H9"):
        assert f"Nhạc {unit} (" not in page
    operator = as_person("operator")
    assert operator.post("/ban-tin/soan", data=arranged(unit="X1", chime=own["H1"])).status_code == 302
    assert kept(services).chime == own["H1"]
    for unit in ("X2", "H9"):
        assert operator.post("/ban-tin/soan", data=arranged(unit="X1", chime=own[unit])).status_code == 422


def test_a_retired_chime_stays_with_the_bulletin_that_has_it_and_is_offered_to_no_other(as_person, services, own):
    editor = as_person("editor")
    code = code_from(editor.post("/ban-tin/soan", data=arranged(chime=own["H1"])).location)
    with services.database.reading() as session:
        number = session.query(Chime).filter_by(sha256=own["H1"]).one().id
    editor.post(f"/nhac-hieu/{number}/ngung")
    assert "Nhạc H1 (đã ngừng dùng)" in editor.get(f"/ban-tin/{code}/sua").text
    assert "Nhạc H1" not in editor.get("/ban-tin/soan").text
    answer = editor.post(f"/ban-tin/{code}/sua", data=arranged(based_on="1", chime=own["H1"], title="Khác"))
    assert answer.status_code == 302
    assert editor.post("/ban-tin/soan", data=arranged(chime=own["H1"])).status_code == 422


def test_doubts_of_the_closing_are_questions_like_those_of_the_text(as_person, services):
    editor = as_person("editor")
    code = code_from(editor.post("/ban-tin/soan", data=arranged(closing="Xin hỏi ông XQZT.")).location)
    give_sound(services, code)
    asked = editor.post(f"/ban-tin/{code}/gui-duyet")
    assert asked.status_code == 422
    assert "chưa chắc cách đọc" in asked.text
    answered = arranged(based_on="1", closing="Xin hỏi ông XQZT.", as_is=asked_in("Xin hỏi ông XQZT."), act="submit")
    assert editor.post(f"/ban-tin/{code}/sua", data=answered).status_code == 302
    with services.database.reading() as session:
        assert newest(session).latest.state == "submitted"


def test_reading_along_follows_what_is_chosen_before_it_is_saved(as_person):
    editor = as_person("editor")
    once = editor.post("/ban-tin/doc-thu", data=arranged(readings="1", closing="")).text
    thrice = editor.post("/ban-tin/doc-thu", data=arranged()).text
    assert "Xin cảm ơn bà con" not in once
    assert "Xin cảm ơn bà con" in thrice
    assert "đọc 3 lần" in thrice
    half_typed = editor.post("/ban-tin/doc-thu", data=arranged(gap_s=""))
    assert half_typed.status_code == 200


def test_a_copy_is_arranged_as_its_original(as_person, services):
    editor = as_person("editor")
    code = code_from(editor.post("/ban-tin/soan", data=arranged()).location)
    page = editor.get(f"/ban-tin/soan?tu={code}").text
    assert 'value="bells" selected' in page
    assert "Xin cảm ơn bà con." in page


def test_the_same_words_are_heard_in_two_profiles_of_one_length(as_person, services):
    editor = as_person("editor")
    spoken = [sentence.strip() + "." for sentence in WORDS.split(".") if sentence.strip()]
    told = {}
    for profile in ("gentle", "horn", "bypass"):
        data = {"spoken": spoken, "profile": profile}
        told[profile] = editor.post("/nghe-thu", data=data, headers={"X-Fragment": "1"}).json
        with editor.get(told[profile]["url"]) as sound:
            assert sound.status_code == 200
    services.listening.close()
    assert len({one["url"] for one in told.values()}) == 3
    assert len({one["duration_ms"] for one in told.values()}) == 1
    assert told["gentle"]["duration_ms"] > 2000


def test_the_pages_offer_the_profiles_side_by_side_and_say_that_no_horn_was_tried(as_person, services):
    editor = as_person("editor")
    code = code_from(editor.post("/ban-tin/soan", data=arranged()).location)
    for path in (f"/ban-tin/{code}", f"/ban-tin/{code}/sua"):
        page = editor.get(path).text
        assert page.count("data-side=") == 3
        assert "chưa thử trên loa nén thật" in page
    assert "data-sides" not in as_person("supervisor").get(f"/ban-tin/{code}").text


def test_closing_words_of_nothing_that_can_be_said_are_refused_at_their_field(as_person, services):
    answer = as_person("editor").post("/ban-tin/soan", data=arranged(closing="....."))
    assert answer.status_code == 422
    assert "Lời kết chỉ có dấu câu hoặc ký hiệu" in answer.text


def test_a_variable_without_a_value_behind_one_with_a_value_is_shown_in_the_closing_words(as_person):
    told = as_person("editor").post("/ban-tin/doc-thu", data=arranged(closing="Chào bà con {xã}, gọi {số lạ}."))
    assert told.status_code == 200
    assert "{số lạ}</mark>" in told.text
    assert "data-at" not in told.text, "it is no place in the script"
