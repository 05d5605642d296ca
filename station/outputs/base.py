"""What the player asks of an output, and the stream of samples that every output is fed from."""

from __future__ import annotations

import array
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broadcast.wire import EntryReason
from station.errors import OutputError

RATE = 24_000
"""Frames a second, mono, 16 bits: what finished bulletins are coded in. Other files are converted by miniaudio."""

_MOST_FRAMES = 8_192


@dataclass(frozen=True)
class Order:
    """One sounding. `repeats` None is endless; `from_ms` is how much of its sound was already heard before.

    `most_ms` is when it must be silent, counted from its beginning, gaps and all; None: it may take its time.
    """

    airing: str
    path: Path
    volume: int
    repeats: int | None
    gap_ms: int
    starts_ms: int
    from_ms: int = 0
    most_ms: int | None = None


class Sounding(Protocol):
    """Sound under way. The player asks it about once a second."""

    def sounded_ms(self) -> int:
        """Milliseconds of the bulletin that were handed over so far, gaps between repetitions not counted."""
        ...

    def ended(self) -> bool:
        """Whether the last sample has been heard. Raises OutputError where the device or the file failed."""
        ...

    def stop(self) -> int:
        """Fall silent at once and let go of everything; gives `sounded_ms`. May be called twice.

        Raises OutputError where the sound could not be brought to a good end (a file that cannot be written).
        """
        ...


class Output(Protocol):
    """A place for sound."""

    name: str

    def play(self, order: Order) -> Sounding:
        """Begin at once. Raises OutputError where the device does not take it or the file cannot be read."""
        ...

    def trouble(self) -> str | None:
        """What is wrong with it before anything is played, in one line."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class Samples:
    """The samples of an order: its repetitions with the gaps between them, at its volume, decoded on the way."""

    def __init__(self, order: Order) -> None:
        """Open the file. Raises OutputError, reason `error`, where it cannot be decoded."""
        self._order = order
        self._decoder: Generator[array.array[int], int, None] | None = self._open()
        self._readings_left = None if order.repeats is None else order.repeats - 1
        self._gap_left = 0
        self._heard_in_reading = 0
        self.sounded_frames = 0
        self._skip(order.from_ms * RATE // 1000)
        self._room = None if order.most_ms is None else order.most_ms * RATE // 1000

    def _open(self) -> Generator[array.array[int], int, None]:
        import miniaudio

        try:
            return miniaudio.stream_file(  # type: ignore[no-any-return]
                str(self._order.path), miniaudio.SampleFormat.SIGNED16, 1, RATE
            )
        except miniaudio.MiniaudioError as error:
            raise OutputError(f"Không giải mã được tệp âm thanh: {error.args[0]}.", EntryReason.ERROR) from error

    def _skip(self, frames: int) -> None:
        while frames > 0 and (part := self._pull(min(frames, _MOST_FRAMES))):
            frames -= len(part[0]) if part[1] else 0
        self.sounded_frames = 0

    def pull(self, frames: int) -> array.array[int]:
        """The next `frames` samples, fewer (in the end none) where the order is over. Raises OutputError."""
        if self._room is not None:
            frames = min(frames, self._room)
        out = array.array("h")
        while len(out) < frames and (part := self._pull(min(frames - len(out), _MOST_FRAMES))):
            samples, is_sound = part
            out.extend(self._at_volume(samples) if is_sound else samples)
        if self._room is not None:
            self._room -= len(out)
        return out

    def _pull(self, frames: int) -> tuple[array.array[int], bool] | None:
        """Some samples at full volume and whether they are of the bulletin, not of a gap; None at the end."""
        while True:
            if self._gap_left:
                silent = min(frames, self._gap_left)
                self._gap_left -= silent
                return array.array("h", bytes(2 * silent)), False
            if self._decoder is None:
                return None
            samples = self._decode(self._decoder, frames)
            if samples is not None:
                self.sounded_frames += len(samples)
                self._heard_in_reading += len(samples)
                return samples, True
            self._next_reading()

    def _decode(self, decoder: Generator[array.array[int], int, None], frames: int) -> array.array[int] | None:
        import miniaudio

        try:
            return decoder.send(frames)
        except StopIteration:
            return None
        except miniaudio.MiniaudioError as error:
            raise OutputError(f"Tệp âm thanh hỏng giữa chừng: {error.args[0]}.", EntryReason.ERROR) from error

    def _next_reading(self) -> None:
        if self._heard_in_reading == 0:
            raise OutputError("Tệp âm thanh không có tiếng.", EntryReason.ERROR)
        self._heard_in_reading = 0
        if self._readings_left == 0:
            self._decoder = None
            return
        if self._readings_left is not None:
            self._readings_left -= 1
        self._gap_left = self._order.gap_ms * RATE // 1000
        self._decoder = self._open()

    def _at_volume(self, samples: array.array[int]) -> array.array[int]:
        volume = self._order.volume
        if volume == 100:
            return samples
        return array.array("h", [sample * volume // 100 for sample in samples])

    def close(self) -> None:
        """Let go of the file."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None
        self._gap_left = 0
