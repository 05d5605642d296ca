"""The pure plan of one station against `recurring-ical-events` expanding the same rules over the same fourteen days.

Theirs: a calendar of six daily events of ninety seconds, parsed already, is asked for its occurrences. Ours: a planner
is made of the facts, parsed already too, and asked for the plan, which looks besides at policies, sessions, curfew,
approvals, sounds and at what is in the way of what, and names every airing for good. Each per occurrence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar

from bench.country import DAYS, MIDNIGHT, ROWS_A_STATION, TIMES, ZONE
from bench.planning import timed
from bench.ratios import Ratios
from broadcast.clock import local_day
from schedules.facts import (
    AudioFact,
    BulletinFact,
    DatedLink,
    PolicyFact,
    RuleFact,
    SessionFact,
    StationFact,
    UnitFact,
    WallSpan,
)
from schedules.plan import Planner

LIMIT = 1.0
PAIRS = 9
_ROUNDS = 10
"""In a row, so that the clock has something to measure."""
_LENGTH = timedelta(seconds=90)


def measure() -> Iterator[Ratios]:
    ours, theirs = _ours(), _theirs()
    assert ours() == theirs() == ROWS_A_STATION
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(PAIRS)]
    yield Ratios("one airing : recurring-ical-events", f"{DAYS} days × {len(TIMES)}", tuple(pairs), LIMIT)


def _seconds(work: Callable[[], int]) -> float:
    """For one occurrence."""
    return timed(lambda: [work() for _ in range(_ROUNDS)])[0] / (_ROUNDS * ROWS_A_STATION)


def _theirs() -> Callable[[], int]:
    day = local_day(MIDNIGHT, ZONE)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//"]
    for number, wall in enumerate(TIMES):
        begins = datetime.combine(day, time.fromisoformat(wall))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}",
            f"SUMMARY:Tin {number}",
            f"DTSTART;TZID={ZONE.key}:{begins:%Y%m%dT%H%M%S}",
            f"DTEND;TZID={ZONE.key}:{begins + _LENGTH:%Y%m%dT%H%M%S}",
            "RRULE:FREQ=DAILY",
            "END:VEVENT",
        ]
    calendar = Calendar.from_ical("\r\n".join([*lines, "END:VCALENDAR", ""]))
    span = (_midnight(day), _midnight(day + timedelta(days=DAYS)))
    return lambda: len(recurring_ical_events.of(calendar).between(*span))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _ours() -> Callable[[], int]:
    units = [UnitFact("Q", "Quốc gia"), UnitFact("X", "Xã", (DatedLink("Q"),))]
    sessions = tuple(
        SessionFact(name, time.fromisoformat(begins), time.fromisoformat(ends))
        for name, begins, ends in (("sáng", "05:00", "07:30"), ("trưa", "10:30", "11:30"), ("chiều", "16:30", "20:00"))
    )
    policies = [
        PolicyFact("1", "Q", curfew=(WallSpan(time(22), time(5)),)),
        PolicyFact("2", "X", sessions=sessions),
    ]
    rules = [
        RuleFact(
            id=str(number),
            code=str(number),
            unit_id="Q",
            created_at=MIDNIGHT,
            bulletins=(_bulletin(number),),
            targets=frozenset({"Q"}),
            times=(time.fromisoformat(wall),),
        )
        for number, wall in enumerate(TIMES)
    ]
    station = StationFact("S", (DatedLink("X"),))

    def plan() -> int:
        return len(Planner(rules, units, policies, MIDNIGHT, window_days=DAYS, zone=ZONE).plan([station], []).add)

    return plan


def _bulletin(number: int) -> BulletinFact:
    sound = AudioFact(f"{number:064}", int(_LENGTH.total_seconds()) * 1000, "Duyệt", MIDNIGHT)
    return BulletinFact(str(number), f"Tin {number}", "normal", (sound,))
