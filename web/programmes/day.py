"""Cả ngày: all stations of a unit down, the hours across, with what was refused and what stays empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing, Refusal
from broadcast.bulletin import BulletinClass
from broadcast.clock import day_span
from broadcast.rights import Act
from broadcast.station import Station
from broadcast.unit import Unit
from schedules.placing.calendar import Calendar
from web.airings import Shown, shown
from web.bulletins.acting import FIRST_YEAR, LAST_YEAR
from web.called_off import to_show
from web.programmes.changing import Slot, change_address, changeable
from web.programmes.day_rows import Row, StationDay, curfews_of, holes_of, hours_shown, row_of
from web.programmes.holding import Holding
from web.programmes.week import told_once
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, in_tree_order, needs, now, scope_units, today
from web.shell.fold import matches
from web.shell.forms import Form
from web.stations.health import health, plays
from web.stations.rows import load_with_status

blueprint = Blueprint("day_of_all", __name__)

A_PAGE = 40
CLASSES = tuple(each.value for each in BulletinClass)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Group:
    """Rows of one commune."""

    unit: Unit | None
    rows: list[Row]


@blueprint.get("/ca-ngay")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    """?ngay=2026-11-22&tim=…&loai=priority&can-xem=1&gom=1&trang=2&tat-ca=1"""
    form = Form(request.args, ngay=today())
    day = form.day("ngay", "ngày") or today()
    session = db_reading()
    everyone = _days(session, day)
    listed, called_off = _narrowed(everyone)
    wanted = [each for each in listed if each.needs_a_hand] if "can-xem" in request.args else listed
    same = _folded(wanted) if "gom" in request.args else [[each] for each in wanted]
    pages = 1 if "tat-ca" in request.args else max(1, -(-len(same) // A_PAGE))
    page = min(max(request.args.get("trang", 1, type=int), 1), pages)
    part = same[(page - 1) * A_PAGE : page * A_PAGE] if pages > 1 else same
    hours = hours_shown(listed, day_span(day, services().zone)[0], now() if day == today() else None)
    rows = [row_of(each, hours) for each in part]
    return render_template(
        "programmes/day.html",
        form=form,
        day=day,
        before=day - ONE_DAY if day.year > FIRST_YEAR else None,
        after=day + ONE_DAY if day.year < LAST_YEAR else None,
        hours=hours,
        now_at=round(hours.place(now()), 1) if day == today() else None,
        groups=_by_unit(rows),
        figures=_figures(listed),
        total=len(wanted),
        stations=len(everyone),
        called_off=called_off,
        classes=CLASSES,
        page=page,
        pages=pages,
        a_page=A_PAGE,
        asked=_asked(),
        told_once=told_once,
        readable=current_rights().units(Act.READ),
        writable=current_rights().units(Act.WRITE),
        changes=_changes(session, rows),
    )


def _asked() -> dict[str, Any]:
    """What the address says besides the day and the page, for links that keep it."""
    kept = ("tim", "loai", "can-xem", "gom", "huy", "tat-ca")
    return {name: request.args[name] for name in kept if request.args.get(name)}


def _days(session: Session, day: date) -> list[StationDay]:
    """Every station of the units one looks at, by commune and name; retired ones where something of them is left."""
    airings, refusals = _airings(session, day), _refusals(session, day)
    stations = lookups.stations_in(session, scope_units(), day, retired=True)
    load_with_status(session, stations)
    homes, units = lookups.units_of_stations(session, day), current_rights().tree.units
    place = {unit.id: number for number, (unit, _) in enumerate(in_tree_order(scope_units()))}
    zone, holding = services().zone, Holding(session)
    calendar = Calendar(day_span(day, zone)[0], 1, zone)
    stations.sort(key=lambda each: (place.get(homes[each.id], 0), each.name, each.id))
    found = []
    for station in stations:
        own, refused = airings.get(station.id, []), refusals.get(station.id, [])
        if station.retired_at is not None and not own and not refused:
            continue
        policy = holding.of(homes[station.id], day)
        sessions = calendar.sessions(day, policy)
        found.append(
            StationDay(
                station,
                units.get(homes[station.id]),
                health(station) if day == today() else "ok",
                tuple(own),
                tuple(refused),
                sessions,
                holes_of(sessions, own, day, policy) if station.retired_at is None else (),
                curfews_of(calendar, day, policy),
            )
        )
    return found


def _airings(session: Session, day: date) -> dict[int, list[Shown]]:
    rows = session.scalars(
        select(Airing)
        .where(Airing.local_date == day, Airing.unit_id.in_(scope_units()))
        .options(
            joinedload(Airing.station).joinedload(Station.status),
            joinedload(Airing.bulletin),
            joinedload(Airing.rule),
        )
        .order_by(Airing.starts_at, Airing.id)
    ).all()
    playing = {plays(station) for station in {row.station for row in rows}}
    found: dict[int, list[Shown]] = {}
    for one in shown(session, list(rows), playing):
        found.setdefault(one.airing.station_id, []).append(one)
    return found


def _refusals(session: Session, day: date) -> dict[int, list[Refusal]]:
    stations = lookups.stations_in(session, scope_units(), day, retired=True)
    rows = session.scalars(
        select(Refusal)
        .where(Refusal.local_date == day, Refusal.station_id.in_([station.id for station in stations]))
        .options(joinedload(Refusal.bulletin), joinedload(Refusal.rule))
        .order_by(Refusal.asked_at, Refusal.id)
    )
    found: dict[int, list[Refusal]] = {}
    for row in rows:
        found.setdefault(row.station_id, []).append(row)
    return found


def _narrowed(everyone: list[StationDay]) -> tuple[list[StationDay], int]:
    """Only the stations and the class that were asked for; and how many airings that were called off are left out."""
    words, wanted = request.args.get("tim", "").strip()[:100], request.args.get("loai", "")
    found, left_out = [], 0
    for each in everyone:
        unit = each.unit.name if each.unit is not None else ""
        if words and not matches(words, each.station.name, each.station.code, unit):
            continue
        refusals = each.refusals
        # A cancelled airing whose slot is refused now is told once, with the reason of the refusal.
        held = {refusal.id for refusal in refusals}
        airings = [one for one in each.airings if one.kind != "cancelled" or one.airing.id not in held]
        if wanted in CLASSES:
            airings = [one for one in airings if one.airing.bulletin_class == wanted]
            refusals = tuple(refusal for refusal in refusals if refusal.bulletin.bulletin_class == wanted)
        listed, called_off = to_show(airings)
        left_out += called_off
        found.append(replace(each, airings=tuple(listed), refusals=refusals))
    return found, left_out


def _folded(days: Iterable[StationDay]) -> list[list[StationDay]]:
    """Stations with the same day together, in the place of the first of them."""
    found: dict[tuple[object, ...], list[StationDay]] = {}
    for each in days:
        found.setdefault(each.looks, []).append(each)
    return list(found.values())


def _by_unit(rows: list[Row]) -> list[Group]:
    """Folded ones each by itself: they are of many communes."""
    groups: list[Group] = []
    for row in rows:
        if not groups or groups[-1].unit != row.day.unit or "gom" in request.args:
            groups.append(Group(row.day.unit, []))
        groups[-1].rows.append(row)
    return groups


def _figures(days: list[StationDay]) -> dict[str, int]:
    kinds = Counter(one.kind for each in days for one in each.airings)
    return {
        "coming": kinds["planned"] + kinds["playing"],
        "sounded": kinds["complete"] + kinds["partial"] + kinds["late"],
        "missed": kinds["missed"],
        "unknown": kinds["unknown"],
        "refused": sum(len(each.unmeant) for each in days),
        "meant": sum(len(each.refusals) - len(each.unmeant) for each in days),
        "holes": sum(len(each.holes) for each in days),
        "hole_stations": sum(bool(each.holes) for each in days),
    }


def _changes(session: Session, rows: list[Row]) -> dict[str, str]:
    """Id of each refused slot to come that one may change → where."""
    slots: list[tuple[Slot, Station]] = [
        (refusal, row.day.station) for row in rows for refusal in row.day.refusals if refusal.asked_at > now()
    ]
    mine = changeable(session, [slot for slot, _ in slots])
    return {slot.id: change_address(slot, station) for slot, station in slots if slot.rule_id in mine}
