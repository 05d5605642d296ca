"""Finished sound, kept under the hash of its bytes, and spoken sentences, kept under the hash of what was asked.

<root>/ab/cd/<sha256>.mp3    whole, and with the hash in its name, from the instant it has that name
<root>/tmp/…                 being written; left-overs of dead processes are removed when a store is
opened
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from broadcast.errors import Invalid, NotFound, StorageError

log = logging.getLogger(__name__)

MASTER = ".flac"
FINISHED = ".mp3"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20
_being_written: set[str] = set()  # temporary names of this process, over all its stores


class AudioStore:
    """Files by content hash under `root`, which is made if need be. Safe for several processes at once."""

    def __init__(self, root: Path) -> None:
        """Raises StorageError where the folder cannot be made."""
        self.root = root
        with storage_errors(root):
            (root / "tmp").mkdir(parents=True, exist_ok=True)
            remove_leftovers(root / "tmp")

    def put(self, content: bytes | Path, suffix: str = FINISHED) -> str:
        """Keep `content` (bytes, or a file that is copied) and return its sha256.

        What is kept already is not written again. Raises StorageError on a full disk or a read-only folder;
        nothing half-written is left.
        """
        with storage_errors(self.root):
            sha256 = _hash_of(content)
            final = self.path(sha256, suffix)
            if final.exists() and _hash_of(final) == sha256:
                return sha256
            final.parent.mkdir(parents=True, exist_ok=True)
            with temporary(self.root / "tmp") as unfinished:
                _write(content, unfinished)
                if _hash_of(unfinished) != sha256:
                    raise StorageError("Tệp âm thanh vừa ghi không khớp nội dung, có thể ổ đĩa bị lỗi.")
                unfinished.replace(final)
            sync_folder(final.parent)
        return sha256

    def path(self, sha256: str, suffix: str = FINISHED) -> Path:
        """Where that content is, or would be. Raises Invalid for anything that is not a lower-case sha256."""
        if not _SHA256.fullmatch(sha256):
            raise Invalid("Mã tệp âm thanh không hợp lệ.", field="sha256")
        return self.root / sha256[:2] / sha256[2:4] / (sha256 + suffix)

    def has(self, sha256: str, suffix: str = FINISHED) -> bool:
        """Whether that content is kept."""
        return self.path(sha256, suffix).is_file()

    def open(self, sha256: str, suffix: str = FINISHED) -> BinaryIO:
        """That content, for reading; the caller closes it. Raises NotFound."""
        try:
            return self.path(sha256, suffix).open("rb")
        except FileNotFoundError as gone:
            raise NotFound("Không có tệp âm thanh này trong kho.") from gone

    def verify(self, sha256: str, suffix: str = FINISHED) -> bool:
        """Whether that content is kept and still has its hash."""
        path = self.path(sha256, suffix)
        return path.is_file() and _hash_of(path) == sha256

    def all(self) -> Iterator[tuple[str, str]]:
        """(sha256, suffix) of everything that is kept, for backups and checks."""
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if _SHA256.fullmatch(path.stem):
                yield path.stem, path.suffix


@contextlib.contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """A name in `folder` for a file being written; removed at the end unless it was renamed.

    The process id in the name tells a later start whether somebody still writes there.
    """
    path = folder / f"{os.getpid()}-{secrets.token_hex(8)}.part"
    _being_written.add(path.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        _being_written.discard(path.name)


def read_json(path: Path, largest: int = 64 * 1024) -> Any:
    """What the file says. Raises OSError, and ValueError for what is no JSON, too long or too deep."""
    if path.stat().st_size > largest:
        raise ValueError("too large")
    try:
        return json.loads(path.read_bytes())
    except RecursionError as failed:
        raise ValueError("too deep") from failed


def write_whole(path: Path, content: bytes) -> None:
    """`content` at `path`, all of it or nothing; its folder is made if need be. Raises OSError."""
    # No fsync: where it matters that a power cut loses nothing the caller sees to it, as `AudioStore.put` does.
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary(path.parent) as unfinished:
        unfinished.write_bytes(content)
        unfinished.replace(path)


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """OSError inside becomes a StorageError that says what to do."""
    try:
        yield
    except OSError as failed:
        if failed.errno in (errno.ENOSPC, errno.EDQUOT):
            full = f"Ổ đĩa đã đầy, không ghi được vào {folder}. Cần giải phóng dung lượng."
            raise StorageError(full) from failed
        if failed.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(f"Không có quyền ghi vào thư mục {folder}.") from failed
        raise StorageError(f"Không đọc hoặc ghi được tệp trong {folder}: {failed.strerror}.") from failed


def _write(content: bytes | Path, path: Path) -> None:
    with path.open("xb") as out:
        for piece in _pieces(content):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as source:
        while piece := source.read(_PIECE):
            yield piece


def _hash_of(content: bytes | Path) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(content):
        digest.update(piece)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where folders can be synced at all (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Removes what dead processes left of their `temporary` files in `folder`."""
    for path in folder.glob("*.part"):
        if path.name in _being_written or _is_alive(path.name.partition("-")[0]):
            continue
        path.unlink(missing_ok=True)


def _is_alive(pid: str) -> bool:
    """Whether another process with this id runs. Our own id in a name that is not ours is a dead one's (containers)."""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return False
    if os.name == "nt":  # os.kill would end it; a left-over is harmless, so it stays
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
