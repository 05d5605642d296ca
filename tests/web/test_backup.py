"""Backup while in use, restore elsewhere, and every way in which a backup can be unfit."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

import pytest
from sqlalchemy import select

from audio.store import AudioStore
from audio.voices.neural.installing import add
from audio.voices.order import choose, chosen, voice_order, voice_settings, voices_folder
from audio.voices.registry import all_offers
from broadcast.config import Settings, secret_key
from broadcast.db import Database
from broadcast.errors import Conflict, Invalid
from broadcast.keys import SigningKeys
from broadcast.migrations import upgrade
from broadcast.station import Station
from tests.audio.voices.tiny_voice import write_voice
from tests.district import District
from tests.proof import Machine
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


def rewritten(path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> None:
    """The backup at `path` with other members, and a manifest that agrees with them unless it was changed too."""
    with tarfile.open(path) as tar:
        members = {member.name: cast(IO[bytes], tar.extractfile(member)).read() for member in tar}
    manifest = json.loads(members.pop("manifest.json"))
    change(members, manifest)
    if isinstance(manifest.get("sha256"), dict):
        manifest["sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    body = manifest.pop("whole", None) or json.dumps(manifest).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in [*members.items(), ("manifest.json", body)]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


Members = dict[str, bytes]


def database_after(sql: str, data: bytes = b"") -> bytes:
    """The SQLite file `data` (or a new one) after `sql`."""
    with closing(sqlite3.connect(":memory:")) as database:
        if data:
            # Back from the write-ahead log, which no database in memory has.
            database.deserialize(data[:18] + b"\x01\x01" + data[20:])
        database.executescript(sql)
        return database.serialize()


def _text_as_database(members: Members, _: dict[str, Any]) -> None:
    members["broadcast.db"] = b"Day khong phai la co so du lieu. " * 50


def _cut_database(members: Members, _: dict[str, Any]) -> None:
    members["broadcast.db"] = members["broadcast.db"][: len(members["broadcast.db"]) // 2]


def _foreign_database(members: Members, _: dict[str, Any]) -> None:
    members["broadcast.db"] = database_after("CREATE TABLE a (b)")


def _newer_database(members: Members, _: dict[str, Any]) -> None:
    newer = "UPDATE alembic_version SET version_num = '9999'"
    members["broadcast.db"] = database_after(newer, members["broadcast.db"])


def _sound_of_another_name(members: Members, _: dict[str, Any]) -> None:
    members[next(name for name in members if name.startswith("audio/"))] = b"another sound"


@pytest.mark.parametrize(
    "change",
    [
        _text_as_database,
        _cut_database,
        _foreign_database,
        _newer_database,
        _sound_of_another_name,
        lambda members, _: members.pop("broadcast.db"),
        lambda members, _: members.pop("keys/manifest_keys.json"),
        lambda members, _: members.update({"audio/../x": b"x"}),
        lambda members, _: members.update({"voices/../x.onnx": b"x"}),
        lambda members, _: members.update({"voices/installing.json": b"x"}),
        lambda _, manifest: manifest.pop("made_at"),
        lambda _, manifest: manifest.pop("counts"),
        lambda _, manifest: manifest.update(format=2),
        lambda _, manifest: manifest.update(whole=b"[]"),
        lambda _, manifest: manifest.update(whole=b"[" * 100_000),
    ],
)
def test_what_no_server_could_run_on_is_never_called_verified_and_leaves_nothing(
    sqlite_database: Database,
    settings: Settings,
    in_use: str,
    tmp_path: Path,
    now: datetime,
    change: Callable[[Members, dict[str, Any]], None],
) -> None:
    with sqlite_database.writing() as session:
        Machine().enrol(session, session.scalars(select(Station)).one(), now)
    path = tmp_path / "a.tar"
    back_up(settings, path, now)
    rewritten(path, change)
    new = elsewhere(tmp_path)
    with pytest.raises(Invalid, match="sao lưu"):
        restore(new, path)
    assert not new.data_dir.exists()


def test_a_backup_that_unpacks_to_more_than_it_is_long_is_refused(
    settings: Settings, in_use: str, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "a.tar"
    back_up(settings, path, now)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(Invalid, match="sao lưu"):
        restore(elsewhere(tmp_path), tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "holes.tar", "w", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo("broadcast.db")
        info.type = tarfile.GNUTYPE_SPARSE
        tar.addfile(info)
    with pytest.raises(Invalid, match="sao lưu"):
        restore(elsewhere(tmp_path), tmp_path / "holes.tar")
    assert not elsewhere(tmp_path).data_dir.exists()


def test_a_damaged_sound_does_not_stop_the_backup_and_is_not_in_it(
    settings: Settings, in_use: str, tmp_path: Path, now: datetime
) -> None:
    AudioStore(settings.audio_dir).path(in_use).write_bytes(b"damaged on the disk")
    assert back_up(settings, tmp_path / "a.tar", now).counts["audio"] == 0
    new = elsewhere(tmp_path)
    restore(new, tmp_path / "a.tar")
    assert not new.audio_dir.exists()


def test_uploads_come_along_but_those_half_received(
    settings: Settings, in_use: str, tmp_path: Path, now: datetime
) -> None:
    content = b"a recording as it came"
    sha256 = hashlib.sha256(content).hexdigest()
    for name in (sha256, "ab" * 32, f"{'cd' * 32}.old", "tmp/17-ab.part"):
        path = settings.uploads_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    back_up(settings, tmp_path / "a.tar", now)
    new = elsewhere(tmp_path)
    restore(new, tmp_path / "a.tar")
    assert [path.name for path in new.uploads_dir.rglob("*")] == [sha256]
    assert (new.uploads_dir / sha256).read_bytes() == content


def test_voice_files_and_their_order_come_along_and_speak_elsewhere(
    settings: Settings, in_use: str, tmp_path: Path, now: datetime
) -> None:
    folder = voices_folder(settings)
    for name in ("giong-a", "giong-b", "giong-hong", "giong-cut"):
        add(write_voice(tmp_path, name), folder=folder, now=now)
    choose(settings, ["giong-b", "gtts"], abroad_by="Quản trị", abroad_at=now.isoformat())
    (folder / "giong-a.about.json").unlink()  # put there by hand
    broken = folder / "giong-hong.onnx"
    broken.write_bytes(bytes(broken.stat().st_size))
    (folder / "giong-cut.onnx").write_bytes(b"cut")
    for name in ("giong-c.onnx.loading", "installing.json", "17-ab.part", "gtts-silent-until"):
        (folder / name).write_bytes(b"not a voice")
    held = back_up(settings, tmp_path / "a.tar", now)
    assert held.counts["voices"] == 2
    assert "2 tệp giọng" in held.in_words()
    new = elsewhere(tmp_path)
    assert restore(new, tmp_path / "a.tar") == held
    assert {path.name for path in voices_folder(new).iterdir()} == {
        "giong-a.onnx", "giong-a.onnx.json",
        "giong-b.onnx", "giong-b.onnx.json", "giong-b.about.json",
        "order.json",
    }  # fmt: skip
    assert voice_order(new) == voice_order(settings) == ("giong-b", "gtts", "espeak")
    assert chosen(new).abroad_by == "Quản trị"
    voice = all_offers(voice_settings(new))["giong-b"].make()
    try:
        assert voice.say("Kính thưa bà con.").duration_s > 0.5
    finally:
        voice.close()


def test_a_backup_of_nothing_says_so(settings: Settings, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(Invalid, match="Chưa có dữ liệu"):
        back_up(settings, tmp_path / "a.tar", now)
