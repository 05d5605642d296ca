"""What sounds now: lets one airing sound at a time, and writes down how it began, how far it came and how it ended."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from broadcast.wire import EntryKind, EntryReason, ManifestAiring, milliseconds
from station.clock import TrustedTime
from station.errors import OutputError
from station.judgement import Busy, is_endless
from station.memory import Memory
from station.outbox import Outbox
from station.outputs import Order, Output, Sounding
from station.state import State
from station.troubles import Troubles

log = logging.getLogger(__name__)

NOTE_EVERY_MS = 1_000
"""How often the position of what plays is put on the disk (DESIGN §5.2)."""

_END_LOOK_MS = 50


@dataclass(frozen=True)
class Sound:
    """The file of an airing, verified, and how loud it is to be."""

    sha256: str
    path: Path
    volume: int


@dataclass
class Playing:
    """What sounds now; `airing` as the newest programme has it. `started_ms` is trusted, `since_ms` monotonic."""

    airing: ManifestAiring
    sound: Sound
    started_ms: int
    since_ms: int
    sounding: Sounding
    heard_before_ms: int
    expected_ms: int | None
    noted_ms: int

    def left_ms(self, monotonic_ms: int) -> int | None:
        """What it has left by its stated length, whatever wall clocks do meanwhile; None where it is endless."""
        return None if self.expected_ms is None else self.expected_ms - (monotonic_ms - self.since_ms)

    def is_whole(self) -> bool:
        """Whether all that was ordered has sounded; never where it is endless."""
        ordered_ms = self.airing.duration_ms * (self.airing.repeats or 1)
        heard_ms = self.heard_before_ms + self.sounding.sounded_ms()
        return self.expected_ms is not None and heard_ms >= ordered_ms


class Stage:
    """One airing at a time. The player's thread only, but for reading `playing`."""

    def __init__(
        self,
        *,
        output: Output,
        outbox: Outbox,
        state: State,
        memory: Memory,
        time: TrustedTime,
        troubles: Troubles,
    ) -> None:
        self._output = output
        self._outbox = outbox
        self._state = state
        self._memory = memory
        self._time = time
        self._troubles = troubles
        self.playing: Playing | None = None

    def tell_power_cut(self) -> None:
        """Log what was sounding when the power went, with its last position."""
        for airing, audio, volume, started_ms, sounded_ms, at_ms in self._state.rows(
            "SELECT airing, audio, volume, started_ms, sounded_ms, at_ms FROM playing"
        ):
            log.warning("Lượt phát %s bị ngắt giữa chừng vì mất điện.", airing)
            self._write_end(
                EntryKind.STOPPED,
                EntryReason.POWER,
                UUID(airing),
                started_ms=started_ms,
                ended_ms=at_ms,
                sounded_ms=sounded_ms,
                audio=audio,
                volume=volume,
            )

    def begin(
        self, airing: ManifestAiring, sound: Sound, now_ms: int, heard_ms: int = 0, *, most_ms: int | None = None
    ) -> None:
        """Let it sound; `heard_ms` of it were heard before. Raises OutputError; then nothing sounds.

        After `most_ms` the output falls silent by itself: even a player that hangs on a dying disk keeps a curfew.
        """
        sounding = self._output.play(
            Order(
                airing=str(airing.id),
                path=sound.path,
                volume=sound.volume,
                repeats=airing.repeats,
                gap_ms=airing.gap_ms,
                starts_ms=milliseconds(airing.starts_at),
                from_ms=heard_ms,
                most_ms=most_ms,
            )
        )
        self._troubles.clear("output")
        monotonic_ms = self._time.clock.monotonic_ms()
        self.playing = Playing(
            airing=airing,
            sound=sound,
            started_ms=now_ms,
            since_ms=monotonic_ms,
            sounding=sounding,
            heard_before_ms=heard_ms,
            expected_ms=None if is_endless(airing) else airing.whole_ms() - heard_ms,
            noted_ms=monotonic_ms,
        )
        self._write_started(airing, sound, now_ms, heard_ms)
        log.info("Phát “%s”, âm lượng %d.", airing.title, sound.volume)

    def _write_started(self, airing: ManifestAiring, sound: Sound, now_ms: int, heard_ms: int) -> None:
        remember = self._memory.note(airing.id, "begun", now_ms)

        def also(db: sqlite3.Connection) -> None:
            remember(db)
            db.execute(
                "INSERT OR REPLACE INTO playing VALUES (1, ?, ?, ?, ?, 0, ?)",
                (str(airing.id), sound.sha256, sound.volume, now_ms, now_ms),
            )

        note = "phát tiếp phần còn lại" if heard_ms else None
        if airing.relay is not None:
            note = "phát nội dung dự phòng, trạm chưa tiếp sóng được"
        self._outbox.record(
            EntryKind.STARTED,
            at_ms=now_ms,
            airing=airing.id,
            started_ms=now_ms,
            audio=sound.sha256,
            volume=sound.volume,
            note=note,
            also=also,
        )

    def has_ended(self) -> bool:
        """Whether the last of it has been heard. Raises OutputError where device or file failed."""
        return self.playing is not None and self.playing.sounding.ended()

    def note_position(self) -> None:
        """Put on the disk how far it has come, once a second."""
        playing, monotonic_ms = self.playing, self._time.clock.monotonic_ms()
        if playing is None or monotonic_ms - playing.noted_ms < NOTE_EVERY_MS:
            return
        playing.noted_ms = monotonic_ms
        sounded_ms = playing.sounding.sounded_ms()
        # A full disk costs the position only: the sound goes on, and the log keeps its entries in memory.
        with contextlib.suppress(sqlite3.OperationalError), self._state.writing() as db:
            db.execute("UPDATE playing SET sounded_ms = ?, at_ms = ?", (sounded_ms, self._time.believed_ms()))

    def end(self, reason: EntryReason | None = None) -> int:
        """Fall silent and log it, as finished or (with a reason) as stopped; gives the milliseconds that sounded."""
        playing = self.playing
        assert playing is not None
        self.playing = None
        try:
            sounded_ms = playing.sounding.stop()
        except OutputError as error:
            self._troubles.report("output", error.message_vi, error.reason)
            sounded_ms = playing.sounding.sounded_ms()
            reason = reason or error.reason
        self._write_end(
            EntryKind.FINISHED if reason is None else EntryKind.STOPPED,
            reason,
            playing.airing.id,
            started_ms=playing.started_ms,
            ended_ms=max(self._time.believed_ms(), playing.started_ms),
            sounded_ms=sounded_ms,
            audio=playing.sound.sha256,
            volume=playing.sound.volume,
        )
        told = "phát xong" if reason is None else f"dừng ({reason})"
        log.info("“%s”: %s, đã phát %.1f giây.", playing.airing.title, told, sounded_ms / 1000)
        return sounded_ms

    def _write_end(
        self, kind: EntryKind, reason: EntryReason | None, airing: UUID, *, ended_ms: int, **facts: int | str
    ) -> None:
        remember = self._memory.note(airing, "begun", ended_ms)

        def also(db: sqlite3.Connection) -> None:
            remember(db)
            db.execute("DELETE FROM playing")

        self._outbox.record(kind, reason, airing=airing, ended_ms=ended_ms, also=also, **facts)

    def busy(self) -> Busy | None:
        """What whoever wants to sound now has to reckon with."""
        playing = self.playing
        return None if playing is None else Busy(playing.airing, playing.left_ms(self._time.clock.monotonic_ms()))

    def next_look_ms(self) -> list[int]:
        """In how many milliseconds it wants to be looked at."""
        playing, monotonic_ms = self.playing, self._time.clock.monotonic_ms()
        if playing is None:
            return []
        looks = [NOTE_EVERY_MS - (monotonic_ms - playing.noted_ms)]
        left_ms = playing.left_ms(monotonic_ms)
        return looks if left_ms is None else [*looks, max(left_ms, _END_LOOK_MS)]
