"""The programme that a station holds: accepted only when the server's key signed exactly these bytes for it."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from broadcast.wire import (
    EntryReason,
    Manifest,
    ManifestAiring,
    WireError,
    etag_of,
    read_manifest,
    verify,
)
from station.clock import Clock
from station.errors import Refused
from station.state import State, put_in

log = logging.getLogger(__name__)

CONFIRMED_FOR_MS = 10 * 60_000
"""How long a server's word that the programme is still the newest counts as fresh."""


@dataclass(frozen=True)
class Held:
    """A manifest as it was accepted; `left_out` are airings that could not be read, `sha256` is of its bytes."""

    manifest: Manifest
    etag: str
    left_out: int
    sha256: str


class Programme:
    """The newest accepted manifest. One thread offers, any thread reads.

    It is on the disk before it counts; only where the disk takes nothing it counts all the same (an order to stop is
    not to fail for want of room), and is written as soon as there is room.
    """

    def __init__(self, state: State, clock: Clock, *, station: str, enrolment: str, manifest_key: str) -> None:
        self._state = state
        self._clock = clock
        self._station = station
        self._enrolment = enrolment
        self._keys = [manifest_key]
        self._unwritten: tuple[bytes, str, Held] | None = None
        self._confirmed_ms: int | None = None
        self.held: Held | None = None

    def recall(self) -> None:
        """Take up the manifest on the disk. Raises Refused where it is not what was accepted; then none is held."""
        self._keys = self._state.get("manifest_keys") or self._keys
        rows = self._state.rows("SELECT CAST(body AS BLOB), signature, etag FROM manifest")
        if rows:
            body, signature, etag = rows[0]
            self._signing_key(body, signature)
            self.held = self._read(body, etag)

    def offer(self, body: bytes, signature: str | None, etag: str | None) -> bool:
        """Accept a manifest from the server; True where it is another than the one held.

        Raises Refused where it is unsigned, altered, older, not readable or another station's: the one held stays.
        """
        key = self._signing_key(body, signature or "")
        new = self._read(body, etag or etag_of(body))
        if self.held is not None:
            held_sequence = self.held.manifest.sequence
            if new.manifest.sequence < held_sequence:
                raise Refused(
                    f"Chương trình số {new.manifest.sequence} cũ hơn chương trình số {held_sequence} đang giữ."
                )
            if new.manifest.sequence == held_sequence:
                if new.sha256 != self.held.sha256:
                    raise Refused(f"Có hai chương trình khác nhau cùng mang số {held_sequence}.")
                self.confirm()
                return False
        self._keys = self._keys_after(key, new.manifest.next_manifest_key)
        self._unwritten = (body, signature or "", new)
        self.confirm()
        self.held = new
        return True

    def write_waiting(self) -> bool:
        """Put on the disk what counts already; False where the disk refuses."""
        if self._unwritten is None:
            return True
        body, signature, held = self._unwritten
        try:
            with self._state.writing() as db:
                db.execute(
                    "INSERT OR REPLACE INTO manifest VALUES (1, ?, ?, ?, ?)",
                    (body, signature, held.etag, held.manifest.sequence),
                )
                put_in(db, "manifest_keys", self._keys)
        except sqlite3.OperationalError as error:
            log.warning("Chưa ghi được chương trình xuống đĩa (%s); giữ tạm trong bộ nhớ.", error)
            return False
        self._unwritten = None
        return True

    def _signing_key(self, body: bytes, signature: str) -> str:
        for key in self._keys:
            if verify(key, body, signature):
                return key
        raise Refused("Chương trình không có chữ ký đúng của máy chủ; giữ chương trình đang có.")

    def _keys_after(self, used: str, named: str | None) -> list[str]:
        """The keys to believe from now on: a key that has been succeeded by the one used is believed no more."""
        following = [named] if named else self._keys[self._keys.index(used) + 1 :]
        return [used, *following]

    def _read(self, body: bytes, etag: str) -> Held:
        try:
            manifest, left_out = _read_what_can_be(body)
        except WireError as error:
            raise Refused(error.message_vi, EntryReason.ERROR) from error
        if manifest.station != self._station or str(manifest.enrolment) != self._enrolment:
            raise Refused(f"Chương trình này là của trạm {manifest.station}, không phải của trạm này.")
        return Held(manifest, etag, left_out, hashlib.sha256(body).hexdigest())

    def confirm(self) -> None:
        """The server says that the manifest held is the newest. What a full disk refused before is written now."""
        self.write_waiting()
        self._confirmed_ms = self._clock.monotonic_ms()

    def is_confirmed(self) -> bool:
        """Whether the server said so lately."""
        return self._confirmed_ms is not None and self._clock.monotonic_ms() - self._confirmed_ms <= CONFIRMED_FOR_MS

    @property
    def manifest(self) -> Manifest | None:
        """The manifest that counts, or None before the first."""
        return self.held.manifest if self.held else None

    def audio_named(self) -> list[str]:
        """The sha256 of each file that the manifest names."""
        return [file.sha256 for file in self.held.manifest.audio] if self.held else []

    def sequence(self) -> int:
        """The sequence of the manifest that counts, 0 before the first."""
        return self.held.manifest.sequence if self.held else 0


def _read_what_can_be(body: bytes) -> tuple[Manifest, int]:
    """The manifest, and how many airings were left out of it: one bad airing must not silence the others."""
    try:
        return read_manifest(body), 0
    except WireError:
        whole: Any = _json_object(body)
        airings = whole.get("airings")
        if not isinstance(airings, list):
            raise
        readable = [airing for airing in airings if _is_airing(airing)]
        if len(readable) == len(airings):
            raise
        rest = json.dumps({**whole, "airings": readable}).encode()
        return read_manifest(rest), len(airings) - len(readable)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_airing(value: Any) -> bool:
    try:
        ManifestAiring.model_validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


def audio_of(manifest: Manifest, airing: ManifestAiring) -> str | None:
    """The sound of an airing. Streams are not relayed yet: a relay sounds as its fallback, where it has one."""
    if airing.audio is not None:
        return airing.audio
    return next((relay.fallback_audio for relay in manifest.relays if relay.id == airing.relay), None)
