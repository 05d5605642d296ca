"""Bản tin thu âm: a file is brought, looked at, made into sound, changed; what is no sound is refused with words."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import wave
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from audio.coding import SAMPLE_RATE
from audio.store import AudioStore
from broadcast.audit_event import AuditEvent
from broadcast.bulletin import Bulletin
from broadcast.config import Settings
from broadcast.upload import Upload
from tests.audio.test_recording import coded
from tests.web.seed import NOW
from tests.web.upload_parts import JPEG, MKV, file_form, files_under, make_sound, newest, posted, spoken
from web.audit_words import act_in_words, detail_in_words
from web.serving.ticks import Ticks
from web.uploads import arriving, kept
from web.uploads.kept import sweep
from web.uploads.pages import file_size

NEW = "/ban-tin/thu-am/moi"
WAV = spoken()


def send(client, content: bytes | None, name: str = "loi-moi.wav", path: str = NEW, **changed):
    return posted(client, path, file_form(content, name, **changed))


def count(services) -> tuple[int, int]:
    with services.database.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(noun)) for noun in (Bulletin, Upload))


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG", "M4A"])
def test_a_recording_becomes_a_bulletin_with_finished_sound(as_person, services, settings, kind):
    content = spoken(1.5, kind)
    answer = send(as_person("editor"), content, f"../../keys/Lời mời.{kind.lower()}")
    assert answer.status_code == 302
    sha256 = hashlib.sha256(content).hexdigest()
    assert files_under(settings.uploads_dir) == [sha256]
    assert make_sound(services)
    with services.database.reading() as session:
        revision = newest(session).latest
        assert (revision.content, revision.upload.sha256, revision.upload.bytes) == ("recording", sha256, len(content))
        assert revision.upload.name == f"Lời mời.{kind.lower()}"
        assert AudioStore(settings.audio_dir).verify(revision.audio.sha256)
        assert revision.audio.lufs == pytest.approx(-16, abs=0.5)
        code = revision.bulletin.code
    page = as_person("editor").get(f"/ban-tin/{code}").text
    assert "bản thu âm" in page or "thu âm" in page


def test_a_second_person_approves_a_recording_and_the_one_who_brought_it_cannot(as_person, services):
    send(as_person("approver"), WAV)
    assert make_sound(services)
    with services.database.reading() as session:
        code, sound = newest(session).code, newest(session).latest.audio.sha256
    assert as_person("editor").post(f"/ban-tin/{code}/gui-duyet").status_code == 302
    decision = {"revision": "1", "audio": sound, "class": "normal", "heard_ms": "1500", "sure": "1"}
    assert as_person("approver").post(f"/duyet/{code}", data=decision).status_code == 403
    with services.database.reading() as session:
        assert newest(session).latest.approvals == []


def test_the_page_shows_how_far_the_work_is_in_hundredths(as_person, services):
    send(as_person("editor"), WAV)
    with services.database.writing() as session:
        rendering = newest(session).latest.rendering
        rendering.state, rendering.sentences_done, rendering.sentences_total = "rendering", 35, 100
        code = newest(session).code
    part = as_person("editor").get(f"/ban-tin/{code}/am-thanh").text
    assert "35%" in part
    assert "câu" not in part


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "trong.mp3", "rỗng (0 byte)"),
        (JPEG, "bai-phat.mp3", "là ảnh (JPEG)"),
        ("Kính thưa bà con, ngày mai họp thôn.".encode(), "bai.wav", "là văn bản"),
        (MKV, "hop.mp3", "là phim (video)"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "quay.m4a", "là phim (video)"),
        (b"PK\x03\x04" + b"\x00" * 60, "bai.docx", "tệp nén hoặc tài liệu"),
        (b"\x00\x01\x02\x03" * 90, "la.mp3", "không phải âm thanh"),
        (None, "", "Hãy chọn tệp thu âm"),
    ],
)
def test_what_is_no_sound_is_refused_with_words_and_leaves_nothing(as_person, services, settings, content, name, told):
    before = count(services)
    answer = send(as_person("editor"), content, name)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Lời mời họp thôn"' in answer.text
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


UNUSABLE_BY_ITS_HEAD = [
    (WAV[: len(WAV) // 2], "bị cắt cụt"),
    (spoken(1.5, "OGG")[:-4000], "bị cắt cụt"),
    (b"ID3" + bytes(range(256)) * 30, "bị hỏng hoặc bị cắt cụt"),
]
UNUSABLE_ONCE_DECODED = [
    (spoken(4, "MP3")[:-9000], "bị cắt cụt"),
    (spoken(0.3), "ngắn hơn 0,4 giây"),
    (coded(np.zeros(2 * SAMPLE_RATE, np.float32), "WAV"), "im lặng"),
]


@pytest.mark.parametrize(("content", "told"), [*UNUSABLE_BY_ITS_HEAD, *UNUSABLE_ONCE_DECODED])
def test_what_no_sound_can_be_made_of_is_refused_at_once(as_person, services, settings, content, told):
    before = count(services)
    answer = send(as_person("editor"), content, "Bài thu 1.wav")
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Lời mời họp thôn"' in answer.text
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


@pytest.mark.parametrize(("content", "told"), UNUSABLE_BY_ITS_HEAD)
def test_what_a_large_file_says_of_itself_is_refused_at_once(as_person, services, settings, monkeypatch, content, told):
    monkeypatch.setattr(kept, "LOOKED_INTO", 0)
    before = count(services)
    answer = send(as_person("editor"), content, "Bài thu 1.wav")
    assert answer.status_code == 422
    assert told in answer.text
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


@pytest.mark.parametrize(("content", "told"), UNUSABLE_ONCE_DECODED)
def test_in_a_large_file_the_worker_finds_it_and_another_file_can_be_chosen(
    as_person, services, monkeypatch, content, told
):
    monkeypatch.setattr(kept, "LOOKED_INTO", 0)
    assert send(as_person("editor"), content, "Bài thu <b>1.wav").status_code == 302
    assert not make_sound(services)
    with services.database.reading() as session:
        code = newest(session).code
    part = as_person("editor").get(f"/ban-tin/{code}/am-thanh").text
    assert told in part
    assert "Chọn tệp khác" in part
    assert f'href="/ban-tin/{code}/thu-am#f-file"' in part
    assert ">Dựng lại<" not in part
    assert "bấm Dựng lại" not in part
    assert "Không dựng được âm thanh nên chưa gửi duyệt được. Hãy chọn tệp khác." in part
    assert "<span data-unless-failed hidden>" in as_person("editor").get(f"/ban-tin/{code}").text
    assert "data-failed" in part, "by which the page knows when to show the button again"
    with services.database.writing() as session:
        newest(session).latest.rendering.attempts = 2
    part = as_person("editor").get(f"/ban-tin/{code}/am-thanh").text
    assert ">Dựng lại<" in part
    assert "Bấm Dựng lại, hoặc chọn tệp khác." in part


def test_the_size_of_a_file_is_told_in_the_unit_that_fits_it():
    assert [file_size(size) for size in (0, 1, 46_000, 1_258_291)] == ["0 byte", "1 KB", "45 KB", "1,2 MB"]


def six_seconds(kind: str = "MP3") -> bytes:
    at_s = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    return coded((0.2 * np.sin(2 * np.pi * 440 * at_s)).astype(np.float32), kind)


def hours_of_wav(hours: float) -> bytes:
    """With a head that says so, and all of its bytes: eight bits, 4000 a second."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(4000)
        file.writeframes(bytes([120, 136]) * round(hours * 3600 * 2000))
    return out.getvalue()


@pytest.mark.parametrize("content", [six_seconds() * 6000, hours_of_wav(1.5)])
def test_what_is_longer_than_an_hour_is_refused_at_the_form(as_person, services, settings, content):
    before = count(services)
    answer = send(as_person("editor"), content, "ca-ngay.mp3")
    assert answer.status_code == 422
    assert "Tệp “ca-ngay.mp3” dài hơn 60 phút." in answer.text
    assert 'value="Lời mời họp thôn"' in answer.text
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


def test_ten_hours_behind_a_head_that_says_otherwise_are_refused_by_the_worker_with_words(
    as_person, services, monkeypatch
):
    monkeypatch.setattr("web.uploads.kept._look_into", lambda *_: None)
    assert send(as_person("editor"), six_seconds() * 6000, "ca-ngay.mp3").status_code == 302
    assert not make_sound(services)
    with services.database.reading() as session:
        assert newest(session).latest.rendering.message_vi == "Tệp “ca-ngay.mp3” dài hơn 60 phút."


def test_a_file_over_the_limit_is_refused_with_words(as_person, services, settings, monkeypatch):
    monkeypatch.setitem(arriving.LIMITS, "uploads.create_submit", 2 * arriving.MIB)
    before = count(services)
    large = WAV + bytes(2 * arriving.MIB)
    by_the_file = send(as_person("editor"), large)
    by_the_length = send(as_person("editor"), large + bytes(2 * arriving.MIB))
    for answer in (by_the_file, by_the_length):
        assert answer.status_code == 413
        assert "lớn hơn 2 MB" in answer.text
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


def test_a_disk_without_room_is_said_before_a_byte_is_taken(as_person, settings, monkeypatch):
    monkeypatch.setattr(arriving, "SPARE_BYTES", 1 << 60)
    answer = send(as_person("editor"), WAV)
    assert answer.status_code == 500
    assert "không đủ chỗ" in answer.text
    assert files_under(settings.uploads_dir) == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_half_written(as_person, services, settings, monkeypatch):
    real_open = type(settings.uploads_dir).open

    # The kernel's own full device, where the temporary file would be: writing to it ends in ENOSPC.
    def full(path, mode="r", *rest, **more):
        return real_open(path, mode, *rest, **more) if mode != "xb" else real_open(Path("/dev/full"), "wb")

    monkeypatch.setattr(type(settings.uploads_dir), "open", full)
    before = count(services)
    answer = send(as_person("editor"), spoken(6))
    assert answer.status_code == 500
    assert "Ổ đĩa đã đầy" in answer.text
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


def test_of_many_at_once_the_last_is_asked_to_come_again(as_person, settings, monkeypatch):
    monkeypatch.setattr(arriving, "_places", threading.BoundedSemaphore(1))
    with arriving._places:
        answer = send(as_person("editor"), WAV)
    assert answer.status_code == 503
    assert "cùng lúc" in answer.text
    assert answer.headers["Retry-After"]
    assert files_under(settings.uploads_dir) == []
    assert send(as_person("editor"), WAV).status_code == 302
    assert send(as_person("editor"), WAV).status_code == 302  # a place is given back


def test_a_form_that_has_to_be_mended_need_not_bring_its_file_again(as_person, services, settings):
    client = as_person("editor")
    answer = send(client, WAV, title="")
    assert answer.status_code == 422
    assert "đã ở trên máy chủ, không cần gửi lại" in answer.text
    carried = re.search(r'name="arrived" value="([^"]+)"', answer.text)[1]
    assert send(client, None, arrived=carried).status_code == 302
    assert files_under(settings.uploads_dir) == [hashlib.sha256(WAV).hexdigest()]
    # Nobody else makes a bulletin of it, and a changed mark is none.
    assert send(as_person("approver"), None, arrived=carried).status_code == 422
    assert send(client, None, arrived=carried[:-2] + "xx").status_code == 422


def test_the_title_of_a_recording_changes_and_its_file_stays(as_person, services):
    client = as_person("editor")
    send(client, WAV)
    with services.database.reading() as session:
        code, upload = newest(session).code, newest(session).latest.upload_id
    assert "loi-moi.wav" in client.get(f"/ban-tin/{code}/thu-am").text
    answer = send(client, None, path=f"/ban-tin/{code}/thu-am", title="Lời mời mới", based_on="1")
    assert answer.status_code == 302
    with services.database.reading() as session:
        bulletin = newest(session)
        assert (bulletin.title, bulletin.latest.number, bulletin.latest.upload_id) == ("Lời mời mới", 2, upload)


def test_a_new_file_is_new_sound_and_the_same_file_is_nothing_new(as_person, services):
    client = as_person("editor")
    send(client, WAV)
    with services.database.reading() as session:
        code = newest(session).code
    path = f"/ban-tin/{code}/thu-am"
    assert send(client, WAV, path=path, based_on="1").status_code == 302
    with services.database.reading() as session:
        assert newest(session).latest.number == 1
    assert send(client, spoken(2), "lan-hai.wav", path=path, based_on="1").status_code == 302
    with services.database.reading() as session:
        first, second = newest(session).revisions
        assert (second.upload.name, second.rendering.state, first.rendering.state) == (
            "lan-hai.wav", "wanted", "cancelled",
        )  # fmt: skip


def test_of_two_who_change_a_recording_the_second_is_told_and_keeps_the_file(as_person, services):
    send(as_person("editor"), WAV)
    with services.database.reading() as session:
        code = newest(session).code
    path = f"/ban-tin/{code}/thu-am"
    assert send(as_person("editor"), None, path=path, title="Một", based_on="1").status_code == 302
    late = send(as_person("approver"), spoken(2), "hai.wav", path=path, title="Hai", based_on="1")
    assert late.status_code == 409
    assert "vừa lưu một bản sửa khác" in late.text
    assert "“hai.wav”" in late.text
    with services.database.reading() as session:
        assert newest(session).title == "Một"


def test_a_recording_that_waits_for_approval_is_not_changed(as_person, services):
    send(as_person("editor"), WAV)
    assert make_sound(services)
    with services.database.reading() as session:
        code = newest(session).code
    as_person("editor").post(f"/ban-tin/{code}/gui-duyet")
    assert as_person("editor").get(f"/ban-tin/{code}/thu-am").status_code == 302
    late = send(as_person("editor"), None, path=f"/ban-tin/{code}/thu-am", title="Khác", based_on="1")
    assert late.status_code == 409
    assert "đang chờ duyệt" in late.text


def test_nobody_brings_a_recording_for_a_unit_that_is_not_theirs(as_person, services, settings):
    before = count(services)
    assert send(as_person("operator"), WAV, unit="X2").status_code == 422
    assert send(as_person("ngoai"), WAV, path="/ban-tin/BT1/thu-am").status_code == 404
    assert send(as_person("supervisor"), WAV).status_code == 403
    assert count(services) == before
    assert send(as_person("operator"), WAV, unit="X1").status_code == 302


def test_without_rights_a_large_body_is_not_written_anywhere(app, as_person, client, settings):
    large = bytes(5 * arriving.MIB)
    signed_out = send(client, large)
    assert (signed_out.status_code, signed_out.location.startswith("/dang-nhap")) == (302, True)
    assert send(as_person("supervisor"), large).status_code == 403
    assert send(as_person("cu"), large).status_code == 403
    assert files_under(settings.data_dir / "uploads") == []


def test_a_form_of_another_site_leaves_no_file(app, as_person, services, settings):
    app.config["WTF_CSRF_ENABLED"] = True
    before = count(services)
    assert send(as_person("editor"), WAV).status_code == 400
    assert count(services) == before
    assert files_under(settings.uploads_dir) == []


def test_a_large_form_without_a_file_part_has_the_usual_limit(as_person):
    answer = as_person("editor").post(NEW, data={"title": "x" * (5 * arriving.MIB)})
    assert answer.status_code == 413


def test_a_script_is_told_where_to_go_instead_of_being_led_there(as_person):
    answer = as_person("editor").post(NEW, data=file_form(WAV), headers={"X-Upload": "1"})
    assert answer.status_code == 201
    assert answer.json["to"].startswith("/ban-tin/BT-")


def test_a_bulletin_from_a_set_up_file_keeps_its_sound_when_its_title_changes(as_person, services):
    with services.database.writing() as session:
        bulletin = session.scalar(select(Bulletin).where(Bulletin.code == "BT3"))
        revision = bulletin.latest
        revision.content, revision.script = "recording", ""
        revision.recording_sha256 = revision.rendering.audio_sha256
    page = as_person("operator").get("/ban-tin/BT3/thu-am").text
    assert "đến từ tệp thiết lập" in page
    assert send(as_person("operator"), None, path="/ban-tin/BT3/thu-am", based_on="1").status_code == 302
    with services.database.reading() as session:
        latest = session.scalar(select(Bulletin).where(Bulletin.code == "BT3")).latest
        assert (latest.number, latest.rendering.state) == (2, "ready")
        assert latest.audio.sha256 == latest.recording_sha256


def test_what_nobody_uses_goes_after_a_day_and_what_a_revision_uses_stays(as_person, services, settings):
    send(as_person("editor"), WAV)
    send(as_person("editor"), spoken(2), title="")
    (settings.uploads_dir / "tmp" / "999999999-dead.part").write_bytes(b"half")
    assert len(files_under(settings.uploads_dir)) == 3
    assert sweep(services.database, settings.uploads_dir, NOW) == 0
    whole = [name for name in files_under(settings.uploads_dir) if len(name) == 64]
    written = max((settings.uploads_dir / name).stat().st_mtime for name in whole)
    later = NOW.fromtimestamp(written, NOW.tzinfo) + timedelta(days=1, seconds=1)
    assert sweep(services.database, settings.uploads_dir, later) == 1
    assert files_under(settings.uploads_dir) == [hashlib.sha256(WAV).hexdigest()]


def test_the_clockwork_sweeps(services, settings):
    settings.uploads_dir.mkdir(parents=True)
    old = settings.uploads_dir / ("ab" * 32)
    old.write_bytes(b"x")
    ticks = Ticks(
        services.database, settings, lambda: NOW.fromtimestamp(old.stat().st_mtime, NOW.tzinfo) + timedelta(2)
    )
    tick = next(tick for tick in ticks.all() if tick.name == "unused uploads")
    tick.run()
    ticks.close()
    assert not old.exists()


def test_the_trail_names_the_file(as_person, services):
    send(as_person("editor"), WAV, "thu.wav")
    with services.database.reading() as session:
        event = session.scalar(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1))
        assert act_in_words(event) == "soạn bản tin “Lời mời họp thôn”"
        assert "tệp: thu.wav" in detail_in_words(event, {})


def test_arriving_files_are_hashed_as_they_come_and_gone_unless_kept(settings: Settings):
    folder = settings.uploads_dir
    with arriving.ArrivingFile(folder, 100) as file:
        file.write(b"abc")
        file.write(b"def")
        file.seek(0)
        assert file.path.read_bytes() == b"abcdef"
        assert file.keep() == hashlib.sha256(b"abcdef").hexdigest()
    with arriving.ArrivingFile(folder, 100) as file:
        file.write(b"gone")
    assert files_under(folder) == [hashlib.sha256(b"abcdef").hexdigest()]


def test_the_first_page_of_writing_offers_the_human_voice_before_all_else(as_person):
    page = as_person("editor").get("/ban-tin/moi").text
    assert 'href="/ban-tin/thu-am/moi"' in page
    assert page.index("/ban-tin/thu-am/moi") < page.index("Từ mẫu có sẵn")


def test_a_file_in_pieces_is_the_file(as_person, services, settings):
    content = spoken(20)
    assert len(content) > 512 * 1024
    answer = send(as_person("editor"), content, "dai.wav")
    assert answer.status_code == 302
    assert (settings.uploads_dir / hashlib.sha256(content).hexdigest()).read_bytes() == content
