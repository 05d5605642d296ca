"""A small invented world for the plan: a district, two communes, a station in each, and short ways to say a rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from broadcast.clock import VIETNAM
from schedules.facts import (
    AudioFact,
    BulletinClass,
    BulletinFact,
    DatedLink,
    ExistingAiring,
    Plan,
    PolicyFact,
    RuleFact,
    SessionFact,
    StationFact,
    UnitFact,
    WallSpan,
)
from schedules.plan import plan
from schedules.recurrence import parse_wall_time

# A Sunday.
SUNDAY = date(2026, 11, 22)
UNITS = (
    UnitFact("tinh", "Tỉnh Bình Lộc"),
    UnitFact("huyen", "Huyện Tân Hòa", (DatedLink("tinh"),)),
    UnitFact("xa-a", "Xã An Phú", (DatedLink("huyen"),)),
    UnitFact("xa-b", "Xã Bình Minh", (DatedLink("huyen"),)),
)
A = StationFact("tram-a", (DatedLink("xa-a"),))
B = StationFact("tram-b", (DatedLink("xa-b"),))
NO_CURFEW = PolicyFact("ngoai-le", "tinh", curfew=())


def at(text: str, day: date = SUNDAY) -> datetime:
    """The UTC instant of a local wall time."""
    return datetime.combine(day, parse_wall_time(text), VIETNAM).astimezone(UTC)


def local(instant: datetime) -> str:
    """`22/11 17:15`, local, seconds only where there are any."""
    here = instant.astimezone(VIETNAM)
    return here.strftime("%d/%m %H:%M:%S" if here.second else "%d/%m %H:%M")


def sound(minutes: float = 3, *, approver: str | None = "Trần Thị Duyệt", **more: Any) -> AudioFact:
    return AudioFact("ab" * 32, int(minutes * 60_000), approver, at("08:00", date(2026, 11, 1)), **more)


def bulletin(
    key: str = "tin", *, minutes: float = 3, bulletin_class: BulletinClass = "normal", **more: Any
) -> BulletinFact:
    more.setdefault("audios", (sound(minutes),))
    return BulletinFact(key, f"Bản tin {key}", bulletin_class, **more)


def rule(
    key: str, *times: str, of: BulletinFact | None = None, unit: str = "huyen", age: int = 0, **more: Any
) -> RuleFact:
    """A rule that reaches the whole district. A greater `age` is older."""
    more.setdefault("targets", frozenset({unit}))
    more.setdefault("bulletins", (of or bulletin(),))
    created_at = datetime(2026, 11, 1, tzinfo=UTC).replace(hour=23 - age)
    wall_times = tuple(parse_wall_time(each) for each in times)
    return RuleFact(key, key.upper(), unit, created_at, times=wall_times, **more)


def alarm(key: str = "bao", *, begins_at: datetime, **more: Any) -> RuleFact:
    """An emergency that begins at an instant and repeats until stopped."""
    more.setdefault("bulletins", (bulletin(key, minutes=1, bulletin_class="emergency"),))
    return rule(key, begins_at=begins_at, repeats=None, **more)


def session(name: str, start: str, end: str) -> SessionFact:
    return SessionFact(name, parse_wall_time(start), parse_wall_time(end))


def curfew(start: str, end: str) -> tuple[WallSpan, ...]:
    return (WallSpan(parse_wall_time(start), parse_wall_time(end)),)


def planned(
    *rules: RuleFact,
    now: datetime | None = None,
    stations: Iterable[StationFact] = (A,),
    policies: Iterable[PolicyFact] = (),
    existing: Iterable[ExistingAiring] = (),
    units: Iterable[UnitFact] = UNITS,
    window_days: int = 1,
) -> Plan:
    """The plan, by default of station A for one Sunday, seen from its first minute."""
    return plan(rules, stations, units, policies, existing, now or at("00:00"), window_days=window_days)


def standing(result: Plan, before: Iterable[ExistingAiring] = ()) -> list[ExistingAiring]:
    """The rows after `result` was applied to `before`."""
    rows = {row.id: row for row in before}
    for airing in (*result.add, *result.change):
        rows[airing.id] = ExistingAiring(*airing)
    for cancelled in result.cancel:
        rows[cancelled.id] = rows[cancelled.id]._replace(state="cancelled")
    return list(rows.values())


def starts(result: Plan) -> list[tuple[str, str]]:
    """Who begins when, in order: (rule, local start)."""
    every = sorted((*result.add, *result.change), key=lambda airing: airing.starts_at)
    return [(airing.rule_id, local(airing.starts_at)) for airing in every]


def codes(result: Plan) -> list[tuple[str, str, str]]:
    """What is refused and why: (rule, local asked time, code)."""
    return [(refused.rule_id, local(refused.asked_at), refused.code) for refused in result.refused]


def withdrawn(of: BulletinFact, moment: datetime) -> BulletinFact:
    return replace(of, withdrawn_at=moment)
