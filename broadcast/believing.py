"""Whether what a station says of a sounding can have been: the sound and the time that it was ordered, and no future.

A signature proves who says it, not that it is so. Judged once, on receipt, against the row of the airing and, where
that says otherwise, against the programme that the entry names: a station that was offline obeyed an older one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.clock import iso_millis, parse_instant
from broadcast.station import Enrolment, Manifest
from broadcast.wire import Entry, EntryKind

BEGINS_EARLY = timedelta(minutes=2)
"""A station begins on its second by a clock that is measured; so far before its instant nothing ordered begins."""
AHEAD_OF_RECEIPT = timedelta(days=1)
"""A clock that only the kernel vouched for may have been hours off; whole days off it proves nothing."""
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200
"""Outside them nothing sounded; the screens could not even write 9999 in local time."""

_SOUNDING = (EntryKind.STARTED, EntryKind.FINISHED, EntryKind.STOPPED)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What was ordered of an airing: its instant (UTC) and its sound; None where it is a relay."""

    starts_at: datetime
    audio: str | None


def out_of_range(entry: Entry) -> bool:
    """An instant that no sounding has. `at` alone may be of 1970: so a station says it that knows no time."""
    heard = [instant for instant in (entry.started_at, entry.ended_at) if instant is not None]
    return not (1970 <= entry.at.year <= LATEST_YEAR) or any(
        not EARLIEST_YEAR <= instant.year <= LATEST_YEAR for instant in heard
    )


def impossible(entry: Entry, planned: Ordered, handed: Callable[[], Ordered | None], now: datetime) -> str | None:
    """Why the entry cannot be true of the airing `planned`, or None. `handed`: what the programme it names ordered."""
    if entry.kind not in _SOUNDING:
        return None
    begun = entry.started_at or entry.at
    if max(begun, entry.ended_at or begun) > now + AHEAD_OF_RECEIPT:
        return f"sounded at {iso_millis(max(begun, entry.ended_at or begun))}, after its receipt"
    if _agrees(entry, begun, planned):
        return None
    order = handed()
    if order is not None and _agrees(entry, begun, order):
        return None
    if begun < planned.starts_at - BEGINS_EARLY:
        return f"began at {iso_millis(begun)}, ordered for {iso_millis(planned.starts_at)}"
    return f"sounded {entry.audio}, ordered was {planned.audio}"


def _agrees(entry: Entry, begun: datetime, order: Ordered) -> bool:
    same_sound = entry.audio is None or order.audio is None or entry.audio == order.audio
    return same_sound and begun >= order.starts_at - BEGINS_EARLY


def handed_to(session: Session, enrolment: Enrolment, sequence: int, airing_id: str) -> Ordered | None:
    """What programme number `sequence` of this enrolment ordered of the airing; None where it does not name it."""
    body = session.scalar(
        select(Manifest.body).where(
            Manifest.station_id == enrolment.station_id,
            Manifest.enrolment_id == enrolment.id,
            Manifest.sequence == sequence,
        )
    )
    airings: list[dict[str, Any]] = json.loads(body)["airings"] if body is not None else []
    named = next((airing for airing in airings if airing["id"] == airing_id), None)
    return None if named is None else Ordered(parse_instant(named["starts_at"]), named.get("audio"))
