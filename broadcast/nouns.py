"""Imports every noun, so that `Base.metadata` is whole: for migrations and tests."""

from broadcast import (
    airing,
    audio_asset,
    audit_event,
    bulletin,
    closed_day,
    dispatch,
    log_entry,
    person,
    policy,
    rule,
    station,
    tally,
    unit,
)
from broadcast.db import Base

__all__ = [
    "Base",
    "airing",
    "audio_asset",
    "audit_event",
    "bulletin",
    "closed_day",
    "dispatch",
    "log_entry",
    "person",
    "policy",
    "rule",
    "station",
    "tally",
    "unit",
]
metadata = Base.metadata
