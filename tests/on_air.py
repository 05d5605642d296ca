"""Both halves of one commune in one test: the server's rows, plan and keys, and a real station on a clock of its own.

What crosses between them is what crosses in life: an enrolment, signed bytes, audio by hash, signed batches of the log.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast import wire
from broadcast.airing import Airing, Refusal
from broadcast.audio_asset import AudioAsset
from broadcast.bulletin import Bulletin
from broadcast.clock import VIETNAM
from broadcast.config import Settings
from broadcast.deciding import approve, submit
from broadcast.enrolling import enrol, new_code
from broadcast.keys import SigningKeys
from broadcast.log_entry import LogEntry
from broadcast.recording import record_batch
from broadcast.station import Enrolment, Manifest
from broadcast.station import Station as StationRow
from schedules.manifest import manifest_for
from schedules.replan import Planning, Replanned, replan
from station.enrolment import Enrolment as OwnEnrolment
from station.outputs.null import NullOutput
from station.run import Station
from tests.district import District
from tests.station.bench import HandClock, tone


class FromStore:
    """Audio from the server's store, as a station downloads it; `spoil` alters what comes."""

    def __init__(self, store: AudioStore, spoil: bool = False) -> None:
        self.store = store
        self.spoil = spoil

    @contextlib.contextmanager
    def audio(self, sha256: str, offset: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        content = bytearray(self.store.path(sha256).read_bytes())
        if self.spoil:
            content[len(content) // 2] ^= 1
        yield offset, iter([bytes(content[offset:])])


class Box:
    """The machine in the commune: real parts, null output, a clock that is moved by hand."""

    def __init__(self, folder: Path, own: OwnEnrolment, now: datetime, *, knows_time: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = HandClock(system=wire.milliseconds(now), kernel=knows_time)
        self.station = Station(folder, own, self.clock, NullOutput(self.clock))
        self.station.boot()

    def take(self, manifest: Manifest, source: FromStore) -> bool:
        """Hand it a programme and let it fetch what it names."""
        taken = self.station.programme.offer(manifest.body.encode(), manifest.signature, manifest.etag)
        held = self.station.programme.manifest
        assert held is not None
        for file in held.audio:
            if not self.station.cache.is_held(file.sha256):
                self.station.cache.fetch(file, source, lambda: True)
        return taken

    def pass_time(self, **until: float) -> None:
        """Let the player's loop run for so long (`timedelta` arguments): it sleeps by moving the clock."""
        end_ms = self.clock.monotonic + round(timedelta(**until) / timedelta(milliseconds=1))
        while True:
            pause_ms = self.station.player.tick()
            left_ms = end_ms - self.clock.monotonic
            if pause_ms >= left_ms:
                self.clock.advance(left_ms)
                self.station.player.tick()
                return
            self.clock.advance(pause_ms)

    def pass_until(self, instant: datetime) -> None:
        left_ms = wire.milliseconds(instant) - self.clock.system
        assert left_ms >= 0, f"{instant} is over"
        self.pass_time(milliseconds=left_ms)

    def entries(self) -> list[dict[str, Any]]:
        """What waits in the outbox, oldest first."""
        return [json.loads(row[0]) for row in self.station.state.rows("SELECT entry FROM entry ORDER BY seq")]

    def told(self, airing: Airing | None = None) -> list[tuple[str, str | None]]:
        """(kind, reason) of the entries, of one airing where given."""
        return [
            (entry["kind"], entry.get("reason"))
            for entry in self.entries()
            if airing is None or entry.get("airing") == airing.id
        ]

    def started(self) -> list[datetime]:
        return [datetime.fromisoformat(entry["started_at"]) for entry in self.entries() if entry["kind"] == "started"]


class OnAir:
    """District H with commune X, station S1 in it, and the machine that enrolled as S1 at `now`."""

    def __init__(
        self, session: Session, settings: Settings, folder: Path, now: datetime, *, knows_time: bool = True
    ) -> None:
        self.session = session
        self.now = now
        self.district = District(session, now)
        self.store = AudioStore(settings.audio_dir)
        self.keys = SigningKeys(settings.keys_dir)
        self.row = self.district.station("S1")
        own = machine(session, self.row, self.keys, now)
        self.box = Box(folder, own, now, knows_time=knows_time)

    def sound(self, name: str, seconds: float = 3) -> AudioAsset:
        """A tone that only `name` has, in the store and as a row."""
        content = tone(round(seconds * 1000), 300 + sum(name.encode()) % 400)
        asset = AudioAsset(
            sha256=self.store.put(content),
            bytes=len(content),
            duration_ms=round(seconds * 1000),
            lufs=-16.0,
            true_peak_db=-2.0,
            media_type="audio/wav",
            voice="tone",
            created_at=self.now,
        )
        self.session.add(asset)
        self.session.flush()
        return asset

    def waiting(self, code: str, seconds: float = 3, bulletin_class: str = "normal") -> Bulletin:
        """Written, with its sound, handed to an approver."""
        bulletin = self.district.draft(code, bulletin_class=bulletin_class)
        rendering = bulletin.latest.renderings[-1]
        rendering.state, rendering.audio, rendering.finished_at = "ready", self.sound(code, seconds), self.now
        self.session.flush()
        submit(self.session, bulletin, self.district.author, self.now)
        return bulletin

    def approved(self, code: str, seconds: float = 3, bulletin_class: str = "normal") -> Bulletin:
        bulletin = self.waiting(code, seconds, bulletin_class)
        sound = bulletin.latest.audio
        assert sound is not None
        approve(
            self.session,
            bulletin,
            self.district.approver,
            self.now,
            revision_number=bulletin.latest.number,
            audio_sha256=sound.sha256,
        )
        return bulletin

    def plan(self, now: datetime | None = None) -> Replanned:
        self._afresh()
        planning = Planning(self.session, now or self.now, VIETNAM, has_audio=self.store.has)
        done = replan(self.session, planning, [self.row.id])
        self._afresh()
        return done

    def manifest(self, now: datetime | None = None) -> Manifest:
        self._afresh()
        return manifest_for(self.session, self.row, self.keys, now or self.now, VIETNAM)

    def hand_over(self, now: datetime | None = None) -> wire.Manifest:
        """The station takes the programme in force and the audio; as the station read it."""
        self.box.take(self.manifest(now), FromStore(self.store))
        held = self.box.station.programme.manifest
        assert held is not None
        return held

    def bring_log(self, now: datetime) -> None:
        """Everything in the outbox goes to the server and is forgotten by the station."""
        while batch := self.box.station.outbox.batch():
            enrolment = self.session.get_one(Enrolment, self.box.station.enrolment.enrolment)
            answer = record_batch(self.session, enrolment, batch, now)
            assert answer.rejected == []
            self.box.station.outbox.forget(batch.entries)

    def airings(self) -> list[Airing]:
        """That stand, in order of time."""
        rows = select(Airing).where(Airing.cancelled_at.is_(None)).order_by(Airing.starts_at)
        return list(self.session.scalars(rows))

    def refusals(self) -> list[Refusal]:
        return list(self.session.scalars(select(Refusal).order_by(Refusal.asked_at)))

    def log(self) -> list[LogEntry]:
        return list(self.session.scalars(select(LogEntry).order_by(LogEntry.seq)))

    def _afresh(self) -> None:
        """As in a process that has nothing in memory."""
        self.session.flush()
        self.session.expire_all()


def machine(session: Session, row: StationRow, keys: SigningKeys, now: datetime) -> OwnEnrolment:
    """Enrols a new machine as this station: what it keeps."""
    key = Ed25519PrivateKey.generate()
    enrolment, token = enrol(session, new_code(session, row, now), wire.public_key_text(key), now)
    return OwnEnrolment(
        url="http://127.0.0.1:9",
        pin=None,
        enrolment=enrolment.id,
        station=row.code,
        name=row.name,
        token=token,
        manifest_key=keys.public_key,
        enrolled_ms=wire.milliseconds(now),
        private_key=key.private_bytes_raw().hex(),
    )


@contextlib.contextmanager
def on_air(session: Session, settings: Settings, now: datetime, *, knows_time: bool = True) -> Iterator[OnAir]:
    """The commune, whose machine is switched off at the end."""
    air = OnAir(session, settings, settings.data_dir / "box", now, knows_time=knows_time)
    try:
        yield air
    finally:
        air.box.station.close()
