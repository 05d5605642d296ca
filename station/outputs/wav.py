"""Sound into files: each sounding becomes a WAV file of exactly the samples that a device would have got."""

from __future__ import annotations

import array
import os
import sys
import wave
from pathlib import Path

from broadcast.wire import instant_of_ms
from station.clock import Clock
from station.errors import OutputError, StationError
from station.outputs.base import RATE, Order, Sounding
from station.outputs.null import ClockedSounding


class WavOutput:
    """`DIR/20261122T101500Z-AIRING.wav` a sounding; a second part of the same airing gets `-2`, and so on."""

    name = "wav"

    def __init__(self, clock: Clock, folder: Path) -> None:
        """Make the folder. Raises StationError where it cannot be."""
        self._clock = clock
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StationError(f"Không tạo được thư mục {folder} cho tệp WAV: {error.strerror}.") from error

    def play(self, order: Order) -> Sounding:
        final = self._free_name(order)
        draft = final.with_suffix(".part")
        try:
            raw = draft.open("wb")  # closed when the sounding stops
        except OSError as error:
            raise OutputError(f"Không ghi được tệp {draft.name}: {error.strerror}.") from error
        file = wave.open(raw, "wb")  # noqa: SIM115 - closed with it
        file.setparams((1, 2, RATE, 0, "NONE", ""))

        def sink(samples: array.array[int]) -> None:
            if sys.byteorder == "big":
                samples = samples[:]
                samples.byteswap()
            try:
                file.writeframesraw(samples.tobytes())
            except OSError as error:
                raise OutputError(f"Không ghi được tệp {draft.name}: {error.strerror}.") from error

        def close() -> None:
            try:
                with raw:
                    file.close()
                    raw.flush()
                    os.fsync(raw.fileno())
                draft.replace(final)
            except OSError as error:
                raise OutputError(f"Không ghi được tệp {final.name}: {error.strerror}.") from error

        try:
            return ClockedSounding(self._clock, order, sink, close)
        except OutputError:
            with raw:
                file.close()
            draft.unlink(missing_ok=True)
            raise

    def _free_name(self, order: Order) -> Path:
        stem = f"{instant_of_ms(order.starts_ms):%Y%m%dT%H%M%SZ}-{order.airing}"
        number = 1
        while True:
            path = self._folder / (f"{stem}.wav" if number == 1 else f"{stem}-{number}.wav")
            if not path.exists():
                return path
            number += 1

    def trouble(self) -> str | None:
        return None

    def close(self) -> None:
        pass
