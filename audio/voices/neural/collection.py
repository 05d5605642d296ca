"""The public collection of Piper voices: its index, and files fetched by it, size and digest checked.

The index `voices.json` maps a voice's name to its language, quality and files; each file has a path below the
collection's address, `size_bytes` and `md5_digest`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from audio.store import read_json, temporary
from audio.supervised import ChildCancelled, ChildDied, ChildHung, SupervisedChild
from audio.voices.neural.files import LARGEST_VOICE, RECOMMENDED
from broadcast.errors import Conflict, NotFound, VoiceError

_LARGEST_INDEX = 8 * 1024 * 1024  # bytes; the real one has some hundred thousand
_INDEX_S = 120.0
_DEADLINE_S = 2 * 3600.0  # for one file; what came until then is kept and gone on from
_QUIET_S = 60.0  # without another 64 kB
_MD5 = re.compile(r"[0-9a-f]{32}")

Loaded = Callable[[int, int], None]
"""Told bytes done and bytes in all."""
Cancelled = Callable[[], bool]


class InstallingCancelled(Conflict):
    """Somebody asked to stop; what was loaded so far is kept for the next time."""

    def __init__(self) -> None:
        super().__init__("Đã dừng cài giọng theo yêu cầu. Phần đã tải được giữ lại cho lần sau.")


@dataclass(frozen=True, slots=True)
class CollectionFile:
    """One file of a voice. `path` is below the collection's address."""

    path: str
    bytes: int
    md5: str


@dataclass(frozen=True, slots=True)
class CollectionVoice:
    """One voice of the index."""

    name: str
    onnx: CollectionFile
    config: CollectionFile
    card: CollectionFile | None


class Collection:
    """Where voices come from. The network is talked to by a child, which is killed at its limits; `close` ends it."""

    def __init__(
        self, address: str, *, deadline_s: float = _DEADLINE_S, quiet_s: float = _QUIET_S, index_s: float = _INDEX_S
    ) -> None:
        self.address = address.rstrip("/")
        self._deadline_s, self._quiet_s, self._index_s = deadline_s, quiet_s, index_s
        self._child = SupervisedChild("audio.voices.neural.collection_child")

    def close(self) -> None:
        """End the child; a later call starts a new one."""
        self._child.close()

    def voice(self, name: str, scratch: Path, *, cancelled: Cancelled | None = None) -> CollectionVoice:
        """What the index says of `name`; it is read into `scratch`.

        Raises NotFound, VoiceError, InstallingCancelled.
        """
        with temporary(scratch) as path:
            asked = {"address": f"{self.address}/voices.json", "path": str(path), "bytes": None, "md5": None}
            try:
                self._ask({**asked, "largest": _LARGEST_INDEX}, self._index_s, None, cancelled)
                index = _index_at(path)
            except VoiceError as failed:
                if name in RECOMMENDED:
                    raise
                told = f"{failed.message_vi} Vì thế chưa kiểm tra được bộ sưu tập có giọng “{name}” hay không."
                raise VoiceError(told) from failed
        if not isinstance(index, dict) or not index:
            raise VoiceError("Danh mục của bộ sưu tập giọng trống hoặc không đọc được.")
        if name not in index:
            ours = sorted(each for each in index if each.startswith("vi_"))
            there = f" Các giọng tiếng Việt: {', '.join(ours)}." if ours else ""
            raise NotFound(f"Bộ sưu tập không có giọng “{name}”.{there}", field="name")
        return _voice_in(index[name], name)

    def fetch(
        self, file: CollectionFile, to: Path, *, loaded: Loaded | None = None, cancelled: Cancelled | None = None
    ) -> None:
        """`file` at `to`, whole, its size and digest checked; a beginning that is there already is gone on from.

        Raises VoiceError, StorageError, InstallingCancelled; the beginning stays.
        """
        asked = {"address": f"{self.address}/{quote(file.path)}", "path": str(to), "bytes": file.bytes}
        self._ask({**asked, "md5": file.md5, "largest": LARGEST_VOICE}, self._deadline_s, loaded, cancelled)

    def _ask(self, asked: dict[str, Any], within_s: float, loaded: Loaded | None, cancelled: Cancelled | None) -> None:
        def told(payload: bytes) -> None:
            done, total = json.loads(payload)
            if loaded and total:
                loaded(done, total)

        try:
            self._child.ask(
                json.dumps(asked).encode(),
                within_s=within_s,
                quiet_s=min(within_s, self._quiet_s),
                on_progress=told,
                cancelled=cancelled,
            )
        except ChildCancelled as stopped:
            raise InstallingCancelled from stopped
        except ChildHung as hung:
            raise VoiceError("Bộ sưu tập giọng trả lời quá chậm, đã dừng. Cài lại để tải tiếp.") from hung
        except ChildDied as died:
            raise VoiceError("Bộ phận tải giọng dừng đột ngột. Cài lại để tải tiếp.") from died


def _index_at(path: Path) -> Any:
    try:
        return read_json(path, _LARGEST_INDEX)
    except ValueError as failed:
        told = "Bộ sưu tập giọng trả lời không phải là danh mục (có thể là trang đăng nhập)."
        raise VoiceError(told) from failed


def _voice_in(entry: Any, name: str) -> CollectionVoice:
    """Raises VoiceError for an entry that names no usable voice."""
    files = entry.get("files") if isinstance(entry, dict) else None
    found: dict[str, CollectionFile] = {}
    for path, about in files.items() if isinstance(files, dict) else ():
        last = path.rpartition("/")[2]
        if last in (f"{name}.onnx", f"{name}.onnx.json", "MODEL_CARD"):
            found[last] = _file_in(path, about)
    try:
        return CollectionVoice(name, found[f"{name}.onnx"], found[f"{name}.onnx.json"], found.get("MODEL_CARD"))
    except KeyError as missing:
        raise VoiceError("Danh mục của bộ sưu tập giọng thiếu tệp của giọng này.") from missing


def _file_in(path: str, about: Any) -> CollectionFile:
    size = about.get("size_bytes") if isinstance(about, dict) else None
    digest = about.get("md5_digest") if isinstance(about, dict) else None
    if not isinstance(size, int) or not isinstance(digest, str) or not _MD5.fullmatch(digest):
        raise VoiceError("Danh mục của bộ sưu tập giọng thiếu kích thước hoặc mã kiểm.")
    if path.startswith("/") or ".." in path.split("/"):
        raise VoiceError("Danh mục của bộ sưu tập giọng chỉ tới một nơi khác, đã từ chối.")
    if not 0 < size <= LARGEST_VOICE:
        raise VoiceError(f"Giọng này lớn quá {LARGEST_VOICE // 1024**2} MB, không tải.")
    return CollectionFile(path, size, digest)
