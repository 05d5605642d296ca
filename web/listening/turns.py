"""Whose sentence is made next: one of each person at a time, in the order in which they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from broadcast.errors import Busy

KEEP_S = 6.0
"""Whoever was sent away keeps the place for so long: the page asks again after `retry_after_s`."""


class SomebodyListens(Busy):
    """The desk is taken; whoever asked may ask again."""

    retry_after_s = 2

    def __init__(self) -> None:
        super().__init__("Có người khác đang nghe thử. Câu của bạn được dựng ngay sau đó.")


class OneAtATime(Busy):
    """The same person asked twice."""

    retry_after_s = 2

    def __init__(self) -> None:
        super().__init__("Câu trước của bạn đang được dựng. Hãy nghe câu này sau khi câu đó xong.")


class Turns:
    """A line of persons before one desk. `wait_s` is how long one stands there before being sent away for a while."""

    def __init__(self, wait_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._wait_s, self._clock = wait_s, clock
        self._changed = threading.Condition()
        self._served: Hashable | None = None
        self._standing: set[Hashable] = set()
        self._line: dict[Hashable, float] = {}  # person → until when the place is kept, in the order of coming

    @contextmanager
    def turn(self, person: Hashable) -> Iterator[None]:
        """The desk is this person's inside. Raises OneAtATime and SomebodyListens."""
        self._take(person)
        try:
            yield
        finally:
            with self._changed:
                self._served = None
                self._changed.notify_all()

    def _take(self, person: Hashable) -> None:
        with self._changed:
            if person == self._served or person in self._standing:
                raise OneAtATime
            self._standing.add(person)
            self._line.setdefault(person, 0.0)
            try:
                if not self._changed.wait_for(lambda: self._is_next(person), self._wait_s):
                    self._line[person] = self._clock() + KEEP_S
                    raise SomebodyListens
                del self._line[person]
                self._served = person
            finally:
                self._standing.discard(person)
                self._changed.notify_all()

    def _is_next(self, person: Hashable) -> bool:
        now = self._clock()
        for one in [one for one, until in self._line.items() if one not in self._standing and until < now]:
            del self._line[one]
        return self._served is None and next(iter(self._line)) == person
