"""Recordings and uploads as mono sound: recognised by their bytes, decoded in pieces, trimmed. Never trusted.

PyAV decodes all five kinds here (soundfile has no M4A, and one way gives one set of limits). The kind is
told by the first bytes and forced on the decoder, so that a playlist or a script posing as sound opens
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.decoding import decoded, film, refuse_declared
from audio.limiting import REFERENCE_LUFS
from audio.measuring import Meter, Sound, amplitude
from audio.reel import Reel
from broadcast.errors import Invalid, StorageError, TooLarge

LARGEST_BYTES = 200 * 1024 * 1024
LONGEST_RECORDING_MIN = 60
_SILENT_BELOW = 10 ** (-55 / 20)
_KEEP_MS = 100  # of the silence at both ends
_UNKNOWN_LENGTH = 0xFFFFFF00
_LARGEST_OGG_PAGE = 65_307
_OGG_END_OF_STREAM = 0x04


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


@dataclass(frozen=True, slots=True)
class Recording:
    """A decoded recording on its reel. It counts from `start` to `stop`; silence before and after is left out."""

    reel: Reel
    start: int
    stop: int
    lufs: float  # minus infinity for what is silent or shorter than 400 ms
    mean: float  # direct current, which some cheap sound cards add

    @property
    def samples(self) -> int:
        return self.stop - self.start

    def pieces(self, at_once: int) -> Iterator[Sound]:
        """What counts of it, at REFERENCE_LUFS and without its direct current, `at_once` samples at a time."""
        level = np.float32(amplitude(REFERENCE_LUFS - self.lufs))
        for piece in self.reel.pieces(at_once, self.start, self.stop):
            yield (piece - np.float32(self.mean)) * level


def read_recording(
    path: Path,
    reel: Reel,
    sample_rate: int,
    *,
    longest_min: float = LONGEST_RECORDING_MIN,
    called: str | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> Recording:
    """The file as mono sound at `sample_rate` on `reel`. `tell` hears how much is done, from 0 to 1; it may raise.

    `called` is what people call the file, where that is not its name on the disk.

    Raises Invalid (no sound, damaged, cut short, silent), TooLarge (bytes or minutes), StorageError (cannot
    be opened).
    """
    name = f"“{called}”" if called else path.name
    kind = _checked_kind(path, name)
    ends = _Ends(sample_rate)
    for piece in decoded(path, name, kind, sample_rate, longest_min, tell):
        reel.write(piece)
        ends.hear(piece)
    return ends.recording(reel, name)


def refuse_by_its_head(path: Path, *, longest_min: float = LONGEST_RECORDING_MIN, called: str | None = None) -> None:
    """Raises what `read_recording` raises for what the file says of itself: a moment's work for a file of any size."""
    name = f"“{called}”" if called else path.name
    refuse_declared(path, name, _checked_kind(path, name), longest_min)


class _Ends:
    """Listens for where the sound begins and ends, and how loud it is."""

    def __init__(self, sample_rate: int) -> None:
        self._keep = sample_rate * _KEEP_MS // 1000
        self._meter = Meter(sample_rate)
        self._first: int | None = None
        self._last = 0
        self._sum = 0.0

    def hear(self, piece: Sound) -> None:
        loud = np.flatnonzero(np.abs(piece) > _SILENT_BELOW)
        if len(loud):
            if self._first is None:
                self._first = self._meter.samples + int(loud[0])
            self._last = self._meter.samples + int(loud[-1])
        self._sum += float(piece.sum(dtype=np.float64))
        self._meter.hear(piece)

    def recording(self, reel: Reel, name: str) -> Recording:
        """Raises Invalid for silence."""
        if self._first is None:
            raise Invalid(f"Tệp {name} hầu như im lặng nên không thể phát.", field="sound")
        self._meter.finish()
        start, stop = max(0, self._first - self._keep), min(reel.samples, self._last + self._keep + 1)
        return Recording(reel, start, stop, self._meter.lufs, self._sum / reel.samples)


def _checked_kind(path: Path, name: str) -> str:
    """FFmpeg's name of the file's container. Raises what `read_recording` raises, before a sample is decoded."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise Invalid(f"{name} không phải là một tệp thường.", field="sound")  # a pipe would never answer
        with path.open("rb") as source:
            head = source.read(16)
    except OSError as failed:
        raise StorageError(f"Không mở được tệp {name}: {failed.strerror}.") from failed
    if size == 0:
        raise Invalid(f"Tệp {name} rỗng (0 byte).", field="sound")
    if size > LARGEST_BYTES:
        raise TooLarge(f"Tệp {name} lớn hơn 200 MB.", field="sound")
    kind = kind_of(head)
    if kind is None and _is_film(head):
        raise film(name)
    if kind is None:
        raise Invalid(f"Tệp {name} không phải âm thanh WAV, MP3, M4A, OGG hay FLAC.", field="sound")
    if _is_cut(path, kind, head, size):
        raise Invalid(f"Tệp {name} bị cắt cụt, cần tải lại tệp đầy đủ.", field="sound")
    return kind


def _is_film(head: bytes) -> bool:
    """Whether a file with these first bytes is a Matroska, AVI or MPEG film."""
    return head[:4] in (b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba") or (head[:4] == b"RIFF" and head[8:11] == b"AVI")


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
        return page < 0 or not _is_last_page(tail[page:])
    return False


def _is_last_page(page: bytes) -> bool:
    """Whether an OGG page says that it is the last one, and is all there."""
    if len(page) < 27 or not page[5] & _OGG_END_OF_STREAM:
        return False
    return len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])
