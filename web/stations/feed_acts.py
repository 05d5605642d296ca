"""Đường dẫn lịch of a station: making one, revoking it, and finding it by its token."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from broadcast.audit_event import Actor, record
from broadcast.errors import Conflict, NotFound
from broadcast.person import Person, token_hash
from broadcast.station import Station
from broadcast.station_feed import StationFeed

MOST = 50
"""Living links of one station: more than there are phones in a commune's office."""


def make_feed(
    session: Session, actor: Actor, station: Station, name: str, *, unit_id: int | None, now: datetime
) -> str:
    """The token of a new link, which is kept as a hash only. Raises Conflict where there are too many already."""
    living = select(func.count()).where(StationFeed.station_id == station.id, StationFeed.ended_at.is_(None))
    if (session.scalar(living) or 0) >= MOST:
        raise Conflict(f"Trạm đã có {MOST} đường dẫn lịch. Hãy thu hồi những đường dẫn không còn ai dùng.")
    token = secrets.token_urlsafe(32)
    feed = StationFeed(
        station_id=station.id,
        token_hash=token_hash(token),
        name=name,
        created_at=now,
        created_by_id=actor.person_id,
    )
    session.add(feed)
    session.flush()
    record(session, actor, "add", "feed", feed.id, f"{name}, {station.name}", now=now, unit_id=unit_id)
    return token


def end_feed(
    session: Session, actor: Actor, station: Station, feed: StationFeed, *, unit_id: int | None, now: datetime
) -> None:
    """Nobody reads by it any more. One that has ended stays as it is."""
    if feed.ended_at is not None:
        return
    feed.ended_at = now
    record(session, actor, "end", "feed", feed.id, f"{feed.name}, {station.name}", now=now, unit_id=unit_id)


def feed_of(session: Session, station: Station, feed_id: int) -> StationFeed:
    """Raises NotFound for one of another station too."""
    feed = session.get(StationFeed, feed_id)
    if feed is None or feed.station_id != station.id:
        raise NotFound("Không tìm thấy đường dẫn lịch này ở trạm.")
    return feed


def living_feeds(session: Session, station: Station) -> Sequence[tuple[StationFeed, str]]:
    """Each with the name of who made it, newest first."""
    rows = session.execute(
        select(StationFeed, Person.name)
        .outerjoin(Person, Person.id == StationFeed.created_by_id)
        .where(StationFeed.station_id == station.id, StationFeed.ended_at.is_(None))
        .order_by(StationFeed.id.desc())
    )
    return [(feed, name or "") for feed, name in rows]


def feed_by_token(session: Session, token: str) -> StationFeed | None:
    """Ended ones too. Looked up by the hash: how long it takes tells nothing of the token."""
    return session.scalar(
        select(StationFeed).where(StationFeed.token_hash == token_hash(token)).options(joinedload(StationFeed.station))
    )
