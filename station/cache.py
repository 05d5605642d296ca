"""Audio by its hash: a file at its final name is whole and is what its name says."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from broadcast.wire import AudioFile
from station.clock import Clock
from station.files import fsync_folder

KEEP_UNNAMED_MS = 24 * 3_600_000
"""What no manifest names any more stays for a day: withdrawn programmes come back, and links are slow."""

KEEP_FREE_BYTES = 20 * 1024 * 1024
"""Room that audio never takes: the log and the programme need it."""

_BLOCK = 256 * 1024


class DownloadError(Exception):
    """This file could not be fetched now; the message is for the log. What came is kept for the next try."""


class AlteredAudio(DownloadError):
    """What came is not what the signed programme names."""


class NoRoom(DownloadError):
    """The disk is too full for it."""


class WrongPart(DownloadError):
    """The server has no such part of the file: what is here of it is of no use."""


class Unreachable(DownloadError):
    """It is not about this file: the server cannot be reached, or lets nobody in now. `status` as in ServerError."""

    def __init__(self, line: str, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(line)
        self.status = status
        self.retry_after_s = retry_after_s


class Source(Protocol):
    """Where the bytes come from."""

    def audio(self, sha256: str, offset: int) -> contextlib.AbstractContextManager[tuple[int, Iterator[bytes]]]:
        """Bytes of the file from about `offset`: where they really begin, and the blocks. Raises DownloadError."""
        ...


class AudioCache:
    """The folder of finished sound. One thread fetches and prunes, any thread asks."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clock = clock
        self._good: dict[str, tuple[int, int, int]] = {}
        self._unnamed_since: dict[str, int] = {}
        self.on_altered: Callable[[str], None] = lambda _sha256: None

    def path(self, sha256: str) -> Path:
        """Where the file is, once it is whole."""
        return self._folder / sha256

    def is_held(self, sha256: str) -> bool:
        """Whether the file is there (what it holds is looked at before it sounds)."""
        return self.path(sha256).is_file()

    def verified(self, sha256: str) -> Path | None:
        """The file, its content just compared with its name; None where it is missing or altered.

        An altered file is removed, so that it is fetched again. A file that did not change is read once only.
        """
        path = self.path(sha256)
        try:
            facts = path.stat()
            mark = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
            if self._good.get(sha256) == mark:
                return path
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        if found != sha256:
            self._good.pop(sha256, None)
            with contextlib.suppress(OSError):
                path.unlink()
            self.on_altered(sha256)
            return None
        self._good[sha256] = mark
        return path

    def free_bytes(self) -> int:
        """Room on the disk; none where it cannot be asked."""
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return 0

    def fetch(self, wanted: AudioFile, source: Source, keep_going: Callable[[], bool]) -> bool:
        """Bring one file here, going on where an earlier try ended; True when it is whole at its final name.

        False where `keep_going` said stop. Raises DownloadError (nothing lost, try later) and OSError (the disk).
        """
        draft = self._folder / f"{wanted.sha256}.part"
        have = draft.stat().st_size if draft.exists() else 0
        if have > wanted.bytes:
            draft.unlink()
            have = 0
        if self.free_bytes() - (wanted.bytes - have) < KEEP_FREE_BYTES:
            raise NoRoom("Thẻ nhớ sắp đầy, chưa tải thêm tệp âm thanh.")
        if have < wanted.bytes:
            try:
                if not self._download(wanted, draft, have, source, keep_going):
                    return False
            except WrongPart:
                draft.unlink(missing_ok=True)
                raise
        return self._accept(wanted, draft, was_here=have > 0)

    def _download(
        self, wanted: AudioFile, draft: Path, have: int, source: Source, keep_going: Callable[[], bool]
    ) -> bool:
        with source.audio(wanted.sha256, have) as (begins, blocks), draft.open("r+b" if have else "wb") as file:
            file.seek(begins)
            file.truncate()
            for block in blocks:
                file.write(block)
                if file.tell() > wanted.bytes:
                    break
                if not keep_going():
                    return False
        return True

    def _accept(self, wanted: AudioFile, draft: Path, *, was_here: bool) -> bool:
        size = draft.stat().st_size
        if size < wanted.bytes:
            raise DownloadError(f"Mới tải được {size} trong {wanted.bytes} byte.")
        with draft.open("r+b") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        if found != wanted.sha256:
            draft.unlink()
            if was_here:
                # A power cut may have spoilt what was here of it: only what came in one piece was altered on the way.
                raise DownloadError("Phần đã tải trước đó không còn nguyên vẹn; tải lại từ đầu.")
            raise AlteredAudio("Nội dung tệp không khớp mã băm trong chương trình; tải lại từ đầu.")
        draft.replace(self.path(wanted.sha256))
        fsync_folder(self._folder)
        return True

    def prune(self, named: Iterable[str], *, at_once: bool = False) -> int:
        """Remove what has not been named for a day (`at_once`: now, the disk is full). Gives how many."""
        keep = set(named)
        now_ms = self._clock.monotonic_ms()
        removed = 0
        for path in list(self._folder.iterdir()):
            sha256 = path.name.removesuffix(".part")
            if sha256 in keep:
                self._unnamed_since.pop(path.name, None)
                continue
            since_ms = self._unnamed_since.setdefault(path.name, now_ms)
            if at_once or now_ms - since_ms >= KEEP_UNNAMED_MS:
                path.unlink(missing_ok=True)
                self._unnamed_since.pop(path.name, None)
                self._good.pop(sha256, None)
                removed += 1
        return removed
