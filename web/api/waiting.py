"""The waiting room of held requests: one thread looks once a second whether anything is new, for all who wait.

A waiting request holds no database connection. Where the room is full the next is answered at once.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from broadcast.errors import BroadcastError

log = logging.getLogger(__name__)

PLACES = 200
"""Of the server's 256 threads; the others answer people and stations meanwhile."""
PLACES_OF_ONE = 2
"""A station waits once; a second place is for the one that called again before we saw its first call end."""
LOOK_EVERY_S = 1.0


class WaitingRoom:
    """`look` gives a number that only rises. It is asked from a thread of the room's own, and only while somebody
    waits."""

    def __init__(self, look: Callable[[], int], *, places: int = PLACES, every_s: float = LOOK_EVERY_S) -> None:
        self._look = look
        self._places = places
        self._every_s = every_s
        self._changed = threading.Condition()
        self._waiting: Counter[Hashable] = Counter()
        self._seen = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return self._waiting.total()

    @contextmanager
    def place(self, who: Hashable = None) -> Iterator[bool]:
        """A place for the time of the block; False where the room is full or closed, or `who` has two already."""
        with self._changed:
            is_one_too_many = who is not None and self._waiting[who] >= PLACES_OF_ONE
            has_place = not self._closed and not is_one_too_many and self._waiting.total() < self._places
            if has_place:
                self._waiting[who] += 1
                self._start()
                self._changed.notify_all()
        try:
            yield has_place
        finally:
            if has_place:
                with self._changed:
                    self._waiting[who] -= 1
                    self._waiting += Counter()  # forgets who has none

    def wait(self, known: int, timeout_s: float) -> bool:
        """Returns True as soon as `look` gave more than `known`; False at the time limit or when the room closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._seen > known, timeout=timeout_s)
            return self._seen > known

    def close(self) -> None:
        """Sends everybody away at once, for the end of the server."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._watch, name="waiting-room", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting.total() > 0)
                if self._closed:
                    return
            seen = self._ask()
            with self._changed:
                if seen > self._seen:
                    self._seen = seen
                    self._changed.notify_all()
                if self._changed.wait_for(lambda: self._closed, timeout=self._every_s):
                    return

    def _ask(self) -> int:
        try:
            return self._look()
        except BroadcastError as error:
            log.warning("Chưa xem được có gì mới cho các trạm đang chờ: %s", error.message_vi)
            return 0
