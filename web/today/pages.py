"""Hôm nay: four figures, what needs a hand, and the day as lanes. The parts refresh themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.bulletin import State
from broadcast.clock import instant_of
from broadcast.dispatch import Dispatch
from broadcast.reports.figures import Counts
from broadcast.rights import Act
from broadcast.station import Station
from web.airings import Shown, shown
from web.called_off import to_show
from web.services import services
from web.shell import lookups
from web.shell.access import current_rights, db_reading, needs, now, scope, scope_units, today
from web.shell.formats import vn_date, vn_time
from web.stations.health import health, plays
from web.today.lanes import Lane, hours_of, lane, needing_a_hand_first
from web.today.troubles import latest_in, troubles

blueprint = Blueprint("today", __name__)

LANES_AT_ONCE = 40
DISPATCH_SPEAKS = timedelta(days=60)
"""A dispatch's "report daily" is shown for so long after its receipt."""


@dataclass(frozen=True)
class Deadline:
    """The next instant by which a dispatch wants a report."""

    at: datetime
    dispatch: Dispatch


@blueprint.get("/")
@needs(Act.READ)
def board() -> ResponseReturnValue:
    return render_template("today/board.html", **_board())


@blueprint.get("/hom-nay/bang")
@needs(Act.READ)
def board_part() -> ResponseReturnValue:
    return render_template("today/_board.html", **_board())


def _board() -> dict[str, Any]:
    session, day = db_reading(), today()
    stations = _with_status(session, lookups.stations_in(session, scope_units(), day))
    airings = shown(session, _airings_of(session, day), {plays(station) for station in stations})
    drawn, called_off = to_show(airings)
    hours = hours_of(day, [one.airing.starts_at for one in drawn], now(), services().zone)
    by_station: dict[int, list[Shown]] = {}
    for one in drawn:
        by_station.setdefault(one.airing.station_id, []).append(one)
    asked_args = {"don-vi": scope().code, "tu": day.isoformat(), "den": day.isoformat()}
    lanes = needing_a_hand_first(
        [lane(station, health(station), by_station.get(station.id, []), hours) for station in stations]
    )
    return {
        "stations": stations,
        "counts": counts_of(airings),
        "to_come": sum(one.kind == "planned" for one in airings),
        "asked_args": asked_args,
        "others": _others(airings, asked_args),
        "called_off": called_off,
        "silent": sum(health(station) == "silent" for station in stations),
        "waiting": len(latest_in(session, State.SUBMITTED, scope_units())),
        "deadline": next_deadline(session),
        "troubles": troubles(session, stations, airings),
        "hours": hours,
        # To the minute: a part that did not change is not sent again.
        "now_at": round(hours.place(now()), 1),
        "lanes": _page_of(lanes),
        "lanes_in_all": len(lanes),
        "lanes_at_once": LANES_AT_ONCE,
        "all_lanes": "tat-ca" in request.args,
    }


def _page_of(lanes: list[Lane]) -> list[Lane]:
    return lanes if "tat-ca" in request.args else lanes[:LANES_AT_ONCE]


def _with_status(session: Session, stations: list[Station]) -> list[Station]:
    """Their last words and links in two queries instead of two for each."""
    ids = [station.id for station in stations]
    session.scalars(
        select(Station).where(Station.id.in_(ids)).options(joinedload(Station.status), selectinload(Station.units))
    ).all()
    return stations


def counts_of(airings: list[Shown]) -> Counts:
    """The figures of the report of this day, up to now: one count on the board, in the report and in its lists."""
    counts = Counts()
    for one in airings:
        if one.outcome.due:
            counts.add(one.outcome)
    return counts


def _others(airings: list[Shown], asked_args: dict[str, Any]) -> list[tuple[str, int, str]]:
    """(state, number, list of just these): what is neither sounded whole nor still to come. What plays at this moment
    is no riddle, though nothing is proven of it yet."""
    counts = Counter(one.kind for one in airings)
    proven = [
        (kind, counts[kind], url_for("reports.airings", **{**asked_args, "ket-qua": kind}))
        for kind in ("missed", "partial", "late")
    ]
    lists: dict[str, dict[str, Any]] = {kind: {"ket-qua": kind} for kind in ("playing", "unknown")}
    return proven + [(kind, counts[kind], url_for("airings.index", **lists[kind])) for kind in lists]


def _airings_of(session: Session, day: date) -> list[Airing]:
    """All of the day's in the units one looks at, as a report counts them: those of retired stations too."""
    return list(
        session.scalars(
            select(Airing)
            .where(Airing.local_date == day, Airing.unit_id.in_(scope_units()))
            .options(joinedload(Airing.station), joinedload(Airing.bulletin))
            .order_by(Airing.starts_at)
        )
    )


def next_deadline(session: Session) -> Deadline | None:
    """The first deadline still to come that a dispatch received lately names."""
    lately = session.scalars(
        select(Dispatch).where(
            Dispatch.unit_id.in_(current_rights().units(Act.READ)), Dispatch.received_at > now() - DISPATCH_SPEAKS
        )
    )
    coming = [
        Deadline(at, dispatch)
        for dispatch in lately
        for told in dispatch.parsed.get("deadlines") or ()
        if (at := _next_instant(told)) is not None
    ]
    return min(coming, key=lambda each: each.at, default=None)


def _next_instant(told: dict[str, Any]) -> datetime | None:
    try:
        wall = time.fromisoformat(told.get("time") or "23:59")
        on = date.fromisoformat(told["on"]) if told.get("on") else None
    except ValueError:
        return None
    if told.get("cadence") == "once" or on is not None:
        at = instant_of(on, wall, services().zone) if on is not None else None
        return at if at is not None and at > now() else None
    for days in range(8):
        day = today() + timedelta(days=days)
        if told.get("weekday") and day.isoweekday() != told["weekday"]:
            continue
        if (at := instant_of(day, wall, services().zone)) > now():
            return at
    return None


def said_of_deadline(deadline: Deadline) -> str:
    """`15:00 hôm nay`, `15:00 ngày mai`, `10:00 27/11/2026`."""
    day = deadline.at.astimezone(services().zone).date()
    when = {today(): "hôm nay", today() + timedelta(days=1): "ngày mai"}.get(day, vn_date(day))
    return f"{vn_time(deadline.at)} {when}"


blueprint.add_app_template_filter(said_of_deadline)
