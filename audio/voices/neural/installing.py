"""A voice file is taken in: fetched or copied, checked, made to speak once, and only then given its name.

Where an installation stands is a file beside the voices, so that every page and every command sees it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from audio.store import read_json, remove_leftovers, storage_errors, sync_folder, temporary, write_whole
from audio.voices.neural.collection import Cancelled, Collection, InstallingCancelled
from audio.voices.neural.config import LARGEST_CONFIG, read_config
from audio.voices.neural.files import (
    LARGEST_VOICE,
    OF_A_FILE,
    About,
    VoiceFile,
    about_as_json,
    about_path,
    config_path,
    digest_of,
    safe_name,
    voice_files,
)
from audio.voices.piper import PiperVoice
from audio.voices.registry import VoiceSettings, all_offers
from broadcast.errors import BroadcastError, Conflict, Invalid, VoiceError

TEST_SENTENCE = "Kính thưa bà con, đây là giọng đọc thử của đài truyền thanh xã. Chúc bà con mạnh khoẻ, vạn sự tốt đẹp!"

_STATE, _CANCEL, _LOCK = "installing.json", "installing.cancel", ".installing.lock"
_OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Installing:
    """Where the newest installation stands.

    `step`: index, load, check, done, failed, cancelled; `stopped` where its process is gone before the end.
    """

    name: str
    step: str
    done_bytes: int = 0
    total_bytes: int = 0
    message_vi: str = ""

    @property
    def is_running(self) -> bool:
        """Whether somebody works at it now."""
        return self.step in ("index", "load", "check")


Tell = Callable[[Installing], None]


def claim(folder: Path) -> BaseFileLock:
    """The right to install; release it at the end. Raises Conflict while somebody else has it, StorageError."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK, thread_local=False)
        try:
            lock.acquire(timeout=0.3)
        except Timeout as taken:
            raise Conflict("Đang cài một giọng khác. Hãy đợi xong, hoặc dừng lần cài ấy trước.") from taken
        (folder / _CANCEL).unlink(missing_ok=True)
        remove_leftovers(folder)
    return lock


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """`claim` for the length of a block."""
    lock = claim(folder)
    try:
        yield
    finally:
        lock.release()


def cancel(folder: Path) -> None:
    """Asks the installation that runs, in whatever process, to stop."""
    with storage_errors(folder):
        (folder / _CANCEL).touch()


def state_of(folder: Path) -> Installing | None:
    """The newest installation; None where there was none yet."""
    try:
        state = Installing(**read_json(folder / _STATE))
    except (OSError, ValueError, TypeError):
        return None
    if state.step in _OVER:
        return state
    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return state
    lock.release()
    return Installing(state.name, "stopped", state.done_bytes, state.total_bytes)


def install(name: str, *, folder: Path, collection: Collection, now: datetime, tell: Tell | None = None) -> VoiceFile:
    """The voice `name` of `collection`, fetched and accepted. The caller holds `claim`.

    Raises Invalid (name, files that do not fit), NotFound, VoiceError, Conflict (there already), StorageError,
    InstallingCancelled. A beginning that was fetched stays for the next time.
    """

    def at(step: str, done: int = 0, total: int = 0, message_vi: str = "") -> None:
        state = Installing(name, step, done, total, message_vi)
        write_whole(folder / _STATE, json.dumps(asdict(state), ensure_ascii=False).encode())
        if tell:
            tell(state)

    _refuse_name(folder, name)
    try:
        if find_spec("piper") is None:
            raise VoiceError("Máy chủ này chưa có gói piper-tts, nên chưa dùng được giọng máy học.")
        with storage_errors(folder):
            at("index")
            file = _fetched(name, folder, collection, now, at, (folder / _CANCEL).exists)
            at("done")
    except BroadcastError as failed:
        with contextlib.suppress(OSError):  # a full disk is what we are telling about
            at("cancelled" if isinstance(failed, InstallingCancelled) else "failed", message_vi=failed.message_vi)
        raise
    finally:
        collection.close()
    return file


def _fetched(
    name: str, folder: Path, collection: Collection, now: datetime, at: Callable[..., None], cancelled: Cancelled
) -> VoiceFile:
    voice = collection.voice(name, folder, cancelled=cancelled)
    onnx, config, card = (folder / f"{name}.{kind}.loading" for kind in ("onnx", "config", "card"))
    collection.fetch(voice.config, config, cancelled=cancelled)
    licence = ""
    if voice.card is not None:
        collection.fetch(voice.card, card, cancelled=cancelled)
        licence = licence_in(card.read_text("utf-8", "replace"))
        card.unlink()
    collection.fetch(voice.onnx, onnx, loaded=lambda done, total: at("load", done, total), cancelled=cancelled)
    at("check", voice.onnx.bytes, voice.onnx.bytes)
    source = f"{collection.address}/{voice.onnx.path}"
    try:
        return _accepted(folder, name, onnx, config, source=source, licence=licence, now=now)
    except (Invalid, VoiceError):
        # Whole by its digest and still of no use: fetching the same again would not help.
        onnx.unlink(missing_ok=True)
        config.unlink(missing_ok=True)
        raise


def add(path: Path, *, folder: Path, now: datetime) -> VoiceFile:
    """The voice in the file `path` (`NAME.onnx`, `NAME.onnx.json` beside it), copied and accepted. See `install`."""
    if path.suffix != ".onnx":
        raise Invalid("Tệp giọng phải có đuôi .onnx, với tệp .onnx.json cùng tên ở bên cạnh.", field="file")
    beside = config_path(path)
    for each, largest in ((path, LARGEST_VOICE), (beside, LARGEST_CONFIG)):
        if not each.is_file():
            raise Invalid(f"Không có tệp {each}. Cần cả tệp .onnx và tệp .onnx.json cùng tên.", field="file")
        if not 0 < each.stat().st_size <= largest:
            raise Invalid(f"Tệp {each.name} rỗng hoặc lớn quá {largest // 1024**2} MB.", field="file")
    name = path.name.removesuffix(".onnx")
    with claimed(folder):
        _refuse_name(folder, name)
        with storage_errors(folder), temporary(folder) as onnx, temporary(folder) as config:
            shutil.copyfile(path, onnx)
            shutil.copyfile(beside, config)
            return _accepted(folder, name, onnx, config, source=OF_A_FILE, licence="", now=now)


def _refuse_name(folder: Path, name: str) -> None:
    safe_name(name)
    if name in all_offers(VoiceSettings()):  # those of the program: without a folder there are no files
        raise Invalid(f"“{name}” là tên của giọng có sẵn. Hãy đổi tên tệp giọng.", field="name")
    if any(file.name == name and file.about is not None and file.trouble_vi is None for file in voice_files(folder)):
        raise Conflict(f"Đã có giọng “{name}” trên máy chủ này.", field="name")


def _accepted(
    folder: Path, name: str, onnx: Path, config: Path, *, source: str, licence: str, now: datetime
) -> VoiceFile:
    read_config(config)
    voice = PiperVoice(name, onnx, config=config)
    try:
        voice.say(TEST_SENTENCE)
    finally:
        voice.close()
    for path in (onnx, config):
        with path.open("rb+") as written:
            os.fsync(written.fileno())
    final = folder / f"{name}.onnx"
    about = About(digest_of(onnx), onnx.stat().st_size, source, licence, now.isoformat())
    config.replace(config_path(final))
    write_whole(about_path(final), about_as_json(about))
    onnx.replace(final)
    sync_folder(folder)
    return next(file for file in voice_files(folder) if file.name == name)


def licence_in(card: str) -> str:
    """The line about the licence in a voice's card, without what leads to it."""
    found = re.search(r"^[\s*\-#]*licen[cs]e\s*:\s*(.+)$", card, re.IGNORECASE | re.MULTILINE)
    return found[1].strip()[:200] if found else ""
