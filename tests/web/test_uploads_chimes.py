"""Nhạc hiệu: heard, added to a unit, retired; who may, and what is refused with words."""

from __future__ import annotations

import io

import pytest
import soundfile
from sqlalchemy import func, select

from audio.store import MASTER, AudioStore
from broadcast.upload import Chime
from tests.web.seed import NOW
from tests.web.upload_parts import JPEG, chime_form, files_under, posted, spoken
from web.uploads import arriving


@pytest.fixture
def add(as_person):
    def send(login: str, content: bytes | None, filename: str = "nhac.wav", **changed):
        return posted(as_person(login), "/nhac-hieu", chime_form(content, filename) | changed)

    return send


@pytest.fixture
def own(services, district) -> Chime:
    """A chime of H1 that is in the store."""
    sound = io.BytesIO()
    soundfile.write(sound, [0.1, -0.1] * 12_000, 24_000, format="FLAC")
    sha256 = AudioStore(services.settings.audio_dir).put(sound.getvalue(), MASTER)
    with services.database.writing() as session:
        chime = Chime(
            unit_id=district.units["H1"], name="Nhạc huyện", sha256=sha256, duration_ms=1000, uploaded_at=NOW,
            uploaded_by_id=district.people["editor"],
        )  # fmt: skip
        session.add(chime)
    return chime


def chimes(services) -> list[Chime]:
    with services.database.reading() as session:
        return list(session.scalars(select(Chime).order_by(Chime.id)))


@pytest.mark.parametrize("name", ["gong", "bells", "bamboo"])
def test_each_chime_made_by_code_is_heard(as_person, name):
    with as_person("supervisor").get(f"/nhac-hieu/nghe/{name}") as answer:
        sound, rate = soundfile.read(io.BytesIO(answer.data))
    assert answer.mimetype == "audio/wav"
    assert 2 <= len(sound) / rate <= 6
    assert 0.05 < abs(sound).max() < 1


def test_an_uploaded_chime_is_kept_without_loss_and_heard_and_its_file_goes(as_person, add, services, settings):
    assert add("editor", spoken(3), "nhac.wav").status_code == 302
    (chime,) = chimes(services)
    assert (chime.name, chime.duration_ms) == ("Nhạc huyện", pytest.approx(3000, abs=250))
    assert AudioStore(settings.audio_dir).verify(chime.sha256, MASTER)
    assert files_under(settings.uploads_dir) == []
    with as_person("editor").get(f"/nhac-hieu/nghe/{chime.sha256}") as heard:
        assert heard.mimetype == "audio/flac"
        assert len(soundfile.read(io.BytesIO(heard.data))[0]) == pytest.approx(72_000, rel=0.1)
    page = as_person("operator").get("/nhac-hieu").text
    assert "Nhạc huyện" in page
    assert "Huyện Sông Lam" in page
    assert "Lê Thị Biên" in page
    assert "Ngừng dùng" not in page
    again = add("editor", spoken(3), "nhac.wav", name="Tên khác")
    assert again.status_code == 409
    assert "đã có nhạc hiệu này, tên là “Nhạc huyện”" in again.text


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "a.wav", "rỗng (0 byte)"),
        (JPEG, "a.mp3", "là ảnh (JPEG)"),
        (None, "", "Hãy chọn tệp nhạc hiệu"),
        (spoken(0.1), "a.wav", "ngắn hơn 0,4 giây"),
        (spoken(17), "dai.wav", "dài nhất là 15 giây"),
        (spoken(3)[:40_000], "cut.wav", "“cut.wav” bị cắt cụt"),
    ],
)
def test_what_is_no_chime_is_refused_with_words(add, services, settings, content, name, told):
    answer = add("editor", content, name)
    assert answer.status_code in {413, 422}
    assert told in answer.text
    assert "data-upload" in answer.text  # the form again, with what was typed
    assert chimes(services) == []
    assert files_under(settings.uploads_dir) == []
    assert files_under(settings.audio_dir) == []


def test_a_chime_has_its_own_smaller_limit(add, services, settings):
    answer = add("editor", spoken(1) + bytes(arriving.LARGEST_CHIME), "to.wav")
    assert answer.status_code == 413
    assert "lớn hơn 20 MB" in answer.text
    assert files_under(settings.uploads_dir) == []


def test_retired_it_is_offered_no_more_and_may_come_back(as_person, services, own):
    editor = as_person("editor")
    assert editor.post(f"/nhac-hieu/{own.id}/ngung").status_code == 302
    assert chimes(services)[0].retired_at == NOW
    assert "Đã ngừng dùng (1)" in editor.get("/nhac-hieu").text
    with editor.get(f"/nhac-hieu/nghe/{own.sha256}") as heard:
        assert heard.status_code == 200
    assert editor.post(f"/nhac-hieu/{own.id}/dung-lai").status_code == 302
    assert chimes(services)[0].retired_at is None


def test_who_may_only_use_it_neither_retires_nor_adds_above_themselves(as_person, add, services, own):
    for login in ("operator", "supervisor"):
        assert as_person(login).post(f"/nhac-hieu/{own.id}/ngung").status_code in {403, 404}, login
    assert add("operator", spoken(1), unit="H1").status_code == 422
    assert add("supervisor", spoken(1)).status_code == 403
    assert [chime.retired_at for chime in chimes(services)] == [None]
    assert add("operator", spoken(1), unit="X1").status_code == 302


def test_a_chime_of_another_district_is_as_one_that_does_not_exist(as_person, services, own):
    stranger = as_person("ngoai")
    for path in (f"/nhac-hieu/nghe/{own.sha256}", "/nhac-hieu/nghe/" + "ab" * 32, "/nhac-hieu/nghe/tiếng-gì"):
        assert stranger.get(path).status_code == 404, path
    assert "Nhạc huyện" not in stranger.get("/nhac-hieu").text
    for act in ("ngung", "dung-lai"):
        assert stranger.post(f"/nhac-hieu/{own.id}/{act}").status_code == 404
        assert stranger.post(f"/nhac-hieu/999999/{act}").status_code == 404
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Chime).where(Chime.retired_at.is_not(None))) == 0
