"""The station's talk with its server: programme in, audio in, proof and status out. It never holds up the player."""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time as machine_time
from collections.abc import Callable
from uuid import UUID

from broadcast.wire import (
    LOG_BATCH_MAX,
    PROGRAM_VERSION,
    AudioFile,
    EntryKind,
    EntryReason,
    LogAnswer,
    StatusAnswer,
    StatusReport,
    milliseconds,
)
from station.cache import AlteredAudio, AudioCache, DownloadError
from station.clock import TrustedTime
from station.errors import Refused
from station.judgement import is_emergency
from station.outbox import Outbox
from station.programme import Programme
from station.server import Server, ServerError, parse
from station.state import State
from station.troubles import Troubles

log = logging.getLogger(__name__)

WAIT_S = 110
"""How long the server may hold a manifest request: shorter than most mobile networks forget a silent connection."""

STATUS_EVERY_S = 20.0
REMEMBER_TIME_EVERY_MS = 600_000
_BACKOFF_FIRST_S = 1.0
_BACKOFF_MOST_S = 30.0
_UNKNOWN_HERE_S = 300.0
_PRUNE_EVERY_S = 900.0
_REST_MOST_MS = 60_000


class Backoff:
    """Growing pauses with jitter, so that a province's stations do not come back in one second."""

    def __init__(self) -> None:
        self._pause_s = _BACKOFF_FIRST_S

    def succeeded(self) -> None:
        """Begin from the shortest pause again."""
        self._pause_s = _BACKOFF_FIRST_S

    def after(self, error: Exception) -> float:
        """Seconds until the next try."""
        pause_s = self._pause_s
        self._pause_s = min(self._pause_s * 2, _BACKOFF_MOST_S)
        if isinstance(error, ServerError):
            if error.status == 401:
                pause_s = _UNKNOWN_HERE_S
            elif error.retry_after_s is not None:
                pause_s = min(max(pause_s, error.retry_after_s), _UNKNOWN_HERE_S)
        return pause_s * random.uniform(0.6, 1.4)  # noqa: S311 - spreads load, guards nothing


class Link:
    """The requests, each as one method that a test can call; `start` puts them on three threads."""

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
        self._stop = threading.Event()
        self._fetch_now = threading.Event()
        self._report_now = threading.Event()
        self._again_ms: dict[str, tuple[int, int]] = {}
        self._remembered_ms: int | None = None
        self._batch_limit = LOG_BATCH_MAX
        self._threads: dict[str, threading.Thread] = {}

    # Programme

    def pull(self, wait_s: int = 0) -> float:
        """Ask for a newer manifest; gives the seconds to let pass before asking again. Raises ServerError, Refused."""
        held = self._programme.held
        began = machine_time.monotonic()
        answer = self._server.ask(
            "GET",
            "/api/v1/station/manifest",
            headers={"If-None-Match": held.etag} if held else None,
            wait_s=wait_s if held else 0,
        )
        changed = False
        if answer.status == 304:
            self._programme.confirm()
        else:
            changed = self._accept(answer.body, answer.headers.get("Manifest-Signature"), answer.headers.get("ETag"))
        self._troubles.clear("manifest")
        asked_back_s = answer.headers.get("Retry-After", "")
        if asked_back_s.isdigit():
            return min(float(asked_back_s), _UNKNOWN_HERE_S) * random.uniform(1.0, 1.3)  # noqa: S311
        if changed or machine_time.monotonic() - began > 1:
            return 0.0
        # Answered at once with nothing new: a server that does not hold requests is not asked in a tight loop.
        return STATUS_EVERY_S / 2

    def _accept(self, body: bytes, signature: str | None, etag: str | None) -> bool:
        changed = self._programme.offer(body, signature, etag)
        held = self._programme.held
        if changed and held is not None:
            log.info("Nhận chương trình số %d: %d lượt phát.", held.manifest.sequence, len(held.manifest.airings))
            if held.left_out:
                line = f"Chương trình số {held.manifest.sequence} có {held.left_out} lượt phát không đọc được."
                self._troubles.report("left_out", line, EntryReason.ERROR)
            self._again_ms.clear()
            self._troubles.clear_all("audio ")
            self._wake_player()
            self._fetch_now.set()
            self._report_now.set()
        return changed

    # Audio

    def missing(self) -> list[AudioFile]:
        """Audio that the manifest names and that is not here, what sounds first coming first."""
        manifest = self._programme.manifest
        if manifest is None:
            return []
        absent = {file.sha256: file for file in manifest.audio if not self._cache.is_held(file.sha256)}
        if not absent:
            return []
        fallbacks = {relay.id: relay.fallback_audio for relay in manifest.relays}
        now_ms = self._time.believed_ms()
        first: dict[str, tuple[bool, bool, int]] = {}
        for airing in manifest.airings:
            audio = airing.audio or fallbacks.get(airing.relay or "")
            starts_ms = milliseconds(airing.starts_at)
            is_past = milliseconds(airing.latest_start_at) < now_ms
            urgency = (not is_emergency(airing), is_past, starts_ms)
            if audio in absent:
                first[audio] = min(first.get(audio, urgency), urgency)
        last = (True, True, 2**62)
        return sorted(absent.values(), key=lambda file: (first.get(file.sha256, last), file.sha256))

    def fetch_next(self) -> bool:
        """Fetch the most urgent file that is not resting after a failure; True where there is more to try now."""
        now_ms = self._time.clock.monotonic_ms()
        missing = self.missing()
        self._say_ready(missing)
        ready = [file for file in missing if self._again_ms.get(file.sha256, (0, 0))[0] <= now_ms]
        if not ready:
            return False
        file, held = ready[0], self._programme.held
        try:
            if self._cache.fetch(file, self._server, lambda: self._goes_on(held)):
                self._troubles.clear(f"audio {file.sha256}")
                self._again_ms.pop(file.sha256, None)
                self._outbox.record(EntryKind.FETCHED, audio=file.sha256)
                self._wake_player()
        except (DownloadError, OSError) as error:
            self._rest(file, error, now_ms)
        return True

    def _goes_on(self, held: object) -> bool:
        return not self._stop.is_set() and self._programme.held is held

    def _rest(self, file: AudioFile, error: Exception, now_ms: int) -> None:
        if isinstance(error, OSError):
            self._cache.prune(self._named(), at_once=True)
        pause_ms = min(self._again_ms.get(file.sha256, (0, 1_000))[1] * 2, _REST_MOST_MS)
        self._again_ms[file.sha256] = (now_ms + round(pause_ms * random.uniform(0.6, 1.4)), pause_ms)  # noqa: S311
        reason = EntryReason.NO_AUDIO if pause_ms >= _REST_MOST_MS else None
        if isinstance(error, AlteredAudio):
            reason = EntryReason.SIGNATURE
        self._troubles.report(f"audio {file.sha256}", f"Tệp âm thanh {file.sha256[:12]}…: {error}", reason)

    def fetch_again(self, sha256: str) -> None:
        """A file here was found altered and thrown away."""
        line = f"Tệp âm thanh {sha256[:12]}… trong máy đã bị thay đổi; trạm bỏ đi và tải lại."
        self._troubles.report(f"audio {sha256}", line, EntryReason.SIGNATURE)
        self._fetch_now.set()

    def _say_ready(self, missing: list[AudioFile]) -> None:
        sequence = self._programme.sequence()
        if sequence and not missing and self._state.get("ready") != sequence:
            self._outbox.record(EntryKind.READY)
            self._state.put("ready", sequence)

    def _named(self) -> list[str]:
        manifest = self._programme.manifest
        return [file.sha256 for file in manifest.audio] if manifest else []

    # Proof

    def send_log(self) -> bool:
        """Send the oldest batch; True where there may be more. Raises ServerError."""
        self._outbox.write_waiting()
        batch = self._outbox.batch(self._batch_limit)
        if batch is None:
            return False
        try:
            given = parse(LogAnswer, self._server.ask("POST", "/api/v1/station/log", body=batch))
        except ServerError as error:
            if error.status in (413, 422):
                self._batch_limit = max(1, self._batch_limit // 2)
            raise
        if given.acknowledged != batch.entries[-1].seq:
            raise ServerError(
                f"Máy chủ xác nhận nhật ký tới số {given.acknowledged}, trạm đã gửi tới số {batch.entries[-1].seq}."
            )
        self._outbox.forget(batch.entries)
        self._batch_limit = LOG_BATCH_MAX
        for rejected in given.rejected:
            self._troubles.report("rejected", f"Máy chủ để riêng mục nhật ký {rejected.seq}: {rejected.error}")
        return True

    def send_status(self) -> None:
        """Report how the station is, and measure the time on the answer. Raises ServerError."""
        report = self.status()
        clock = self._time.clock
        sent_ms = clock.monotonic_ms()
        answer = self._server.ask("POST", "/api/v1/station/status", body=report)
        back_ms = clock.monotonic_ms()
        given = parse(StatusAnswer, answer)
        if self._time.measure(sent_ms, given.received_ms, given.sent_ms, back_ms):
            self._remember_time()
            self._wake_player()
        trouble = self._outbox.disagreement(given.last_seq, given.last_hash)
        if trouble:
            self._troubles.report("chain", trouble, EntryReason.ERROR)
        else:
            self._troubles.clear("chain")

    def status(self) -> StatusReport:
        """How the station is now."""
        manifest = self._programme.manifest
        named = self._named()
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
        now_ms = self._time.clock.monotonic_ms()
        if self._remembered_ms is None or now_ms - self._remembered_ms >= REMEMBER_TIME_EVERY_MS:
            self._remembered_ms = now_ms
            self._state.put("time", self._time.remember())

    # Threads

    def wake_reporter(self) -> None:
        """Something happened that the server should hear of soon."""
        self._report_now.set()

    def start(self) -> None:
        """Begin to talk, on threads that do not keep the process alive; again: revive one that died of a bug."""
        for work in (self._keep_pulling, self._keep_fetching, self._keep_reporting):
            running = self._threads.get(work.__name__)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=work, name=work.__name__, daemon=True)
                self._threads[work.__name__] = thread
                thread.start()

    def stop(self, join_s: float) -> bool:
        """End the threads, waiting `join_s` in all; False where one is still inside a request.

        Such a thread ends with its request or with the process.
        """
        self._stop.set()
        self._fetch_now.set()
        self._report_now.set()
        until_s = machine_time.monotonic() + join_s
        for thread in self._threads.values():
            thread.join(max(0.0, until_s - machine_time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads.values())

    def _keep_pulling(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                pause_s = self.pull(WAIT_S)
                backoff.succeeded()
            except (ServerError, Refused, sqlite3.Error, OSError) as error:
                pause_s = self._trouble("manifest", error, backoff)
            self._stop.wait(pause_s)

    def _keep_fetching(self) -> None:
        pruned_s = machine_time.monotonic()
        while not self._stop.is_set():
            try:
                more = self.fetch_next()
                if machine_time.monotonic() - pruned_s > _PRUNE_EVERY_S:
                    pruned_s = machine_time.monotonic()
                    self._cache.prune(self._named())
            except (sqlite3.Error, OSError) as error:
                if self._stop.is_set():
                    return
                self._troubles.report("disk", f"Lỗi thẻ nhớ: {error}")
                more = False
            if not more:
                self._fetch_now.wait(2.0 if self._again_ms else 60.0)
                self._fetch_now.clear()

    def _keep_reporting(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            self._report_now.clear()
            try:
                # Time first: until it is known nothing may play.
                if self._remembered_ms is None:
                    self.send_status()
                while self.send_log() and not self._stop.is_set():
                    pass
                self.send_status()
                self._troubles.clear("report")
                backoff.succeeded()
            except (ServerError, sqlite3.Error, OSError) as error:
                self._stop.wait(self._trouble("report", error, backoff))
                continue
            self._report_now.wait(STATUS_EVERY_S)

    def _trouble(self, name: str, error: Exception, backoff: Backoff) -> float:
        if self._stop.is_set():
            return 0.0
        reason = None
        if isinstance(error, Refused):
            reason = error.reason
        elif isinstance(error, ServerError) and error.status == 401:
            reason = EntryReason.ERROR
            error = ServerError("Máy chủ không còn nhận trạm này; trạm phát tiếp những gì đang giữ.", 401)
        self._troubles.report(name, str(error), reason)
        return backoff.after(error)
