"""The player: looks at the programme and the time, and lets sound begin and end. One thread calls `tick`."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from broadcast.wire import EntryKind, EntryReason, Manifest, ManifestAiring, milliseconds
from station.cache import AudioCache
from station.clock import TrustedTime
from station.errors import OutputError
from station.judgement import Begin, Busy, Miss, Wait, is_emergency, is_endless, judge
from station.outbox import Outbox
from station.outputs import Order, Output, Sounding
from station.programme import Programme, curfew_touched, may_break_curfew
from station.state import State
from station.troubles import Troubles

log = logging.getLogger(__name__)

LOOK_AT_LEAST_EVERY_MS = 30_000
"""Wall clocks step and machines are suspended: never sleep longer than this."""

NOTE_EVERY_MS = 1_000
"""How often the position of what plays is put on the disk (DESIGN §5.2)."""

RESUME_WITHIN_MS = 3_600_000
"""An interrupted airing that asks to be resumed is dropped after an hour: the day has moved on."""

GO_ON_WITHIN_MS = 3_600_000
"""An endless emergency that a power cut silenced less than an hour ago goes on without asking the server."""

REMEMBER_MS = 60 * 86_400_000
"""What was played is remembered for much longer than any programme reaches."""

_RETRY_FIRST_MS = 5_000
_RETRY_MOST_MS = 300_000
_END_LOOK_MS = 50
_WAIT_LOOK_MS = 500


@dataclass
class Playing:
    """What sounds now. Instants are trusted milliseconds, `noted_ms` is monotonic."""

    airing: ManifestAiring
    audio: str
    volume: int
    started_ms: int
    sounding: Sounding
    expected_ms: int | None
    noted_ms: int


@dataclass(frozen=True)
class Interrupted:
    """An airing that wants to be resumed: how much of it was heard and when it was interrupted."""

    airing: ManifestAiring
    heard_ms: int
    at_ms: int


class Player:
    """Plays what the newest manifest orders and writes down what really happened."""

    def __init__(
        self,
        *,
        programme: Programme,
        cache: AudioCache,
        outbox: Outbox,
        state: State,
        output: Output,
        time: TrustedTime,
        troubles: Troubles,
        enrolled_ms: int,
    ) -> None:
        self._programme = programme
        self._cache = cache
        self._outbox = outbox
        self._state = state
        self._output = output
        self._time = time
        self._troubles = troubles
        self._enrolled_ms = enrolled_ms
        self._manifest: Manifest | None = None
        self._pending: list[ManifestAiring] = []
        self._states: dict[str, tuple[str, int]] = {}
        self._waits: dict[UUID, EntryReason] = {}
        self._retry: dict[UUID, tuple[int, int]] = {}
        self._interrupted: Interrupted | None = None
        self._playing: Playing | None = None
        self._silent_since: int | None = time.clock.monotonic_ms()

    @property
    def playing(self) -> UUID | None:
        """The airing that sounds now."""
        playing = self._playing
        return playing.airing.id if playing else None

    # What was before

    def boot(self) -> None:
        """Take up what the disk says; an airing that was sounding when the power went is logged with its position."""
        with self._state.writing() as db:
            db.execute("DELETE FROM airing WHERE changed_ms < (SELECT max(changed_ms) FROM airing) - ?", (REMEMBER_MS,))
        self._states = {
            airing: (state, changed_ms)
            for airing, state, changed_ms in self._state.rows("SELECT id, state, changed_ms FROM airing")
        }
        for airing, audio, volume, started_ms, sounded_ms, at_ms in self._state.rows(
            "SELECT airing, audio, volume, started_ms, sounded_ms, at_ms FROM playing"
        ):
            log.warning("Lượt phát %s bị ngắt giữa chừng vì mất điện.", airing)
            self._outbox.record(
                EntryKind.STOPPED,
                EntryReason.POWER,
                airing=UUID(airing),
                started_ms=started_ms,
                ended_ms=at_ms,
                sounded_ms=sounded_ms,
                audio=audio,
                volume=volume,
                also=self._remember(airing, "begun", at_ms, ends=True),
            )

    def _remember(
        self, airing: str, state: str, at_ms: int, *, ends: bool = False
    ) -> Callable[[sqlite3.Connection], None]:
        self._states[airing] = (state, at_ms)

        def write(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO airing VALUES (?, ?, ?)", (airing, state, at_ms))
            if ends:
                db.execute("DELETE FROM playing")

        return write

    # The beat

    def tick(self) -> int:
        """Do what is due; gives the milliseconds until the next look (a new programme should come sooner)."""
        now_ms = self._time.now_ms()
        self._follow_programme(now_ms)
        self._attend_playing(now_ms)
        if now_ms is None:
            self._stay_silent()
        else:
            self._end_silence(now_ms)
            self._begin_due(now_ms)
            self._resume(now_ms)
        return self._until_next_look()

    def _follow_programme(self, now_ms: int | None) -> None:
        manifest = self._programme.manifest
        if manifest is None or manifest is self._manifest:
            return
        self._manifest = manifest
        mine = [a for a in manifest.airings if milliseconds(a.starts_at) >= self._enrolled_ms]
        self._pending = sorted(
            (a for a in mine if is_endless(a) or str(a.id) not in self._states),
            key=lambda a: (not is_emergency(a), a.starts_at),
        )
        named = {airing.id for airing in manifest.airings}
        self._waits = {airing: why for airing, why in self._waits.items() if airing in named}
        self._retry = {airing: again for airing, again in self._retry.items() if airing in named}
        if self._interrupted is not None and self._interrupted.airing.id not in named:
            self._interrupted = None
        if self._playing is not None and self._playing.airing.id not in named:
            by_emergency = not is_emergency(self._playing.airing) and any(
                is_emergency(a) and now_ms is not None and milliseconds(a.starts_at) <= now_ms for a in self._pending
            )
            self._stop(EntryReason.EMERGENCY if by_emergency else EntryReason.CANCELLED)
        self._warn_of(manifest)

    def _warn_of(self, manifest: Manifest) -> None:
        breaking = [
            airing
            for airing in self._pending
            if not may_break_curfew(airing)
            and curfew_touched(
                manifest.curfew,
                milliseconds(airing.starts_at),
                milliseconds(airing.starts_at) + airing.whole_ms(),
            )
        ]
        if breaking:
            line = f"Chương trình số {manifest.sequence} có {len(breaking)} lượt phát chạm giờ cấm; trạm không phát."
            self._troubles.report("curfew", line, EntryReason.CURFEW)
        else:
            self._troubles.clear("curfew")

    # What plays

    def _attend_playing(self, now_ms: int | None) -> None:
        playing = self._playing
        if playing is None:
            return
        try:
            if playing.sounding.ended():
                self._finish()
                return
        except OutputError as error:
            self._troubles.report("output", error.message_vi, error.reason)
            self._retry_later(playing.airing)
            self._stop(error.reason)
            return
        manifest = self._manifest
        if now_ms is not None and manifest is not None and not may_break_curfew(playing.airing):
            touched = curfew_touched(manifest.curfew, now_ms, now_ms + 1)
            if touched is not None:
                self._stop(EntryReason.CURFEW)
                return
        monotonic_ms = self._time.clock.monotonic_ms()
        if monotonic_ms - playing.noted_ms >= NOTE_EVERY_MS:
            playing.noted_ms = monotonic_ms
            self._note_position(playing)

    def _note_position(self, playing: Playing) -> None:
        sounded_ms = playing.sounding.sounded_ms()
        # A full disk costs the position only: the sound goes on, and the log keeps its entries in memory.
        with contextlib.suppress(sqlite3.OperationalError), self._state.writing() as db:
            db.execute("UPDATE playing SET sounded_ms = ?, at_ms = ?", (sounded_ms, self._time.believed_ms()))

    def _finish(self) -> None:
        self._close(EntryKind.FINISHED, None)

    def _stop(self, reason: EntryReason) -> None:
        self._close(EntryKind.STOPPED, reason)

    def _close(self, kind: EntryKind, reason: EntryReason | None) -> int:
        playing = self._playing
        assert playing is not None
        self._playing = None
        try:
            sounded_ms = playing.sounding.stop()
        except OutputError as error:
            self._troubles.report("output", error.message_vi, error.reason)
            sounded_ms = playing.sounding.sounded_ms()
            kind, reason = EntryKind.STOPPED, reason or error.reason
        ended_ms = max(self._time.believed_ms(), playing.started_ms)
        airing = playing.airing
        self._outbox.record(
            kind,
            reason,
            airing=airing.id,
            started_ms=playing.started_ms,
            ended_ms=ended_ms,
            sounded_ms=sounded_ms,
            audio=playing.audio,
            volume=playing.volume,
            also=self._remember(str(airing.id), "begun", ended_ms, ends=True),
        )
        told = "phát xong" if reason is None else f"dừng ({reason})"
        log.info("“%s”: %s, đã phát %.1f giây.", airing.title, told, sounded_ms / 1000)
        return sounded_ms

    def shut_down(self) -> None:
        """The program ends: what plays is stopped and logged."""
        if self._playing is not None:
            self._stop(EntryReason.INTERRUPTED)

    # What is due

    def _begin_due(self, now_ms: int) -> None:
        manifest = self._manifest
        if manifest is None:
            return
        monotonic_ms = self._time.clock.monotonic_ms()
        for airing in [a for a in self._pending if milliseconds(a.starts_at) <= now_ms]:
            if self._playing is not None and self._playing.airing.id == airing.id:
                continue
            if is_endless(airing) and self._has_given_up(airing):
                continue
            is_late = not is_endless(airing) and now_ms > milliseconds(airing.latest_start_at)
            if monotonic_ms < self._retry.get(airing.id, (0, 0))[0] and not is_late:
                continue
            verdict = judge(
                airing,
                now_ms,
                length_ms=airing.whole_ms(),
                curfew=manifest.curfew,
                busy=self._busy(now_ms),
                has_audio=lambda airing=airing: self._audio_path(airing) is not None,  # type: ignore[misc]
                waited_for=self._waits.get(airing.id),
                may_begin_late=is_endless(airing) and self._is_still_wanted(airing, now_ms),
            )
            self._apply(airing, verdict, now_ms)

    def _apply(self, airing: ManifestAiring, verdict: Begin | Wait | Miss, now_ms: int) -> None:
        match verdict:
            case Miss(why):
                self._miss(airing, why, now_ms)
            case Wait(why):
                self._waits[airing.id] = why
            case Begin(displaces):
                if displaces is not None and self._playing is not None:
                    self._make_way(displaces, now_ms)
                self._begin(airing, now_ms)

    def _busy(self, now_ms: int) -> Busy | None:
        playing = self._playing
        if playing is None:
            return None
        left_ms = None if playing.expected_ms is None else playing.expected_ms - (now_ms - playing.started_ms)
        return Busy(playing.airing, left_ms)

    def _has_given_up(self, airing: ManifestAiring) -> bool:
        """An endless one that was missed is looked at again only when the server confirms that it is wanted."""
        missed = self._states.get(str(airing.id), ("", 0))[0] == "missed"
        return missed and not self._programme.is_confirmed()

    def _is_still_wanted(self, airing: ManifestAiring, now_ms: int) -> bool:
        state, changed_ms = self._states.get(str(airing.id), ("", 0))
        lately = state == "begun" and now_ms - changed_ms <= GO_ON_WITHIN_MS
        return lately or self._programme.is_confirmed()

    def _audio_of(self, airing: ManifestAiring) -> str | None:
        """The sound of an airing. Streams are not relayed yet: a relay sounds as its fallback."""
        if airing.audio is not None:
            return airing.audio
        assert self._manifest is not None
        return next((r.fallback_audio for r in self._manifest.relays if r.id == airing.relay), None)

    def _audio_path(self, airing: ManifestAiring) -> Path | None:
        audio = self._audio_of(airing)
        return None if audio is None else self._cache.verified(audio)

    def _begin(self, airing: ManifestAiring, now_ms: int, heard_ms: int = 0) -> bool:
        manifest = self._manifest
        audio, path = self._audio_of(airing), self._audio_path(airing)
        assert manifest is not None
        if audio is None or path is None:
            return False
        volume = manifest.volume if airing.volume is None else airing.volume
        order = Order(
            airing=str(airing.id),
            path=path,
            volume=volume,
            repeats=airing.repeats,
            gap_ms=airing.gap_ms,
            starts_ms=milliseconds(airing.starts_at),
            from_ms=heard_ms,
        )
        try:
            sounding = self._output.play(order)
        except OutputError as error:
            self._waits[airing.id] = error.reason
            self._troubles.report("output", error.message_vi, error.reason)
            self._retry_later(airing)
            return False
        self._troubles.clear("output")
        self._playing = Playing(
            airing=airing,
            audio=audio,
            volume=volume,
            started_ms=now_ms,
            sounding=sounding,
            expected_ms=None if is_endless(airing) else airing.whole_ms() - heard_ms,
            noted_ms=self._time.clock.monotonic_ms(),
        )
        self._write_started(airing, audio, volume, now_ms, heard_ms)
        return True

    def _write_started(self, airing: ManifestAiring, audio: str, volume: int, now_ms: int, heard_ms: int) -> None:
        remember = self._remember(str(airing.id), "begun", now_ms)

        def also(db: sqlite3.Connection) -> None:
            remember(db)
            db.execute(
                "INSERT OR REPLACE INTO playing VALUES (1, ?, ?, ?, ?, 0, ?)",
                (str(airing.id), audio, volume, now_ms, now_ms),
            )

        note = "phát tiếp phần còn lại" if heard_ms else None
        if airing.relay is not None:
            note = "phát nội dung dự phòng, trạm chưa tiếp sóng được"
        self._outbox.record(
            EntryKind.STARTED,
            at_ms=now_ms,
            airing=airing.id,
            started_ms=now_ms,
            audio=audio,
            volume=volume,
            note=note,
            also=also,
        )
        if not is_endless(airing):
            self._forget_pending(airing)
        log.info("Phát “%s”, âm lượng %d.", airing.title, volume)

    def _forget_pending(self, airing: ManifestAiring) -> None:
        self._pending = [other for other in self._pending if other.id != airing.id]
        self._waits.pop(airing.id, None)
        self._retry.pop(airing.id, None)

    def _retry_later(self, airing: ManifestAiring) -> None:
        wait_ms = min(self._retry.get(airing.id, (0, _RETRY_FIRST_MS // 2))[1] * 2, _RETRY_MOST_MS)
        self._retry[airing.id] = (self._time.clock.monotonic_ms() + wait_ms, wait_ms)

    def _miss(self, airing: ManifestAiring, why: EntryReason, now_ms: int) -> None:
        if not is_endless(airing):
            self._forget_pending(airing)
        elif self._states.get(str(airing.id), ("", 0))[0] == "missed":
            return
        log.warning("“%s”: không phát (%s).", airing.title, why)
        self._outbox.record(
            EntryKind.MISSED,
            why,
            airing=airing.id,
            audio=self._audio_of(airing),
            also=self._remember(str(airing.id), "missed", now_ms),
        )

    # Interrupted and resumed

    def _make_way(self, reason: EntryReason, now_ms: int) -> None:
        playing = self._playing
        assert playing is not None
        heard_ms = self._close(EntryKind.STOPPED, reason)
        wants_more = playing.airing.after_interrupt == "resume" and not is_endless(playing.airing)
        if reason is EntryReason.EMERGENCY and wants_more and playing.expected_ms is not None:
            before_ms = playing.airing.whole_ms() - playing.expected_ms
            self._interrupted = Interrupted(playing.airing, before_ms + heard_ms, now_ms)

    def _resume(self, now_ms: int) -> None:
        interrupted, manifest = self._interrupted, self._manifest
        if interrupted is None or manifest is None or self._playing is not None:
            return
        self._interrupted = None
        airing = interrupted.airing
        left_ms = airing.whole_ms() - interrupted.heard_ms
        if now_ms - interrupted.at_ms > RESUME_WITHIN_MS or left_ms <= 0:
            return
        if not may_break_curfew(airing) and curfew_touched(manifest.curfew, now_ms, now_ms + left_ms):
            return
        self._begin(airing, now_ms, interrupted.heard_ms)

    # Silence

    def _stay_silent(self) -> None:
        if self._silent_since is None:
            self._silent_since = self._time.clock.monotonic_ms()
        silent_ms = self._time.clock.monotonic_ms() - self._silent_since
        if silent_ms >= LOOK_AT_LEAST_EVERY_MS:
            self._troubles.report(
                "clock", "Trạm chưa biết giờ đúng nên im lặng: chưa đo được giờ với máy chủ.", EntryReason.CLOCK
            )
        estimated_ms = self._time.estimated_ms()
        if estimated_ms is None:
            return
        # The server's time is known roughly (its answers are slow): enough to say what is long past.
        for airing in list(self._pending):
            latest_ms = milliseconds(airing.latest_start_at)
            if estimated_ms - silent_ms <= latest_ms < estimated_ms - LOOK_AT_LEAST_EVERY_MS:
                self._miss(airing, EntryReason.CLOCK, estimated_ms)

    def _end_silence(self, now_ms: int) -> None:
        if self._silent_since is None:
            return
        since_ms = now_ms - (self._time.clock.monotonic_ms() - self._silent_since)
        self._silent_since = None
        self._troubles.clear("clock")
        for airing in self._pending:
            if since_ms <= milliseconds(airing.latest_start_at) < now_ms:
                self._waits.setdefault(airing.id, EntryReason.CLOCK)

    # Sleep

    def _until_next_look(self) -> int:
        now_ms = self._time.now_ms()
        looks = [LOOK_AT_LEAST_EVERY_MS]
        playing = self._playing
        if playing is not None:
            monotonic_ms = self._time.clock.monotonic_ms()
            looks.append(NOTE_EVERY_MS - (monotonic_ms - playing.noted_ms))
            if playing.expected_ms is not None and now_ms is not None:
                left_ms = playing.expected_ms - (now_ms - playing.started_ms)
                looks.append(max(left_ms, _END_LOOK_MS))
        if now_ms is None:
            looks.append(_WAIT_LOOK_MS * 2)
            return max(1, min(looks))
        for airing in self._pending:
            starts_ms = milliseconds(airing.starts_at)
            if starts_ms > now_ms:
                looks.append(starts_ms - now_ms)
            elif not (is_endless(airing) and (self.playing == airing.id or self._has_given_up(airing))):
                looks.append(_WAIT_LOOK_MS)
        if playing is not None and self._manifest is not None and not may_break_curfew(playing.airing):
            edges = (milliseconds(span.from_) - now_ms for span in self._manifest.curfew)
            looks.extend(edge for edge in edges if edge > 0)
        return max(1, min(looks))
