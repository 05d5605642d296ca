"""Backup and restore: database, keys, audio, uploads and voice files in one file, and back into an empty place only.

The file is a tar: `broadcast.db` (by SQLite's backup API, while everything runs), `keys/…`, `audio/…`, `uploads/…`,
`voices/…`, and at its end `manifest.json` with a SHA-256 for each member, so that a backup that was cut off is
recognised. Files of any size go through it in pieces.
"""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from audio.voices.neural.files import about_path, digest_of, voice_files
from audio.voices.order import FILE as ORDER
from audio.voices.order import voices_folder
from broadcast import __version__
from broadcast.clock import iso_millis
from broadcast.config import Settings
from broadcast.errors import Conflict, Invalid, StorageError
from web.commands.held import (
    DATABASE,
    FOLDERS,
    FORMAT,
    MANIFEST,
    BackedUp,
    Hashing,
    counts_in,
    counts_of,
    fits_name,
    is_upload,
    look_into,
    read_whole,
    sha256_of,
)

log = logging.getLogger(__name__)


def back_up(settings: Settings, target: Path, now: datetime) -> BackedUp:
    """Writes the backup beside its final name, reads it back whole, then gives it its name."""
    source = _sqlite_file(settings)
    if not source.exists():
        raise Invalid(f"Chưa có dữ liệu nào ở {source}.")
    if target.exists():
        raise Conflict(f"{target} đã có; hãy chọn tên khác để không ghi đè bản sao lưu cũ.")
    with _storage_words(target), _beside(target) as partial, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / DATABASE
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as kept:
            live.backup(kept)
        sums: dict[str, str] = {}
        with tarfile.open(partial, "w") as tar:
            _add(tar, copy, DATABASE, sums)
            # Audio after the database: whatever the copied rows name is there, more does no harm.
            for path, name in _files(settings):
                _add(tar, path, name, sums)
            counts = counts_of(copy) | counts_in(sums)
            body = {"format": FORMAT, "made_at": iso_millis(now), "version": __version__, "counts": counts}
            _add_bytes(tar, json.dumps(body | {"sha256": sums}, indent=1).encode(), MANIFEST)
        held = look_into(copy, read_whole(partial), partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    return held


def restore(settings: Settings, source: Path) -> BackedUp:
    """Verifies the whole file, then unpacks it. Refuses a place that is not empty, and leaves it so where it fails."""
    database = _sqlite_file(settings)
    if database.exists() or (settings.data_dir.exists() and any(settings.data_dir.iterdir())):
        raise Conflict(f"Chỉ khôi phục vào nơi còn trống, nhưng {settings.data_dir} hoặc {database} đã có dữ liệu.")
    manifest = read_whole(source)
    with _storage_words(settings.data_dir), _gone_unless_done(settings.data_dir, database) as staging:
        with tarfile.open(source, "r:") as tar:
            tar.extractall(staging, filter="data")
        (staging / MANIFEST).unlink()
        held = look_into(staging / DATABASE, manifest, source)
        for key in (staging / "keys").glob("*"):
            key.chmod(0o600)
        for name in FOLDERS:
            if (staging / name).exists():
                (staging / name).rename(settings.data_dir / name)
        shutil.move(staging / DATABASE, database)
    return held


@contextmanager
def _gone_unless_done(data_dir: Path, database: Path) -> Iterator[Path]:
    """A folder to unpack into. If the block fails, all that is new goes again: both places were empty."""
    wanted = (*reversed(data_dir.parents), data_dir, *reversed(database.parents))
    new = [place for place in wanted if not place.exists()]
    for folder in (data_dir, database.parent):
        folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=data_dir, prefix=".restore-"))
    try:
        yield staging
    except BaseException:
        for folder in (staging, *(data_dir / name for name in FOLDERS)):
            shutil.rmtree(folder, ignore_errors=True)
        database.unlink(missing_ok=True)
        for place in reversed(new):
            with suppress(OSError):  # gone already, or somebody else put something there meanwhile
                place.rmdir()
        raise
    shutil.rmtree(staging, ignore_errors=True)


def _sqlite_file(settings: Settings) -> Path:
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Invalid("Sao lưu bằng lệnh này dành cho SQLite; với PostgreSQL hãy dùng pg_dump và chép DATA_DIR.")
    return Path(url.database)


def _files(settings: Settings) -> Iterator[tuple[Path, str]]:
    """What lies beside the database, with its name in the backup. A damaged file is left out: it would spoil all."""
    for path in (*_kept(settings), *_voices(voices_folder(settings))):
        name = path.relative_to(settings.data_dir).as_posix()
        if fits_name(name, None if name.startswith(("keys/", "voices/")) else _sha256(path)):
            yield path, name
        else:
            log.warning("%s is left out of the backup: damaged, or not ours", path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return sha256_of(file)


def _kept(settings: Settings) -> Iterator[Path]:
    for folder in (settings.keys_dir, settings.audio_dir, settings.uploads_dir):
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.name.startswith(".") or ".tmp" in path.name:
                continue
            if folder == settings.uploads_dir and not is_upload(path.name):  # still being received, or swept away
                continue
            yield path


def _voices(folder: Path) -> Iterator[Path]:
    """The order of voices, and the files of those that can speak; what is being fetched is not one of them."""
    for file in voice_files(folder):
        if file.trouble_vi is None and (file.about is None or digest_of(file.onnx) == file.about.sha256):
            yield from (path for path in (file.onnx, file.config, about_path(file.onnx)) if path.is_file())
        else:
            log.warning("%s is left out of the backup: %s", file.onnx, file.trouble_vi or "damaged")
    if (order := folder / ORDER).is_file():
        yield order


def _add(tar: tarfile.TarFile, path: Path, name: str, sums: dict[str, str]) -> None:
    info = tar.gettarinfo(path, name)
    with path.open("rb") as file:
        digest = Hashing(file)
        tar.addfile(info, digest)
    sums[name] = digest.sha256.hexdigest()


def _add_bytes(tar: tarfile.TarFile, data: bytes, name: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A temporary name in the same folder, gone at the end unless it was renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.tmp")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it will hold every key of the server
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _storage_words(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"Không ghi được vào {place}: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise StorageError(f"Không sao chép được cơ sở dữ liệu: {error}") from error
