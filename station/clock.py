"""Time on a station: what the machine's clocks say, and whether it may be believed (DESIGN §5.4).

Everything else on the station is handed a `Clock` or a `TrustedTime`, so that tests pass time in.
Instants are whole milliseconds since 1970, spans whole milliseconds.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from broadcast.wire import ClockSource

log = logging.getLogger(__name__)

QUICK_MS = 2_000
"""A status answer that took longer says too little about the time to play by (error up to half of it)."""

DRIFT_PPM = 100
"""How far a cheap crystal may run off: a measurement grows worse with its age, until a new one is better."""

KERNEL_ERROR_MS = 1_000
"""What a kernel that says it is synchronised is taken to be wrong by. A server that was not heard of for hours is
believed less than this."""


class Clock(Protocol):
    """The machine's clocks."""

    def monotonic_ms(self) -> int:
        """Milliseconds since some fixed instant of this boot; never steps, counts suspended time where it can."""
        ...

    def system_ms(self) -> int:
        """What the machine's wall clock says, right or wrong."""
        ...

    def kernel_synchronised(self) -> bool:
        """Whether the kernel says that a time service keeps its wall clock right."""
        ...

    def boot_id(self) -> str | None:
        """A name of this boot, where the machine has one: a measurement holds until the next boot."""
        ...


class _Timex(ctypes.Structure):
    """The head of Linux' `struct timex`; the rest is only room for the kernel to write into."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


class MachineClock:
    """The real clocks. This is the station's one place that asks the machine what time it is."""

    _STA_UNSYNC = 0x40
    _TIME_ERROR = 5
    _KERNEL_EVERY_MS = 10_000

    def __init__(self) -> None:
        self._kernel_said: tuple[int, bool] | None = None
        self._clock_id: int | None = getattr(time, "CLOCK_BOOTTIME", None)

    def monotonic_ms(self) -> int:
        if self._clock_id is not None:
            return time.clock_gettime_ns(self._clock_id) // 1_000_000
        return time.monotonic_ns() // 1_000_000

    def system_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def kernel_synchronised(self) -> bool:
        now_ms = self.monotonic_ms()
        if self._kernel_said is None or now_ms - self._kernel_said[0] >= self._KERNEL_EVERY_MS:
            self._kernel_said = now_ms, self._ask_kernel()
        return self._kernel_said[1]

    def _ask_kernel(self) -> bool:
        if not sys.platform.startswith("linux"):
            return False
        try:
            adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
        except (AttributeError, OSError):
            return False
        answer = _Timex()
        state = adjtimex(ctypes.byref(answer))
        return state not in (-1, self._TIME_ERROR) and not answer.status & self._STA_UNSYNC

    def boot_id(self) -> str | None:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except OSError:
            return None


@dataclass(frozen=True)
class Measurement:
    """`server instant = monotonic + delta_ms`, at most `error_ms` wrong when it was taken at `taken_ms` (monotonic)."""

    delta_ms: int
    error_ms: int
    taken_ms: int
    boot_id: str | None = None

    def error_at(self, monotonic_ms: int) -> float:
        """Largest error by now, the crystal's drift included."""
        return self.error_ms + (monotonic_ms - self.taken_ms) * DRIFT_PPM / 1_000_000


class TrustedTime:
    """The present instant, where it can be known.

    Believed is what is least wrong by now: the server, measured since this boot, or the kernel, when it says (or,
    since this boot, has said) that it is synchronised. Where there is neither: a clock with a battery, when the owner
    declared one. One thread measures, any thread reads.
    """

    def __init__(self, clock: Clock, *, battery: bool = False) -> None:
        self.clock = clock
        self._battery = battery
        self._measured: Measurement | None = None
        self._rough: Measurement | None = None
        self._kernel: Measurement | None = None
        self._boot_id = clock.boot_id()

    def _of_kernel(self, monotonic_ms: int) -> Measurement | None:
        """The kernel's time, kept on the monotonic clock: it outlives the network that the kernel had it from."""
        if self.clock.kernel_synchronised():
            delta_ms = self.clock.system_ms() - monotonic_ms
            kept = self._kernel
            # A millisecond to and fro is the reading of two clocks one after the other, no new time.
            if kept is not None and abs(delta_ms - kept.delta_ms) <= 1:
                delta_ms = kept.delta_ms
            self._kernel = Measurement(delta_ms, KERNEL_ERROR_MS, monotonic_ms, self._boot_id)
        return self._kernel

    def _trusted(self) -> tuple[Measurement | None, ClockSource]:
        monotonic_ms = self.clock.monotonic_ms()
        measured, kernel = self._measured, self._of_kernel(monotonic_ms)
        if measured is not None and (
            kernel is None or measured.error_at(monotonic_ms) <= kernel.error_at(monotonic_ms)
        ):
            return measured, ClockSource.SERVER
        if kernel is not None:
            return kernel, ClockSource.KERNEL
        return None, ClockSource.BATTERY if self._battery else ClockSource.NONE

    def source(self) -> ClockSource:
        """Why `now_ms` is believed."""
        return self._trusted()[1]

    def now_ms(self) -> int | None:
        """The present instant, or None where no source can be believed: then nothing may play."""
        measured, source = self._trusted()
        if measured is not None:
            return self.clock.monotonic_ms() + measured.delta_ms
        return self.clock.system_ms() if source is ClockSource.BATTERY else None

    def believed_ms(self) -> int:
        """The best guess there is, for the `at` of an entry; wrong where `source` is none."""
        estimated_ms = self.estimated_ms()
        return self.clock.system_ms() if estimated_ms is None else estimated_ms

    def estimated_ms(self) -> int | None:
        """Good enough to say that an instant is long past: trusted, or from an answer that was too slow."""
        now_ms = self.now_ms()
        if now_ms is None and self._rough is not None:
            return self.clock.monotonic_ms() + self._rough.delta_ms
        return now_ms

    def offset_ms(self) -> int | None:
        """What must be added to the machine's wall clock, or None where nothing is trusted."""
        now_ms = self.now_ms()
        return None if now_ms is None else now_ms - self.clock.system_ms()

    def measure(self, sent_ms: int, received_ms: int, answered_ms: int, back_ms: int) -> bool:
        """Take the four instants of one status round trip; True where they gave a new offset.

        `sent_ms` and `back_ms` are this station's monotonic clock, the two between them the server's.
        """
        round_trip_ms = back_ms - sent_ms
        delta_ms = ((received_ms - sent_ms) + (answered_ms - back_ms)) // 2
        error_ms = max(0, round_trip_ms - (answered_ms - received_ms)) // 2 + 1
        new = Measurement(delta_ms, error_ms, back_ms, self._boot_id)
        if round_trip_ms < 0 or answered_ms < received_ms:
            return False
        if round_trip_ms > QUICK_MS:
            self._rough = new
            return False
        old = self._measured
        if old is not None:
            still_ms = old.error_at(back_ms)
            agrees = abs(new.delta_ms - old.delta_ms) <= still_ms + error_ms
            if agrees and error_ms > still_ms:
                return False
        self._measured = new
        return True

    def remember(self) -> dict[str, Any] | None:
        """What was measured as plain data, to outlive this process; None where there is nothing that could."""
        if self._boot_id is None or (self._measured is None and self._kernel is None):
            return None
        return {
            "server": asdict(self._measured) if self._measured else None,
            "kernel": asdict(self._kernel) if self._kernel else None,
        }

    def recall(self, remembered: dict[str, Any]) -> bool:
        """Take up what an earlier process measured, where that was in this same boot."""
        self._measured = self._of_this_boot(remembered.get("server"))
        self._kernel = self._of_this_boot(remembered.get("kernel"))
        return self._measured is not None or self._kernel is not None

    def _of_this_boot(self, plain: dict[str, Any] | None) -> Measurement | None:
        kept = None if plain is None else Measurement(**plain)
        if kept is None or self._boot_id is None or kept.boot_id != self._boot_id:
            return None
        return kept if kept.taken_ms <= self.clock.monotonic_ms() else None
