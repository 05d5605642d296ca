"""A typed rule beside everything that is there: read, and laid out by the plan. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.clock import day_span, local_day
from broadcast.rule import Rule
from broadcast.station import Station
from schedules.facts import ExistingAiring, RuleFact
from schedules.facts_of import bulletin_fact, rule_fact, unit_key
from schedules.foresight.foreseeing import Foresight, Ground, Situation, first_asked, foresee, situations
from schedules.foresight.offering import Offering
from schedules.loading import District, existing_airings, load_district, load_stations
from schedules.obligations.met import station_facts
from schedules.series import carried
from web.rules.places import first_in, stations_of, units_to_order
from web.services import services
from web.shell.access import current_rights
from web.shell.access import now as moment
from web.shell.lookups import units_of_stations
from web.shell.sounds import store

FORTNIGHT = 14
MOST_SITUATIONS = 300


def fact_of(session: Session, rule: Rule, keep: Rule | None, district: District) -> RuleFact:
    """The rule as the plan takes it; a typed one with the single slots that were changed in the one that is there, and
    its exceptions, as they go along with it."""
    zone = services().zone
    named = {link.bulletin_id for link in rule.bulletins} | {change.bulletin_id for change in rule.changes}
    bulletins = [session.get_one(Bulletin, number) for number in named if number is not None]
    facts = {each.id: bulletin_fact(each, district.code_of_unit, zone, store().has) for each in bulletins}
    fact = rule_fact(rule, facts, district.code_of_unit)
    there = next((each for each in district.rules if keep is not None and each.id == keep.code), None)
    if there is None:
        return fact
    here = moment().astimezone(zone)
    return carried(there, fact, here.date(), here.time())


def since(rule: Rule, now: datetime) -> datetime:
    """From when on the rule is looked at."""
    return max(now, day_span(rule.from_on, services().zone)[0]) if rule.from_on is not None else now


class Look:
    """One look at a rule, from `at` on. `keep`: the rule that is there, if it is an edit; from `following` on alone,
    where that is given. `first`: codes of units that are to put it before others; None leaves that as it is."""

    def __init__(
        self,
        session: Session,
        rule: Rule,
        keep: Rule | None,
        first: Sequence[str] | None,
        following: date | None,
        at: datetime,
    ) -> None:
        self._session, self._rule, self._keep = session, rule, keep
        self._zone = services().zone
        self.district = load_district(session, at, self._zone, store().has)
        self.fact = fact_of(session, rule, keep, self.district)
        begins = first_asked(self.fact, local_day(at, self._zone))
        if begins is not None and (begins - local_day(at, self._zone)).days >= FORTNIGHT:
            at = day_span(begins, self._zone)[0]
        if following is not None:  # a rule of its own, beside the one that is there
            self.fact = replace(self.fact, id=f"{self.fact.id}+")
        others = _others(self.district, self.fact, keep, following)
        units, policies = tuple(self.district.units), tuple(self.district.policies)
        self.ground = self._ordered(Ground(others, units, policies, at, FORTNIGHT, self._zone), first)
        self.rows = load_stations(session, [station.id for station in stations_of(session, list(rule.targets))])

    @property
    def next_at(self) -> datetime | None:
        """The beginning of the first asked day behind what is looked at here."""
        following = first_asked(self.fact, self.ground.last + timedelta(days=1))
        return None if following is None else day_span(following, self._zone)[0]

    @cached_property
    def among(self) -> list[Situation]:
        """What the stations of the rule fall into, no more than MOST_SITUATIONS."""
        ground = self.ground
        rules, codes = (*ground.rules, self.fact), self.district.code_of_unit
        facts = station_facts(self._session, self.rows, rules, codes, ground.at, self._zone)
        return situations(ground, self.fact, facts)[:MOST_SITUATIONS]

    @property
    def reached(self) -> int:
        """How many stations these are."""
        return sum(len(each.stations) for each in self.among)

    @cached_property
    def _existing(self) -> list[ExistingAiring]:
        ahead = {each.station.id for each in self.among}
        stations = [row for row in self.rows if row.code in ahead]
        return existing_airings(self._session, stations, self.district, self.ground.at, self._zone)

    @cached_property
    def foresight(self) -> Foresight:
        return foresee(self.ground, self.fact, self.among, self._existing)

    def offering(self) -> Offering:
        homes = units_of_stations(self._session, self.ground.first)
        units = current_rights().tree.units
        unit_of = {row.code: unit_key(units[homes[row.id]].code) for row in self.rows if row.id in homes}
        orderable = [unit_key(unit.code) for unit in units_to_order(self._session, list(self._rule.targets))]
        return Offering(self.ground, self.fact, self.foresight, self._existing, unit_of, orderable)

    @property
    def names(self) -> dict[str, Station]:
        return {row.code: row for row in self.rows}

    def _ordered(self, ground: Ground, first: Sequence[str] | None) -> Ground:
        if first is None:
            return ground
        placed = set(first_in(self._session, self._keep)) if self._keep is not None else set()
        mine = {unit.code for unit in units_to_order(self._session, list(self._rule.targets))}
        wanted = set(first) & mine
        return ground.choosing(self.fact.id, map(unit_key, wanted - placed), map(unit_key, (placed & mine) - wanted))


def _others(district: District, fact: RuleFact, keep: Rule | None, following: date | None) -> tuple[RuleFact, ...]:
    """The rules beside the one that is looked at; the one that it goes on from ends before that day."""
    code = keep.code if keep is not None else fact.id
    others = [each for each in district.rules if each.id != code]
    if following is not None:
        before = following - timedelta(days=1)
        others += [
            replace(each, until_on=min(before, each.until_on or before)) for each in district.rules if each.id == code
        ]
    return tuple(others)
