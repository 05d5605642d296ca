"""Which stations an act concerns: they are planned again at once, and the rest of the country is left in peace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, insert, or_, select, union
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.rule import Rule, RuleBulletin, RuleChange, RuleTarget
from broadcast.span import Dated
from broadcast.station import Station, StationUnit
from broadcast.tally import PROGRAMME, StaleStation, bump, plan_is_stale
from broadcast.unit import Unit, UnitParent

WHOLE_FROM = 4
"""Where more than one station in so many is concerned, all are planned: one planning instead of two."""

_A_DAY = timedelta(days=1)


def rule_changed(session: Session, rule: Rule, today: date) -> None:
    """Every station that `rule` reaches on local day `today` or later, and every one that still holds of it what is to
    come, is planned again. To be called once the rule is flushed, and before its targets are changed as well."""
    _rules_changed(session, [rule.id], today)


def bulletin_changed(session: Session, bulletin_id: int, today: date) -> None:
    """The same for all rules that name the bulletin: it was approved, withdrawn, or holds on other days."""
    naming = (select(model.rule_id).where(model.bulletin_id == bulletin_id) for model in (RuleBulletin, RuleChange))
    # a rule that ended yesterday may still sound: what crosses midnight
    still = or_(Rule.until_on.is_(None), Rule.until_on >= today - _A_DAY)
    _rules_changed(session, session.scalars(select(Rule.id).where(Rule.id.in_(union(*naming)), still)).all(), today)


def units_changed(session: Session, unit_ids: Iterable[int], today: date) -> None:
    """Every station that lies in one of these units, or below, on local day `today` or later."""
    units = select(Unit.id).where(Unit.id.in_(list(unit_ids)))
    stations_changed(session, session.scalars(_stations_below(units, today)).all())


def stations_changed(session: Session, station_ids: Iterable[int]) -> None:
    """These stations are planned again; every station, where these are more than a quarter."""
    stale = set(station_ids)
    if not stale:
        return
    if _is_much(session, len(stale)):
        plan_is_stale(session)
        return
    session.execute(insert(StaleStation), [{"station_id": number} for number in sorted(stale)])
    # what was withdrawn or stopped leaves a programme before it is planned: whoever waits for one looks now
    bump(session, PROGRAMME)


def _rules_changed(session: Session, rule_ids: Sequence[int], today: date) -> None:
    if not rule_ids:
        return
    reached = set(session.scalars(_reached_by(rule_ids, today)))
    if not _is_much(session, len(reached)):
        reached.update(session.scalars(_holding(session, rule_ids, today)))
    stations_changed(session, reached)


def _is_much(session: Session, number: int) -> bool:
    return number * WHOLE_FROM > (session.scalar(select(func.count()).select_from(Station)) or 0)


def _reached_by(rule_ids: Sequence[int], today: date) -> CompoundSelect[Any]:
    """Stations that the rules name, and those in or below the units that they name."""
    units = select(RuleTarget.unit_id).where(RuleTarget.rule_id.in_(rule_ids), RuleTarget.unit_id.is_not(None))
    named = select(RuleTarget.station_id).where(RuleTarget.rule_id.in_(rule_ids), RuleTarget.station_id.is_not(None))
    return union(named, _stations_below(units, today))


def _stations_below(units: Select[Any], today: date) -> Select[Any]:
    """By every link of `today` or later, also one that begins next year: a few stations too many do no harm."""
    below = units.cte("below", recursive=True)
    (unit_id,) = below.c
    below = below.union(select(UnitParent.unit_id).where(UnitParent.parent_id == unit_id, _not_over(UnitParent, today)))
    return select(StationUnit.station_id).where(
        StationUnit.unit_id.in_(select(below.c[0])), _not_over(StationUnit, today)
    )


def _not_over(link: type[Dated], today: date) -> ColumnElement[bool]:
    return or_(link.until_on.is_(None), link.until_on >= today)


def _holding(session: Session, rule_ids: Sequence[int], today: date) -> CompoundSelect[Any]:
    """Stations with airings of the rules that are not over, or refusals to come."""
    since = datetime.combine(today - _A_DAY, time(), UTC)  # nothing but an emergency sounds for a day
    running = session.scalar(select(func.min(Rule.starts_at)).where(Rule.id.in_(rule_ids), Rule.stopped_at.is_(None)))
    return union(
        select(Airing.station_id).where(
            Airing.rule_id.in_(rule_ids),
            Airing.starts_at >= min(since, running or since),
            Airing.cancelled_at.is_(None),
        ),
        select(Refusal.station_id).where(Refusal.rule_id.in_(rule_ids), Refusal.asked_at >= since),
    )
