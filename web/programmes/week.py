"""A station's week: what airs at which hour, what was refused and why, with the hours of silence shaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing, Refusal
from broadcast.clock import day_span, instant_of
from broadcast.rights import Act
from broadcast.station import Station
from schedules.calendar import Calendar
from schedules.loading import load_district
from schedules.policies import EffectivePolicy, PolicyBook
from schedules.reasons import clock
from schedules.territory import Territory
from web.airings import Shown, shown
from web.bulletins.acting import FIRST_YEAR, LAST_YEAR
from web.called_off import to_show
from web.rules.days import parse_day
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, needs, now, today
from web.stations.health import plays

blueprint = Blueprint("programmes", __name__)

WEEK = 7
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Hour:
    """One hour of one day. `shade`: "" or "curfew" (all of it), "part" (some), "session" (a session lies in it)."""

    hour: int
    shade: str
    airings: list[Shown] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    day: date
    hours: list[Hour]
    curfew: str
    """In words: `22:00–05:00`, or empty."""

    @property
    def count(self) -> int:
        return sum(1 for hour in self.hours for one in hour.airings if one.kind != "cancelled")


def told_once(refusals: list[Refusal]) -> list[list[Refusal]]:
    """Refusals of the same slot of a rule for the same reason, day after day, in one group."""
    groups: dict[tuple[int, int, str, str], list[Refusal]] = {}
    for refusal in refusals:
        key = (refusal.rule_id, refusal.bulletin_id, refusal.slot_key, refusal.reason)
        groups.setdefault(key, []).append(refusal)
    return list(groups.values())


@blueprint.get("/tram/<code>/chuong-trinh")
@needs(Act.READ)
def week(code: str) -> ResponseReturnValue:
    session = db_reading()
    station = lookups.station(session, code)
    asked = parse_day(request.args.get("tu", "").strip(), now())
    first = _monday(asked or today())
    airings = _airings(session, station, first)
    refusals = _refusals(session, station, first)
    held = {refusal.id for refusal in refusals}
    # A cancelled airing whose slot is refused now is told once, with the reason of the refusal.
    asked_once = [
        one for one in shown(session, airings, {plays(station)}) if one.kind != "cancelled" or one.airing.id not in held
    ]
    entries, called_off = to_show(asked_once)
    readable = current_rights().units(Act.READ)
    return render_template(
        "programmes/week.html",
        station=station,
        days=_days(session, station, first, entries, refusals),
        refusals=told_once(refusals),
        called_off=called_off,
        first=first,
        before=first - timedelta(days=WEEK) if first.year > FIRST_YEAR else None,
        after=first + timedelta(days=WEEK) if first.year < LAST_YEAR else None,
        this_week=_monday(today()),
        readable=readable,
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _airings(session: Session, station: Station, first: date) -> list[Airing]:
    return list(
        session.scalars(
            select(Airing)
            .where(Airing.station_id == station.id)
            .where(Airing.local_date >= first, Airing.local_date < first + timedelta(days=WEEK))
            .options(joinedload(Airing.bulletin), joinedload(Airing.rule))
            .order_by(Airing.starts_at, Airing.id)
        )
    )


def _refusals(session: Session, station: Station, first: date) -> list[Refusal]:
    return list(
        session.scalars(
            select(Refusal)
            .where(Refusal.station_id == station.id)
            .where(Refusal.local_date >= first, Refusal.local_date < first + timedelta(days=WEEK))
            .options(joinedload(Refusal.bulletin), joinedload(Refusal.rule))
            .order_by(Refusal.asked_at, Refusal.id)
        )
    )


def _days(session: Session, station: Station, first: date, entries: list[Shown], refusals: list[Refusal]) -> list[Day]:
    zone = services().zone
    start = day_span(first, zone)[0]
    calendar = Calendar(start, WEEK, zone)
    policies = _policies(session, station, first, start)
    days = []
    for offset in range(WEEK):
        day = first + timedelta(days=offset)
        policy = policies.get(day)
        own = [entry for entry in entries if entry.airing.local_date == day]
        refused = [refusal for refusal in refusals if refusal.local_date == day]
        hours = []
        for hour in range(24):
            at = instant_of(day, datetime.min.time().replace(hour=hour), zone)
            hours.append(
                Hour(
                    hour,
                    _shade(calendar, day, policy, at),
                    [entry for entry in own if _hour(entry.airing.starts_at, day) == hour],
                    [refusal for refusal in refused if _hour(refusal.asked_at, day) == hour],
                )
            )
        told = (
            ", ".join(f"{clock(span.from_time)}–{clock(span.until_time)}" for span in policy.curfew) if policy else ""
        )
        days.append(Day(day, hours, told))
    return days


def _hour(instant: datetime, day: date) -> int:
    """The hour in which it is shown on its own day; what was put after midnight stays in the last one."""
    local = instant.astimezone(services().zone)
    return local.hour if local.date() == day else 23


def _policies(session: Session, station: Station, first: date, at: datetime) -> dict[date, EffectivePolicy]:
    """What holds for the station on each day; no entry where it belonged to no unit."""
    district = load_district(session, at, services().zone)
    territory, book = Territory(district.units), PolicyBook(district.policies)
    found = {}
    for offset in range(WEEK):
        day = first + timedelta(days=offset)
        unit_id = lookups.unit_of_station(station, day)
        if unit_id is not None:
            found[day] = book.effective(territory.chain(district.code_of_unit[unit_id], day), day)
    return found


def _shade(calendar: Calendar, day: date, policy: EffectivePolicy | None, at: datetime) -> str:
    if policy is None:
        return ""
    for span in calendar.curfews(day, policy):
        if span.start_at <= at and at + HOUR <= span.end_at:
            return "curfew"
        if span.start_at < at + HOUR and at < span.end_at:
            return "part"
    if any(span.start_at < at + HOUR and at < span.end_at for span in calendar.sessions(day, policy)):
        return "session"
    return ""
