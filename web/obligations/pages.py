"""Chỉ tiêu: the list with the worst first, and one obligation as stations × days with what mends it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from broadcast.rights import Act
from broadcast.station import Station
from schedules.obligations.owing import Span
from schedules.obligations.standing import Standing, standing
from web.bulletins.acting import PER_PAGE, page_asked
from web.obligations import editing, finding, mending
from web.obligations.board import (
    DAYS_AT_ONCE,
    GROUPS_AT_ONCE,
    NAMES_AT_ONCE,
    days_to_show,
    lines,
    marks,
    rows,
    states_words,
)
from web.obligations.words import STATES, told_of
from web.rules.days import parse_day
from web.rules.words import span_words
from web.services import services
from web.shell.access import current_rights, db_reading, in_tree_order, needs, now, scope_units, today
from web.shell.fold import matches

blueprint = Blueprint("obligations", __name__)
editing.add_to(blueprint)
mending.add_to(blueprint)

TABS = (("", "Đang và sắp thực hiện"), ("over", "Đã qua, đã thôi"))


@blueprint.get("/chi-tieu")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    """?tim=…&trang-thai=over&trang=2"""
    session = db_reading()
    words = request.args.get("tim", "").strip()[:100]
    over = request.args.get("trang-thai") == "over"
    found = [row for row in finding.seen(session) if told_of(row).is_over == over]
    if words:
        found = [row for row in found if matches(words, row.bulletin.title, told_of(row).places, row.source)]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page_asked(request.args.get("trang")), pages)
    station_ids = finding.stations_below(session, scope_units())
    if over:
        # what is over is only looked up: a page of them is counted, not all
        listed = lines(session, found[(page - 1) * PER_PAGE : page * PER_PAGE], station_ids)
    else:
        listed = lines(session, found, station_ids)[(page - 1) * PER_PAGE : page * PER_PAGE]
    return render_template(
        "obligations/index.html",
        lines=listed,
        tabs=TABS,
        over=over,
        words=words,
        page=page,
        pages=pages,
        states=STATES,
        states_words=states_words,
    )


@blueprint.get("/chi-tieu/<int(max=2147483647):number>")
@needs(Act.READ)
def show(number: int) -> ResponseReturnValue:
    """?don-vi=X1&tu=2026-11-16&trang=2"""
    session = db_reading()
    obligation = finding.obligation(session, number)
    unit = request.args.get("don-vi", "")
    station_ids = finding.looked_at(session, unit)
    made = standing(session, obligation, now(), services().zone, station_ids=station_ids)
    shown = days_to_show(made, _day(request.args.get("tu")))
    stations = session.execute(select(Station.id, Station.code, Station.name)).all()
    names = {row.id: row.name for row in stations}
    by_code = {row.code: row.name for row in stations}
    grouped = rows(made, shown, names) if shown else []
    pages = max(1, -(-len(grouped) // GROUPS_AT_ONCE))
    page = min(page_asked(request.args.get("trang")), pages)
    rights = current_rights()
    return render_template(
        "obligations/show.html",
        obligation=obligation,
        told=told_of(obligation),
        made=made,
        shown=shown,
        days=shown.days() if shown else [],
        before=_before(made, shown),
        after=_after(made, shown),
        span_words=lambda days: ", ".join(span_words([day.isoformat() for day in days])),
        marks=marks(made, shown) if shown else [],
        rows=grouped[(page - 1) * GROUPS_AT_ONCE : page * GROUPS_AT_ONCE],
        groups=len(grouped),
        page=page,
        pages=pages,
        names_at_once=NAMES_AT_ONCE,
        states=STATES,
        mending=mending.offered(session, made) if made.short else None,
        may_write=mending.owner_of(obligation) is not None,
        in_names=lambda codes: sorted(by_code.get(code, code) for code in codes),
        units=[(each.code, "\u2003" * depth + each.name) for each, depth in in_tree_order(scope_units())],
        unit=unit,
        may_change=rights.may(Act.OBLIGE, finding.keeper_of(obligation)) and obligation.ended_at is None,
        may_read_bulletin=rights.may(Act.READ, obligation.bulletin.unit_id),
        may_read_dispatch=obligation.dispatch is not None and rights.may(Act.READ, obligation.dispatch.unit_id),
        is_over=obligation.until_on < today(),
    )


def _before(made: Standing, shown: Span | None) -> date | None:
    """The first day of the page before; None where this is the first."""
    if shown is None or made.span is None or shown.from_on <= made.span.from_on:
        return None
    return max(shown.from_on - timedelta(days=DAYS_AT_ONCE), made.span.from_on)


def _after(made: Standing, shown: Span | None) -> date | None:
    if shown is None or made.span is None or shown.until_on >= made.span.until_on:
        return None
    return shown.until_on + timedelta(days=1)


def _day(written: str | None) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return parse_day(written, now())
