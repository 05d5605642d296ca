"""Applies the plan: asks `plan` what is to be done for a batch of stations, and writes it.

Functions take a session and flush; the tick or command that calls them commits. Twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.clock import WINDOW_DAYS
from broadcast.station import Station
from broadcast.tally import PROGRAMME, bump
from schedules.facts import ExistingAiring, Plan, PlannedAiring, Refused
from schedules.facts_of import HasAudio
from schedules.loading import (
    District,
    existing_airings,
    load_district,
    load_stations,
)
from schedules.obligations.met import station_facts
from schedules.plan import Planner

BATCH = 200
"""Stations planned and written in one transaction: memory grows with this, not with the country."""
GROUP = 5
"""Batches that are planned by the same facts: loading costs little beside them, and what it holds is soon let go."""

_ONE_PLANNER = 7_203_914_001  # the advisory lock on PostgreSQL that two planners cannot both hold

T = TypeVar("T")

_AIRING = cast(Table, Airing.__table__)


@dataclass(frozen=True)
class Replanned:
    """How many rows a planning touched."""

    added: int = 0
    changed: int = 0
    cancelled: int = 0
    refused: int = 0
    unchanged: int = 0

    def __add__(self, other: Replanned) -> Replanned:
        return Replanned(
            self.added + other.added,
            self.changed + other.changed,
            self.cancelled + other.cancelled,
            self.refused + other.refused,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True)
class Computed:
    """A plan of some stations and the rows it was computed against."""

    stations: list[Station]
    existing: list[ExistingAiring]
    plan: Plan


def station_batches(session: Session, size: int = BATCH) -> list[list[int]]:
    """Every station's id, in batches."""
    return _pieces(list(session.scalars(select(Station.id).order_by(Station.id))), size)


def station_groups(session: Session) -> list[list[list[int]]]:
    """Every station's id, in groups of batches: what a group depends on is loaded at once, and no more."""
    return _pieces(station_batches(session), GROUP)


def _pieces(things: list[T], size: int) -> list[list[T]]:
    return [things[start : start + size] for start in range(0, len(things), size)]


class Planning:
    """One freeze of everything that stations share, for planning them batch by batch at one `now`.

    `only`: the ids of all stations that are to be planned, where these are few; no others may be.
    """

    def __init__(
        self,
        session: Session,
        now: datetime,
        zone: ZoneInfo,
        *,
        window_days: int = WINDOW_DAYS,
        has_audio: HasAudio | None = None,
        only: Sequence[int] | None = None,
    ) -> None:
        self.now = now
        self.zone = zone
        self._window_days = window_days
        self.district = load_district(session, now, zone, has_audio, only)
        self._planner = Planner(
            self.district.rules,
            self.district.units,
            self.district.policies,
            now,
            window_days=window_days,
            zone=zone,
        )

    def compute(self, session: Session, station_ids: Sequence[int], since: date | None = None) -> Computed:
        """The plan of these stations from `now` on, with the rows from local day `since` on. Writes nothing."""
        stations = load_stations(session, station_ids)
        existing = existing_airings(session, stations, self.district, self.now, self.zone, since)
        rules, codes = self.district.rules, self.district.code_of_unit
        facts = station_facts(session, stations, rules, codes, self.now, self.zone, window_days=self._window_days)
        return Computed(stations, existing, self._planner.plan(facts, existing))


def replan(session: Session, planning: Planning, station_ids: Sequence[int]) -> Replanned:
    """Plans these stations and writes what is new, changed, cancelled and refused."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_PLANNER})
    computed = planning.compute(session, station_ids)
    district, now = planning.district, planning.now
    by_code = {station.code: station for station in computed.stations}
    result = computed.plan
    if result.add:
        # the table and not the class: bookkeeping for objects that nobody makes is a fifth of the time
        session.connection().execute(insert(_AIRING), [_row(airing, by_code, district) for airing in result.add])
    if result.change:
        _update(session, [_row(airing, by_code, district) for airing in result.change])
    if result.cancel:
        session.connection().execute(
            update(_AIRING)
            .where(_AIRING.c.id == bindparam("key"))
            .values(cancelled_at=now, cancel_reason=bindparam("why")),
            [{"key": cancelled.id, "why": cancelled.reason} for cancelled in result.cancel],
        )
    refused = _write_refusals(session, result.refused, by_code, district, now)
    if result.add or result.change or result.cancel:
        bump(session, PROGRAMME)
    session.flush()
    return Replanned(len(result.add), len(result.change), len(result.cancel), refused, result.unchanged)


def _row(airing: PlannedAiring, by_code: dict[str, Station], district: District) -> dict[str, Any]:
    station = by_code[airing.station_id]
    return {
        "id": airing.id,
        "station_id": station.id,
        "unit_id": station.unit_id_on(airing.local_on),
        "rule_id": district.rule_ids[airing.rule_id],
        "bulletin_id": district.bulletin_ids[airing.bulletin_id],
        "revision_id": district.revision_ids[airing.bulletin_id, airing.audio],
        "local_date": airing.local_on,
        "slot_key": airing.slot_key,
        "asked_at": airing.asked_at,
        "starts_at": airing.starts_at,
        "ends_at": airing.ends_at,
        "latest_start_at": airing.latest_start_at,
        "duration_ms": airing.duration_ms,
        "repeats": airing.repeats,
        "gap_ms": airing.gap_ms,
        "audio_sha256": airing.audio,
        "class": airing.bulletin_class,
        "approved_by_name": airing.approved_by,
        "cancelled_at": None,
        "cancel_reason": None,
    }


def _update(session: Session, rows: list[dict[str, Any]]) -> None:
    """Whole rows by primary key; a cancelled airing among them comes back."""
    session.connection().execute(
        update(_AIRING).where(_AIRING.c.id == bindparam("key")),
        [{"key": row["id"], **row} for row in rows],
    )


def _write_refusals(
    session: Session, refused: Sequence[Refused], by_code: dict[str, Station], district: District, now: datetime
) -> int:
    """Refusals from `now` on are what the plan says now; those before it are fixed and stay. Returns rows touched."""
    station_ids = [station.id for station in by_code.values()]
    stored = {
        row.id: row
        for row in session.execute(
            select(Refusal.id, Refusal.code, Refusal.reason, Refusal.bulletin_id, Refusal.asked_at).where(
                Refusal.station_id.in_(station_ids), Refusal.asked_at >= now
            )
        )
    }
    wanted = {entry.key: entry for entry in refused}
    gone = [key for key in stored if key not in wanted]
    for start in range(0, len(gone), 500):
        session.execute(delete(Refusal).where(Refusal.id.in_(gone[start : start + 500])))
    fresh, changed = [], []
    for key, entry in wanted.items():
        old = stored.get(key)
        row = {
            "id": key,
            "station_id": by_code[entry.station_id].id,
            "rule_id": district.rule_ids[entry.rule_id],
            "bulletin_id": district.bulletin_ids[entry.bulletin_id],
            "local_date": entry.local_on,
            "slot_key": entry.slot_key,
            "asked_at": entry.asked_at,
            "code": entry.code,
            "reason": entry.reason,
            "facts": dict(entry.facts),
            "noted_at": now,
        }
        if old is None:
            fresh.append(row)
        elif (old.code, old.reason, old.bulletin_id, old.asked_at) != (
            entry.code,
            entry.reason,
            row["bulletin_id"],
            entry.asked_at,
        ):
            changed.append(row)
    if fresh:
        session.execute(insert(Refusal), fresh)
    if changed:
        session.execute(update(Refusal), changed)
    return len(gone) + len(fresh) + len(changed)


def programme(computed: Computed, from_on: date, until_on: date) -> list[PlannedAiring | ExistingAiring]:
    """The airings that stand on these local days once the plan is applied, in order of time."""
    standing: dict[str, PlannedAiring | ExistingAiring] = {
        airing.id: airing for airing in computed.existing if airing.state == "planned"
    }
    for cancelled in computed.plan.cancel:
        standing.pop(cancelled.id, None)
    for airing in (*computed.plan.add, *computed.plan.change):
        standing[airing.id] = airing
    chosen = [airing for airing in standing.values() if from_on <= airing.local_on <= until_on]
    return sorted(chosen, key=lambda airing: (airing.starts_at, airing.id))
