"""A cache of files under names that say what was asked for; each carries its own digest.

A cache: what cannot be read is made again, what cannot be written is logged and not kept. Safe for several processes at
once: a file is whole at its name, and one that another process removed was never there.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

from audio.store import write_whole

log = logging.getLogger(__name__)

_DIGEST = 32  # bytes of SHA-256 behind the content


class KeptFiles:
    """Files `<root>/ab/<key><suffix>`; keys are lower-case hex."""

    def __init__(self, root: Path, suffix: str) -> None:
        self.root = root
        self.suffix = suffix
        self._is_due = False

    def path(self, key: str) -> Path:
        """Where that is, or would be."""
        return self.root / key[:2] / f"{key}{self.suffix}"

    def has(self, key: str) -> bool:
        """Whether there is such a file, damaged or not."""
        return self.path(key).is_file()

    def get(self, key: str) -> bytes | None:
        """The content; None where there is none or the file is damaged (it is removed then)."""
        path = self.path(key)
        try:
            kept = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as failed:
            log.warning("cannot read %s: %s", path, failed)
            return None
        content, digest = kept[:-_DIGEST], kept[-_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            log.warning("%s was damaged and is made again", path)
            path.unlink(missing_ok=True)
            return None
        self._note_use(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep `content`, all of it or nothing."""
        path = self.path(key)
        try:
            # No fsync: after a power cut the digest does not fit and the content is made again.
            write_whole(path, content + hashlib.sha256(content).digest())
        except OSError as failed:
            log.info("cannot write %s: %s", path, failed)
        # Looking at every file costs too much each time. Keys are hashes: this is every 256th that is written, by
        # whatever process.
        self._is_due |= key.startswith("00")

    def tidy(self, largest_bytes: int) -> None:
        """`prune`, now and then."""
        if self._is_due:
            self.prune(largest_bytes)

    def prune(self, largest_bytes: int) -> int:
        """Remove what was not used for longest until at most `largest_bytes` are kept; how many were removed."""
        found: list[tuple[float, int, Path]] = []
        for path in self.root.glob("??/*"):
            try:
                stat = path.stat()
            except OSError:  # another process has just removed it
                continue
            found.append((stat.st_mtime, stat.st_size, path))
        kept = removed = 0
        for _, size, path in sorted(found, reverse=True):
            kept += size
            if kept > largest_bytes:
                path.unlink(missing_ok=True)
                removed += 1
        self._is_due = False
        return removed

    def _note_use(self, path: Path) -> None:
        """The time of change is the time of last use: what is used stays."""
        try:
            os.utime(path)
        except OSError as failed:  # removed meanwhile, or a read-only folder: it only counts as older
            log.debug("cannot touch %s: %s", path, failed)
