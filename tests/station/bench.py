"""A station on the bench: real parts, a clock that is moved by hand, programmes signed with a key made here."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcast import wire
from station.enrolment import Enrolment
from station.outputs import Output
from station.outputs.null import NullOutput
from station.run import Station

ENROLMENT = UUID("6d1f2f0e-6a63-4e0b-9d5a-0d5f3c1f7a11")
MORNING = wire.milliseconds(datetime(2026, 11, 22, 22, 0, tzinfo=UTC))  # 05:00 on 23 November in Vietnam
DAY_MS = 86_400_000


@dataclass
class HandClock:
    """Clocks that stand still until they are advanced."""

    system: int = MORNING
    monotonic: int = 5_000
    kernel: bool = True
    boot: str | None = "boot-1"

    def monotonic_ms(self) -> int:
        return self.monotonic

    def system_ms(self) -> int:
        return self.system

    def kernel_synchronised(self) -> bool:
        return self.kernel

    def boot_id(self) -> str | None:
        return self.boot

    def advance(self, ms: int) -> None:
        self.monotonic += ms
        self.system += ms


def tone(ms: int, hertz: float = 440.0) -> bytes:
    """A WAV file of a sine at half amplitude, 24 kHz mono."""
    step = 2 * math.pi * hertz / 24_000
    samples = [round(16_000 * math.sin(step * n)) for n in range(ms * 24)]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


@dataclass
class Author:
    """The server's side of a programme: its key, the sounds it names, and the sequence it has reached."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sequence: int = 0
    sounds: dict[str, bytes] = field(default_factory=dict)

    def sound(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self.sounds[sha256] = content
        return sha256

    def airing(self, name: str, starts_ms: int, **changes: Any) -> dict[str, Any]:
        """An airing as JSON; its id comes from `name`. `audio` may be bytes."""
        audio = changes.pop("audio", None)
        if isinstance(audio, bytes):
            audio = self.sound(audio)
        late_ms = changes.pop("late_ms", 120_000)
        plain = {
            "id": str(airing_id(name)),
            "starts_at": wire.instant_text(wire.instant_of_ms(starts_ms)),
            "latest_start_at": wire.instant_text(wire.instant_of_ms(starts_ms + late_ms)),
            "duration_ms": 3_000,
            "title": name,
            "class": "normal",
            "approved_by": "Nguyễn Thị Duyệt",
            "repeats": 1,
            "gap_ms": 0,
            "on_overrun": "delay_next",
            "after_interrupt": "drop",
        }
        return plain | ({} if audio is None else {"audio": audio}) | changes

    def manifest(self, *airings: dict[str, Any], **changes: Any) -> tuple[bytes, str]:
        """The next programme and its signature. `curfew` is a list of pairs of milliseconds."""
        self.sequence += 1
        curfew = [
            {
                "from": wire.instant_text(wire.instant_of_ms(begin)),
                "until": wire.instant_text(wire.instant_of_ms(end)),
            }
            for begin, end in changes.pop("curfew", [])
        ]
        key = changes.pop("key", self.key)
        plain = {
            "version": 1,
            "station": "TC-01",
            "enrolment": str(ENROLMENT),
            "sequence": self.sequence,
            "window": {"from": "2026-11-22T17:00:00.000Z", "until": "2026-12-07T17:00:00.000Z"},
            "timezone": "Asia/Ho_Chi_Minh",
            "volume": 100,
            "airings": list(airings),
            "audio": [
                {"sha256": sha256, "bytes": len(content), "media_type": "audio/wav"}
                for sha256, content in self.sounds.items()
            ],
            "relays": [],
            "curfew": curfew,
        }
        body = json.dumps(plain | changes, ensure_ascii=False).encode()
        return body, wire.sign(key, body)


def airing_id(name: str) -> UUID:
    return uuid5(ENROLMENT, name)


def enrolment_for(author: Author, url: str = "http://127.0.0.1:9", **changes: Any) -> Enrolment:
    plain = Enrolment(
        url=url,
        pin=None,
        enrolment=str(ENROLMENT),
        station="TC-01",
        name="Trạm Thử Nghiệm",
        token="token-of-the-bench-station",
        manifest_key=wire.public_key_text(author.key),
        enrolled_ms=MORNING - 30 * DAY_MS,
        private_key=Ed25519PrivateKey.from_private_bytes(b"k" * 32).private_bytes_raw().hex(),
    )
    return replace(plain, **changes)


@dataclass
class Bench:
    """A station in a folder, with its author and its clock; `power_cut` leaves it as a dead machine would."""

    folder: Path
    author: Author
    clock: HandClock
    station: Station
    output: Output | None = None
    said: list[dict[str, Any]] = field(default_factory=list)

    def take(self, *airings: dict[str, Any], held: bool = True, **changes: Any) -> None:
        """Hand the station its next programme, and (unless `held` is False) all its audio."""
        if held:
            for sha256, content in self.author.sounds.items():
                self.station.cache.path(sha256).write_bytes(content)
        body, signature = self.author.manifest(*airings, **changes)
        assert self.station.programme.offer(body, signature, None)

    def pass_time(self, ms: int) -> None:
        """Let the player's loop run for so long: it sleeps by moving the clock."""
        until_ms = self.clock.monotonic + ms
        while True:
            pause_ms = self.station.player.tick()
            left_ms = until_ms - self.clock.monotonic
            if pause_ms >= left_ms:
                self.clock.advance(left_ms)
                self.station.player.tick()
                return
            self.clock.advance(pause_ms)

    def entries(self) -> list[dict[str, Any]]:
        """The outbox's entries, oldest first."""
        return [json.loads(row[0]) for row in self.station.state.rows("SELECT entry FROM entry ORDER BY seq")]

    def told(self, name: str | None = None) -> list[tuple[str, str | None]]:
        """(kind, reason) of the entries, of one airing where named."""
        wanted = None if name is None else str(airing_id(name))
        return [
            (entry["kind"], entry.get("reason"))
            for entry in self.entries()
            if wanted is None or entry.get("airing") == wanted
        ]

    def last(self, name: str) -> dict[str, Any]:
        """The newest entry about an airing."""
        return [entry for entry in self.entries() if entry.get("airing") == str(airing_id(name))][-1]

    def power_cut(self, *, off_ms: int = 60_000, boot: str = "boot-2") -> None:
        """The power goes, nothing is put in order; later the machine starts again, its monotonic clock at zero."""
        self.station.close()
        self.clock.system += off_ms
        self.clock.monotonic, self.clock.boot = 3_000, boot
        self.station = start_station(self.folder, self.author, self.clock, self.output)


def start_station(folder: Path, author: Author, clock: HandClock, output: Output | None = None) -> Station:
    station = Station(folder, enrolment_for(author), clock, output or NullOutput(clock))
    station.boot()
    return station


@contextlib.contextmanager
def bench_in(folder: Path, output: Output | None = None, **clock: Any) -> Iterator[Bench]:
    author, hands = Author(), HandClock(**clock)
    bench = Bench(folder, author, hands, start_station(folder, author, hands, output), output)
    try:
        yield bench
    finally:
        bench.station.close()


def at(entry: dict[str, Any], name: str) -> int:
    """An instant of an entry in milliseconds."""
    return wire.milliseconds(datetime.fromisoformat(entry[name]))
