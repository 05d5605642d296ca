"""Rows → the facts that `plan` is told. Ids of facts are the codes, which never change and name airings for good.

Units are `unit/CODE` there, so that a station may have the code of its unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from broadcast.airing import Airing
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Approval, Bulletin, Revision
from broadcast.clock import day_span, local_day
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.span import Dated
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitParent
from schedules.calendar import earliest_needed
from schedules.facts import (
    AudioFact,
    BulletinFact,
    DatedLink,
    ExistingAiring,
    PolicyFact,
    RuleFact,
    SessionFact,
    StationFact,
    UnitFact,
    WallSpan,
)

WINDOW_DAYS = 15
"""Today and the next 14 local days (DESIGN §5.1)."""

WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}

HasAudio = Callable[[str], bool]


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


def unit_key(code: str) -> str:
    """The id of a unit among facts."""
    return f"unit/{code}"


def load_district(session: Session, now: datetime, zone: ZoneInfo, has_audio: HasAudio | None = None) -> District:
    """Units, policies and the rules that may still ask for something on or after today.

    `has_audio` says whether the store holds a file; without it every approved sound counts as there.
    """
    today = local_day(now, zone)
    units = session.scalars(select(Unit).options(selectinload(Unit.parents).joinedload(UnitParent.parent))).all()
    code_of_unit = {unit.id: unit_key(unit.code) for unit in units}
    rules = session.scalars(
        select(Rule)
        .where(or_(Rule.until_on.is_(None), Rule.until_on >= today))
        .where(or_(Rule.stopped_at.is_(None), Rule.stopped_at >= day_span(today, zone)[0]))
        .options(
            selectinload(Rule.targets).joinedload(RuleTarget.station),
            selectinload(Rule.bulletins)
            .joinedload(RuleBulletin.bulletin)
            .selectinload(Bulletin.revisions)
            .options(
                selectinload(Revision.approvals).joinedload(Approval.audio),
                selectinload(Revision.renderings).joinedload(Rendering.audio),
            ),
        )
    ).all()
    bulletins = {link.bulletin.id: link.bulletin for rule in rules for link in rule.bulletins}
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
    return District(
        units=[
            UnitFact(unit_key(unit.code), unit.name, _links(unit.parents, code_of_unit, "parent_id")) for unit in units
        ],
        policies=[policy_fact(policy, code_of_unit) for policy in session.scalars(select(Policy).order_by(Policy.id))],
        rules=[rule_fact(rule, facts, code_of_unit) for rule in rules],
        code_of_unit=code_of_unit,
        rule_ids={rule.code: rule.id for rule in rules},
        bulletin_ids={bulletin.code: bulletin.id for bulletin in bulletins.values()},
        revision_ids=revision_ids,
        relays=relays,
    )


def load_stations(session: Session, station_ids: Sequence[int]) -> list[Station]:
    """The stations of one batch with their units; retired ones are asked for nothing and left out by their links."""
    return list(
        session.scalars(
            select(Station).where(Station.id.in_(station_ids)).options(selectinload(Station.units)).order_by(Station.id)
        )
    )


def station_fact(station: Station, code_of_unit: dict[int, str], zone: ZoneInfo) -> StationFact:
    """A retired station belongs nowhere from the day after its retirement."""
    links = _links(station.units, code_of_unit, "unit_id")
    if station.retired_at is not None:
        last = local_day(station.retired_at, zone)
        links = tuple(
            DatedLink(link.unit_id, link.from_on, min(link.until_on or last, last))
            for link in links
            if link.from_on is None or link.from_on <= last
        )
    return StationFact(station.code, links)


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


def _links(rows: Sequence[Dated], code_of_unit: dict[int, str], column: str) -> tuple[DatedLink, ...]:
    return tuple(DatedLink(code_of_unit[getattr(row, column)], row.from_on, row.until_on) for row in rows)


def policy_fact(policy: Policy, code_of_unit: dict[int, str]) -> PolicyFact:
    curfew = None
    if policy.curfew is not None:
        ends = [time.fromisoformat(wall) for wall in policy.curfew]
        curfew = tuple(WallSpan(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True))
    sessions = None
    if policy.sessions is not None:
        sessions = tuple(
            SessionFact(entry["name"], time.fromisoformat(entry["from"]), time.fromisoformat(entry["until"]))
            for entry in policy.sessions
        )
    return PolicyFact(
        id=str(policy.id),
        unit_id=code_of_unit[policy.unit_id],
        from_on=policy.from_on,
        until_on=policy.until_on,
        curfew=curfew,
        sessions=sessions,
        longest_session_minutes=policy.longest_session_minutes,
        sessions_a_day=policy.sessions_a_day,
        weekdays=frozenset(WEEKDAYS[day] for day in policy.days) if policy.days is not None else None,
        same_text_a_day=policy.same_text_a_day,
        source=policy.source or None,
    )


def rule_fact(rule: Rule, bulletins: dict[int, BulletinFact], code_of_unit: dict[int, str]) -> RuleFact:
    targets = {target.station.code for target in rule.targets if target.station is not None}
    targets |= {code_of_unit[target.unit_id] for target in rule.targets if target.unit_id is not None}
    between = None
    if rule.every_minutes and rule.between:
        between = (time.fromisoformat(rule.between[0]), time.fromisoformat(rule.between[1]))
    return RuleFact(
        id=rule.code,
        code=rule.code,
        unit_id=code_of_unit[rule.unit_id],
        created_at=rule.created_at,
        bulletins=tuple(bulletins[link.bulletin_id] for link in rule.bulletins),
        targets=frozenset(targets),
        weekdays=frozenset(WEEKDAYS[day] for day in rule.weekdays) if rule.weekdays is not None else None,
        dates=frozenset(map(date.fromisoformat, rule.dates)) if rule.dates is not None else None,
        times=tuple(map(time.fromisoformat, rule.times)),
        every_minutes=rule.every_minutes if between else None,
        between=between,
        sessions=tuple(rule.sessions),
        from_on=rule.from_on,
        until_on=rule.until_on,
        except_on=frozenset(map(date.fromisoformat, rule.except_on)),
        repeats=rule.repeats if rule.starts_at is None else None,
        gap_ms=rule.gap_seconds * 1000,
        on_collision="refuse" if rule.on_collision == "refuse" else "after",
        shift_minutes=rule.shift_minutes,
        latest_start_s=rule.latest_start_s,
        begins_at=rule.starts_at,
        ends_at=rule.stopped_at,
    )


def bulletin_fact(
    bulletin: Bulletin, code_of_unit: dict[int, str], zone: ZoneInfo, has_audio: HasAudio | None
) -> BulletinFact:
    revision = bulletin.airing_revision
    if revision is None:
        audios = _unapproved(bulletin.latest, code_of_unit) if bulletin.revisions else []
    else:
        audios = _approved(revision, code_of_unit, has_audio) + _unapproved(revision, code_of_unit)
    return BulletinFact(
        id=bulletin.code,
        title=revision.title if revision is not None else bulletin.title,
        bulletin_class=bulletin.bulletin_class,  # type: ignore[arg-type]  # a checked column
        audios=tuple(audios),
        valid_from=day_span(bulletin.valid_from, zone)[0] if bulletin.valid_from else None,
        valid_until=day_span(bulletin.valid_until, zone)[1] if bulletin.valid_until else None,
        withdrawn_at=bulletin.withdrawn_at,
    )


def _unapproved(revision: Revision, code_of_unit: dict[int, str]) -> list[AudioFact]:
    """Its sounds that nobody approved yet: all of them, or those of units that came after the approval."""
    return [
        AudioFact(
            rendering.audio.sha256,
            rendering.audio.duration_ms,
            approved_by=None,
            unit_id=None if rendering.unit_id is None else code_of_unit[rendering.unit_id],
        )
        for rendering in revision.unapproved_sounds
        if rendering.audio is not None
    ]


def _approved(revision: Revision, code_of_unit: dict[int, str], has_audio: HasAudio | None) -> list[AudioFact]:
    """A fact for each unit whose sound it is: two units of the same words share one, and of two for the same unit
    the newer counts."""
    relay = next((each for each in revision.approvals if each.audio_sha256 is None and each.holds), None)
    if relay is not None:
        return [
            AudioFact(
                None,
                (revision.relay_minutes or 0) * 60_000,
                relay.approved_by_name,
                relay.approved_at,
                relay=revision.relay_url,
            )
        ]
    own = {rendering.unit_id: approval for rendering, approval in revision.approved_sounds}
    return [
        AudioFact(
            approval.audio.sha256,
            approval.audio.duration_ms,
            approval.approved_by_name,
            approval.approved_at,
            unit_id=None if unit is None else code_of_unit[unit],
            available=has_audio is None or has_audio(approval.audio.sha256),
        )
        for unit, approval in sorted(own.items(), key=lambda item: item[0] or 0)
        if approval.audio is not None
    ]


def unit_on(links: Sequence[StationUnit], day: date) -> int | None:
    """The unit a station belongs to on `day`."""
    return next((link.unit_id for link in links if link.holds_on(day)), None)
