"""Imports every noun, so that `Base.metadata` is whole: for migrations and tests."""

from broadcast import (
    airing,
    audio_asset,
    audit_event,
    bulletin,
    closed_day,
    dispatch,
    lexicon_entry,
    log_entry,
    obligation,
    person,
    policy,
    rule,
    station,
    station_feed,
    tally,
    unit,
    upload,
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
    "lexicon_entry",
    "log_entry",
    "obligation",
    "person",
    "policy",
    "rule",
    "station",
    "station_feed",
    "tally",
    "unit",
    "upload",
]
metadata = Base.metadata
