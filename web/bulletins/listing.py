"""Which bulletins a list shows, in which state, and where each airs next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin, BulletinClass, Revision, State
from broadcast.clock import day_span
from web.bulletins.acting import PER_PAGE
from web.shell.fold import matches

# What needs a hand first.
ORDER = (State.RETURNED, State.DRAFT, State.SUBMITTED, State.APPROVED, State.EXPIRED, State.WITHDRAWN)


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; empty means all."""

    state: str = ""
    bulletin_class: str = ""
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class Next:
    """The nearest airings to come: when, and on how many stations at that instant."""

    starts_at: datetime
    stations: int


@dataclass(frozen=True)
class Listed:
    bulletins: list[Bulletin]
    next: dict[int, Next]
    counts: dict[str, int]
    """State → how many there are with the other filters as asked."""
    found: int
    page: int
    pages: int


def state_column(day: date) -> ColumnElement[str]:
    """The state on `day` as SQL; joined with the latest Revision."""
    return case(
        (Bulletin.withdrawn_at.is_not(None), State.WITHDRAWN.value),
        (and_(Bulletin.valid_until.is_not(None), Bulletin.valid_until < day), State.EXPIRED.value),
        else_=Revision.state,
    )


def is_latest() -> ColumnElement[bool]:
    """Joins each Bulletin with its newest Revision."""
    other = aliased(Revision)
    newest = select(func.max(other.number)).where(other.bulletin_id == Bulletin.id).correlate(Bulletin)
    return and_(Revision.bulletin_id == Bulletin.id, Revision.number == newest.scalar_subquery())


def list_bulletins(session: Session, unit_ids: Iterable[int], day: date, now: datetime, wanted: Wanted) -> Listed:
    """One page of the bulletins of these units."""
    query = (
        select(Bulletin.id, Bulletin.title, Bulletin.code, Bulletin.source, Bulletin.field, state_column(day))
        .join(Revision, is_latest())
        .where(Bulletin.unit_id.in_(list(unit_ids)))
        .order_by(Bulletin.created_at.desc(), Bulletin.id.desc())
    )
    if wanted.bulletin_class in set(BulletinClass):
        query = query.where(Bulletin.bulletin_class == wanted.bulletin_class)
    rows = [
        (row[0], State(row[5]))
        for row in session.execute(query)
        if not wanted.words or matches(wanted.words, row.title, row.code, row.source, row.field)
    ]
    counts = Counter(state.value for _, state in rows)
    rows = sorted(
        (row for row in rows if not wanted.state or row[1] == wanted.state), key=lambda row: ORDER.index(row[1])
    )
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(wanted.page, pages)
    ids = [row[0] for row in rows[(page - 1) * PER_PAGE : page * PER_PAGE]]
    found = {
        bulletin.id: bulletin
        for bulletin in session.scalars(
            select(Bulletin)
            .where(Bulletin.id.in_(ids))
            .options(
                joinedload(Bulletin.unit),
                selectinload(Bulletin.revisions).options(
                    selectinload(Revision.approvals),
                    selectinload(Revision.renderings).joinedload(Rendering.audio),
                    joinedload(Revision.author),
                ),
            )
        )
    }
    return Listed([found[number] for number in ids], next_airings(session, ids, now), counts, len(rows), page, pages)


def next_airings(session: Session, bulletin_ids: Sequence[int], now: datetime) -> dict[int, Next]:
    """Bulletin id → its nearest airings to come; those with none are not in it."""
    first = (
        select(Airing.bulletin_id, func.min(Airing.starts_at).label("at"))
        .where(Airing.bulletin_id.in_(bulletin_ids), Airing.starts_at >= now, Airing.cancelled_at.is_(None))
        .group_by(Airing.bulletin_id)
        .subquery()
    )
    rows = session.execute(
        select(Airing.bulletin_id, Airing.starts_at, func.count())
        .join(first, and_(first.c.bulletin_id == Airing.bulletin_id, first.c.at == Airing.starts_at))
        .where(Airing.cancelled_at.is_(None))
        .group_by(Airing.bulletin_id, Airing.starts_at)
    )
    return {number: Next(at, stations) for number, at, stations in rows}


def from_above(session: Session, unit_ids: Iterable[int], station_ids: Iterable[int], day: date, zone: ZoneInfo) -> int:
    """How many airings of `day` these stations have of bulletins that belong to none of these units."""
    begin, end = day_span(day, zone)
    return (
        session.scalar(
            select(func.count())
            .select_from(Airing)
            .join(Bulletin, Bulletin.id == Airing.bulletin_id)
            .where(
                Airing.station_id.in_(list(station_ids)),
                Airing.starts_at >= begin,
                Airing.starts_at < end,
                Airing.cancelled_at.is_(None),
                Bulletin.unit_id.not_in(list(unit_ids)),
            )
        )
        or 0
    )


def coming(session: Session, *conditions: ColumnElement[bool], now: datetime) -> int:
    """How many airings that are still to end would be cancelled."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Airing)
            .where(
                *conditions,
                Airing.cancelled_at.is_(None),
                (Airing.ends_at > now) | Airing.repeats.is_(None),
            )
        )
        or 0
    )
