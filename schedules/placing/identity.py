"""Who an airing is: UUIDv5 over rule, station, local date and slot key, so that planning again finds the same one."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from hashlib import _Hash

# Drawn once; changing it would make every planned airing a stranger.
AIRINGS = UUID("5f0c6d1e-7a43-4b0e-9d52-2f1f3b8c9a17")
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def name_prefix(rule_id: str, station_id: str) -> _Hash:
    """The part of the hash that all airings of a rule on a station share."""
    return hashlib.sha1(AIRINGS.bytes + f"{rule_id}/{station_id}/".encode(), usedforsecurity=False)


def name_tail(local_on: date, slot_key: str) -> bytes:
    """The part of the name that all stations share."""
    return f"{local_on.isoformat()}/{slot_key}".encode()


def finish(prefix: _Hash, tail: bytes) -> str:
    """The id from both parts; leaves `prefix` as it was."""
    digest = prefix.copy()
    digest.update(tail)
    x = digest.hexdigest()
    return f"{x[:8]}-{x[8:12]}-5{x[13:16]}-{_VARIANT[x[16]]}{x[17:20]}-{x[20:32]}"


def airing_id(rule_id: str, station_id: str, local_on: date, slot_key: str) -> str:
    """The id of one airing: `uuid5(AIRINGS, "rule/station/2026-11-22/17:15")`."""
    return finish(name_prefix(rule_id, station_id), name_tail(local_on, slot_key))
