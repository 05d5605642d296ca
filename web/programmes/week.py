"""A station's week: what airs in which session, what was refused and why, with the hours of silence shaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing, Refusal
from broadcast.clock import day_span
from broadcast.rights import Act
from broadcast.station import Station
from schedules.placing.calendar import Calendar
from schedules.placing.policies import EffectivePolicy
from schedules.placing.reasons import clock
from web.airings import Shown, shown
from web.bulletins.acting import FIRST_YEAR, LAST_YEAR
from web.called_off import to_show
from web.programmes.bands import Band, band_at, bands_of, shade
from web.programmes.changing import Slot, change_address, changeable
from web.programmes.holding import Holding
from web.rules.days import parse_day
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, needs, now, today
from web.stations.health import plays

blueprint = Blueprint("programmes", __name__)

WEEK = 7


@dataclass(frozen=True)
class Cell:
    """One row of one day. `shade`: "" or "curfew" (all of it), "part" (some), "session" (a session lies in it)."""

    band: Band
    shade: str
    airings: list[Shown] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    day: date
    cells: list[Cell]
    curfew: str
    """In words: `22:00–05:00`, or empty."""

    @property
    def count(self) -> int:
        return sum(1 for cell in self.cells for one in cell.airings if one.kind != "cancelled")


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
    policies = _policies(session, station, first)
    bands = bands_of(policies.values())
    return render_template(
        "programmes/week.html",
        station=station,
        unit=current_rights().tree.units.get(lookups.unit_of_station(station, first) or 0),
        bands=bands,
        days=_days(first, policies, bands, entries, refusals),
        refusals=told_once(refusals),
        called_off=called_off,
        first=first,
        before=first - timedelta(days=WEEK) if first.year > FIRST_YEAR else None,
        after=first + timedelta(days=WEEK) if first.year < LAST_YEAR else None,
        this_week=_monday(today()),
        readable=current_rights().units(Act.READ),
        changes=_changes(session, station, entries, refusals),
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


def _changes(session: Session, station: Station, entries: list[Shown], refusals: list[Refusal]) -> dict[str, str]:
    """Id of each airing to come and of each refusal that one may change → where."""
    coming = [one.airing for one in entries if one.kind == "planned"]
    open_ones = [refusal for refusal in refusals if refusal.asked_at > now()]
    slots: list[Slot] = [*coming, *open_ones]
    mine = changeable(session, slots)
    return {slot.id: change_address(slot, station) for slot in slots if slot.rule_id in mine}


def _days(
    first: date,
    policies: dict[date, EffectivePolicy],
    bands: list[Band],
    entries: list[Shown],
    refusals: list[Refusal],
) -> list[Day]:
    zone = services().zone
    calendar = Calendar(day_span(first, zone)[0], WEEK, zone)
    days = []
    for offset in range(WEEK):
        day = first + timedelta(days=offset)
        policy = policies.get(day)
        cells = [Cell(band, shade(calendar, day, policy, band.span(day, zone))) for band in bands]
        for one in entries:
            if one.airing.local_date == day:
                cells[band_at(bands, one.airing.starts_at, day, zone)].airings.append(one)
        for refusal in refusals:
            if refusal.local_date == day:
                cells[band_at(bands, refusal.asked_at, day, zone)].refusals.append(refusal)
        told = (
            ", ".join(f"{clock(span.from_time)}–{clock(span.until_time)}" for span in policy.curfew) if policy else ""
        )
        days.append(Day(day, cells, told))
    return days


def _policies(session: Session, station: Station, first: date) -> dict[date, EffectivePolicy]:
    """What holds for the station on each day; no entry where it belonged to no unit."""
    holding, found = Holding(session), {}
    for offset in range(WEEK):
        day = first + timedelta(days=offset)
        unit_id = lookups.unit_of_station(station, day)
        if unit_id is not None:
            found[day] = holding.of(unit_id, day)
    return found
