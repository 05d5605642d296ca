"""The station's talk with its server, on threads of its own: it never holds up the player."""

from __future__ import annotations

import threading
import time as machine_time
from typing import Protocol


class Talk(Protocol):
    """One kind of request, made again and again: `Puller`, `Fetcher`, `Reporter`."""

    def keep_on(self, stop: threading.Event) -> None:
        """Go on until `stop` is set, whatever the network and the disk do."""
        ...

    def wake(self) -> None:
        """Look now, not at the end of a pause."""
        ...


class Link:
    """The threads, one a talk."""

    def __init__(self, *talks: Talk) -> None:
        self._talks = talks
        self._stop = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def start(self) -> None:
        """Begin to talk, on threads that do not keep the process alive; again: revive one that died of a bug."""
        for talk in self._talks:
            name = type(talk).__name__
            running = self._threads.get(name)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=talk.keep_on, args=(self._stop,), name=name, daemon=True)
                self._threads[name] = thread
                thread.start()

    def stop(self, join_s: float) -> bool:
        """End the threads, waiting `join_s` in all; False where one is still inside a request.

        Such a thread ends with its request or with the process.
        """
        self._stop.set()
        for talk in self._talks:
            talk.wake()
        until_s = machine_time.monotonic() + join_s
        for thread in self._threads.values():
            thread.join(max(0.0, until_s - machine_time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads.values())
