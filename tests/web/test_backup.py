"""Backup while in use, restore elsewhere, and every way in which a backup can be unfit."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from audio.store import AudioStore
from broadcast.config import Settings, secret_key
from broadcast.db import Database
from broadcast.errors import Conflict, Invalid
from broadcast.keys import SigningKeys
from broadcast.migrations import upgrade
from broadcast.station import Station
from tests.district import District
from web.commands.backup import back_up, restore


@pytest.fixture
def in_use(sqlite_database: Database, settings: Settings, now: datetime) -> str:
    """A data folder with a row, keys and a sound; returns the sound's hash."""
    with sqlite_database.writing() as session:
        District(session, now).station("S1")
    SigningKeys(settings.keys_dir)
    secret_key(settings.model_copy(update={"secret_key": ""}))
    return AudioStore(settings.audio_dir).put(b"not really sound, but whole")


def elsewhere(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "elsewhere")


def test_a_backup_restores_database_keys_and_audio_elsewhere(
    sqlite_database: Database, settings: Settings, in_use: str, tmp_path: Path, now: datetime
) -> None:
    with sqlite_database.writing() as session:  # somebody is at work meanwhile
        session.add(Station(code="S2", name="chưa lưu xong", created_at=now))
        session.flush()
        held = back_up(settings, tmp_path / "sao-luu.tar", now)
    assert held.counts["stations"] == 1
    new = elsewhere(tmp_path)
    assert restore(new, tmp_path / "sao-luu.tar") == held
    database = Database(new.database)
    upgrade(database)
    with database.reading() as session:
        assert list(session.scalars(select(Station.code))) == ["S1"]
    database.dispose()
    assert AudioStore(new.audio_dir).verify(in_use)
    assert SigningKeys(new.keys_dir).public_key == SigningKeys(settings.keys_dir).public_key
    assert secret_key(new) == secret_key(settings.model_copy(update={"secret_key": ""}))
    assert {stat.S_IMODE(path.stat().st_mode) for path in new.keys_dir.iterdir() if path.suffix != ".lock"} == {0o600}


def test_a_database_that_lies_elsewhere_is_backed_up_and_restored_where_it_lies(tmp_path: Path, now: datetime) -> None:
    apart = Settings(data_dir=tmp_path / "data", database_url=f"sqlite:///{tmp_path}/bar.db")
    database = Database(apart.database)
    upgrade(database)
    database.dispose()
    back_up(apart, tmp_path / "a.tar", now)
    moved = Settings(data_dir=tmp_path / "moved", database_url=f"sqlite:///{tmp_path}/moved.db")
    restore(moved, tmp_path / "a.tar")
    assert (tmp_path / "moved.db").exists()


def test_restoring_never_writes_over_what_is_there(
    settings: Settings, in_use: str, tmp_path: Path, now: datetime
) -> None:
    back_up(settings, tmp_path / "a.tar", now)
    with pytest.raises(Conflict, match="nơi còn trống"):
        restore(settings, tmp_path / "a.tar")
    with pytest.raises(Conflict, match="đã có"):
        back_up(settings, tmp_path / "a.tar", now)


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "empty"])
def test_an_unfit_backup_is_refused_and_leaves_nothing(
    settings: Settings, in_use: str, tmp_path: Path, now: datetime, damage: str
) -> None:
    path = tmp_path / "a.tar"
    back_up(settings, path, now)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "changed":
        place = data.index(b"not really sound")
        data[place] ^= 1
    elif damage == "foreign":
        data = bytearray(b"PK\x03\x04 something else")
    else:
        data = bytearray()
    path.write_bytes(bytes(data))
    new = elsewhere(tmp_path)
    with pytest.raises(Invalid, match="sao lưu"):
        restore(new, path)
    assert not new.data_dir.exists()


def test_a_backup_of_nothing_says_so(settings: Settings, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(Invalid, match="Chưa có dữ liệu"):
        back_up(settings, tmp_path / "a.tar", now)
