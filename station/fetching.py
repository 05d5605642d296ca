"""Audio in: what the programme names and the station lacks, most urgent first."""

from __future__ import annotations

import sqlite3
import threading
import time as machine_time
from collections.abc import Callable

from broadcast.wire import AudioFile, EntryKind, EntryReason, Manifest, milliseconds
from station.backoff import Backoff, spread
from station.cache import AlteredAudio, AudioCache, DownloadError, NoRoom, Source, Unreachable
from station.clock import TrustedTime
from station.judgement import is_emergency
from station.outbox import Outbox
from station.programme import Programme, audio_of
from station.state import State, put_in
from station.troubles import Troubles

_PRUNE_EVERY_S = 900.0
_REST_MOST_MS = 60_000

LOOK_AHEAD_MS = 1_800_000
"""What is to sound within this is read and compared with its hash before its time: there is time to fetch it again,
and a slow card delays nothing on the second."""

_Urgency = tuple[bool, bool, int]
_LAST: _Urgency = (True, True, 2**62)


class Fetcher:
    """The downloads, one after the other."""

    def __init__(
        self,
        *,
        source: Source,
        programme: Programme,
        cache: AudioCache,
        outbox: Outbox,
        state: State,
        time: TrustedTime,
        troubles: Troubles,
        wake_player: Callable[[], None],
    ) -> None:
        self._source = source
        self._programme = programme
        self._cache = cache
        self._outbox = outbox
        self._state = state
        self._time = time
        self._troubles = troubles
        self._wake_player = wake_player
        self._stopping = False
        self._now = threading.Event()
        self._again_ms: dict[str, tuple[int, int]] = {}
        self._backoff = Backoff()
        self._server_again_ms = 0
        self._said_ready = 0

    def missing(self) -> list[AudioFile]:
        """Audio that the manifest names and that is not here, what sounds first coming first."""
        manifest = self._programme.manifest
        if manifest is None:
            return []
        absent = {file.sha256: file for file in manifest.audio if not self._cache.is_held(file.sha256)}
        if not absent:
            return []
        first = _urgencies(manifest, self._time.believed_ms())
        return sorted(absent.values(), key=lambda file: (first.get(file.sha256, _LAST), file.sha256))

    def fetch_next(self) -> bool:
        """Fetch the most urgent file that is not resting after a failure; True where there is more to try now."""
        now_ms = self._time.clock.monotonic_ms()
        missing = self.missing()
        self._say_ready(missing)
        ready = [file for file in missing if self._again_ms.get(file.sha256, (0, 0))[0] <= now_ms]
        if not ready or now_ms < self._server_again_ms:
            return False
        file, held = ready[0], self._programme.held
        try:
            whole = self._cache.fetch(file, self._source, lambda: not self._stopping and self._programme.held is held)
        except Unreachable as error:
            # One failure for all files: they are not asked for one after the other.
            self._server_again_ms = now_ms + round(self._backoff.after(error) * 1000)
            self._troubles.report("download", f"Chưa tải được âm thanh: {error}")
        except (DownloadError, OSError) as error:
            self._rest(file, error, now_ms)
        else:
            self._backoff.succeeded()
            self._troubles.clear("download")
            if whole:
                self._take(file)
        return True

    def _take(self, file: AudioFile) -> None:
        self._troubles.clear(f"audio {file.sha256}")
        self._again_ms.pop(file.sha256, None)
        self._outbox.record(EntryKind.FETCHED, audio=file.sha256)
        self._wake_player()

    def _rest(self, file: AudioFile, error: Exception, now_ms: int) -> None:
        if isinstance(error, OSError | NoRoom):
            self._prune(at_once=True)
        pause_ms = min(self._again_ms.get(file.sha256, (0, 1_000))[1] * 2, _REST_MOST_MS)
        self._again_ms[file.sha256] = (now_ms + round(spread(pause_ms)), pause_ms)
        reason = EntryReason.NO_AUDIO if pause_ms >= _REST_MOST_MS else None
        if isinstance(error, AlteredAudio):
            reason = EntryReason.SIGNATURE
        self._troubles.report(f"audio {file.sha256}", f"Tệp âm thanh {file.sha256[:12]}…: {error}", reason)

    def _prune(self, *, at_once: bool = False) -> None:
        # Without a programme (altered on the disk, say) nothing is named: that is no reason to throw all away.
        if self._programme.held is not None:
            self._cache.prune(self._programme.audio_named(), at_once=at_once)

    def look_ahead(self) -> None:
        """Compare what sounds soon with its hash; what was altered is fetched again."""
        manifest, now_ms = self._programme.manifest, self._time.believed_ms()
        if manifest is None:
            return
        for airing in manifest.airings:
            if now_ms <= milliseconds(airing.starts_at) <= now_ms + LOOK_AHEAD_MS:
                sha256 = audio_of(manifest, airing)
                if sha256 is not None and not self._stopping:
                    self._cache.verified(sha256)

    def fetch_again(self, sha256: str) -> None:
        """A file here was found altered and thrown away."""
        line = f"Tệp âm thanh {sha256[:12]}… trong máy đã bị thay đổi; trạm bỏ đi và tải lại."
        self._troubles.report(f"audio {sha256}", line, EntryReason.SIGNATURE)
        self._now.set()

    def begin_anew(self) -> None:
        """There is another programme: what failed before is tried again at once."""
        self._again_ms.clear()
        self._server_again_ms = 0
        self._troubles.clear_all("audio ")
        self._now.set()

    def _say_ready(self, missing: list[AudioFile]) -> None:
        sequence = self._programme.sequence()
        if sequence and not missing and self._said_ready != sequence:
            if self._state.get("ready") != sequence:
                self._outbox.record(EntryKind.READY, also=lambda db: put_in(db, "ready", sequence))
            self._said_ready = sequence

    def keep_on(self, stop: threading.Event) -> None:
        """Fetch and tidy up until told to stop."""
        pruned_s = machine_time.monotonic()
        while not stop.is_set():
            try:
                more = self.fetch_next()
                if not more:
                    self.look_ahead()
                if machine_time.monotonic() - pruned_s > _PRUNE_EVERY_S:
                    pruned_s = machine_time.monotonic()
                    self._prune()
                self._troubles.clear("disk")
            except (sqlite3.Error, OSError) as error:
                if stop.is_set():
                    return
                self._troubles.report("disk", f"Lỗi thẻ nhớ: {error}")
                more = False
            if not more:
                self._now.wait(self._pause_s())
                self._now.clear()

    def _pause_s(self) -> float:
        rests = self._again_ms or self._time.clock.monotonic_ms() < self._server_again_ms
        return 2.0 if rests else 60.0

    def wake(self) -> None:
        """The end has come: a download under way is broken off."""
        self._stopping = True
        self._now.set()


def _urgencies(manifest: Manifest, now_ms: int) -> dict[str, _Urgency]:
    """How urgent each file is by the airing that needs it first: emergencies, then what is to come, by its instant."""
    first: dict[str, _Urgency] = {}
    for airing in manifest.airings:
        audio = audio_of(manifest, airing)
        if audio is not None:
            is_past = milliseconds(airing.latest_start_at) < now_ms
            urgency = (not is_emergency(airing), is_past, milliseconds(airing.starts_at))
            first[audio] = min(first.get(audio, urgency), urgency)
    return first
