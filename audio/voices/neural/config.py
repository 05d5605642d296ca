"""The `.onnx.json` beside a voice file, checked before anything is spoken with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

from audio.store import read_json
from broadcast.errors import Invalid

LARGEST_CONFIG = 4 * 1024 * 1024  # bytes; real ones have some kilobytes
_SOUNDLESS_IDS = ("_", "^", "$")  # between, before and after the phonemes
_ESPEAK_VOICES = ("vi", "vi-vn-x-central", "vi-vn-x-south")
_LOWEST_RATE, _HIGHEST_RATE = 8_000, 48_000


def read_config(path: Path) -> dict[str, Any]:
    """The checked config. Raises Invalid with what is wrong, also where there is no file."""
    try:
        values = read_json(path, LARGEST_CONFIG)
    except FileNotFoundError as gone:
        raise Invalid(f"Thiếu tệp cấu hình {path.name} bên cạnh tệp giọng.") from gone
    except ValueError as failed:
        raise Invalid(f"Tệp cấu hình {path.name} không phải là JSON đọc được.") from failed
    return checked_config(values, path.name)


def checked_config(values: Any, name: str) -> dict[str, Any]:
    """`values` where Piper can speak Vietnamese by them, else Invalid."""

    def part(field: str) -> dict[str, Any]:
        found = values.get(field)
        return found if isinstance(found, dict) else {}

    def refuse(fault: str) -> Invalid:
        return Invalid(f"Tệp cấu hình {name} không dùng được: {fault}.")

    if not isinstance(values, dict):
        raise refuse("không phải cấu hình của một giọng Piper")
    rate, count = part("audio").get("sample_rate"), values.get("num_symbols")
    if not _is_whole(rate) or not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise refuse("thiếu tần số lấy mẫu hợp lệ")
    speakers = values.get("num_speakers")
    if not _is_whole(count) or count < 1 or not _is_whole(speakers) or speakers < 1:
        raise refuse("thiếu số âm vị hoặc số người đọc")
    if values.get("phoneme_type", "espeak") not in ("espeak", "text"):
        raise refuse("kiểu âm vị không dùng cho tiếng Việt")
    spoken = part("language").get("code") or part("espeak").get("voice")
    if not isinstance(spoken, str) or not spoken.lower().startswith("vi"):
        raise refuse("giọng này không phải tiếng Việt")
    if values.get("phoneme_type", "espeak") == "espeak" and part("espeak").get("voice") not in _ESPEAK_VOICES:
        raise refuse("cách đọc chữ không phải tiếng Việt")
    if not all(_is_number(number) for number in part("inference").values()):
        raise refuse("có tham số đọc không phải là số")
    _check_ids(part("phoneme_id_map"), count, refuse)
    return values


def _check_ids(ids: dict[str, Any], count: int, refuse: Callable[[str], Invalid]) -> None:
    if any(sign not in ids for sign in _SOUNDLESS_IDS):
        raise refuse("bảng âm vị thiếu dấu đầu, dấu cuối hoặc dấu ngăn")
    for numbers in ids.values():
        if not isinstance(numbers, list) or not all(_is_whole(number) and 0 <= number < count for number in numbers):
            raise refuse("bảng âm vị có số nằm ngoài bảng")


def language_of(config: dict[str, Any]) -> str:
    """`vi-VN`, as the config says it."""
    code = config.get("language", {}).get("code") if isinstance(config.get("language"), dict) else None
    return str(code or "vi").replace("_", "-")


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
