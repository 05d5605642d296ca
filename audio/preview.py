"""A few sentences to listen to on the screen, and two profiles of the same ones beside each other.

They go the way of all sound and leave their sentences and frames in the same caches, so what was listened to need not
be made again for the bulletin. The MP3 itself lies apart, under the hash of what was asked for, and is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from audio.store import read_json, storage_errors, write_whole

log = logging.getLogger(__name__)

_FOLDER = "previews"


@dataclass(frozen=True, slots=True)
class Preview:
    """A small MP3 that is there."""

    key: str
    path: Path
    duration_ms: int
    voice: str  # who said most of it


def preview_path(data_dir: Path, key: str) -> Path:
    """Where the MP3 of that key is, or would be."""
    return data_dir / _FOLDER / f"{key}.mp3"


def kept_preview(data_dir: Path, key: str) -> Preview | None:
    """The preview of that key, if it is there and whole; it counts as used."""
    path = preview_path(data_dir, key)
    try:
        found = _read(path, key)
        os.utime(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as failed:
        log.warning("the preview %s is made again: %s", key, failed)
        return None
    return found


def _read(path: Path, key: str) -> Preview:
    """Raises FileNotFoundError, and ValueError and the like for what is not as it was written."""
    known = read_json(path.with_suffix(".json"))
    duration_ms, voice = known["duration_ms"], known["voice"]
    is_whole = path.stat().st_size == known["bytes"] and _sha256(path.read_bytes()) == known["sha256"]
    if not (is_whole and isinstance(duration_ms, int) and isinstance(voice, str)):
        raise ValueError("it is not what was written")
    return Preview(key, path, duration_ms, voice)


def keep_preview(data_dir: Path, key: str, mp3: bytes, duration_ms: int, voice: str) -> Preview:
    """Both its files, whole, the MP3 last. Raises StorageError."""
    path = preview_path(data_dir, key)
    note = {"duration_ms": duration_ms, "voice": voice, "bytes": len(mp3), "sha256": _sha256(mp3)}
    with storage_errors(path.parent):
        write_whole(path.with_suffix(".json"), json.dumps(note).encode())
        write_whole(path, mp3)
    return Preview(key, path, duration_ms, voice)


def forget_previews(data_dir: Path, older_than: timedelta, now: datetime) -> int:
    """Removes previews that were not listened to for so long; how many."""
    removed = 0
    for path in (data_dir / _FOLDER).glob("*"):
        try:
            used_at = path.stat().st_mtime
        except FileNotFoundError:  # another process was here
            continue
        if path.suffix != ".json" and used_at < (now - older_than).timestamp():
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
            removed += 1
    return removed


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
