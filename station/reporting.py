"""Proof and status out, and the time measured on the answers."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from uuid import UUID

from broadcast.wire import (
    LOG_BATCH_MAX,
    PROGRAM_VERSION,
    EntryReason,
    LogAnswer,
    StatusAnswer,
    StatusReport,
)
from station.backoff import Backoff
from station.cache import AudioCache
from station.clock import TrustedTime
from station.outbox import Outbox
from station.programme import Programme
from station.server import Server, ServerError, parse
from station.state import State
from station.troubles import Troubles

STATUS_EVERY_S = 20.0
REMEMBER_TIME_EVERY_MS = 600_000
_BATCH_LEAST = 20


class Reporter:
    """The log batches and the status reports."""

    def __init__(
        self,
        *,
        server: Server,
        programme: Programme,
        cache: AudioCache,
        outbox: Outbox,
        state: State,
        time: TrustedTime,
        troubles: Troubles,
        playing: Callable[[], UUID | None],
        wake_player: Callable[[], None],
    ) -> None:
        self._server = server
        self._programme = programme
        self._cache = cache
        self._outbox = outbox
        self._state = state
        self._time = time
        self._troubles = troubles
        self._playing = playing
        self._wake_player = wake_player
        self._now = threading.Event()
        self._remembered_ms: int | None = None
        self._batch_limit = LOG_BATCH_MAX

    def send_log(self) -> bool:
        """Send the oldest batch; True where there may be more. Raises ServerError."""
        self._outbox.write_waiting()
        batch = self._outbox.batch(self._batch_limit)
        if batch is None:
            return False
        try:
            given = parse(LogAnswer, self._server.ask("POST", "/api/v1/station/log", body=batch))
        except ServerError as error:
            self._send_less(error)
            raise
        if given.acknowledged != batch.entries[-1].seq:
            raise ServerError(
                f"Máy chủ xác nhận nhật ký tới số {given.acknowledged}, trạm đã gửi tới số {batch.entries[-1].seq}.",
                200,
            )
        self._outbox.forget(batch.entries)
        self._batch_limit = min(2 * self._batch_limit, LOG_BATCH_MAX)
        for rejected in given.rejected:
            self._troubles.report("rejected", f"Máy chủ để riêng mục nhật ký {rejected.seq}: {rejected.error}")
        if not given.rejected:
            self._troubles.clear("rejected")
        return True

    def _send_less(self, error: ServerError) -> None:
        if error.status in (413, 422):
            self._batch_limit = max(1, self._batch_limit // 2)
        elif error.status is None:
            # A thin line may never carry a large batch in one piece.
            self._batch_limit = max(_BATCH_LEAST, self._batch_limit // 2)

    def send_status(self) -> None:
        """Report how the station is, and measure the time on the answer. Raises ServerError."""
        report = self.status()
        clock = self._time.clock
        sent_ms = clock.monotonic_ms()
        answer = self._server.ask("POST", "/api/v1/station/status", body=report)
        back_ms = clock.monotonic_ms()
        given = parse(StatusAnswer, answer)
        if self._time.measure(sent_ms, given.received_ms, given.sent_ms, back_ms):
            self._wake_player()
        self._remember_time()
        self._outbox.take_up(given.last_seq, given.last_hash)
        trouble = self._outbox.disagreement(given.last_seq, given.last_hash)
        if trouble:
            self._troubles.report("chain", trouble, EntryReason.ERROR)
        else:
            self._troubles.clear("chain")

    def status(self) -> StatusReport:
        """How the station is now."""
        manifest = self._programme.manifest
        named = self._programme.audio_named()
        held = sum(self._cache.is_held(sha256) for sha256 in named)
        return StatusReport(
            sent_ms=self._time.believed_ms(),
            clock_offset_ms=self._time.offset_ms(),
            clock_source=self._time.source(),
            volume=manifest.volume if manifest else 0,
            disk_free_bytes=self._cache.free_bytes(),
            version=PROGRAM_VERSION,
            manifest_sequence=self._programme.sequence(),
            audio_held=held,
            audio_missing=len(named) - held,
            playing=self._playing(),
            outbox=self._outbox.count(),
            errors=self._troubles.lines(),
        )

    def _remember_time(self) -> None:
        """What is known of the time outlives this process, where there is room on the disk."""
        now_ms, known = self._time.clock.monotonic_ms(), self._time.remember()
        if known is None or (self._remembered_ms is not None and now_ms - self._remembered_ms < REMEMBER_TIME_EVERY_MS):
            return
        with contextlib.suppress(sqlite3.OperationalError):
            self._state.put("time", known)
            self._remembered_ms = now_ms

    def report(self, stop: threading.Event) -> None:
        """Send all that there is. A log that the server or the disk does not take holds up no status.

        Raises what went wrong: ServerError, sqlite3.Error.
        """
        wrong: Exception | None = None
        # Time first: until it is known nothing may play.
        if self._time.now_ms() is None:
            self.send_status()
        try:
            while self.send_log() and not stop.is_set():
                pass
        except ServerError as error:
            if error.status is None:
                raise
            wrong = error
        except sqlite3.OperationalError as error:
            wrong = error
        self.send_status()
        if wrong is not None:
            raise wrong

    def keep_on(self, stop: threading.Event) -> None:
        """Report at once after each entry, and regularly, until told to stop."""
        backoff = Backoff()
        while not stop.is_set():
            self._now.clear()
            self._remember_time()
            try:
                self.report(stop)
                self._troubles.clear("report")
                backoff.succeeded()
            except (ServerError, sqlite3.Error, OSError) as error:
                if stop.is_set():
                    return
                self._troubles.of_server("report", error)
                stop.wait(backoff.after(error))
                continue
            self._now.wait(STATUS_EVERY_S)

    def wake(self) -> None:
        """Something happened that the server should hear of soon."""
        self._now.set()
