"""Hearing one sentence while writing: who may, what is refused in words, what is served."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator

import pytest
import soundfile
from flask import Flask

from audio.preview import preview_path
from audio.rendering import PreviewJob
from tests.web.seed import SOUND
from web import create_app, limiter
from web.listening.desk import ListeningDesk
from web.listening.turns import KEEP_S, OneAtATime, SomebodyListens, Turns
from web.listening.voices import said_by_others, voice_words
from web.services import Services

SENTENCE = "Mời bà con đi họp lúc mười chín giờ ba mươi phút."
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def app(services: Services) -> Iterator[Flask]:
    """As in conftest, but its desk has a child to end."""
    app = create_app(services)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield app
    services.listening.close()
    limiter.reset()


def hear(client, spoken: str = SENTENCE, **fields: str):
    return client.post("/nghe-thu", data={"spoken": spoken, **fields}, headers=FRAGMENT)


def test_a_sentence_is_heard_while_it_is_being_written(as_person, services):
    client = as_person("editor")
    told = hear(client, code="BT3").json
    assert told["voice"] == "giọng đọc ngoại tuyến"
    assert told["is_fallback"] is False
    with client.get(told["url"]) as sound:
        assert (sound.status_code, sound.mimetype) == (200, "audio/mpeg")
        assert "private" in sound.headers["Cache-Control"]
        whole = sound.data
    samples, rate = soundfile.read(io.BytesIO(whole))
    assert abs(len(samples) / rate * 1000 - told["duration_ms"]) < 60
    assert told["duration_ms"] > 2000
    with client.get(told["url"], headers={"Range": "bytes=10-19"}) as part:
        assert (part.status_code, part.data) == (206, whole[10:20])


def test_the_same_sentence_is_made_once(as_person, services):
    client = as_person("editor")
    first = hear(client).json
    services.listening.close()
    assert hear(client).json == first
    assert services.listening._renderer.child.pid is None, "nobody was asked again"


def test_without_scripts_the_sound_itself_opens(as_person):
    client = as_person("editor")
    answer = client.post("/nghe-thu", data={"spoken": SENTENCE})
    assert answer.status_code == 303
    assert re.fullmatch(r"/nghe-thu/[0-9a-f]{64}\.mp3", answer.location)
    with client.get(answer.location) as sound:
        assert sound.status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({"spoken": ""}, 422, "không có chữ nào"),
        ({"spoken": "Họp lúc 19 giờ."}, 422, "“1”"),
        ({"spoken": "họp " * 200}, 413, "600"),
        ({"spoken": SENTENCE, "profile": "khong-co"}, 422, "khong-co"),
        ({"spoken": SENTENCE, "code": "BT9"}, 404, "Không tìm thấy"),
        ({"spoken": SENTENCE, "unit": "H9"}, 404, "Không tìm thấy"),
    ],
    ids=["nothing", "a digit", "too long", "no such profile", "a bulletin of others", "a unit of others"],
)
def test_what_cannot_be_heard_is_told_in_words(as_person, fields, status, told):
    answer = hear(as_person("editor"), **fields)
    assert answer.status_code == status
    assert told in answer.json["message"]


@pytest.mark.parametrize("key", ["x", "..%2f..%2fbroadcast", SOUND, SOUND.upper(), f"{SOUND}.json"])
def test_a_key_that_nobody_listened_to_is_not_found(as_person, services, key):
    (services.settings.data_dir / "previews").mkdir()
    (services.settings.data_dir / "previews" / f"{SOUND}.json").write_text("{}")
    assert as_person("editor").get(f"/nghe-thu/{key}.mp3").status_code == 404


def test_who_may_not_write_does_not_listen(as_person, services):
    key = hear(as_person("editor")).json["url"]
    for login in ("supervisor", "administrator"):
        assert hear(as_person(login)).status_code == 403
        assert as_person(login).get(key).status_code == 403


def test_one_person_cannot_keep_the_voice_busy(as_person):
    client = as_person("editor")
    statuses = [hear(client, "một hai 3").status_code for _ in range(61)]
    assert statuses == [422] * 60 + [429]
    assert hear(as_person("approver"), "một hai 3").status_code == 422


def test_the_second_person_is_told_that_somebody_listens(services):
    """The first holds the desk; the second learns it and asks again, instead of holding a thread of the server."""
    with ListeningDesk(wait_s=0.01) as desk:
        job = PreviewJob(services.settings.data_dir, (SENTENCE,))
        with desk.turns.turn("A"), pytest.raises(SomebodyListens) as told:
            desk.hear(job, "B")
        assert (told.value.status, told.value.retry_after_s) == (503, 2)
        assert desk.hear(job, "B").path == preview_path(services.settings.data_dir, job.key)


def test_one_person_has_one_sentence_made_at_a_time(services):
    with ListeningDesk(wait_s=30) as desk:
        job = PreviewJob(services.settings.data_dir, (SENTENCE,))
        with desk.turns.turn("A"), pytest.raises(OneAtATime, match="Câu trước của bạn"):
            desk.hear(job, "A")


def test_who_was_sent_away_comes_before_whoever_was_just_served():
    seconds = [0.0]
    turns = Turns(0.01, clock=lambda: seconds[0])
    with turns.turn("A"), pytest.raises(SomebodyListens), turns.turn("B"):
        pass
    with pytest.raises(SomebodyListens), turns.turn("A"):
        pass
    with turns.turn("B"):
        pass
    with turns.turn("A"):
        pass
    with turns.turn("A"), pytest.raises(SomebodyListens), turns.turn("B"):
        pass
    seconds[0] += KEEP_S + 1
    with turns.turn("A"):  # B did not come back
        pass


def test_two_at_once_are_both_served(services):
    with ListeningDesk(wait_s=30) as desk:
        jobs = [PreviewJob(services.settings.data_dir, (f"Câu {word}.",)) for word in ("một", "hai")]
        threads = [threading.Thread(target=desk.hear, args=(job, number)) for number, job in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(preview_path(services.settings.data_dir, job.key).is_file() for job in jobs)


def test_who_spoke_is_said_in_words(as_person, services, web_database):
    assert voice_words("gtts") == "giọng đọc trực tuyến"
    assert voice_words("vi_VN-vais1000-medium").startswith("giọng máy học vais1000")


def test_sentences_that_another_voice_had_to_say_are_named(web_database):
    from tests.web.bulletin_parts import of

    with web_database.reading() as session:
        revision = of(session, "BT1").latest
        rendering = revision.renderings[-1]
        rendering.said = ["Đây là Đài truyền thanh huyện.", "Câu một.", "Câu hai.", "Xin cảm ơn."]
        rendering.audio.voice, rendering.audio.sentence_voices = "gtts", ["gtts", "espeak"]
        revision.closing = "Xin cảm ơn."
        assert said_by_others(rendering, revision) == [("Câu hai.", "giọng đọc ngoại tuyến")]
        revision.script, rendering.said = "Đây là Đài truyền thanh xã. Câu hai.", ["Đây là Đài.", "Câu hai.", "Hết."]
        assert said_by_others(rendering, revision) == [("Câu hai.", "giọng đọc ngoại tuyến")]
        revision.script = "**Đây là Đài truyền thanh xã.** Câu hai."
        assert said_by_others(rendering, revision) == [("Câu hai.", "giọng đọc ngoại tuyến")]
        rendering.audio.sentence_voices = ["gtts", "gtts"]
        assert said_by_others(rendering, revision) == []
        session.rollback()
