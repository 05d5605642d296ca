"""What the plan of a few stations depends on: the units above them, and the rules that reach or have reached them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, union
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.rule import RuleBulletin, RuleChange, RuleTarget
from broadcast.station import StationUnit
from broadcast.unit import UnitParent


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids of rows. Some too many do no harm: who is not asked by a rule is not planned by it."""

    units: frozenset[int]
    rules: frozenset[int]


def scope_of(session: Session, station_ids: Sequence[int], earliest: datetime) -> Scope:
    """By links of any date. `earliest`: airings from there on are looked at, as `existing_airings` does: the rule of
    one and all that its bulletin is aired by may say what becomes of it while it sounds."""
    units = _chains(session, station_ids)
    held = session.execute(
        select(Airing.rule_id, Airing.bulletin_id)
        .where(
            Airing.station_id.in_(station_ids),
            or_(Airing.starts_at >= earliest, and_(Airing.repeats.is_(None), Airing.cancelled_at.is_(None))),
        )
        .distinct()
    ).all()
    bulletins = {row.bulletin_id for row in held}
    reaching = select(RuleTarget.rule_id).where(
        or_(RuleTarget.unit_id.in_(units), RuleTarget.station_id.in_(station_ids))
    )
    naming = (
        select(RuleBulletin.rule_id).where(RuleBulletin.bulletin_id.in_(bulletins)),
        select(RuleChange.rule_id).where(RuleChange.bulletin_id.in_(bulletins)),
    )
    rules = session.scalars(union(reaching, *naming)).all()
    return Scope(frozenset(units), frozenset(rules) | {row.rule_id for row in held})


def _chains(session: Session, station_ids: Sequence[int]) -> set[int]:
    """The units that the stations lie in, and all above them."""
    homes = select(StationUnit.unit_id).where(StationUnit.station_id.in_(station_ids))
    chain = homes.cte("chain", recursive=True)
    chain = chain.union(select(UnitParent.parent_id).join(chain, UnitParent.unit_id == chain.c.unit_id))
    return set(session.scalars(select(chain.c.unit_id)))
