"""Mono sound of any length in a nameless file: an hour of it must not lie in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from audio.closable import Closable
from audio.measuring import Sound

_BYTES_A_SAMPLE = 4


class Reel(Closable):
    """Samples as they come, read again in pieces. The file is gone with this object or its process."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where `folder` cannot be written."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed in __exit__
        self.samples = 0

    def write(self, sound: Sound) -> None:
        """Add to the end. Raises OSError on a full disk."""
        self._file.write(np.ascontiguousarray(sound, "<f4").tobytes())
        self.samples += len(sound)

    def pieces(self, at_once: int, start: int = 0, stop: int | None = None) -> Iterator[Sound]:
        """The samples from `start` to `stop`, `at_once` at a time; the last piece may be shorter."""
        end = self.samples if stop is None else stop
        self._file.flush()
        for position in range(start, end, at_once):
            self._file.seek(position * _BYTES_A_SAMPLE)
            wanted = min(at_once, end - position)
            yield np.frombuffer(self._file.read(wanted * _BYTES_A_SAMPLE), "<f4").astype(np.float32, copy=False)
        self._file.seek(0, 2)

    def close(self) -> None:
        """Give the space back."""
        self._file.close()
