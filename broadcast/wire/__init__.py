"""The shapes of the station protocol, version 1, and the small functions that both its sides must agree on.

Every call of the protocol has its pydantic models here; fields that a side does not know are ignored, so that
either may be newer. The station imports nothing else of `broadcast`: beyond the standard library this package
needs pydantic and cryptography only. `docs/protocol.md` explains the same in prose.
"""

from broadcast.wire.enrolment import EnrolAnswer, EnrolRequest, fingerprint, make_code, split_code
from broadcast.wire.fields import (
    AiringClass,
    ClockSource,
    Code,
    Count,
    EntryKind,
    EntryReason,
    Instant,
    Key,
    Millis,
    Name,
    Sha256,
    Volume,
)
from broadcast.wire.log import (
    LOG_BATCH_MAX,
    Entry,
    LogAnswer,
    LogBatch,
    LogItem,
    Rejected,
    batch_text,
    entry_hash,
    entry_text,
)
from broadcast.wire.programme import (
    WAIT_MAX_S,
    AudioFile,
    Manifest,
    ManifestAiring,
    ManifestRelay,
    Span,
    etag_of,
    read_manifest,
    to_bytes,
)
from broadcast.wire.signing import public_key_text, sign, verify
from broadcast.wire.status import PROGRAM_VERSION, Problem, StatusAnswer, StatusReport
from broadcast.wire.texts import WireError, canonical_json, first_problem, instant_of_ms, instant_text, milliseconds

__all__ = [
    "LOG_BATCH_MAX",
    "PROGRAM_VERSION",
    "WAIT_MAX_S",
    "AiringClass",
    "AudioFile",
    "ClockSource",
    "Code",
    "Count",
    "EnrolAnswer",
    "EnrolRequest",
    "Entry",
    "EntryKind",
    "EntryReason",
    "Instant",
    "Key",
    "LogAnswer",
    "LogBatch",
    "LogItem",
    "Manifest",
    "ManifestAiring",
    "ManifestRelay",
    "Millis",
    "Name",
    "Problem",
    "Rejected",
    "Sha256",
    "Span",
    "StatusAnswer",
    "StatusReport",
    "Volume",
    "WireError",
    "batch_text",
    "canonical_json",
    "entry_hash",
    "entry_text",
    "etag_of",
    "fingerprint",
    "first_problem",
    "instant_of_ms",
    "instant_text",
    "make_code",
    "milliseconds",
    "public_key_text",
    "read_manifest",
    "sign",
    "split_code",
    "to_bytes",
    "verify",
]
