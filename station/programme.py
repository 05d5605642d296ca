"""The programme that a station holds: accepted only when the server's key signed exactly these bytes for it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from broadcast.wire import (
    AiringClass,
    EntryReason,
    Manifest,
    ManifestAiring,
    Span,
    WireError,
    etag_of,
    milliseconds,
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
    """A manifest as it was accepted; `left_out` are airings that could not be read."""

    manifest: Manifest
    etag: str
    left_out: int


class Programme:
    """The newest accepted manifest, on the disk before it counts. One thread offers, any thread reads."""

    def __init__(self, state: State, clock: Clock, *, station: str, enrolment: str, manifest_key: str) -> None:
        self._state = state
        self._clock = clock
        self._station = station
        self._enrolment = enrolment
        self._enrolment_key = manifest_key
        self._confirmed_ms: int | None = None
        self.held: Held | None = None

    def recall(self) -> None:
        """Take up the manifest on the disk. Raises Refused where it is not what was accepted; then none is held."""
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
                self._keep_same(body, held_sequence)
                return False
        with self._state.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO manifest VALUES (1, ?, ?, ?, ?)",
                (body, signature, new.etag, new.manifest.sequence),
            )
            put_in(db, "manifest_keys", self._keys_after(key, new.manifest.next_manifest_key))
        self.held = new
        self.confirm()
        return True

    def _keep_same(self, body: bytes, sequence: int) -> None:
        if self._state.rows("SELECT body FROM manifest")[0][0] != body:
            raise Refused(f"Có hai chương trình khác nhau cùng mang số {sequence}.")
        self.confirm()

    def _keys(self) -> list[str]:
        return self._state.get("manifest_keys") or [self._enrolment_key]

    def _signing_key(self, body: bytes, signature: str) -> str:
        for key in self._keys():
            if verify(key, body, signature):
                return key
        raise Refused("Chương trình không có chữ ký đúng của máy chủ; giữ chương trình đang có.")

    def _keys_after(self, used: str, named: str | None) -> list[str]:
        """The keys to believe from now on: a key that has been succeeded by the one used is believed no more."""
        keys = self._keys()
        following = [named] if named else keys[keys.index(used) + 1 :]
        return [used, *following]

    def _read(self, body: bytes, etag: str) -> Held:
        try:
            manifest, left_out = _read_what_can_be(body)
        except WireError as error:
            raise Refused(error.message_vi, EntryReason.ERROR) from error
        if manifest.station != self._station or str(manifest.enrolment) != self._enrolment:
            raise Refused(f"Chương trình này là của trạm {manifest.station}, không phải của trạm này.")
        return Held(manifest, etag, left_out)

    def confirm(self) -> None:
        """The server said that the manifest held is the newest."""
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


def may_break_curfew(airing: ManifestAiring) -> bool:
    """Only an emergency whose approver is named may sound inside a curfew."""
    return airing.class_ is AiringClass.EMERGENCY and bool(airing.approved_by.strip())


def curfew_touched(curfew: list[Span], begin_ms: int, end_ms: int) -> Span | None:
    """The first curfew that shares as much as a millisecond with `[begin_ms, end_ms)`."""
    for span in curfew:
        if begin_ms < milliseconds(span.until) and milliseconds(span.from_) < end_ms:
            return span
    return None
