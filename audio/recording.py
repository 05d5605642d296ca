"""Recordings and uploads as mono sound: recognised by their bytes, decoded in pieces, trimmed. Never trusted.

PyAV decodes all five kinds here (soundfile has no M4A, and one way gives one set of limits). The kind is
told by the first bytes and forced on the decoder, so that a playlist or a script posing as sound opens
nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from audio.measuring import Sound
from broadcast.errors import Invalid, StorageError, TooLarge

LARGEST_BYTES = 200 * 1024 * 1024
LONGEST_RECORDING_MIN = 60
_SILENT_BELOW = 10 ** (-55 / 20)
_KEEP_MS = 100  # of the silence at both ends
_UNKNOWN_LENGTH = 0xFFFFFF00
_LARGEST_OGG_PAGE = 65_307
_OGG_END_OF_STREAM = 0x04
_MAY_MISS_S = 0.5  # coders pad the end; more than this missing is a file cut short


def kind_of(head: bytes) -> str | None:
    """FFmpeg's name of the container that a file with these first bytes is; None for anything we do not take."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[4:8] == b"ftyp":
        return "mp4"
    # An MPEG audio frame: eleven set bits, a version and a layer that exist. A JPEG (FF D8) has neither.
    sync, second = head[:1] == b"\xff", head[1:2] or b"\0"
    is_frame = sync and second[0] & 0xE0 == 0xE0 and second[0] & 0x18 != 0x08 and second[0] & 0x06
    return "mp3" if head[:3] == b"ID3" or is_frame else None


def read_recording(path: Path, sample_rate: int, *, longest_min: float = LONGEST_RECORDING_MIN) -> Sound:
    """The file as mono sound at `sample_rate`, silence at its ends cut.

    Raises Invalid (no sound, damaged, cut short, silent), TooLarge (bytes or minutes), StorageError (cannot
    be opened).
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise Invalid(f"{path.name} không phải là một tệp thường.", field="sound")  # a pipe would never answer
        with path.open("rb") as source:
            head = source.read(16)
    except OSError as failed:
        raise StorageError(f"Không mở được tệp {path.name}: {failed.strerror}.") from failed
    if size == 0:
        raise Invalid(f"Tệp {path.name} rỗng (0 byte).", field="sound")
    if size > LARGEST_BYTES:
        raise TooLarge(f"Tệp {path.name} lớn hơn 200 MB.", field="sound")
    kind = kind_of(head)
    if kind is None:
        raise Invalid(f"Tệp {path.name} không phải âm thanh WAV, MP3, M4A, OGG hay FLAC.", field="sound")
    if _is_cut(path, kind, head, size):
        raise Invalid(f"Tệp {path.name} bị cắt cụt, cần tải lại tệp đầy đủ.", field="sound")
    return _trimmed(_decoded(path, kind, sample_rate, longest_min), sample_rate, path.name)


def _is_cut(path: Path, kind: str, head: bytes, size: int) -> bool:
    """Whether the file ends before its own structure does, for the two kinds whose decoders do not mind."""
    if kind == "wav":
        riff = int.from_bytes(head[4:8], "little")
        # Recorders that write to a pipe leave the length at 0 or at its maximum.
        return 0 < riff < _UNKNOWN_LENGTH and riff + 8 > size + 1
    if kind == "ogg":
        with path.open("rb") as source:
            source.seek(max(0, size - _LARGEST_OGG_PAGE))
            tail = source.read()
        page = tail.rfind(b"OggS")
        return page < 0 or len(tail) < page + 6 or not tail[page + 5] & _OGG_END_OF_STREAM
    return False


def _decoded(path: Path, kind: str, sample_rate: int, longest_min: float) -> Sound:
    import av

    pieces: list[Sound] = []
    length = 0
    declared_s = 0.0
    try:
        with av.open(str(path), format=kind, options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise Invalid(f"Tệp {path.name} không có âm thanh.", field="sound")
            stream = container.streams.audio[0]
            declared_s = _declared_s(container, stream)
            if declared_s > longest_min * 60:
                raise _too_long(path, longest_min)
            resampler = av.AudioResampler("fltp", "mono", sample_rate)
            for frame in _frames(container, stream):
                for piece in resampler.resample(frame):
                    pieces.append(piece.to_ndarray()[0])
                    length += piece.samples
                if length > longest_min * 60 * sample_rate:
                    raise _too_long(path, longest_min)
    except av.error.FFmpegError as failed:
        raise Invalid(f"Tệp {path.name} bị hỏng hoặc bị cắt cụt, không giải mã được.", field="sound") from failed
    if not pieces:
        raise Invalid(f"Tệp {path.name} không có âm thanh.", field="sound")
    if length / sample_rate < declared_s - _MAY_MISS_S:
        raise Invalid(
            f"Tệp {path.name} bị cắt cụt: ghi là {declared_s:.0f} giây nhưng chỉ có {length / sample_rate:.0f} giây.",
            field="sound",
        )
    return np.nan_to_num(np.concatenate(pieces), copy=False, nan=0.0, posinf=1.0, neginf=-1.0)


def _frames(container: Any, stream: Any) -> Any:
    """Every frame, then None, which empties the resampler."""
    yield from container.decode(stream)
    yield None


def _declared_s(container: Any, stream: Any) -> float:
    """The length that the file says it has; 0 where it says none."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration is not None else 0.0


def _too_long(path: Path, longest_min: float) -> TooLarge:
    return TooLarge(f"Tệp {path.name} dài hơn {longest_min:g} phút.", field="sound")


def _trimmed(sound: Sound, sample_rate: int, name: str) -> Sound:
    loud = np.flatnonzero(np.abs(sound) > _SILENT_BELOW)
    if not len(loud):
        raise Invalid(f"Tệp {name} hầu như im lặng nên không thể phát.", field="sound")
    keep = sample_rate * _KEEP_MS // 1000
    return sound[max(0, loud[0] - keep) : loud[-1] + keep + 1]
