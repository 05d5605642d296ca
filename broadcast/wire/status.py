"""The status that a station reports, its answer, and the problem document of every call that fails."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from broadcast import __version__
from broadcast.wire.fields import ClockSource, Count, Millis, Shape, Volume, check_no_nul

PROGRAM_VERSION = __version__
"""What a station says it runs."""


class Problem(Shape):
    """An error, RFC 9457 (`application/problem+json`). `detail` is a Vietnamese sentence."""

    type: str = "about:blank"
    title: str = ""
    status: int = 500
    detail: str = ""


class StatusReport(Shape):
    """`sent_ms` is the instant of sending as the station believes it (system clock plus `clock_offset_ms`).

    `manifest_sequence` is 0 before the first manifest; `audio_held`, `audio_missing` and `outbox` are counts.
    """

    sent_ms: Millis
    clock_offset_ms: Millis | None
    clock_source: ClockSource
    volume: Volume
    disk_free_bytes: Count
    version: Annotated[str, Field(max_length=100), AfterValidator(check_no_nul)]
    manifest_sequence: Count
    audio_held: Count
    audio_missing: Count
    playing: UUID | None
    outbox: Count
    errors: list[Annotated[str, Field(max_length=500), AfterValidator(check_no_nul)]] = Field(max_length=50)


class StatusAnswer(Shape):
    """When the server received the report and answered it; the last entry it holds of this enrolment.

    Before the first entry `last_seq` is 0 and `last_hash` null.
    """

    received_ms: Millis
    sent_ms: Millis
    last_seq: Count
    last_hash: str | None
