"""The silent device: takes samples as fast as a loudspeaker would, and lets them go."""

from __future__ import annotations

import array
from collections.abc import Callable

from station.clock import Clock
from station.errors import OutputError
from station.outputs.base import RATE, Order, Samples, Sounding

_CHUNK = 8_192


class ClockedSounding:
    """Hands samples to `sink` as time passes: at any moment as many as the elapsed time holds, never more."""

    def __init__(
        self,
        clock: Clock,
        order: Order,
        sink: Callable[[array.array[int]], None],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._samples = Samples(order)
        self._sink = sink
        self._close = close
        self._began_ms = clock.monotonic_ms()
        self._handed = 0
        self._over = False
        self._stopped = False
        self._error: OutputError | None = None

    def _pump(self) -> None:
        if self._stopped or self._over:
            return
        try:
            self._hand_over()
        except OutputError as error:
            self._error = error
            self._over = True

    def _hand_over(self) -> None:
        due = (self._clock.monotonic_ms() - self._began_ms) * RATE // 1000
        while not self._over and self._handed < due:
            wanted = min(_CHUNK, due - self._handed)
            part = self._samples.pull(wanted)
            self._over = len(part) < wanted
            self._handed += len(part)
            self._sink(part)

    def sounded_ms(self) -> int:
        self._pump()
        return self._samples.sounded_frames * 1000 // RATE

    def ended(self) -> bool:
        self._pump()
        if self._error is not None:
            raise self._error
        return self._over

    def stop(self) -> int:
        if not self._stopped:
            self._pump()
            self._stopped = True
            self._samples.close()
            self._close()
        return self._samples.sounded_frames * 1000 // RATE


class NullOutput:
    """Sound that nobody hears, in real time: for machines without a sound card."""

    name = "null"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def play(self, order: Order) -> Sounding:
        return ClockedSounding(self._clock, order, lambda _: None)

    def trouble(self) -> str | None:
        return None

    def close(self) -> None:
        pass
