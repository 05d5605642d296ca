"""Files on a station: written whole or not at all, and one process for one folder."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from station.errors import StationError

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would write \r\n for \n


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write `path` at once: temporary name, fsync, rename. Raises OSError; then the old file is untouched."""
    draft = path.with_name(path.name + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


@contextlib.contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; it dies with the process. Raises StationError where another one holds it."""
    try:
        file = (folder / "lock").open("a+b")
    except OSError as error:
        raise StationError(f"Không ghi được vào thư mục {folder}: {error.strerror}.") from error
    with file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StationError(f"Một chương trình trạm khác đang chạy với thư mục {folder}.") from error
        yield
