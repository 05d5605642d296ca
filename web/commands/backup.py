"""Backup and restore: database, keys and audio in one file, and back into an empty place only.

The file is a tar: `broadcast.db` (by SQLite's backup API, while everything runs), `keys/…`, `audio/…`, and at its end
`manifest.json` with a SHA-256 for each member, so that a backup that was cut off is recognised.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from sqlalchemy import make_url

from broadcast import __version__
from broadcast.clock import iso_millis
from broadcast.config import Settings
from broadcast.errors import Conflict, Invalid, StorageError

MANIFEST = "manifest.json"
DATABASE = "broadcast.db"
FORMAT = 1


@dataclass(frozen=True)
class BackedUp:
    """What a backup holds."""

    made_at: str
    version: str
    bytes: int
    counts: dict[str, int]

    def in_words(self) -> str:
        parts = [f"{self.counts['stations']} trạm", f"{self.counts['bulletins']} bản tin"]
        parts += [f"{self.counts['log_entries']} dòng nhật ký", f"{self.counts['audio']} tệp âm thanh"]
        return f"Bản sao lưu {self.made_at}, {self.bytes / 1e6:.1f} MB: " + ", ".join(parts) + ". Đã kiểm tra."


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
            body = {"format": FORMAT, "made_at": iso_millis(now), "version": __version__, "counts": _counts(copy, sums)}
            _add_bytes(tar, json.dumps(body | {"sha256": sums}, indent=1).encode(), MANIFEST)
        held = _verify(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    return held


def restore(settings: Settings, source: Path) -> BackedUp:
    """Verifies the whole file first, then unpacks it; refuses a place that is not empty."""
    database = _sqlite_file(settings)
    if database.exists() or (settings.data_dir.exists() and any(settings.data_dir.iterdir())):
        raise Conflict(f"Chỉ khôi phục vào nơi còn trống, nhưng {settings.data_dir} hoặc {database} đã có dữ liệu.")
    held = _verify(source)
    with _storage_words(settings.data_dir):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=settings.data_dir, prefix=".restore-"))
        try:
            with tarfile.open(source) as tar:
                tar.extractall(staging, filter="data")
            (staging / MANIFEST).unlink()
            for key in (staging / "keys").glob("*"):
                key.chmod(0o600)
            database.parent.mkdir(parents=True, exist_ok=True)
            for name in ("keys", "audio"):
                if (staging / name).exists():
                    (staging / name).rename(settings.data_dir / name)
            shutil.move(staging / DATABASE, database)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return held


def _sqlite_file(settings: Settings) -> Path:
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Invalid("Sao lưu bằng lệnh này dành cho SQLite; với PostgreSQL hãy dùng pg_dump và chép DATA_DIR.")
    return Path(url.database)


def _files(settings: Settings) -> Iterator[tuple[Path, str]]:
    for folder in (settings.keys_dir, settings.audio_dir):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith(".") and ".tmp" not in path.name:
                yield path, f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _counts(copy: Path, sums: dict[str, str]) -> dict[str, int]:
    counted = (
        "SELECT (SELECT count(*) FROM station), (SELECT count(*) FROM bulletin), "
        "(SELECT count(*) FROM log_entry), (SELECT count(*) FROM person)"
    )
    with closing(sqlite3.connect(copy)) as database:
        row = database.execute(counted).fetchone()
    counts = dict(zip(("stations", "bulletins", "log_entries", "people"), row, strict=True))
    return counts | {"audio": sum(name.startswith("audio/") for name in sums)}


def _add(tar: tarfile.TarFile, path: Path, name: str, sums: dict[str, str]) -> None:
    info = tar.gettarinfo(path, name)
    with path.open("rb") as file:
        digest = _Hashing(file)
        tar.addfile(info, digest)
    sums[name] = digest.sha256.hexdigest()


class _Hashing:
    """A reader that remembers the hash of what went through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.sha256.update(piece)
        return piece


def _sha256(file: IO[bytes]) -> str:
    digest = _Hashing(file)
    while digest.read(1 << 20):
        pass
    return digest.sha256.hexdigest()


def _add_bytes(tar: tarfile.TarFile, data: bytes, name: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _verify(path: Path) -> BackedUp:
    """Reads every byte once. Raises Invalid for anything that is not a whole backup of this program."""
    sums: dict[str, str] = {}
    manifest: dict[str, object] | None = None
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts or not member.isfile():
                    raise Invalid(f"Bản sao lưu {path} có mục không hợp lệ: {member.name}")
                file = tar.extractfile(member)
                assert file is not None  # a regular file
                if member.name == MANIFEST:
                    manifest = json.loads(file.read())
                else:
                    sums[member.name] = _sha256(file)
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        raise Invalid(f"Không đọc được bản sao lưu {path}: tệp hỏng, dở dang hoặc không phải bản sao lưu.") from error
    if manifest is None or manifest.get("format") != FORMAT or manifest.get("sha256") != sums:
        raise Invalid(f"Bản sao lưu {path} không nguyên vẹn: thiếu mục hoặc nội dung đã thay đổi.")
    return BackedUp(str(manifest["made_at"]), str(manifest["version"]), path.stat().st_size, manifest["counts"])  # type: ignore[arg-type]


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
