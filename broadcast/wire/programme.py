"""The manifest: the programme that a station is handed, and the exact bytes of it that are signed."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationError, model_validator

from broadcast.wire.fields import COUNT_MAX, AiringClass, Code, Count, Instant, Key, Name, Sha256, Shape, Volume
from broadcast.wire.texts import WireError, canonical_json, first_problem

WAIT_MAX_S = 290
"""Longest `wait` of a manifest request: most proxies cut a silent connection at five minutes."""


_DAY_MS = 86_400_000


class Span(Shape):
    """A half-open span `[from, until)` of UTC instants."""

    from_: Instant = Field(alias="from")
    until: Instant

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _check_order(self) -> Span:
        if self.until < self.from_:
            raise ValueError("a span must not end before it begins")
        return self


class ManifestAiring(Shape):
    """One ordered sounding. `duration_ms` is one reading; `repeats` null means until it leaves the manifest.

    It has either `audio` (a sha256 listed in the manifest's `audio`) or `relay` (an id listed in `relays`).
    """

    _may_be_missing = frozenset({"audio", "relay", "volume"})

    id: UUID
    starts_at: Instant
    latest_start_at: Instant
    duration_ms: Annotated[int, Field(strict=True, ge=1, le=_DAY_MS)]
    audio: Sha256 | None = None
    relay: Code | None = None
    title: Name
    class_: AiringClass = Field(alias="class")
    approved_by: Name
    repeats: Annotated[int, Field(strict=True, ge=1, le=1000)] | None
    gap_ms: Annotated[int, Field(strict=True, ge=0, le=_DAY_MS)]
    volume: Volume | None = None
    on_overrun: Literal["cut", "delay_next"]
    after_interrupt: Literal["drop", "resume"]

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _check_sense(self) -> ManifestAiring:
        if (self.audio is None) == (self.relay is None):
            raise ValueError("an airing has either audio or relay")
        if self.latest_start_at < self.starts_at:
            raise ValueError("latest_start_at must not be before starts_at")
        return self

    def whole_ms(self) -> int:
        """Length with all repeats and the gaps between them; one reading where it repeats until stopped."""
        repeats = self.repeats or 1
        return self.duration_ms * repeats + self.gap_ms * (repeats - 1)


class AudioFile(Shape):
    """One audio file that the manifest's airings use."""

    sha256: Sha256
    bytes: Count
    media_type: Annotated[str, Field(max_length=100)]


class ManifestRelay(Shape):
    """A stream to be relayed for some minutes; `fallback_audio` sounds where it cannot be reached."""

    id: Code
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    fallback_audio: Sha256 | None


class Manifest(Shape):
    """The programme of one station for whole local days; `to_bytes` makes the bytes that are signed."""

    _may_be_missing = frozenset({"next_manifest_key"})

    version: Literal[1]
    station: Code
    enrolment: UUID
    sequence: Annotated[int, Field(strict=True, ge=1, le=COUNT_MAX)]
    window: Span
    timezone: Annotated[str, Field(min_length=1, max_length=100)]
    volume: Volume
    airings: list[ManifestAiring] = Field(max_length=100_000)
    audio: list[AudioFile] = Field(max_length=100_000)
    relays: list[ManifestRelay] = Field(max_length=10_000)
    curfew: list[Span] = Field(max_length=10_000)
    next_manifest_key: Key | None = None


def to_bytes(manifest: Manifest) -> bytes:
    """The exact body of `manifest`: what is hashed into its ETag, signed, stored and served."""
    return canonical_json(manifest.model_dump(mode="json")).encode()


def read_manifest(body: bytes) -> Manifest:
    """The manifest that `body` holds. Raises WireError where it has not the shape of version 1."""
    try:
        return Manifest.model_validate_json(body)
    except ValidationError as error:
        raise WireError(f"Chương trình không đúng khuôn dạng: {first_problem(error)}") from error


def etag_of(body: bytes) -> str:
    """The strong ETag of a manifest's bytes, with its quotation marks."""
    return f'"{hashlib.sha256(body).hexdigest()}"'
