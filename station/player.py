"""The player: looks at the programme and the time, and lets sound begin and end. One thread calls `tick`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from broadcast.wire import EntryKind, EntryReason, Manifest, ManifestAiring, milliseconds
from station.agenda import Agenda
from station.cache import AudioCache
from station.clock import TrustedTime
from station.curfew import Curfew
from station.errors import OutputError
from station.judgement import Begin, Miss, Wait, is_emergency, is_endless, judge
from station.memory import Memory
from station.outbox import Outbox
from station.programme import Programme, audio_of
from station.silence import Silence
from station.stage import Playing, Sound, Stage
from station.troubles import Troubles

log = logging.getLogger(__name__)

LOOK_AT_LEAST_EVERY_MS = 30_000
"""Wall clocks step and machines are suspended: nothing is left alone for longer than this."""

RESUME_WITHIN_MS = 3_600_000
"""An interrupted airing that asks to be resumed is dropped after an hour: the day has moved on."""

GO_ON_WITHIN_MS = 3_600_000
"""An endless emergency that a power cut silenced less than an hour ago goes on without asking the server."""

_WAIT_LOOK_MS = 500


@dataclass(frozen=True)
class Interrupted:
    """An airing that wants to be resumed: how much of it was heard and when it was interrupted."""

    airing: ManifestAiring
    heard_ms: int
    at_ms: int


class Player:
    """Plays what the newest manifest orders."""

    def __init__(
        self,
        *,
        programme: Programme,
        cache: AudioCache,
        outbox: Outbox,
        memory: Memory,
        agenda: Agenda,
        stage: Stage,
        time: TrustedTime,
        troubles: Troubles,
    ) -> None:
        self._programme = programme
        self._cache = cache
        self._outbox = outbox
        self._memory = memory
        self._agenda = agenda
        self._stage = stage
        self._time = time
        self._troubles = troubles
        self._manifest: Manifest | None = None
        self._curfew: Curfew | None = None
        self._interrupted: Interrupted | None = None
        self._silence = Silence(agenda, time, troubles)

    @property
    def playing(self) -> UUID | None:
        """The airing that sounds now."""
        playing = self._stage.playing
        return playing.airing.id if playing else None

    def boot(self) -> None:
        """Take up what the disk says; an airing that was sounding when the power went is logged with its position."""
        self._memory.recall()
        self._stage.tell_power_cut()

    def shut_down(self) -> None:
        """The program ends: what plays is stopped and logged."""
        if self._stage.playing is not None:
            self._stage.end(EntryReason.INTERRUPTED)

    def tick(self) -> int:
        """Do what is due; gives the milliseconds until the next look (a new programme should come sooner)."""
        now_ms = self._time.now_ms()
        self._follow_programme(now_ms)
        self._attend_playing()
        if now_ms is None:
            self._stay_silent()
        else:
            self._silence.end(now_ms)
            self._begin_due(now_ms)
            self._resume(now_ms)
        return self._until_next_look()

    # Another programme

    def _follow_programme(self, now_ms: int | None) -> None:
        manifest = self._programme.manifest
        if manifest is None or manifest is self._manifest:
            return
        self._manifest, self._curfew = manifest, Curfew(manifest)
        self._memory.forget_before(milliseconds(manifest.window.from_))
        self._agenda.follow(manifest)
        named = {airing.id: airing for airing in manifest.airings}
        if self._interrupted is not None and self._interrupted.airing.id not in named:
            self._interrupted = None
        playing = self._stage.playing
        if playing is not None:
            self._hold_to(playing, named.get(playing.airing.id), manifest, now_ms)
        self._warn_of(manifest, self._curfew)

    def _hold_to(self, playing: Playing, now: ManifestAiring | None, manifest: Manifest, now_ms: int | None) -> None:
        """What plays goes on only as far as the newest programme still orders it: `now` is what that says of it."""
        if now is None:
            by_emergency = not is_emergency(playing.airing) and any(
                is_emergency(a) and now_ms is not None and milliseconds(a.starts_at) <= now_ms
                for a in self._agenda.pending
            )
            self._stage.end(EntryReason.EMERGENCY if by_emergency else EntryReason.CANCELLED)
        elif is_endless(playing.airing) and not _sounds_alike(playing, now, audio_of(manifest, now)):
            # It would never come to its end by itself: the words that are in force now begin at once.
            self._stage.end(EntryReason.CANCELLED)
        else:
            playing.airing = now

    def _warn_of(self, manifest: Manifest, curfew: Curfew) -> None:
        breaking = [airing for airing in self._agenda.pending if curfew.forbids_whole(airing)]
        if breaking:
            line = f"Chương trình số {manifest.sequence} có {len(breaking)} lượt phát chạm giờ cấm; trạm không phát."
            self._troubles.report("curfew", line, EntryReason.CURFEW)
        else:
            self._troubles.clear("curfew")

    # What plays

    def _attend_playing(self) -> None:
        playing = self._stage.playing
        if playing is None:
            return
        # A time that is no longer trusted is still good enough to fall silent by.
        believed_ms = self._time.believed_ms()
        is_forbidden = self._curfew is not None and self._curfew.forbids(playing.airing, believed_ms, believed_ms + 1)
        try:
            if self._stage.has_ended():
                is_cut = is_forbidden and not playing.is_whole()
                self._stage.end(EntryReason.CURFEW if is_cut else None)
            elif is_forbidden:
                self._stage.end(EntryReason.CURFEW)
            else:
                self._stage.note_position()
        except OutputError as error:
            self._troubles.report("output", error.message_vi, error.reason)
            self._agenda.retry_later(playing.airing)
            self._stage.end(error.reason)

    # What is due

    def _begin_due(self, now_ms: int) -> None:
        curfew = self._curfew
        if curfew is None:
            return
        for airing in self._agenda.due(now_ms):
            if self.playing == airing.id or (is_endless(airing) and self._has_given_up(airing)):
                continue
            verdict = judge(
                airing,
                now_ms,
                length_ms=airing.whole_ms(),
                curfew=curfew,
                busy=self._stage.busy(),
                has_audio=lambda airing=airing: self._sound_of(airing) is not None,  # type: ignore[misc]
                waited_for=self._agenda.waited_for(airing),
                may_begin_late=is_endless(airing) and self._is_still_wanted(airing, now_ms),
            )
            self._apply(airing, verdict, now_ms)

    def _apply(self, airing: ManifestAiring, verdict: Begin | Wait | Miss, now_ms: int) -> None:
        match verdict:
            case Miss(why):
                self._miss(airing, why, now_ms)
            case Wait(why):
                self._agenda.waits(airing, why)
            case Begin(displaces):
                if displaces is not None and self._stage.playing is not None:
                    self._make_way(displaces, now_ms)
                self._begin(airing, now_ms)

    def _has_given_up(self, airing: ManifestAiring) -> bool:
        """An endless one that was missed is looked at again only when the server confirms that it is wanted.

        A device that failed is tried again in any case: the order stands, and it may be mended.
        """
        waits_for_device = self._agenda.waited_for(airing) is EntryReason.OUTPUT
        return self._memory.was_missed(airing) and not waits_for_device and not self._programme.is_confirmed()

    def _is_still_wanted(self, airing: ManifestAiring, now_ms: int) -> bool:
        begun_ms = self._memory.begun_at_ms(airing)
        lately = begun_ms is not None and abs(now_ms - begun_ms) <= GO_ON_WITHIN_MS
        return lately or self._programme.is_confirmed()

    def _sound_of(self, airing: ManifestAiring) -> Sound | None:
        manifest = self._manifest
        assert manifest is not None
        sha256 = audio_of(manifest, airing)
        path = None if sha256 is None else self._cache.verified(sha256)
        if sha256 is None or path is None:
            return None
        return Sound(sha256, path, manifest.volume if airing.volume is None else airing.volume)

    def _begin(self, airing: ManifestAiring, now_ms: int, heard_ms: int = 0) -> None:
        sound = self._sound_of(airing)
        if sound is None:
            return
        assert self._curfew is not None
        try:
            self._stage.begin(airing, sound, now_ms, heard_ms, most_ms=self._curfew.left_ms(airing, now_ms))
        except OutputError as error:
            if is_endless(airing):
                # It may be stopped before it ever sounded: without this line nobody would know that it was missed here.
                self._miss(airing, error.reason, now_ms)
            self._agenda.waits(airing, error.reason)
            self._agenda.retry_later(airing)
            self._troubles.report("output", error.message_vi, error.reason)
        else:
            self._agenda.done(airing)

    def _miss(self, airing: ManifestAiring, why: EntryReason, now_ms: int) -> None:
        if is_endless(airing) and self._memory.was_missed(airing):
            return
        log.warning("“%s”: không phát (%s).", airing.title, why)
        assert self._manifest is not None
        self._outbox.record(
            EntryKind.MISSED,
            why,
            airing=airing.id,
            audio=audio_of(self._manifest, airing),
            also=self._memory.note(airing.id, "missed", now_ms),
        )
        self._agenda.done(airing)

    def _stay_silent(self) -> None:
        for airing in self._silence.go_on():
            self._miss(airing, EntryReason.CLOCK, self._time.believed_ms())

    # Interrupted and resumed

    def _make_way(self, reason: EntryReason, now_ms: int) -> None:
        playing = self._stage.playing
        assert playing is not None
        heard_ms = self._stage.end(reason)
        wants_more = playing.airing.after_interrupt == "resume" and playing.expected_ms is not None
        if reason is EntryReason.EMERGENCY and wants_more:
            before_ms = playing.airing.whole_ms() - (playing.expected_ms or 0)
            self._interrupted = Interrupted(playing.airing, before_ms + heard_ms, now_ms)

    def _resume(self, now_ms: int) -> None:
        interrupted, curfew = self._interrupted, self._curfew
        if interrupted is None or curfew is None or self._stage.playing is not None:
            return
        self._interrupted = None
        airing = interrupted.airing
        left_ms = airing.whole_ms() - interrupted.heard_ms
        if now_ms - interrupted.at_ms > RESUME_WITHIN_MS or left_ms <= 0:
            return
        if not curfew.forbids(airing, now_ms, now_ms + left_ms):
            self._begin(airing, now_ms, interrupted.heard_ms)

    # Sleep

    def _until_next_look(self) -> int:
        now_ms = self._time.now_ms()
        looks = [LOOK_AT_LEAST_EVERY_MS, *self._stage.next_look_ms()]
        if now_ms is None:
            looks.append(_WAIT_LOOK_MS * 2)
            return max(1, min(looks))
        for airing in self._agenda.due(now_ms):
            if not (is_endless(airing) and (self.playing == airing.id or self._has_given_up(airing))):
                looks.append(_WAIT_LOOK_MS)
                break
        looks.extend(self._agenda.next_look_ms(now_ms))
        playing = self._stage.playing
        if playing is not None and self._curfew is not None:
            quiet_in_ms = self._curfew.left_ms(playing.airing, now_ms)
            looks.extend([] if quiet_in_ms is None else [quiet_in_ms])
        return max(1, min(looks))


def _sounds_alike(playing: Playing, now: ManifestAiring, sha256: str | None) -> bool:
    was = playing.airing
    return (playing.sound.sha256, was.repeats, was.gap_ms) == (sha256, now.repeats, now.gap_ms)
