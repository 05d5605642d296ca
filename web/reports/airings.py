"""The airings behind the figures of a report, narrowed by station, bulletin, outcome and reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.outcome import Outcome, OutcomeKind
from broadcast.reports.counted import Counted, Stretch, counted, due, stretches
from broadcast.reports.words import reason_in_words
from broadcast.station import Station
from web.bulletins.acting import page_asked
from web.reports.asked import Asked
from web.services import services

A_PAGE = 100
# In the address, beside the kinds themselves: all that were due and not cancelled.
PLANNED = "den-gio"
_GROUPS = {PLANNED: tuple(kind for kind in OutcomeKind if kind is not OutcomeKind.CANCELLED)}


@dataclass(frozen=True)
class Line:
    """One airing as the list shows it."""

    airing_id: str
    unit_id: int
    starts_at: datetime
    station: str
    bulletin: str
    bulletin_class: str
    outcome: Outcome

    @property
    def reason(self) -> str:
        kind, code = self.outcome.kind, self.outcome.reason
        return reason_in_words(kind, code) if code else ""


@dataclass(frozen=True)
class Listed:
    """One page of them, the newest first, and what they may be narrowed to."""

    lines: list[Line]
    total: int
    page: int
    pages: int
    stations: list[tuple[str, str]]
    bulletins: list[tuple[str, str]]
    reason: str
    """The reason asked for, in words."""


def list_airings(session: Session, asked: Asked, args: MultiDict[str, str], as_of: datetime) -> Listed:
    """What `args` names and nobody has gives an empty list: a station of another unit is not told from none."""
    days = stretches(session, asked.unit, asked.from_on, asked.until_on)
    kinds, reason = _kinds(args.get("ket-qua", "")), args.get("ly-do", "")
    found = _ids(session, days, as_of, kinds, reason, _narrowed(args))
    pages = max(1, -(-len(found) // A_PAGE))
    page = min(page_asked(args.get("trang")), pages)
    shown = counted(session, days, as_of, services().zone, Airing.id.in_(found[(page - 1) * A_PAGE : page * A_PAGE]))
    said = reason_in_words(kinds[0] if len(kinds) == 1 else OutcomeKind.MISSED, reason) if reason else ""
    return Listed(_lines(session, list(shown)), len(found), page, pages, *_choices(session, days, as_of), said)


def _ids(
    session: Session,
    days: list[Stretch],
    as_of: datetime,
    kinds: tuple[OutcomeKind, ...],
    reason: str,
    only: list[ColumnElement[bool]],
) -> list[str]:
    """Ids of what matches, the newest first. Outcomes are worked out only where they are asked for."""
    zone = services().zone
    if not kinds and not reason:
        found = [
            airing_id
            for stretch in days
            for airing_id in session.scalars(
                select(Airing.id).where(*due(stretch, as_of, zone), *only).order_by(Airing.starts_at, Airing.id)
            )
        ]
    else:
        found = [
            one.airing_id
            for one in counted(session, days, as_of, zone, *only)
            if (not kinds or one.outcome.kind in kinds) and (not reason or one.outcome.reason == reason)
        ]
    return found[::-1]


def _lines(session: Session, shown: list[Counted]) -> list[Line]:
    stations = dict(
        session.execute(select(Station.id, Station.name).where(Station.id.in_({one.station_id for one in shown}))).all()
    )
    bulletins = {
        row.id: row
        for row in session.execute(
            select(Bulletin.id, Bulletin.title, Bulletin.bulletin_class).where(
                Bulletin.id.in_({one.bulletin_id for one in shown})
            )
        )
    }
    return [
        Line(
            one.airing_id,
            one.unit_id,
            one.starts_at,
            stations[one.station_id],
            bulletins[one.bulletin_id].title,
            bulletins[one.bulletin_id].bulletin_class,
            one.outcome,
        )
        for one in reversed(shown)
    ]


def _choices(
    session: Session, days: list[Stretch], as_of: datetime
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(code, name) of the stations and of the bulletins that had an airing, by name."""
    zone = services().zone
    stations: dict[str, str] = {}
    bulletins: dict[str, str] = {}
    for stretch in days:
        aired = due(stretch, as_of, zone)
        stations |= dict(
            session.execute(
                select(Station.code, Station.name).where(Station.id.in_(select(Airing.station_id).where(*aired)))
            ).all()
        )
        bulletins |= dict(
            session.execute(
                select(Bulletin.code, Bulletin.title).where(Bulletin.id.in_(select(Airing.bulletin_id).where(*aired)))
            ).all()
        )
    return _by_name(stations), _by_name(bulletins)


def _by_name(names: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda item: (item[1], item[0]))


def _kinds(text: str) -> tuple[OutcomeKind, ...]:
    """Empty is all."""
    if text in _GROUPS:
        return _GROUPS[text]
    return tuple(kind for kind in OutcomeKind if kind.value == text)


def _narrowed(args: MultiDict[str, str]) -> list[ColumnElement[bool]]:
    only: list[ColumnElement[bool]] = []
    if code := args.get("tram"):
        only.append(Airing.station_id.in_(select(Station.id).where(Station.code == code)))
    if code := args.get("ban-tin"):
        only.append(Airing.bulletin_id.in_(select(Bulletin.id).where(Bulletin.code == code)))
    return only
