"""What `plan` needs to know, read in a few queries: the district once, stations and their airings batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Approval, Bulletin, Revision
from broadcast.clock import day_span, local_day
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleChange, RuleChoice, RuleTarget
from broadcast.station import Station
from broadcast.unit import Unit, UnitParent
from schedules.facts import (
    ChoiceFact,
    DatedLink,
    ExistingAiring,
    PolicyFact,
    RuleFact,
    UnitFact,
)
from schedules.facts_of import HasAudio, bulletin_fact, choice_fact, policy_fact, rule_fact, unit_key
from schedules.placing.calendar import earliest_needed
from schedules.scope import Scope, scope_of

_WITH_SOUND = (
    selectinload(Bulletin.revisions).options(
        selectinload(Revision.approvals).joinedload(Approval.audio),
        selectinload(Revision.renderings).joinedload(Rendering.audio),
    ),
)


@dataclass
class District:
    """Everything but stations and airings: read once for all batches of stations."""

    units: list[UnitFact]
    policies: list[PolicyFact]
    rules: list[RuleFact]
    code_of_unit: dict[int, str]
    rule_ids: dict[str, int]
    bulletin_ids: dict[str, int]
    revision_ids: dict[tuple[str, str | None], int]
    """(bulletin code, audio hash or None for a relay) → the approved revision."""
    relays: dict[int, str] = field(default_factory=dict)
    """Revision id → relay address, for airings that have no hash."""

    @cached_property
    def rule_codes(self) -> dict[int, str]:
        return {number: code for code, number in self.rule_ids.items()}

    @cached_property
    def bulletin_codes(self) -> dict[int, str]:
        return {number: code for code, number in self.bulletin_ids.items()}


def load_district(
    session: Session,
    now: datetime,
    zone: ZoneInfo,
    has_audio: HasAudio | None = None,
    only: Sequence[int] | None = None,
) -> District:
    """Units, policies and the rules that may still ask for something on or after today.

    `has_audio` says whether the store holds a file; without it every approved sound counts as there. `only` are ids of
    stations: what no plan of these depends on is left out.
    """
    scope = None if only is None else scope_of(session, only, earliest_needed(now, zone))
    names = {row.id: row for row in session.execute(select(Unit.id, Unit.code, Unit.name))}
    code_of_unit = {number: unit_key(row.code) for number, row in names.items()}
    rules = _rules(session, now, zone, scope)
    bulletins = {link.bulletin.id: link.bulletin for rule in rules for link in rule.bulletins}
    bulletins |= {
        change.bulletin.id: change.bulletin for rule in rules for change in rule.changes if change.bulletin is not None
    }
    facts = {number: bulletin_fact(bulletin, code_of_unit, zone, has_audio) for number, bulletin in bulletins.items()}
    revision_ids: dict[tuple[str, str | None], int] = {}
    relays: dict[int, str] = {}
    for bulletin in bulletins.values():
        revision = bulletin.airing_revision
        if revision is not None:
            for approval in revision.approvals:
                revision_ids[bulletin.code, approval.audio_sha256] = revision.id
            if revision.relay_url is not None:
                relays[revision.id] = revision.relay_url
    parents, choices = _parents(session, code_of_unit, scope), _choices(session, scope)
    # whoever made a rule is named where it is in the way of another
    units = names if scope is None else scope.units | {rule.unit_id for rule in rules}
    policies = select(Policy).order_by(Policy.id)
    if scope is not None:
        policies = policies.where(Policy.unit_id.in_(scope.units))
    return District(
        units=[
            UnitFact(code_of_unit[number], names[number].name, parents.get(number, ()), choices.get(number, ()))
            for number in sorted(units)
        ],
        policies=[policy_fact(policy, code_of_unit) for policy in session.scalars(policies)],
        rules=[rule_fact(rule, facts, code_of_unit) for rule in rules],
        code_of_unit=code_of_unit,
        rule_ids={rule.code: rule.id for rule in rules},
        bulletin_ids={bulletin.code: bulletin.id for bulletin in bulletins.values()},
        revision_ids=revision_ids,
        relays=relays,
    )


def _rules(session: Session, now: datetime, zone: ZoneInfo, scope: Scope | None) -> Sequence[Rule]:
    today = local_day(now, zone)
    living = (
        select(Rule)
        .where(or_(Rule.until_on.is_(None), Rule.until_on >= today))
        .where(or_(Rule.stopped_at.is_(None), Rule.stopped_at >= day_span(today, zone)[0]))
    )
    if scope is not None:
        living = living.where(Rule.id.in_(scope.rules))
    return session.scalars(
        living.options(
            selectinload(Rule.targets).joinedload(RuleTarget.station),
            selectinload(Rule.bulletins).joinedload(RuleBulletin.bulletin).options(*_WITH_SOUND),
            selectinload(Rule.changes).options(
                joinedload(RuleChange.station), joinedload(RuleChange.bulletin).options(*_WITH_SOUND)
            ),
        )
    ).all()


def _parents(session: Session, code_of_unit: dict[int, str], scope: Scope | None) -> dict[int, tuple[DatedLink, ...]]:
    """Unit id → its links upwards. Plain rows: a country has ten thousand."""
    links = select(UnitParent.unit_id, UnitParent.parent_id, UnitParent.from_on, UnitParent.until_on)
    if scope is not None:
        links = links.where(UnitParent.unit_id.in_(scope.units))
    found: dict[int, tuple[DatedLink, ...]] = {}
    for unit_id, parent_id, from_on, until_on in session.execute(links.order_by(UnitParent.from_on, UnitParent.id)):
        found[unit_id] = (*found.get(unit_id, ()), DatedLink(code_of_unit[parent_id], from_on, until_on))
    return found


def _choices(session: Session, scope: Scope | None) -> dict[int, tuple[ChoiceFact, ...]]:
    """Unit id → what it chose about rules."""
    chosen = select(RuleChoice).options(joinedload(RuleChoice.rule)).order_by(RuleChoice.id)
    if scope is not None:
        chosen = chosen.where(RuleChoice.unit_id.in_(scope.units))
    found: dict[int, tuple[ChoiceFact, ...]] = {}
    for choice in session.scalars(chosen):
        found[choice.unit_id] = (*found.get(choice.unit_id, ()), choice_fact(choice))
    return found


def load_stations(session: Session, station_ids: Sequence[int]) -> list[Station]:
    """The stations of one batch with their units; retired ones are asked for nothing and left out by their links."""
    return list(
        session.scalars(
            select(Station).where(Station.id.in_(station_ids)).options(selectinload(Station.units)).order_by(Station.id)
        )
    )


def existing_airings(
    session: Session,
    stations: Sequence[Station],
    district: District,
    now: datetime,
    zone: ZoneInfo,
    since: date | None = None,
) -> list[ExistingAiring]:
    """The rows `plan` has to know: from yesterday on, and whatever still repeats until it is stopped.

    With `since` the rows from that local day on are there too, for people who look at the past.
    """
    earliest = earliest_needed(now, zone)
    if since is not None:
        earliest = min(earliest, day_span(since, zone)[0])
    code_of = {station.id: station.code for station in stations}
    rows = session.execute(
        select(
            Airing.id,
            Airing.station_id,
            Airing.rule_id,
            Airing.bulletin_id,
            Airing.local_date,
            Airing.slot_key,
            Airing.asked_at,
            Airing.starts_at,
            Airing.ends_at,
            Airing.latest_start_at,
            Airing.bulletin_class,
            Airing.audio_sha256,
            Airing.revision_id,
            Airing.duration_ms,
            Airing.repeats,
            Airing.gap_ms,
            Airing.approved_by_name,
            Airing.cancelled_at,
        ).where(
            Airing.station_id.in_(list(code_of)),
            or_(
                Airing.starts_at >= earliest,
                and_(Airing.repeats.is_(None), Airing.cancelled_at.is_(None)),
            ),
        )
    ).all()
    unknown_rules = {row.rule_id for row in rows} - district.rule_codes.keys()
    rule_codes = district.rule_codes | _codes(session, Rule, unknown_rules)
    unknown_bulletins = {row.bulletin_id for row in rows} - district.bulletin_codes.keys()
    bulletin_codes = district.bulletin_codes | _codes(session, Bulletin, unknown_bulletins)
    return [
        ExistingAiring(
            id=row.id,
            station_id=code_of[row.station_id],
            rule_id=rule_codes[row.rule_id],
            bulletin_id=bulletin_codes[row.bulletin_id],
            local_on=row.local_date,
            slot_key=row.slot_key,
            asked_at=row.asked_at,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            latest_start_at=row.latest_start_at,
            bulletin_class=row.bulletin_class,
            audio=row.audio_sha256,
            relay=district.relays.get(row.revision_id) if row.audio_sha256 is None else None,
            duration_ms=row.duration_ms,
            repeats=row.repeats,
            gap_ms=row.gap_ms,
            approved_by=row.approved_by_name,
            state="planned" if row.cancelled_at is None else "cancelled",
        )
        for row in rows
    ]


def _codes(session: Session, noun: type[Rule] | type[Bulletin], ids: Iterable[int]) -> dict[int, str]:
    return dict(session.execute(select(noun.id, noun.code).where(noun.id.in_(list(ids)))).all())
