"""The machine's sound card, through miniaudio."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from station.clock import Clock
from station.errors import OutputError
from station.outputs.base import RATE, Order, Samples, Sounding

_BUFFER_MS = 200
_DEAD_MS = 5_000
"""A device that has asked for nothing for so long is gone (unplugged, or its sound server died)."""


class DeviceSounding:
    """The device asks for samples on its own thread; this counts what it was given."""

    def __init__(self, clock: Clock, device: Any, samples: Samples) -> None:
        self._clock = clock
        self._device = device
        self._samples = samples
        self._error: OutputError | None = None
        self._over_ms: int | None = None
        self._asked_ms = clock.monotonic_ms()
        feed = self._feed()
        next(feed)
        device.start(feed)

    def _feed(self) -> Generator[bytes, int, None]:
        frames = yield b""
        while True:
            self._asked_ms = self._clock.monotonic_ms()
            part = b""
            if self._over_ms is None:
                try:
                    samples = self._samples.pull(frames)
                except OutputError as error:
                    self._error = error
                    self._over_ms = self._asked_ms
                else:
                    part = samples.tobytes()
                    if len(samples) < frames:
                        self._over_ms = self._asked_ms
            frames = yield part

    def sounded_ms(self) -> int:
        return self._samples.sounded_frames * 1000 // RATE

    def ended(self) -> bool:
        if self._error is not None:
            raise self._error
        now_ms = self._clock.monotonic_ms()
        if self._over_ms is not None:
            return now_ms - self._over_ms >= 2 * _BUFFER_MS
        if self._device is not None and now_ms - self._asked_ms > _DEAD_MS:
            raise OutputError("Thiết bị âm thanh không còn nhận tiếng.")
        return False

    def stop(self) -> int:
        if self._device is not None:
            device, self._device = self._device, None
            device.close()
            self._samples.close()
        return self.sounded_ms()


class DeviceOutput:
    """The default playback device. Opened for each sounding, so that one plugged in later is found."""

    name = "default"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def play(self, order: Order) -> Sounding:
        import miniaudio

        samples = Samples(order)
        device = None
        try:
            device = self._open()
            return DeviceSounding(self._clock, device, samples)
        except miniaudio.MiniaudioError as error:
            self._give_up(device, samples)
            raise OutputError(f"Không mở được thiết bị âm thanh: {error.args[0]}.") from error
        except OutputError:
            self._give_up(device, samples)
            raise

    @staticmethod
    def _open() -> Any:
        import miniaudio

        device = miniaudio.PlaybackDevice(
            miniaudio.SampleFormat.SIGNED16, 1, RATE, _BUFFER_MS, app_name="broadcast-station"
        )
        if device.backend.lower() == "null":
            # miniaudio falls back to its silent backend: nobody would hear it, so it must not count.
            device.close()
            raise OutputError("Máy không có thiết bị âm thanh nào dùng được.")
        return device

    @staticmethod
    def _give_up(device: Any, samples: Samples) -> None:
        samples.close()
        if device is not None:
            device.close()

    def trouble(self) -> str | None:
        import miniaudio

        try:
            self._open().close()
        except OutputError as error:
            return error.message_vi
        except miniaudio.MiniaudioError as error:
            return f"Không mở được thiết bị âm thanh: {error.args[0]}."
        return None

    def close(self) -> None:
        pass
