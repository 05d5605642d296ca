"""A station told of what it aired: a rule that ends when its obligation is met may have nothing more to ask there."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.replanning import stations_changed
from broadcast.rule import Rule, RuleBulletin


def heard(session: Session, station_id: int, airing_ids: Collection[str | None]) -> None:
    """The station is planned again where one of these was of a bulletin that a rule airs until it is met."""
    ending = (
        select(RuleBulletin.bulletin_id)
        .join(Rule, Rule.id == RuleBulletin.rule_id)
        .where(Rule.ends_when_met, Rule.stopped_at.is_(None))
    )
    told = {airing_id for airing_id in airing_ids if airing_id is not None}
    if told and session.scalar(select(Airing.id).where(Airing.id.in_(told), Airing.bulletin_id.in_(ending)).limit(1)):
        stations_changed(session, [station_id])
