"""The curfews of a station over days to come, as UTC spans: by the policies of its own day, unit and tree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.clock import day_span
from broadcast.policy import Policy
from broadcast.span import Dated
from broadcast.station import StationUnit
from broadcast.unit import Unit, UnitParent
from schedules.facts import DatedLink, PolicyFact, UnitFact, WallSpan
from schedules.placing.calendar import Calendar
from schedules.placing.policies import PolicyBook
from schedules.placing.territory import Territory, linked_unit

Span = tuple[datetime, datetime]


class Curfews:
    """The tree and its policies, read once for any number of stations."""

    def __init__(self, territory: Territory, book: PolicyBook, zone: ZoneInfo) -> None:
        self._territory = territory
        self._book = book
        self._zone = zone

    @classmethod
    def load(cls, session: Session, zone: ZoneInfo) -> Curfews:
        """As the database has them now."""
        parents: dict[int, list[DatedLink]] = {}
        for link in session.scalars(select(UnitParent)):
            parents.setdefault(link.unit_id, []).append(_link(link, link.parent_id))
        units = [
            UnitFact(str(number), name, tuple(parents.get(number, ())))
            for number, name in session.execute(select(Unit.id, Unit.name))
        ]
        policies = [
            PolicyFact(
                id=str(policy.id),
                unit_id=str(policy.unit_id),
                from_on=policy.from_on,
                until_on=policy.until_on,
                curfew=_walls(policy.curfew),
            )
            for policy in session.scalars(select(Policy).where(Policy.curfew.is_not(None)).order_by(Policy.id))
        ]
        return cls(Territory(units), PolicyBook(policies), zone)

    def spans(self, links: Sequence[StationUnit], first: date, days: int) -> list[Span]:
        """Half-open UTC spans within local days `first` … `first + days - 1`, in order, none touching the next.

        On a day on which the station belongs nowhere the default curfew holds.
        """
        homes = [_link(link, link.unit_id) for link in links]
        calendar = Calendar(day_span(first, self._zone)[0], days, self._zone)
        found: list[Span] = []
        for day in (first + timedelta(days=offset) for offset in range(days)):
            home = linked_unit(homes, day)
            chain = self._territory.chain(home, day) if home is not None else ()
            policy = self._book.effective(chain, day)
            found.extend((span.start_at, span.end_at) for span in calendar.curfews(day, policy))
        return _merged(found)


def touches(spans: Sequence[Span], start: datetime, end: datetime) -> bool:
    """Whether `[start, end)` shares an instant with one of the spans."""
    return any(start < until and from_ < end for from_, until in spans)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _link(link: Dated, unit_id: int) -> DatedLink:
    return DatedLink(str(unit_id), link.from_on, link.until_on)


def _walls(curfew: list[str] | None) -> tuple[WallSpan, ...] | None:
    if curfew is None:
        return None
    ends = [time.fromisoformat(wall) for wall in curfew]
    return tuple(WallSpan(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True))
