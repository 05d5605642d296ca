"""The shapes of the station protocol, version 1, and the small functions that both its sides must agree on.

Every call of the protocol has its pydantic models here; fields that a side does not know are ignored, so that
either may be newer. The station imports nothing else of `broadcast`: beyond the standard library this file
needs pydantic and cryptography only. `docs/protocol.md` explains the same in prose.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    ValidationError,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from broadcast import __version__
from broadcast.clock import iso_millis
from broadcast.errors import Invalid

PROGRAM_VERSION = __version__
"""What a station says it runs."""

LOG_BATCH_MAX = 500
"""Entries in one batch."""

WAIT_MAX_S = 290
"""Longest `wait` of a manifest request: most proxies cut a silent connection at five minutes."""

_COUNT_MAX = 2**53 - 1  # what every JSON reader keeps exactly
_DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: read aloud over the telephone
_CODE = re.compile(rf"[{_CODE_ALPHABET}]{{12}}")
_FINGERPRINT = re.compile(r"[A-Z2-7]{52}")


class WireError(Invalid):
    """Something received, or typed, has not the shape that the protocol gives it."""


class AiringClass(StrEnum):
    """The statutory three, low to high."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class ClockSource(StrEnum):
    """Why the station believes its time; `none` means it plays nothing."""

    SERVER = "server"
    KERNEL = "kernel"
    BATTERY = "battery"
    NONE = "none"


class EntryKind(StrEnum):
    """What happened."""

    FETCHED = "fetched"
    READY = "ready"
    STARTED = "started"
    FINISHED = "finished"
    MISSED = "missed"
    STOPPED = "stopped"
    ALARM = "alarm"


class EntryReason(StrEnum):
    """Why an airing was missed or stopped, or what an alarm is about."""

    NO_AUDIO = "no_audio"
    TOO_LATE = "too_late"
    CLOCK = "clock"
    CURFEW = "curfew"
    SIGNATURE = "signature"
    OUTPUT = "output"
    EMERGENCY = "emergency"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    POWER = "power"
    ERROR = "error"


def instant_text(instant: datetime) -> str:
    """An aware instant as it travels: UTC with milliseconds and `Z`."""
    return iso_millis(instant)


def _check_instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("an instant is UTC with milliseconds and Z, as 2026-11-22T10:15:00.000Z")
    return value


def _check_no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not hold the character U+0000")
    return text


def _check_key(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a key is base64 of 32 bytes") from error
    if len(raw) != 32:
        raise ValueError("a key is base64 of 32 bytes")
    return text


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_check_instant),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Count = Annotated[int, Field(strict=True, ge=0, le=_COUNT_MAX)]
Millis = Annotated[int, Field(strict=True, ge=-_COUNT_MAX, le=_COUNT_MAX)]
Volume = Annotated[int, Field(strict=True, ge=0, le=100)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, Field(min_length=44, max_length=44), AfterValidator(_check_key)]
Name = Annotated[str, Field(max_length=300), AfterValidator(_check_no_nul)]
Code = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_check_no_nul)]


class _Shape(BaseModel):
    """Unknown fields are ignored; fields named in `_may_be_missing` are left out where they are None."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    _may_be_missing: ClassVar[frozenset[str]] = frozenset()

    # Without a return type, for with one the JSON schema would be that of any dict.
    @model_serializer(mode="wrap")
    def _leave_out_missing(self, serialize: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        fields = serialize(self)
        return {name: value for name, value in fields.items() if value is not None or name not in self._may_be_missing}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema: dict[str, Any] = handler.resolve_ref_schema(handler(core_schema))
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in cls._may_be_missing]
        return schema


class Problem(_Shape):
    """An error, RFC 9457 (`application/problem+json`). `detail` is a Vietnamese sentence."""

    type: str = "about:blank"
    title: str = ""
    status: int = 500
    detail: str = ""


class EnrolRequest(_Shape):
    """`code` is what `station add` printed, up to its dot; `public_key` the station's Ed25519 key."""

    code: Code
    public_key: Key


class EnrolAnswer(_Shape):
    """`station` is the station's code, `manifest_key` the server's Ed25519 public key."""

    enrolment: UUID
    station: Code
    name: Name
    token: Annotated[str, Field(min_length=16, max_length=500, pattern=r"^[!-~]+$")]
    manifest_key: Key
    server_time_ms: Millis


class Span(_Shape):
    """A half-open span `[from, until)` of UTC instants."""

    from_: Instant = Field(alias="from")
    until: Instant

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _check_order(self) -> Span:
        if self.until < self.from_:
            raise ValueError("a span must not end before it begins")
        return self


class ManifestAiring(_Shape):
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


class AudioFile(_Shape):
    """One audio file that the manifest's airings use."""

    sha256: Sha256
    bytes: Count
    media_type: Annotated[str, Field(max_length=100)]


class ManifestRelay(_Shape):
    """A stream to be relayed for some minutes; `fallback_audio` sounds where it cannot be reached."""

    id: Code
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=1440)]
    fallback_audio: Sha256 | None


class Manifest(_Shape):
    """The programme of one station for whole local days; `to_bytes` makes the bytes that are signed."""

    _may_be_missing = frozenset({"next_manifest_key"})

    version: Literal[1]
    station: Code
    enrolment: UUID
    sequence: Annotated[int, Field(strict=True, ge=1, le=_COUNT_MAX)]
    window: Span
    timezone: Annotated[str, Field(min_length=1, max_length=100)]
    volume: Volume
    airings: list[ManifestAiring] = Field(max_length=100_000)
    audio: list[AudioFile] = Field(max_length=100_000)
    relays: list[ManifestRelay] = Field(max_length=10_000)
    curfew: list[Span] = Field(max_length=10_000)
    next_manifest_key: Key | None = None


class Entry(_Shape):
    """What happened, as the station says it. On the wire it travels as the exact JSON text (`entry_text`).

    `previous_hash` is the hash of the entry before it; in the first entry the enrolment's id. `sounded_ms` is
    what sounded since the `started` before it: where an airing was resumed, its ended entries add up.
    `clock_offset_ms` is what the station adds to its system clock, null while it trusts no time. `note` is a
    line for people.
    """

    _may_be_missing = frozenset({"airing", "reason", "started_at", "ended_at", "sounded_ms", "audio", "volume", "note"})

    seq: Annotated[int, Field(strict=True, ge=1, le=_COUNT_MAX)]
    event_id: UUID
    previous_hash: Annotated[
        str,
        Field(pattern=r"^([0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$"),
    ]
    airing: UUID | None = None
    manifest_sequence: Count
    kind: EntryKind
    reason: EntryReason | None = None
    at: Instant
    started_at: Instant | None = None
    ended_at: Instant | None = None
    sounded_ms: Count | None = None
    audio: Sha256 | None = None
    volume: Volume | None = None
    clock_offset_ms: Millis | None
    clock_source: ClockSource
    note: Annotated[str, Field(max_length=500), AfterValidator(_check_no_nul)] | None = None


class LogItem(_Shape):
    """One entry as it travels: its text is not read here, so that an unreadable one can be kept apart."""

    seq: Annotated[int, Field(strict=True, ge=1, le=_COUNT_MAX)]
    entry: Annotated[str, Field(max_length=65_536), AfterValidator(_check_no_nul)]
    hash: Sha256


class LogBatch(_Shape):
    """`signature` is over `batch_text(enrolment, last.seq, last.hash)`."""

    entries: list[LogItem] = Field(min_length=1, max_length=LOG_BATCH_MAX)
    signature: Annotated[str, Field(max_length=200), AfterValidator(_check_no_nul)]

    def last(self) -> LogItem:
        """The item that the signature covers: the highest seq; of two with the same seq the later one."""
        return max(enumerate(self.entries), key=lambda pair: (pair[1].seq, pair[0]))[1]


class Rejected(_Shape):
    """An entry that was kept apart and why."""

    seq: Count
    error: str


class LogAnswer(_Shape):
    """`acknowledged` is the highest seq of the batch: the station forgets exactly what it sent in it."""

    acknowledged: Count
    duplicates: Count
    rejected: list[Rejected]


class StatusReport(_Shape):
    """`sent_ms` is the instant of sending as the station believes it (system clock plus `clock_offset_ms`).

    `manifest_sequence` is 0 before the first manifest; `audio_held`, `audio_missing` and `outbox` are counts.
    """

    sent_ms: Millis
    clock_offset_ms: Millis | None
    clock_source: ClockSource
    volume: Volume
    disk_free_bytes: Count
    version: Annotated[str, Field(max_length=100), AfterValidator(_check_no_nul)]
    manifest_sequence: Count
    audio_held: Count
    audio_missing: Count
    playing: UUID | None
    outbox: Count
    errors: list[Annotated[str, Field(max_length=500), AfterValidator(_check_no_nul)]] = Field(max_length=50)


class StatusAnswer(_Shape):
    """When the server received the report and answered it; the last entry it holds of this enrolment.

    Before the first entry `last_seq` is 0 and `last_hash` null.
    """

    received_ms: Millis
    sent_ms: Millis
    last_seq: Count
    last_hash: str | None


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys, no blanks and unescaped Unicode: same content, same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_bytes(manifest: Manifest) -> bytes:
    """The exact body of `manifest`: what is hashed into its ETag, signed, stored and served."""
    return canonical_json(manifest.model_dump(mode="json")).encode()


def read_manifest(body: bytes) -> Manifest:
    """The manifest that `body` holds. Raises WireError where it has not the shape of version 1."""
    try:
        return Manifest.model_validate_json(body)
    except ValidationError as error:
        raise WireError(f"Chương trình không đúng khuôn dạng: {first_problem(error)}") from error


def first_problem(error: ValidationError) -> str:
    """The first fault that pydantic found, as `place: what`, in one line."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def etag_of(body: bytes) -> str:
    """The strong ETag of a manifest's bytes, with its quotation marks."""
    return f'"{hashlib.sha256(body).hexdigest()}"'


def entry_text(entry: Entry) -> str:
    """The JSON text of `entry` that is hashed, sent and stored as it is."""
    return canonical_json(entry.model_dump(mode="json"))


def entry_hash(entry_json: str) -> str:
    """SHA-256 of the entry's UTF-8 bytes, lower-case hex."""
    return hashlib.sha256(entry_json.encode()).hexdigest()


def batch_text(enrolment: UUID | str, last_seq: int, last_hash: str) -> bytes:
    """What a station signs with each batch: `enrolment:last_seq:last_hash`."""
    return f"{enrolment}:{last_seq}:{last_hash}".encode()


def public_key_text(private_key: Ed25519PrivateKey) -> str:
    """Base64 of the raw 32 bytes of the public half."""
    raw = private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def sign(private_key: Ed25519PrivateKey, data: bytes) -> str:
    """Base64 of the Ed25519 signature over `data`."""
    return base64.b64encode(private_key.sign(data)).decode()


def verify(public_key_b64: str, data: bytes, signature_b64: str) -> bool:
    """Whether the signature is this key's over exactly these bytes. A malformed key or signature is False."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_b64, validate=True))
        key.verify(base64.b64decode(signature_b64, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(certificate_der: bytes) -> str:
    """SHA-256 of a certificate in DER, as 52 characters of upper-case base32 without padding."""
    return base64.b32encode(hashlib.sha256(certificate_der).digest()).decode().rstrip("=")


def make_code(certificate_fingerprint: str | None = None) -> str:
    """A new random enrolment code, `XXXX-XXXX-XXXX` (60 bits); `.FINGERPRINT` follows where there is one."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(12))
    code = "-".join(_groups(letters))
    return f"{code}.{certificate_fingerprint}" if certificate_fingerprint else code


def split_code(text: str) -> tuple[str, str | None]:
    """What a person typed, as (code in its one spelling, fingerprint or None).

    Case, blanks and hyphens do not matter; O is read as 0, I and L as 1. The code goes to the server, the
    fingerprint stays here. Raises WireError for anything else.
    """
    code, dot, pin = "".join(text.split()).upper().partition(".")
    letters = code.replace("-", "").translate(str.maketrans("OIL", "011"))
    if not _CODE.fullmatch(letters) or (dot and not _FINGERPRINT.fullmatch(pin)):
        raise WireError(
            "Mã ghi danh không đúng dạng XXXX-XXXX-XXXX; hãy chép lại nguyên văn mã mà máy chủ đã cấp.",
            field="code",
        )
    return "-".join(_groups(letters)), pin or None


def _groups(letters: str) -> Sequence[str]:
    return [letters[start : start + 4] for start in range(0, 12, 4)]


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970 of an aware instant."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def instant_of_ms(since_1970_ms: int) -> datetime:
    """The aware UTC instant that many milliseconds after 1970 began."""
    return _EPOCH + timedelta(milliseconds=since_1970_ms)
