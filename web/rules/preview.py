"""What the coming days would bring if a rule were as it is typed: its slots, what becomes of others, what to do about
it. Computed by the plan; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from broadcast.clock import local_day
from broadcast.rule import Rule
from broadcast.station import Station
from schedules.checks.rule_checks import opening_problems, problems_of
from schedules.facts import RuleFact, SessionFact
from schedules.foresight.foreseeing import Foresight, Slot
from schedules.foresight.offering import Offering
from schedules.loading import District, load_district
from schedules.placing.policies import PolicyBook
from web.rules.effects import Displacing, Trouble, displacing, told
from web.rules.looking import FORTNIGHT, Look, fact_of, since
from web.rules.places import units_reached
from web.services import services
from web.shell.access import current_rights
from web.shell.forms import Form
from web.shell.sounds import store

WEEK = 7
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
    """Stations of more different situations than are looked at."""
    troubles: list[Trouble]
    displacing: list[Displacing]
    turns: list[tuple[str, str]]
    is_hopeless: bool
    """Whether no slot of the fortnight finds a place, for reasons that waiting does not mend."""

    def turn_of(self, slot: Slot) -> int:
        """The place, from 1, of the slot's bulletin among those that take turns; 0 where none do."""
        return next((place for place, (code, _) in enumerate(self.turns, 1) if code == slot.bulletin_id), 0)


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
    day = local_day(since(rule, now), services().zone)
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
    """The days from today, from the rule's first day where that is later, or from the next day on which it still asks
    for anything. The other arguments are those of Look."""
    look = Look(session, rule, keep, first, following, since(rule, now))
    if look.rows and not look.foresight.slots and (later := look.next_at) is not None:
        look = Look(session, rule, keep, first, following, later)
    return _shown(session, look, look.offering() if offers else None)


def _shown(session: Session, look: Look, offering: Offering | None) -> Preview:
    foresight, ground, fact, names = look.foresight, look.ground, look.fact, look.names
    asked = {slot.local_on for slot in foresight.slots}
    week = {ground.first + timedelta(days=ahead) for ahead in range(WEEK)}
    days = WEEK if len(asked & week) >= WEEK - 1 else FORTNIGHT
    last = ground.first + timedelta(days=days - 1)
    slots = [slot for slot in foresight.slots if slot.local_on <= last]
    planned = foresight.weight(slot for slot in slots if slot.starts_at is not None)
    lost = {slot.code for slot in foresight.slots if slot.starts_at is None}
    return Preview(
        rows=_rows(foresight, slots, names, [ground.first + timedelta(days=ahead) for ahead in range(days)]),
        first=ground.first,
        days=days,
        planned=planned,
        refused=foresight.weight(slots) - planned,
        stations=look.reached,
        left_out=len(look.rows) - look.reached,
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
