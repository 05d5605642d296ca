"""Where a rule that ends when its obligation is met has nothing more to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.bulletin import Bulletin
from broadcast.clock import WINDOW_DAYS, local_day
from broadcast.obligation import DAY, Obligation
from broadcast.station import Station
from schedules.facts import RuleFact, StationFact
from schedules.facts_of import station_fact
from schedules.obligations.owing import Places, Span, owed_span
from schedules.obligations.tallying import count_airings

Met = Mapping[str, frozenset[tuple[str, date | None]]]
"""Station code → (rule code, day) for which it is asked nothing more; None is every day."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What one station owes of one obligation: its last day there, and how far it is."""

    is_daily: bool
    last: date | None
    """None where nothing is owed any more."""
    first: date
    is_reached: bool
    """As many as are owed sounded whole: today, or in all."""

    def is_for_good(self, today: date) -> bool:
        return self.last is None or self.last < today or (not self.is_daily and self.is_reached)

    def is_met(self, day: date, today: date) -> bool:
        """Whether nothing more has to be asked on `day`."""
        if self.is_for_good(today) or self.last is None or self.last < day:
            return True
        return day == today and self.first <= today and self.is_daily and self.is_reached


def met_rules(
    session: Session,
    stations: Sequence[Station],
    rules: Iterable[RuleFact],
    now: datetime,
    zone: ZoneInfo,
    *,
    window_days: int = WINDOW_DAYS,
) -> Met:
    """For rules that end when met: (rule, today) where today's number has sounded whole, the days behind the last one
    that is owed, and (rule, None) where nothing will be owed any more.

    A rule of several bulletins ends when every obligation of any of them is met. One whose bulletins owe nothing at a
    station asks there as usual.
    """
    ending = [rule for rule in rules if rule.ends_when_met]
    if not ending or not stations:
        return {}
    today = local_day(now, zone)
    window = [today + timedelta(days=number) for number in range(window_days)]
    due = _due(session, stations, {each.id for rule in ending for each in rule.bulletins}, now, zone)
    found: dict[str, set[tuple[str, date | None]]] = {}
    for station in stations:
        for rule in ending:
            owed = [one for each in rule.bulletins for one in due.get((station.id, each.id), ())]
            if not owed:
                continue
            mine = found.setdefault(station.code, set())
            if all(one.is_for_good(today) for one in owed):
                mine.add((rule.id, None))
            else:
                mine |= {(rule.id, day) for day in window if all(one.is_met(day, today) for one in owed)}
    return {code: frozenset(entries) for code, entries in found.items() if entries}


def station_facts(
    session: Session,
    stations: Sequence[Station],
    rules: Iterable[RuleFact],
    code_of_unit: dict[int, str],
    now: datetime,
    zone: ZoneInfo,
    *,
    window_days: int = WINDOW_DAYS,
) -> list[StationFact]:
    """The stations as `plan` takes them, knowing where `rules` that end when met ask no more."""
    met = met_rules(session, stations, rules, now, zone, window_days=window_days)
    return [station_fact(each, code_of_unit, zone, met.get(each.code, frozenset())) for each in stations]


def _due(
    session: Session, stations: Sequence[Station], bulletin_codes: Iterable[str], now: datetime, zone: ZoneInfo
) -> dict[tuple[int, str], list[_Due]]:
    """(station id, bulletin code) → what it owes of each obligation that covers it on any day."""
    obligations = session.scalars(
        select(Obligation)
        .join(Bulletin, Bulletin.id == Obligation.bulletin_id)
        .where(Bulletin.code.in_(sorted(bulletin_codes)))
        .options(joinedload(Obligation.bulletin))
    ).all()
    found: dict[tuple[int, str], list[_Due]] = {}
    if not obligations:
        return found
    today = local_day(now, zone)
    ids = {station.id for station in stations}
    places = Places(session, zone, ids)
    for obligation in obligations:
        left, daily = owed_span(obligation, zone), obligation.per == DAY
        counted = Span(today, today) if daily else Span(obligation.from_on, obligation.until_on)
        owing = places.owing(obligation.unit_codes, Span(obligation.from_on, obligation.until_on))
        counts = count_airings(session, [obligation.bulletin_id], counted, now, zone, ids) if owing and left else {}
        for station_id, spans in owing.items():
            aired = counts.get((obligation.bulletin_id, station_id), {})
            last = min(spans[-1].until_on, left.until_on) if left else None
            done = sum(count.done for count in aired.values())
            one = _Due(daily, last, spans[0].from_on, done >= obligation.at_least)
            found.setdefault((station_id, obligation.bulletin.code), []).append(one)
    return found
