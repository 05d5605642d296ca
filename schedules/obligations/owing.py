"""Which stations owe an obligation, and on which of its days: stations and units belong somewhere by date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.clock import local_day
from broadcast.obligation import Obligation
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitParent

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Local days, both included."""

    from_on: date
    until_on: date

    def meet(self, other: Span) -> Span | None:
        """The days that lie in both."""
        first, last = max(self.from_on, other.from_on), min(self.until_on, other.until_on)
        return Span(first, last) if first <= last else None

    def days(self) -> list[date]:
        return [self.from_on + ONE_DAY * number for number in range((self.until_on - self.from_on).days + 1)]


Owing = Mapping[int, tuple[Span, ...]]
"""Station id → the days on which it owes, in order."""


def owed_span(obligation: Obligation, zone: ZoneInfo) -> Span | None:
    """The days on which it is owed: of one that was taken back those before that day. None where none is left."""
    last = obligation.until_on
    if obligation.ended_at is not None:
        last = min(last, local_day(obligation.ended_at, zone) - ONE_DAY)
    return Span(obligation.from_on, last) if obligation.from_on <= last else None


class Places:
    """Units and stations by date, read once for any number of obligations."""

    def __init__(self, session: Session, zone: ZoneInfo, station_ids: Collection[int] | None = None) -> None:
        """Without `station_ids` all stations."""
        self._zone = zone
        self._parents = session.execute(
            select(UnitParent.unit_id, UnitParent.parent_id, UnitParent.from_on, UnitParent.until_on)
        ).all()
        self._unit_ids: dict[str, int] = dict(session.execute(select(Unit.code, Unit.id)).all())
        links = select(
            StationUnit.station_id,
            StationUnit.unit_id,
            StationUnit.from_on,
            StationUnit.until_on,
            Station.created_at,
            Station.retired_at,
        ).join(Station, Station.id == StationUnit.station_id)
        self._links = [row for row in session.execute(links) if station_ids is None or row.station_id in station_ids]

    def owing(self, unit_codes: Iterable[str], span: Span) -> Owing:
        """The stations below these units on any day of `span`. A station owes nothing from before it was there."""
        found: dict[int, list[Span]] = {}
        tops = [self._unit_ids[code] for code in unit_codes if code in self._unit_ids]
        for stretch, units in self._stretches(tops, span):
            for link in self._links:
                if link.unit_id not in units:
                    continue
                first = max(link.from_on or date.min, local_day(link.created_at, self._zone))
                last = link.until_on or date.max
                if link.retired_at is not None:
                    last = min(last, local_day(link.retired_at, self._zone))
                there = stretch.meet(Span(first, last)) if first <= last else None
                if there is not None:
                    found.setdefault(link.station_id, []).append(there)
        return {station_id: _joined(spans) for station_id, spans in found.items()}

    def homes(self, owing: Owing) -> Iterator[tuple[int, int, Span]]:
        """(station id, unit id, days) of each time that one of these stations served a unit while it owed."""
        for link in self._links:
            there = Span(link.from_on or date.min, link.until_on or date.max)
            for span in owing.get(link.station_id, ()):
                if (both := span.meet(there)) is not None:
                    yield link.station_id, link.unit_id, both

    def _stretches(self, tops: list[int], span: Span) -> list[tuple[Span, set[int]]]:
        """The days in order, cut where a unit changed its place, each with the units below `tops`."""
        starts = {span.from_on}
        for row in self._parents:
            if row.from_on is not None and span.from_on < row.from_on <= span.until_on:
                starts.add(row.from_on)
            if row.until_on is not None and span.from_on <= row.until_on < span.until_on:
                starts.add(row.until_on + ONE_DAY)
        ordered = sorted(starts)
        ends = [*(start - ONE_DAY for start in ordered[1:]), span.until_on]
        return [(Span(a, b), self._below(tops, a)) for a, b in zip(ordered, ends, strict=True)]

    def _below(self, tops: Iterable[int], day: date) -> set[int]:
        children: dict[int, list[int]] = {}
        for row in self._parents:
            if (row.from_on is None or row.from_on <= day) and (row.until_on is None or day <= row.until_on):
                children.setdefault(row.parent_id, []).append(row.unit_id)
        seen: set[int] = set()
        stack = list(tops)
        while stack:
            at = stack.pop()
            if at not in seen:
                seen.add(at)
                stack += children.get(at, ())
        return seen


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Those that touch or overlap as one."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda each: each.from_on):
        if joined and span.from_on <= joined[-1].until_on + ONE_DAY:
            joined[-1] = Span(joined[-1].from_on, max(joined[-1].until_on, span.until_on))
        else:
            joined.append(span)
    return tuple(joined)
