"""Which units a station lies in, by date, and the stretches of days on which nothing of that changes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date, timedelta

from schedules.facts import DatedLink, PolicyFact, StationFact, UnitFact

ONE_DAY = timedelta(days=1)


def in_force(from_on: date | None, until_on: date | None, day: date) -> bool:
    """Whether `day` lies in the range; both ends belong to it, None is open."""
    return (from_on is None or from_on <= day) and (until_on is None or day <= until_on)


def linked_unit(links: Iterable[DatedLink], day: date) -> str | None:
    """The unit that the links name on `day`; where two do, the one that began last."""
    chosen: DatedLink | None = None
    for link in links:
        if in_force(link.from_on, link.until_on, day) and (chosen is None or _began(link) > _began(chosen)):
            chosen = link
    return chosen.unit_id if chosen else None


def _began(link: DatedLink) -> tuple[date, str]:
    return link.from_on or date.min, link.unit_id


class Territory:
    """The tree of units on any date."""

    def __init__(self, units: Iterable[UnitFact]) -> None:
        self.units = {unit.id: unit for unit in units}
        self._chains: dict[tuple[str, date], tuple[str, ...]] = {}

    def forget(self) -> None:
        """The chains that were asked for so far."""
        self._chains.clear()

    def chain(self, unit_id: str, day: date) -> tuple[str, ...]:
        """The unit and all above it on `day`, nearest first. A circle in the data ends where it closes."""
        known = self._chains.get((unit_id, day))
        if known is None:
            unit = self.units.get(unit_id)
            parent = linked_unit(unit.parents, day) if unit else None
            self._chains[unit_id, day] = (unit_id,)  # what a circle finds when it comes back here
            above = self.chain(parent, day) if parent is not None else ()
            known = (unit_id, *(each for each in above if each != unit_id))
            self._chains[unit_id, day] = known
        return known


def stretches(
    first: date, last: date, units: Iterable[UnitFact], policies: Iterable[PolicyFact], stations: Iterable[StationFact]
) -> dict[date, date]:
    """For each day of `first`–`last` the first day of its stretch: within one, no link and no policy begins or ends."""
    breaks = set[date]()
    dated: list[tuple[date | None, date | None]] = [(policy.from_on, policy.until_on) for policy in policies]
    for links in (*(unit.parents for unit in units), *(station.units for station in stations)):
        dated.extend((link.from_on, link.until_on) for link in links if link.from_on or link.until_on)
    for from_on, until_on in dated:
        if from_on is not None:
            breaks.add(from_on)
        if until_on is not None and until_on < date.max:
            breaks.add(until_on + ONE_DAY)
    start_of, start, day = {}, first, first
    while day <= last:
        if day in breaks:
            start = day
        start_of[day] = start
        day += ONE_DAY
    return start_of


def set_apart(stretch_of: Mapping[date, date], special: Container[date]) -> dict[date, date]:
    """The stretches, with each special day a stretch of its own."""
    apart, start, before = {}, None, None
    for day, stretch in stretch_of.items():
        if start is None or stretch != before or day in special or day - ONE_DAY in special:
            start = day
        apart[day], before = start, stretch
    return apart
