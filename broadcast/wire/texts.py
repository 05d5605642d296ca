"""How values are written on the wire, so that both sides write the same bytes, and what is said of wrong ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from broadcast.clock import iso_millis
from broadcast.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WireError(Invalid):
    """Something received, or typed, has not the shape that the protocol gives it."""


def instant_text(instant: datetime) -> str:
    """An aware instant as it travels: UTC with milliseconds and `Z`."""
    return iso_millis(instant)


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970 of an aware instant."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def instant_of_ms(since_1970_ms: int) -> datetime:
    """The aware UTC instant that many milliseconds after 1970 began."""
    return _EPOCH + timedelta(milliseconds=since_1970_ms)


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys, no blanks and unescaped Unicode: same content, same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def first_problem(error: ValidationError) -> str:
    """The first fault that pydantic found, as `place: what`, in one line."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]
