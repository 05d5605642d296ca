"""Cách dàn dựng of a recording: offered, chosen, kept, looked at before it is handed over, and heard in the sound."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from audio.orders import job_of, take_order
from audio.rendering import RecordingJob
from audio.store import MASTER, AudioStore
from broadcast.arrangement import Arrangement
from broadcast.bulletin import Bulletin
from broadcast.upload import Chime
from tests.web.bulletin_parts import asked_in, give_sound
from tests.web.seed import NOW
from tests.web.upload_parts import file_form, make_sound, newest, posted, spoken
from web.bulletins.lengths import stretch_of
from web.voices.again import render_waiting_again

NEW = "/ban-tin/thu-am/moi"
WAV = spoken()
AROUND = {"chime": "bells", "readings": "2", "gap_s": "5", "closing": "Xin cảm ơn bà con.", "profile": "horn"}
PLAIN = {"chime": "none", "readings": "1", "gap_s": "2", "closing": "", "profile": ""}
DOUBTFUL = "Xin hỏi ông XQZT."


def send(client, content: bytes | None, path: str = NEW, **changed):
    form = file_form(content, **(PLAIN | changed))
    return posted(client, path, form)


@pytest.fixture
def editor(as_person):
    return as_person("editor")


def code_of_newest(services) -> str:
    with services.database.reading() as session:
        return newest(session).code


def kept(services) -> Arrangement:
    with services.database.reading() as session:
        return newest(session).latest.arrangement


def test_a_new_recording_is_offered_the_panel_with_no_chime_chosen(editor):
    page = editor.get(NEW).text
    assert '<details class="card-box more arrangement" id="arrangement">' in page, "folded: nothing is unusual"
    assert 'value="none" selected' in page
    assert 'value="1" selected' in page
    assert "data-sides" not in page, "there is no text to hear in several profiles"
    assert "sau lần đọc cuối cùng của bản thu" in page


def test_what_is_chosen_is_saved_and_told_to_the_renderer(editor, services, settings):
    assert send(editor, WAV, **AROUND).status_code == 302
    assert kept(services) == Arrangement("bells", 2, 5, "Xin cảm ơn bà con.", "horn")
    with services.database.writing() as session:
        job = job_of(settings, take_order(session, NOW))
    assert isinstance(job, RecordingJob)
    assert (job.chime, job.repeats, job.gap_ms, job.profile) == ("bells", 2, 5000, "horn")
    assert job.closing == ("Xin cảm ơn bà con.",)
    page = editor.get(f"/ban-tin/{code_of_newest(services)}/thu-am").text
    assert 'id="arrangement" open>' in page
    for shown in ('value="bells" selected', 'value="2" selected', "Xin cảm ơn bà con.", 'value="horn" sel'):
        assert shown in page, shown


def test_a_form_without_the_panel_makes_a_recording_with_nothing_around_it(editor, services):
    form = file_form(WAV)
    assert editor.post(NEW, data=form, content_type="multipart/form-data").status_code == 302
    assert kept(services) == Arrangement(chime="none")


def test_the_sound_has_all_of_it_and_the_page_tells_what_a_voice_says(editor, services):
    send(editor, WAV)
    assert make_sound(services)
    with services.database.reading() as session:
        bare_ms = newest(session).latest.audio.duration_ms
        assert newest(session).latest.rendering.said is None
    send(editor, WAV, **AROUND)
    assert make_sound(services)
    with services.database.reading() as session:
        revision = newest(session).latest
        assert revision.audio.duration_ms > 2 * bare_ms + 5000 + 6400
        assert revision.audio.lufs == pytest.approx(-16, abs=0.5)
        assert revision.audio.true_peak_db <= -1.5
        assert (revision.audio.voice, revision.rendering.said) == ("recording", ["Xin cảm ơn bà con."])
        assert len(revision.audio.sentence_voices) == 1
        code = revision.bulletin.code
    page = editor.get(f"/ban-tin/{code}").text
    assert "Lời kết, sau bản thu" in page
    assert "Xin cảm ơn bà con." in page
    assert "câu do giọng khác đọc thay" not in page
    with services.database.reading() as session:
        assert stretch_of(session) == 1.0, "a recording tells nothing about how fast the voice is"


def test_a_changed_arrangement_is_new_sound_and_a_changed_title_keeps_it(editor, services):
    send(editor, WAV, **AROUND)
    path = f"/ban-tin/{code_of_newest(services)}/thu-am"
    assert send(editor, None, path, based_on="1", **AROUND).status_code == 302
    with services.database.reading() as session:
        assert newest(session).latest.number == 1, "nothing was changed"
    without_panel = file_form(None, title="Lời mời mới", based_on="1", profile="horn")
    assert editor.post(path, data=without_panel, content_type="multipart/form-data").status_code == 302
    assert kept(services) == Arrangement("bells", 2, 5, "Xin cảm ơn bà con.", "horn")
    assert send(editor, None, path, based_on="2", **AROUND | {"readings": "3"}).status_code == 302
    with services.database.reading() as session:
        latest = newest(session).latest
        assert (latest.number, latest.readings, latest.rendering.state) == (3, 3, "wanted")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"readings": "6"}, "số lần đọc là một số từ 1 đến 5"),
        ({"chime": "trống"}, "Hãy chọn một nhạc hiệu đơn vị này dùng được"),
        ({"closing": "....."}, "Lời kết chỉ có dấu câu hoặc ký hiệu"),
        ({"closing": "Chào bà con {xã}, {Điện thoại}."}, "Lời kết của bản thu âm không dùng được {xã}, {điện thoại}"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_the_file_need_not_come_again(editor, services, changed, told):
    with services.database.reading() as session:
        before = newest(session).id
    answer = send(editor, WAV, **changed)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'id="arrangement" open>' in answer.text
    assert "đã ở trên máy chủ, không cần gửi lại" in answer.text
    with services.database.reading() as session:
        assert newest(session).id == before


def test_a_chime_of_a_unit_above_may_be_chosen_and_one_of_another_unit_not(as_person, services, district):
    store, own = AudioStore(services.settings.audio_dir), {}
    with services.database.writing() as session:
        for unit in ("H1", "X2"):
            own[unit] = store.put(unit.encode(), MASTER)
            session.add(
                Chime(
                    unit_id=district.units[unit], name=f"Nhạc {unit}", sha256=own[unit], duration_ms=1000,
                    uploaded_at=NOW, uploaded_by_id=district.people["editor"],
                )
            )  # fmt: skip
    operator = as_person("operator")
    assert send(operator, WAV, unit="X1", chime=own["X2"]).status_code == 422
    assert send(operator, WAV, unit="X1", chime=own["H1"]).status_code == 302
    assert kept(services).chime == own["H1"]


def test_what_the_reader_asks_about_the_closing_holds_the_recording_back_until_it_is_looked_at(editor, services):
    answer = send(editor, WAV, closing=DOUBTFUL)
    code = code_of_newest(services)
    assert answer.location.endswith(f"/ban-tin/{code}/thu-am#f-as_is"), "to where it is looked at"
    give_sound(services, code)
    refused = editor.post(f"/ban-tin/{code}/gui-duyet")
    assert refused.status_code == 422
    assert "chưa chắc cách đọc" in refused.text
    assert "lời kết" in refused.text
    page = editor.get(f"/ban-tin/{code}/thu-am").text
    assert "1 chỗ chưa chắc cách đọc" in page
    assert '<details id="said-questions-list" open>' in page
    answered = {"closing": DOUBTFUL, "as_is": asked_in(DOUBTFUL), "based_on": "1"}
    assert send(editor, None, f"/ban-tin/{code}/thu-am", **answered).location.endswith(f"/ban-tin/{code}")
    with services.database.reading() as session:
        latest = newest(session).latest
        assert (latest.number, latest.answered, latest.rendering.state) == (1, asked_in(DOUBTFUL), "ready")
    assert " checked" in editor.get(f"/ban-tin/{code}/thu-am").text
    assert editor.post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    with services.database.reading() as session:
        assert newest(session).latest.state == "submitted"


def test_other_closing_words_are_looked_at_anew(editor, services):
    send(editor, WAV, closing=DOUBTFUL, as_is=asked_in(DOUBTFUL))
    code = code_of_newest(services)
    other = "Xin hỏi bà WKFT."
    changed = {"closing": other, "as_is": asked_in(DOUBTFUL), "based_on": "1"}
    assert send(editor, None, f"/ban-tin/{code}/thu-am", **changed).location.endswith("#f-as_is")
    with services.database.reading() as session:
        assert newest(session).latest.answered == []


def test_a_place_to_be_filled_in_holds_it_back_too(editor, services):
    send(editor, WAV, closing="Hỏi ông [điền: tên] nhé.")
    code = code_of_newest(services)
    give_sound(services, code)
    refused = editor.post(f"/ban-tin/{code}/gui-duyet")
    assert refused.status_code == 422
    assert "phải điền" in refused.text


def test_whoever_approves_reads_the_closing_words_and_a_later_doubt_stops_them(as_person, services):
    send(as_person("editor"), WAV, closing=DOUBTFUL, as_is=asked_in(DOUBTFUL))
    code = code_of_newest(services)
    give_sound(services, code)
    assert as_person("editor").post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    page = as_person("approver").get(f"/duyet/{code}").text
    assert "Lời kết, sau bản thu" in page
    assert "Người soạn đã xem 1 chỗ chưa chắc" in page
    with services.database.writing() as session:
        revision = newest(session).latest
        revision.answered = []
        sound = revision.sound_key
    decision = {"revision": "1", "audio": sound, "class": "normal", "heard_ms": "90000", "sure": "1"}
    refused = as_person("approver").post(f"/duyet/{code}", data=decision)
    assert refused.status_code == 409
    assert "chưa chắc cách đọc" in refused.text


def test_one_from_a_set_up_file_is_arranged_anew_only_with_a_file(as_person, services):
    with services.database.writing() as session:
        revision = session.scalar(select(Bulletin).where(Bulletin.code == "BT3")).latest
        revision.content, revision.script, revision.chime = "recording", "", "none"
        revision.recording_sha256 = revision.rendering.audio_sha256
    operator, path = as_person("operator"), "/ban-tin/BT3/thu-am"
    refused = send(operator, None, path, based_on="1", unit="X1", **AROUND)
    assert refused.status_code == 422
    assert "đến từ tệp thiết lập. Muốn đổi cách dàn dựng" in refused.text
    assert send(operator, WAV, path, based_on="1", unit="X1", **AROUND).status_code == 302
    with services.database.reading() as session:
        latest = session.scalar(select(Bulletin).where(Bulletin.code == "BT3")).latest
        assert (latest.chime, latest.recording_sha256, latest.rendering.state) == ("bells", None, "wanted")


def test_a_new_voice_says_the_closing_words_of_recordings_that_wait(editor, services):
    send(editor, WAV)
    code = code_of_newest(services)
    send(editor, WAV, **AROUND)
    for number in (code, code_of_newest(services)):
        give_sound(services, number)
    with services.database.writing() as session:
        render_waiting_again(session, NOW, first="giong-moi")
    with services.database.reading() as session:
        newer, older = newest(session), session.scalar(select(Bulletin).where(Bulletin.code == code))
        assert [each.latest.rendering.state for each in (older, newer)] == ["ready", "wanted"]
    give_sound(services, code_of_newest(services))
    with services.database.writing() as session:
        newest(session).latest.audio.sentence_voices = ["giong-moi"]
    with services.database.writing() as session:
        render_waiting_again(session, NOW, first="giong-moi")
        assert newest(session).latest.rendering.state == "ready", "said by it already"
