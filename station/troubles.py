"""What is wrong on the station now: in every status, and once in the log when it begins."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable

from broadcast.wire import EntryReason
from station.clock import Clock
from station.errors import Refused
from station.server import ServerError

log = logging.getLogger(__name__)

ALARM_AGAIN_MS = 3_600_000
"""Troubles of one kind fill no log: one alarm an hour for each kind and reason, however many files it is about."""

_NOTE_MAX = 500
_ODD = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

Alarm = Callable[[EntryReason, str], object]


class Troubles:
    """Named troubles with one line each. Any thread may report and clear."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._now: dict[str, str] = {}
        self._alarmed_ms: dict[tuple[str, EntryReason], int] = {}
        self.alarm: Alarm = lambda _reason, _note: None

    def report(self, name: str, line: str, reason: EntryReason | None = None) -> None:
        """It is so: shown until cleared; with a `reason` it is also an alarm in the station's log.

        The first word of `name` is the kind of trouble. `line` may come from outside: only its letters are kept.
        """
        line = _ODD.sub(" ", line)[:_NOTE_MAX]
        with self._lock:
            is_new = self._now.get(name) != line
            self._now[name] = line
            rings = reason is not None and self._is_due((name.partition(" ")[0], reason))
        if is_new:
            log.warning("%s", line)
        if rings and reason is not None:
            self.alarm(reason, line)

    def _is_due(self, kind: tuple[str, EntryReason]) -> bool:
        now_ms = self._clock.monotonic_ms()
        last_ms = self._alarmed_ms.get(kind)
        if last_ms is not None and now_ms - last_ms < ALARM_AGAIN_MS:
            return False
        self._alarmed_ms[kind] = now_ms
        return True

    def of_server(self, name: str, error: Exception) -> None:
        """A request failed: ServerError, Refused, or the disk that was in the way of it."""
        reason = None
        if isinstance(error, Refused):
            reason = error.reason
        elif isinstance(error, ServerError) and error.status == 401:
            reason = EntryReason.ERROR
            error = ServerError("Máy chủ không còn nhận trạm này; trạm phát tiếp những gì đang giữ.", 401)
        self.report(name, str(error), reason)

    def clear(self, name: str) -> None:
        """It is over."""
        with self._lock:
            self._now.pop(name, None)

    def clear_all(self, prefix: str) -> None:
        """All whose names begin so are over."""
        with self._lock:
            for name in [name for name in self._now if name.startswith(prefix)]:
                del self._now[name]

    def lines(self) -> list[str]:
        """All troubles there are, for the status."""
        with self._lock:
            return list(self._now.values())[:50]
