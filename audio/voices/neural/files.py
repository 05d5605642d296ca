"""Voice files on this machine: `NAME.onnx` with `NAME.onnx.json` and `NAME.about.json` in `DATA_DIR/voices`.

A voice is there from the instant its `.onnx` has that name; it is the last of the three to get its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from audio.store import read_json, storage_errors, sync_folder
from audio.voices.neural.config import language_of, read_config
from broadcast.errors import Invalid, NotFound

LARGEST_VOICE = 300 * 1024 * 1024  # bytes; the largest of the public collection have half as much
RECOMMENDED = ("vi_VN-vais1000-medium",)
"""Voices of the public collection that were listened to and found better than the voice that always works."""
OF_A_FILE = "file"
"""The source of a voice that came from no collection."""
_SAFE = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+|_)*", re.ASCII)
_LONGEST_NAME = 60  # as long as the record of who spoke has room for


@dataclass(frozen=True, slots=True)
class About:
    """What was noted when a voice file was accepted."""

    sha256: str
    bytes: int
    source: str  # an address, or OF_A_FILE
    licence: str  # "" where nobody said
    added_at: str  # ISO 8601


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """One voice of an operator. `about` is None for files that were put there by hand."""

    name: str
    onnx: Path
    language: str
    about: About | None
    trouble_vi: str | None

    @property
    def config(self) -> Path:
        """The settings of the voice, beside it."""
        return config_path(self.onnx)


def config_path(onnx: Path) -> Path:
    """`NAME.onnx.json`."""
    return onnx.with_name(onnx.name + ".json")


def about_path(onnx: Path) -> Path:
    """`NAME.about.json`."""
    return onnx.with_name(onnx.name.removesuffix(".onnx") + ".about.json")


def safe_name(name: str) -> str:
    """`name` as it is. Raises Invalid for what could lead to another folder or to a file that is none of ours."""
    if len(name) > _LONGEST_NAME or not _SAFE.fullmatch(name) or name.endswith((".onnx", ".json", ".part")):
        raise Invalid(
            "Tên giọng chỉ gồm chữ cái không dấu, chữ số, dấu chấm, dấu gạch; ví dụ vi_VN-vais1000-medium.",
            field="name",
        )
    return name


def voice_files(folder: Path | None) -> list[VoiceFile]:
    """The voices in `folder` by name; what has no safe name or no config beside it is not one."""
    if folder is None:
        return []
    found = []
    for onnx in sorted(folder.glob("*.onnx")):
        name = onnx.name.removesuffix(".onnx")
        try:
            safe_name(name)
        except Invalid:
            continue
        found.append(voice_file(name, onnx))
    return found


def voice_file(name: str, onnx: Path) -> VoiceFile:
    """The voice `name` as its files are now. Raises FileNotFoundError where `onnx` is gone."""
    about = read_about(about_path(onnx))
    try:
        language = language_of(read_config(config_path(onnx)))
    except Invalid as failed:
        return VoiceFile(name, onnx, "", about, failed.message_vi)
    size = onnx.stat().st_size
    trouble = None
    if about is not None and about.bytes != size:
        trouble = f"Tệp giọng không còn nguyên như lúc thêm vào. {_how_to_mend(about)}"
    elif not 0 < size <= LARGEST_VOICE:
        trouble = "Tệp giọng rỗng hoặc lớn quá mức."
    return VoiceFile(name, onnx, language, about, trouble)


def _how_to_mend(about: About) -> str:
    if about.source == OF_A_FILE:
        return "Hãy chép lại tệp giọng sang máy chủ rồi chạy lệnh broadcast voice add TỆP."
    return "Hãy cài lại."


def read_about(path: Path) -> About | None:
    """What was noted; None where there is nothing, or nothing that can be read."""
    try:
        return About(**read_json(path))
    except (OSError, ValueError, TypeError):
        return None


def about_as_json(about: About) -> bytes:
    """For the file beside the voice."""
    return json.dumps(asdict(about), ensure_ascii=False, indent=1).encode()


def remove_voice(folder: Path, name: str) -> None:
    """All files of the voice `name`, the sound first. Raises NotFound, StorageError."""
    onnx = folder / f"{safe_name(name)}.onnx"
    with storage_errors(folder):
        try:
            onnx.unlink()
        except FileNotFoundError as gone:
            raise NotFound("Máy chủ này không có tệp giọng ấy.") from gone
        for path in (config_path(onnx), about_path(onnx)):
            path.unlink(missing_ok=True)
        sync_folder(folder)


def digest_of(path: Path) -> str:
    """SHA-256 of the file; asked again for the same unchanged file it is not read again."""
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=32)
def _digest(path: Path, _bytes: int, _mtime_ns: int) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
