"""The log: what a station says happened, as the exact text that it hashes, signs and sends in batches."""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from broadcast.wire.fields import (
    COUNT_MAX,
    ClockSource,
    Count,
    EntryKind,
    EntryReason,
    Instant,
    Millis,
    Sha256,
    Shape,
    Volume,
    check_no_nul,
)
from broadcast.wire.texts import canonical_json

LOG_BATCH_MAX = 500
"""Entries in one batch."""


class Entry(Shape):
    """What happened, as the station says it. On the wire it travels as the exact JSON text (`entry_text`).

    `previous_hash` is the hash of the entry before it; in the first entry the enrolment's id. `sounded_ms` is
    what sounded since the `started` before it: where an airing was resumed, its ended entries add up.
    `clock_offset_ms` is what the station adds to its system clock, null while it trusts no time. `note` is a
    line for people.
    """

    _may_be_missing = frozenset({"airing", "reason", "started_at", "ended_at", "sounded_ms", "audio", "volume", "note"})

    seq: Annotated[int, Field(strict=True, ge=1, le=COUNT_MAX)]
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
    note: Annotated[str, Field(max_length=500), AfterValidator(check_no_nul)] | None = None


class LogItem(Shape):
    """One entry as it travels: its text is not read here, so that an unreadable one can be kept apart."""

    seq: Annotated[int, Field(strict=True, ge=1, le=COUNT_MAX)]
    entry: Annotated[str, Field(max_length=65_536), AfterValidator(check_no_nul)]
    hash: Sha256


class LogBatch(Shape):
    """`signature` is over `batch_text(enrolment, last.seq, last.hash)`."""

    entries: list[LogItem] = Field(min_length=1, max_length=LOG_BATCH_MAX)
    signature: Annotated[str, Field(max_length=200), AfterValidator(check_no_nul)]

    def last(self) -> LogItem:
        """The item that the signature covers: the highest seq; of two with the same seq the later one."""
        return max(enumerate(self.entries), key=lambda pair: (pair[1].seq, pair[0]))[1]


class Rejected(Shape):
    """An entry that was kept apart and why."""

    seq: Count
    error: str


class LogAnswer(Shape):
    """`acknowledged` is the highest seq of the batch: the station forgets exactly what it sent in it."""

    acknowledged: Count
    duplicates: Count
    rejected: list[Rejected]


def entry_text(entry: Entry) -> str:
    """The JSON text of `entry` that is hashed, sent and stored as it is."""
    return canonical_json(entry.model_dump(mode="json"))


def entry_hash(entry_json: str) -> str:
    """SHA-256 of the entry's UTF-8 bytes, lower-case hex."""
    return hashlib.sha256(entry_json.encode()).hexdigest()


def batch_text(enrolment: UUID | str, last_seq: int, last_hash: str) -> bytes:
    """What a station signs with each batch: `enrolment:last_seq:last_hash`."""
    return f"{enrolment}:{last_seq}:{last_hash}".encode()
