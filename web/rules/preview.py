"""What the coming days would bring if a rule were as it is typed: its slots, what becomes of others, what to do about
it. Computed by the plan; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.clock import day_span, local_day
from broadcast.rule import Rule
from broadcast.station import Station
from schedules.facts import ExistingAiring, RuleFact, SessionFact
from schedules.facts_of import bulletin_fact, rule_fact, station_fact, unit_key
from schedules.foreseeing import Foresight, Ground, Situation, Slot, first_asked, foresee, situations
from schedules.loading import District, existing_airings, load_district, load_stations
from schedules.met import met_rules
from schedules.offering import Offering
from schedules.policies import PolicyBook
from schedules.rule_checks import opening_problems, problems_of
from schedules.series import carried
from web.rules.effects import Displacing, Trouble, displacing, told
from web.rules.places import first_in, stations_of, units_reached, units_to_order
from web.services import services
from web.shell.access import current_rights
from web.shell.access import now as moment
from web.shell.forms import Form
from web.shell.lookups import units_of_stations
from web.shell.sounds import store

WEEK, FORTNIGHT = 7, 14
MOST_SITUATIONS = 300
# Fields of the set-up file, in which the checks speak, → fields of the form.
FIELDS = {
    "bulletin": "bulletins", "until": "until_on", "between": "between_until", "lunar_days": "lunar_other",
    "changes": "",
}  # fmt: skip
# A bulletin that waits for its approval or its sound is no reason against a rule.
_WAITING = {"not_approved", "no_audio"}


@dataclass(frozen=True)
class Row:
    """Stations with the same days."""

    stations: list[Station]
    days: list[tuple[date, list[Slot]]]


@dataclass(frozen=True)
class Preview:
    """`turns`: the codes and titles of bulletins that take turns, in order; none where there is only one."""

    rows: list[Row]
    first: date
    days: int
    """How many it looks at: a week, or a fortnight for what does not air every day."""
    planned: int
    refused: int
    stations: int
    left_out: int
    """Stations of more different situations than MOST_SITUATIONS, which are not shown."""
    troubles: list[Trouble]
    displacing: list[Displacing]
    turns: list[tuple[str, str]]
    is_hopeless: bool
    """Whether no slot of the fortnight finds a place, for reasons that waiting does not mend."""

    def turn_of(self, slot: Slot) -> int:
        """The place, from 1, of the slot's bulletin among those that take turns; 0 where none do."""
        return next((place for place, (code, _) in enumerate(self.turns, 1) if code == slot.bulletin_id), 0)


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


def check(session: Session, form: Form, rule: Rule, keep: Rule | None, now: datetime) -> None:
    """What is wrong with the rule by itself, told at the fields of the form."""
    district = load_district(session, now, services().zone, store().has)
    fact = fact_of(session, rule, keep, district)
    for problem in problems_of(fact):
        form.fail(FIELDS.get(problem.field, problem.field), problem.message_vi)
    _check_opening(session, form, rule, fact, district, now)


def _check_opening(session: Session, form: Form, rule: Rule, fact: RuleFact, district: District, now: datetime) -> None:
    """A session that is shorter than what opens it, wherever one is."""
    if fact.place != "opening" or form.errors:
        return
    tree, book = current_rights().tree, PolicyBook(district.policies)
    day = local_day(_since(rule, now), services().zone)
    found, wrong = set[SessionFact](), dict[SessionFact, str]()
    for unit in units_reached(session, list(rule.targets)):
        policy = book.effective([district.code_of_unit[above] for above in tree.path(unit)], day)
        for each in policy.sessions:
            if not fact.sessions or each.name in fact.sessions:
                found.add(each)
                for problem in opening_problems(fact, [each], policy.longest_session_minutes):
                    wrong[each] = problem.message_vi
    if found and found == wrong.keys():
        form.fail("sessions", next(iter(wrong.values())))


def _since(rule: Rule, now: datetime) -> datetime:
    """From when on the rule is looked at."""
    return max(now, day_span(rule.from_on, services().zone)[0]) if rule.from_on is not None else now


def preview(
    session: Session,
    rule: Rule,
    now: datetime,
    *,
    keep: Rule | None = None,
    first: Sequence[str] | None = None,
    offers: bool = False,
    following: date | None = None,
) -> Preview:
    """The days from today, or from the rule's first day where that is later.

    `keep`: the rule that is there, if it is an edit; from `following` on alone, where that is given. `first`: codes of
    units that are to put it before others; None leaves that as it is.
    """
    stations = stations_of(session, list(rule.targets))
    at = _since(rule, now)
    district = load_district(session, at, services().zone, store().has)
    fact = fact_of(session, rule, keep, district)
    zone = services().zone
    begins = first_asked(fact, local_day(at, zone))
    if begins is not None and (begins - local_day(at, zone)).days >= FORTNIGHT:
        at = day_span(begins, zone)[0]
    if following is not None:  # a rule of its own, beside the one that is there
        fact = replace(fact, id=f"{fact.id}+")
    ground = _ground(session, rule, keep, _others(district, fact, keep, following), district, fact, at, first)
    rows = load_stations(session, [station.id for station in stations])
    met = met_rules(session, rows, (*ground.rules, fact), at, zone)
    codes = district.code_of_unit
    facts = [station_fact(station, codes, zone, met.get(station.code, frozenset())) for station in rows]
    every = situations(ground, fact, facts)
    among = every[:MOST_SITUATIONS]
    ahead = {each.station.id for each in among}
    existing = existing_airings(session, [row for row in rows if row.code in ahead], district, at, zone)
    foresight = foresee(ground, fact, among, existing)
    offering = _offering(session, rule, rows, ground, fact, foresight, existing) if offers else None
    return _shown(session, foresight, offering, ground, fact, rows, len(rows) - _reached(among))


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


def _reached(among: Iterable[Situation]) -> int:
    return sum(len(each.stations) for each in among)


def _ground(
    session: Session,
    rule: Rule,
    keep: Rule | None,
    others: tuple[RuleFact, ...],
    district: District,
    fact: RuleFact,
    at: datetime,
    first: Sequence[str] | None,
) -> Ground:
    ground = Ground(others, tuple(district.units), tuple(district.policies), at, FORTNIGHT, services().zone)
    if first is None:
        return ground
    placed = set(first_in(session, keep)) if keep is not None else set()
    mine = {unit.code for unit in units_to_order(session, list(rule.targets))}
    wanted = set(first) & mine
    return ground.choosing(fact.id, map(unit_key, wanted - placed), map(unit_key, (placed & mine) - wanted))


def _offering(
    session: Session,
    rule: Rule,
    rows: Sequence[Station],
    ground: Ground,
    fact: RuleFact,
    foresight: Foresight,
    existing: Sequence[ExistingAiring],
) -> Offering:
    homes = units_of_stations(session, ground.first)
    units = current_rights().tree.units
    unit_of = {row.code: unit_key(units[homes[row.id]].code) for row in rows if row.id in homes}
    orderable = [unit_key(unit.code) for unit in units_to_order(session, list(rule.targets))]
    return Offering(ground, fact, foresight, existing, unit_of, orderable)


def _shown(
    session: Session,
    foresight: Foresight,
    offering: Offering | None,
    ground: Ground,
    fact: RuleFact,
    rows: Sequence[Station],
    left_out: int,
) -> Preview:
    asked = {slot.local_on for slot in foresight.slots}
    week = {ground.first + timedelta(days=ahead) for ahead in range(WEEK)}
    days = WEEK if len(asked & week) >= WEEK - 1 else FORTNIGHT
    last = ground.first + timedelta(days=days - 1)
    slots = [slot for slot in foresight.slots if slot.local_on <= last]
    planned = foresight.weight(slot for slot in slots if slot.starts_at is not None)
    names = {row.code: row for row in rows}
    lost = {slot.code for slot in foresight.slots if slot.starts_at is None}
    return Preview(
        rows=_rows(foresight, slots, names, [ground.first + timedelta(days=ahead) for ahead in range(days)]),
        first=ground.first,
        days=days,
        planned=planned,
        refused=foresight.weight(slots) - planned,
        stations=len(rows) - left_out,
        left_out=left_out,
        troubles=told(session, foresight, offering, ground, fact, names),
        displacing=displacing(session, foresight, names),
        turns=[(each.id, each.title) for each in fact.bulletins] if len(fact.bulletins) > 1 else [],
        is_hopeless=all(slot.starts_at is None for slot in foresight.slots) and not lost & _WAITING,
    )


def _rows(foresight: Foresight, slots: Sequence[Slot], names: dict[str, Station], days: list[date]) -> list[Row]:
    """Stations whose days are the same share a row; days on which nothing is asked are left out of a fortnight."""
    own: dict[str, list[Slot]] = {each.station.id: [] for each in foresight.situations}
    for slot in slots:
        own[slot.station_id].append(slot)
    grouped: dict[tuple[object, ...], list[str]] = {}
    for code, mine in own.items():
        key = tuple((slot.asked_at, slot.slot_key, slot.starts_at, slot.bulletin_id) for slot in mine)
        grouped.setdefault(key, []).append(code)
    found = []
    for codes in grouped.values():
        every = [names[station] for code in codes for station in foresight.stations[code]]
        by_day = {day: [slot for slot in own[codes[0]] if slot.local_on == day] for day in days}
        if len(days) > WEEK:
            by_day = {day: mine for day, mine in by_day.items() if mine}
        found.append(Row(sorted(every, key=lambda station: (station.name, station.id)), list(by_day.items())))
    return sorted(found, key=lambda row: -len(row.stations))
