"""How often bulletins were heard, and shall be, at each station on each local day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.clock import day_span
from broadcast.outcome import OutcomeKind
from broadcast.reports.counted import Stretch, counted
from broadcast.station import StationUnit
from schedules.obligations.owing import Span

_MOVED = timedelta(days=1)  # sooner than this after its day an airing has begun, even one pushed past midnight
_HEARD = {OutcomeKind.COMPLETE, OutcomeKind.LATE}


@dataclass(slots=True)
class Count:
    """Airings that were not cancelled. `done` sounded whole, late ones too; `failed` partly or not at all; of those
    `unknown` the station has not told yet; `to_come` have their instant before them."""

    done: int = 0
    failed: int = 0
    unknown: int = 0
    to_come: int = 0

    @property
    def planned(self) -> int:
        return self.done + self.failed + self.unknown + self.to_come

    @property
    def forecast(self) -> int:
        """What it comes to, if all goes well."""
        return self.done + self.unknown + self.to_come

    def add(self, other: Count) -> None:
        self.done += other.done
        self.failed += other.failed
        self.unknown += other.unknown
        self.to_come += other.to_come


Counts = Mapping[tuple[int, int], Mapping[date, Count]]
"""(bulletin id, station id) → local day → its count; days without an airing are not there."""


def count_airings(
    session: Session,
    bulletin_ids: Collection[int],
    span: Span,
    now: datetime,
    zone: ZoneInfo,
    station_ids: Collection[int] | None = None,
) -> Counts:
    """The airings of these bulletins on the days of `span`, whichever rule asked for them.

    `station_ids` narrows what is read; without it all stations count.
    """
    found: defaultdict[tuple[int, int], dict[date, Count]] = defaultdict(dict)
    for bulletin_id, station_id, day, count in (
        *_begun(session, bulletin_ids, span, now, zone, station_ids),
        *_to_come(session, bulletin_ids, span, now, zone, station_ids),
    ):
        found[bulletin_id, station_id].setdefault(day, Count()).add(count)
    return found


def _begun(
    session: Session,
    bulletin_ids: Collection[int],
    span: Span,
    now: datetime,
    zone: ZoneInfo,
    station_ids: Collection[int] | None,
) -> Iterator[tuple[int, int, date, Count]]:
    units = frozenset(session.scalars(select(StationUnit.unit_id).distinct()))
    only = [Airing.bulletin_id.in_(bulletin_ids)]
    if station_ids is not None:
        only.append(Airing.station_id.in_(station_ids))
    for one in counted(session, [Stretch(span.from_on, span.until_on, units)], now, zone, *only):
        kind = one.outcome.kind
        if kind is not OutcomeKind.CANCELLED:
            heard, unknown = kind in _HEARD, kind is OutcomeKind.UNKNOWN
            count = Count(done=heard, unknown=unknown, failed=not heard and not unknown)
            yield one.bulletin_id, one.station_id, one.local_date, count


def _to_come(
    session: Session,
    bulletin_ids: Collection[int],
    span: Span,
    now: datetime,
    zone: ZoneInfo,
    station_ids: Collection[int] | None,
) -> Iterator[tuple[int, int, date, Count]]:
    if day_span(span.until_on, zone)[1] + _MOVED <= now:
        return
    asked = (
        select(Airing.bulletin_id, Airing.station_id, Airing.local_date, func.count())
        .where(
            Airing.bulletin_id.in_(bulletin_ids),
            Airing.local_date.between(span.from_on, span.until_on),
            Airing.starts_at > now,
            Airing.starts_at < day_span(span.until_on, zone)[1] + _MOVED,
            Airing.cancelled_at.is_(None),
        )
        .group_by(Airing.bulletin_id, Airing.station_id, Airing.local_date)
    )
    if station_ids is not None:
        asked = asked.where(Airing.station_id.in_(station_ids))
    for bulletin_id, station_id, day, number in session.execute(asked):
        yield bulletin_id, station_id, day, Count(to_come=number)
