"""Which order the one renderer takes next, and how often it tries a recording that it crashes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from audio import orders
from audio.jobs import said_by
from audio.orders import MOST_CRASHES, RETRY_AFTER_CRASH, Order, job_of, take_order, work
from audio.rendering import RecordingJob, Renderer, RenderingFailed
from audio.speaker import Speaker
from broadcast.arrangement import Arrangement
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, Revision
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import Invalid
from broadcast.writing import order_again
from tests.communes import Communes


def taken(session: Session, now: datetime) -> list[str]:
    """The codes of the bulletins in the order in which they are worked."""
    codes = []
    while (order := take_order(session, now)) is not None:
        codes.append(session.get_one(Rendering, order.rendering_id).revision_id)
    return [session.get_one(Revision, number).bulletin.code for number in codes]


def test_an_emergency_is_made_first_then_what_is_urgent(database: Database, now: datetime) -> None:
    with database.writing() as session:
        district = Communes(session, now - timedelta(hours=1))
        for code, kind in (("A", "normal"), ("B", "priority"), ("C", "emergency"), ("D", "normal"), ("E", "emergency")):
            district.now += timedelta(minutes=1)
            district.draft(code, "Mời bà con đi họp.", bulletin_class=kind)
        assert taken(session, now) == ["C", "E", "B", "A", "D"]


def test_what_was_just_saved_waits_behind_no_sounds_that_are_made_again(database: Database, now: datetime) -> None:
    with database.writing() as session:
        district = Communes(session, now - timedelta(hours=1))
        for code in ("CU1", "CU2"):
            old = district.sounding(code)
            order_again(session, old.latest, {sound.unit_id for sound in old.latest.renderings}, district.now)
        district.now += timedelta(minutes=5)
        district.draft("MOI", "Mời bà con đi họp.")
        assert taken(session, now) == ["MOI", "CU1", "CU1", "CU2", "CU2"]


def test_a_bulletin_of_many_communes_lets_one_of_few_sounds_go_first(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "_FEW_SOUNDS", 1)
    with database.writing() as session:
        district = Communes(session, now - timedelta(hours=1))
        district.draft("NHIEU", "Mời bà con {xã} đi họp.")
        district.now += timedelta(minutes=5)
        district.draft("IT", "Mời bà con đi họp.")
        assert taken(session, now)[0] == "IT"


class Crashing(Renderer):
    def produce(self, *_: Any, **__: Any) -> Any:
        raise RenderingFailed("Bộ phận làm âm thanh dừng đột ngột.")


@pytest.mark.parametrize(("upload", "most"), [("a" * 64, MOST_CRASHES), (None, orders.MOST_ATTEMPTS)])
def test_a_recording_that_crashes_the_renderer_is_tried_once_more_later(
    database: Database, settings: Settings, now: datetime, upload: str | None, most: int
) -> None:
    with database.writing() as session:
        district = Communes(session, now)
        bulletin: Bulletin = district.draft("THU", "Mời bà con đi họp.")
        number = bulletin.latest.renderings[0].id
    states = []
    for attempt in range(1, most + 1):
        with database.writing() as session:
            rendering = session.get_one(Rendering, number)
            rendering.state, rendering.attempts = "rendering", attempt
        order = Order(number, attempt, "Mời bà con đi họp.", Speaker("H"), Arrangement(), upload)
        assert not work(database, settings, order, Crashing(), lambda: now)
        with database.reading() as session:
            rendering = session.get_one(Rendering, number)
            states.append(rendering.state)
            if upload and rendering.state == "wanted":
                assert rendering.due_at == now + RETRY_AFTER_CRASH
    assert states == ["wanted"] * (most - 1) + ["failed"]


def test_a_recording_is_told_to_the_renderer_with_all_that_is_around_it(settings: Settings) -> None:
    around = Arrangement("bells", 3, 5, "Trạm y tế: 3 giờ chiều. Xin cảm ơn!", "horn")
    order = Order(1, 1, "", Speaker("xã Xuân"), around, "a" * 64, "lời mời.mp3")
    job = job_of(settings, order)
    assert isinstance(job, RecordingJob)
    assert (job.path, job.called) == (settings.uploads_dir / ("a" * 64), "lời mời.mp3")
    assert (job.chime, job.repeats, job.gap_ms, job.profile) == ("bells", 3, 5000, "horn")
    assert job.closing == ("Trạm y tế: ba giờ chiều.", "Xin cảm ơn!")
    assert said_by(job) == list(job.closing)
    assert job.longest_min == 60


def test_closing_words_of_a_recording_are_read_with_the_lexicon_of_its_unit(settings: Settings) -> None:
    speaker = Speaker("xã Xuân", {}, (("VNEN", "vê nen", "term"),))
    order = Order(1, 1, "", speaker, Arrangement("none", closing="Hỏi nhóm VNEN."), "a" * 64)
    assert job_of(settings, order).closing == ("Hỏi nhóm vê nen.",)


def test_a_variable_in_the_closing_words_of_a_recording_is_refused(settings: Settings) -> None:
    speaker = Speaker("xã Xuân", {"xã": "xã Xuân"})
    order = Order(1, 1, "", speaker, Arrangement("none", closing="Chào bà con {xã}."), "a" * 64)
    with pytest.raises(Invalid, match="một âm thanh chung cho mọi nơi") as refused:
        job_of(settings, order)
    assert refused.value.field == "closing"
