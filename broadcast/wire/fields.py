"""The fields that the shapes of the protocol are made of, and what all shapes have in common."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

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
    WithJsonSchema,
    model_serializer,
)
from pydantic_core import CoreSchema

from broadcast.wire.texts import instant_text

COUNT_MAX = 2**53 - 1  # what every JSON reader keeps exactly

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


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


def _check_instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("an instant is UTC with milliseconds and Z, as 2026-11-22T10:15:00.000Z")
    return value


def check_no_nul(text: str) -> str:
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
Count = Annotated[int, Field(strict=True, ge=0, le=COUNT_MAX)]
Millis = Annotated[int, Field(strict=True, ge=-COUNT_MAX, le=COUNT_MAX)]
Volume = Annotated[int, Field(strict=True, ge=0, le=100)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, Field(min_length=44, max_length=44), AfterValidator(_check_key)]
Name = Annotated[str, Field(max_length=300), AfterValidator(check_no_nul)]
Code = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(check_no_nul)]


class Shape(BaseModel):
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
