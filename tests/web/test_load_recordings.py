"""A recording in a set-up file: what the file says is around it is heard, and without a word nothing is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast.arrangement import Arrangement
from broadcast.bulletin import Bulletin, Revision
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import Invalid
from tests.web.load_parts import PEOPLE
from tests.web.upload_parts import spoken
from web.load import Loaded, load

PLACES = (
    """
[[unit]]
code = "H"
name = "huyện Hạ"
kind = "huyện"
"""
    + PEOPLE
)
RECORDING = """
[[bulletin]]
code = "M"
title = "Lời mời"
class = "normal"
sound = "loi-moi.wav"
author = "mot"
"""
APPROVED = 'approver = "hai"\n'


@pytest.fixture
def loaded(sqlite_database: Database, settings: Settings, tmp_path: Path, now: datetime) -> Callable[[str], Loaded]:
    fast = settings.model_copy(update={"voice": "tone"})
    (tmp_path / "loi-moi.wav").write_bytes(spoken(2))

    def load_text(text: str) -> Loaded:
        path = tmp_path / "thiet-lap.toml"
        path.write_text(PLACES + text, encoding="utf-8")
        return load(sqlite_database, fast, path, now)

    return load_text


def newest(session: Session) -> Revision:
    return session.scalars(select(Bulletin).where(Bulletin.code == "M")).one().latest


def test_without_a_word_a_recording_sounds_alone(loaded, sqlite_database: Database, settings: Settings) -> None:
    loaded(RECORDING + APPROVED)
    with sqlite_database.reading() as session:
        revision = newest(session)
        assert revision.arrangement == Arrangement(chime="none")
        assert revision.audio is not None
        assert revision.audio.duration_ms == pytest.approx(2000, abs=100)
        assert (revision.state, revision.rendering.said) == ("approved", None)
        assert AudioStore(settings.audio_dir).verify(revision.audio.sha256)
    again = loaded(RECORDING + APPROVED)
    assert "bulletin" not in again.changed
    with sqlite_database.reading() as session:
        assert newest(session).number == 1


def test_what_the_file_says_is_around_it_is_heard(loaded, sqlite_database: Database) -> None:
    around = 'chime = "bells"\nreadings = 2\nreading_gap_seconds = 4\nclosing = "Hẹn bà con 7 giờ tối."\n'
    loaded(RECORDING + APPROVED + around)
    with sqlite_database.reading() as session:
        revision = newest(session)
        assert revision.arrangement == Arrangement("bells", 2, 4, "Hẹn bà con 7 giờ tối.")
        assert revision.audio is not None
        assert revision.audio.duration_ms > 4200 + 2 * 2000 + 4000 + 2200
        assert revision.audio.lufs == pytest.approx(-16, abs=0.5)
        assert (revision.state, revision.rendering.said) == ("approved", ["Hẹn bà con bảy giờ tối."])
        assert revision.audio.sentence_voices == ["tone"]
    assert "bulletin" not in loaded(RECORDING + APPROVED + around).changed
    loaded(RECORDING + APPROVED)
    with sqlite_database.reading() as session:
        assert newest(session).number == 1, "what the file does not say stays as it was"


def test_a_script_that_becomes_a_recording_leaves_its_chime_and_closing_behind(
    loaded, sqlite_database: Database
) -> None:
    script = RECORDING.replace('sound = "loi-moi.wav"', 'script = "Mời bà con đi họp."')
    loaded(script + 'readings = 3\nclosing = "Xin cảm ơn bà con."\n')
    loaded(RECORDING)
    with sqlite_database.reading() as session:
        assert newest(session).arrangement == Arrangement(chime="none")


@pytest.mark.parametrize(
    ("around", "message"),
    [
        ('closing = "Chào bà con {xã}."\n', "dòng 24, [[bulletin]] closing: Lời kết của bản thu âm không dùng được"),
        ('closing = "Xin hỏi ông XQZT."\n', "dòng 24, [[bulletin]] closing: còn chỗ chưa chắc cách đọc"),
    ],
)
def test_closing_words_that_cannot_be_said_are_told_with_their_line(
    loaded, sqlite_database: Database, around: str, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        loaded(RECORDING + APPROVED + around)
    assert message in refused.value.message_vi
    with sqlite_database.reading() as session:
        assert session.scalars(select(Bulletin)).all() == []


def test_questions_wait_where_the_file_says_read_as_is_or_nobody_approves(loaded, sqlite_database: Database) -> None:
    doubtful = 'closing = "Xin hỏi ông XQZT."\n'
    loaded(RECORDING + APPROVED + doubtful + "read_as_is = true\n")
    loaded(RECORDING.replace('"M"', '"N"') + doubtful)
    with sqlite_database.reading() as session:
        drafted = session.scalars(select(Bulletin).where(Bulletin.code == "N")).one().latest
        assert (newest(session).state, drafted.state) == ("approved", "draft")


def test_five_readings_of_twelve_minutes_are_too_long_and_that_is_said(loaded, tmp_path: Path) -> None:
    murmur = np.random.default_rng(1).normal(scale=0.05, size=round(12.1 * 60 * 8000))
    soundfile.write(tmp_path / "loi-moi.wav", murmur, 8000)
    said = r"dòng 24, \[\[bulletin\]\] readings: Bản thu dài 12 phút, đọc 5 lần thành khoảng 61 phút, quá mức 60 phút"
    with pytest.raises(Invalid, match=said):
        loaded(RECORDING + APPROVED + "readings = 5\n")
