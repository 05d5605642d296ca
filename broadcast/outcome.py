"""What became of an airing, derived from what its station logged. A stored outcome would only be a copy of this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.log_entry import LogEntry
from broadcast.station import StationStatus

WHOLE_PERCENT = 98
"""From this share of its planned milliseconds on an airing sounded whole."""
ON_TIME = timedelta(seconds=5)
"""A whole airing that began later than this after its instant is late."""
CLOCKS_DIFFER = timedelta(seconds=5)
"""By so much the milliseconds of a sounding may exceed its wall time: clocks are corrected while something plays."""
LOG_ARRIVES_IN = timedelta(minutes=2)
"""How long after its end a sounding whose end is not in the log yet still passes for sounding."""
NO_RECORD = "no_record"
"""The one reason that the server makes: the station's log is complete past the airing and does not speak of it."""

_MS = timedelta(milliseconds=1)
_AT_ONCE = 2_000  # ids in one query; SQLite takes 32,766 parameters


class OutcomeKind(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    LATE = "late"
    MISSED = "missed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class AiringFacts(NamedTuple):
    """What was ordered. `duration_ms` is one reading; `repeats` None (until stopped) is planned as one."""

    starts_at: datetime
    latest_start_at: datetime
    duration_ms: int
    repeats: int | None = 1
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    gap_ms: int = 0

    @property
    def planned_ms(self) -> int:
        """Milliseconds that should sound, gaps apart."""
        return self.duration_ms * (self.repeats or 1)

    def over_at(self, begun_at: datetime) -> datetime | None:
        """When it is over where it began at `begun_at`, gaps and all; None while it repeats until somebody stops it."""
        if self.repeats is None:
            return None if self.cancelled_at is None else max(self.cancelled_at, begun_at)
        length_ms = self.planned_ms + self.gap_ms * (self.repeats - 1)
        return max(self.starts_at, begun_at) + timedelta(milliseconds=length_ms)


class EntryFacts(NamedTuple):
    """One log entry about an airing; given in the order in which they were written."""

    kind: str
    reason: str | None
    at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    sounded_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`due`: its instant had come by `as_of`; what is not due counts in no figure.

    Planned are all that are due and not cancelled. `reason` says why it is partial, missed or cancelled.
    `is_sounding`: it began, no end of it was logged, and nothing says that there was one; whatever it counts as.
    """

    kind: OutcomeKind
    due: bool
    planned_ms: int
    sounded_ms: int = 0
    reason: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_sounding: bool = False

    @property
    def counts_as_planned(self) -> bool:
        return self.due and self.kind is not OutcomeKind.CANCELLED


def outcome(
    airing: AiringFacts, entries: Sequence[EntryFacts], as_of: datetime, settled_until: datetime | None
) -> Outcome:
    """What became of `airing`, as far as was known at `as_of`.

    `settled_until`: the station's log is complete up to there (it reported this time with an empty outbox).
    """
    due = airing.starts_at <= as_of
    begun = [entry.started_at or entry.at for entry in entries if entry.kind == "started"]
    begun += [entry.started_at for entry in entries if entry.kind != "started" and entry.started_at is not None]
    ends = [entry for entry in entries if entry.kind in {"finished", "stopped"}]
    sounded_ms = _believable_ms(airing, entries)
    open_since = _open_since(entries)
    over_at = airing.over_at(open_since) if open_since is not None else None
    # Between two readings a station may say that it plays nothing: only past the end of them all is silence a proof.
    is_over = over_at is not None and settled_until is not None and settled_until > over_at
    known = Outcome(
        OutcomeKind.UNKNOWN,
        due,
        airing.planned_ms,
        sounded_ms,
        started_at=min(begun, default=None),
        ended_at=max((entry.ended_at or entry.at for entry in ends), default=None),
        is_sounding=open_since is not None and not is_over and (over_at is None or as_of <= over_at + LOG_ARRIVES_IN),
    )
    whole = sounded_ms * 100 >= airing.planned_ms * WHOLE_PERCENT
    if open_since is not None and not whole:
        return _with(known, OutcomeKind.PARTIAL, "power") if is_over else known
    if sounded_ms > 0:
        if not whole:
            return _with(known, OutcomeKind.PARTIAL, _last_reason(ends) or "error")
        is_late = known.started_at is not None and known.started_at - airing.starts_at > ON_TIME
        return _with(known, OutcomeKind.LATE if is_late else OutcomeKind.COMPLETE)
    return _silent(airing, entries, known, settled_until)


def _believable_ms(airing: AiringFacts, entries: Sequence[EntryFacts]) -> int:
    """What sounded in all, never more than there was time for, nor than was ordered where that has an end."""
    claimed_ms, possible_ms = 0, 0
    begun_at: datetime | None = None
    heard_until: datetime | None = None
    for entry in entries:
        if entry.kind == "started":
            begun_at = entry.started_at or entry.at
        elif entry.kind in {"finished", "stopped"}:
            begun = entry.started_at or (begun_at if airing.repeats is None else None)
            ended, told_ms = entry.ended_at or entry.at, entry.sounded_ms or 0
            if begun is None:
                told_ms = wall_ms = min(told_ms, airing.planned_ms)
            else:
                begun = max(begun, heard_until or begun)  # no instant is heard twice
                wall_ms = max(0, (ended - begun) // _MS)
                heard_until = max(ended, heard_until or ended)
            claimed_ms += min(told_ms, wall_ms + CLOCKS_DIFFER // _MS)
            possible_ms += wall_ms
    sounded_ms = min(claimed_ms, possible_ms + CLOCKS_DIFFER // _MS)
    return sounded_ms if airing.repeats is None else min(sounded_ms, airing.planned_ms)


def _silent(
    airing: AiringFacts, entries: Sequence[EntryFacts], known: Outcome, settled_until: datetime | None
) -> Outcome:
    """Nothing sounded, as far as the log says."""
    told = [entry for entry in entries if entry.kind in {"missed", "stopped", "finished"}]
    if airing.cancelled_at is not None:
        # What it could not play before anyone called it off it owed; that it was called off later excuses nothing.
        told = [entry for entry in told if entry.at < airing.cancelled_at and entry.reason != "cancelled"]
        if not told:
            return _with(known, OutcomeKind.CANCELLED, airing.cancel_reason)
    if told:
        return _with(known, OutcomeKind.MISSED, _last_reason(told) or "error")
    # Until its latest start the station may still begin it, and an empty outbox before that proves nothing.
    if known.due and settled_until is not None and settled_until > airing.latest_start_at:
        return _with(known, OutcomeKind.MISSED, NO_RECORD)
    return known


def _with(known: Outcome, kind: OutcomeKind, reason: str | None = None) -> Outcome:
    return replace(known, kind=kind, reason=reason)


def _open_since(entries: Sequence[EntryFacts]) -> datetime | None:
    """When the start was that no end followed, or None."""
    since: datetime | None = None
    for entry in entries:
        if entry.kind == "started":
            since = entry.started_at or entry.at
        elif entry.kind in {"finished", "stopped"}:
            since = None
    return since


def _last_reason(entries: Sequence[EntryFacts]) -> str | None:
    return next((entry.reason for entry in reversed(entries) if entry.reason), None)


def facts_of(airing: Airing) -> AiringFacts:
    """What the row orders."""
    return AiringFacts(
        airing.starts_at,
        airing.latest_start_at,
        airing.duration_ms,
        airing.repeats,
        airing.cancelled_at,
        airing.cancel_reason,
        airing.gap_ms,
    )


def outcomes_of(session: Session, airings: Iterable[Airing], as_of: datetime) -> dict[str, Outcome]:
    """Airing id → outcome, for all of `airings`, in a few queries whatever their number."""
    rows = list(airings)
    entries = entries_of(session, [airing.id for airing in rows])
    settled = settled_of(session, {airing.station_id for airing in rows})
    return {
        airing.id: outcome(facts_of(airing), entries.get(airing.id, ()), as_of, settled.get(airing.station_id))
        for airing in rows
    }


def entries_of(session: Session, airing_ids: Sequence[str]) -> dict[str, list[EntryFacts]]:
    """Airing id → its entries as they were written; airings without any are not in it."""
    found: defaultdict[str, list[EntryFacts]] = defaultdict(list)
    for start in range(0, len(airing_ids), _AT_ONCE):
        rows = session.execute(
            select(
                LogEntry.airing_id,
                LogEntry.kind,
                LogEntry.reason,
                LogEntry.at,
                LogEntry.started_at,
                LogEntry.ended_at,
                LogEntry.sounded_ms,
                LogEntry.enrolment_id,
                LogEntry.seq,
            ).where(
                LogEntry.airing_id.in_(airing_ids[start : start + _AT_ONCE]),
                LogEntry.kind.in_(("started", "finished", "stopped", "missed")),
            )
        ).all()
        # A batch that was lost and sent again comes after later ones: the station's own order counts.
        first_at: dict[str, datetime] = {}
        for row in rows:
            first_at[row.enrolment_id] = min(first_at.get(row.enrolment_id, row.at), row.at)
        for row in sorted(rows, key=lambda row: (first_at[row.enrolment_id], row.enrolment_id, row.seq)):
            found[row.airing_id].append(EntryFacts(*row[1:7]))
    return dict(found)


def settled_of(session: Session, station_ids: Iterable[int]) -> dict[int, datetime | None]:
    """Station id → until when its log is complete."""
    wanted = list(station_ids)
    return {
        row.station_id: row.settled_until
        for start in range(0, len(wanted), _AT_ONCE)
        for row in session.execute(
            select(StationStatus.station_id, StationStatus.settled_until).where(
                StationStatus.station_id.in_(wanted[start : start + _AT_ONCE])
            )
        )
    }
