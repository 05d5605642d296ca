"""Rows of one noun each → the facts that `plan` is told. Ids of facts are the codes, which never change and name
airings for good. Units are `unit/CODE` there, so that a station may have the code of its unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from zoneinfo import ZoneInfo

from broadcast.bulletin import Bulletin, Revision
from broadcast.clock import day_span, local_day
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleChange, RuleChoice
from broadcast.span import Dated
from broadcast.station import Station
from broadcast.unit import Unit
from schedules.facts import (
    AudioFact,
    BulletinFact,
    ChoiceFact,
    DatedLink,
    PolicyFact,
    RuleFact,
    SessionFact,
    SlotChange,
    StationFact,
    UnitFact,
    WallSpan,
)

WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}

HasAudio = Callable[[str], bool]


def unit_key(code: str) -> str:
    """The id of a unit among facts."""
    return f"unit/{code}"


def _links(rows: Sequence[Dated], code_of_unit: dict[int, str], column: str) -> tuple[DatedLink, ...]:
    return tuple(DatedLink(code_of_unit[getattr(row, column)], row.from_on, row.until_on) for row in rows)


def unit_fact(unit: Unit, code_of_unit: dict[int, str], choices: Iterable[RuleChoice] = ()) -> UnitFact:
    links = _links(unit.parents, code_of_unit, "parent_id")
    return UnitFact(unit_key(unit.code), unit.name, links, tuple(map(choice_fact, choices)))


def station_fact(
    station: Station,
    code_of_unit: dict[int, str],
    zone: ZoneInfo,
    met: frozenset[tuple[str, date | None]] = frozenset(),
) -> StationFact:
    """A retired station belongs nowhere from the day after its retirement."""
    links = _links(station.units, code_of_unit, "unit_id")
    if station.retired_at is not None:
        last = local_day(station.retired_at, zone)
        links = tuple(
            DatedLink(link.unit_id, link.from_on, min(link.until_on or last, last))
            for link in links
            if link.from_on is None or link.from_on <= last
        )
    return StationFact(station.code, links, met)


def curfew_facts(walls: Sequence[str] | None) -> tuple[WallSpan, ...] | None:
    """A policy's curfew, wall times in pairs; None where it says nothing of it."""
    if walls is None:
        return None
    ends = [time.fromisoformat(wall) for wall in walls]
    return tuple(WallSpan(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True))


def session_facts(entries: Sequence[Mapping[str, str]] | None) -> tuple[SessionFact, ...] | None:
    """A policy's sessions; None where it says nothing of them."""
    if entries is None:
        return None
    return tuple(
        SessionFact(entry["name"], time.fromisoformat(entry["from"]), time.fromisoformat(entry["until"]))
        for entry in entries
    )


def policy_fact(policy: Policy, code_of_unit: dict[int, str]) -> PolicyFact:
    return PolicyFact(
        id=str(policy.id),
        unit_id=code_of_unit[policy.unit_id],
        from_on=policy.from_on,
        until_on=policy.until_on,
        curfew=curfew_facts(policy.curfew),
        sessions=session_facts(policy.sessions),
        longest_session_minutes=policy.longest_session_minutes,
        sessions_a_day=policy.sessions_a_day,
        weekdays=frozenset(WEEKDAYS[day] for day in policy.days) if policy.days is not None else None,
        same_text_a_day=policy.same_text_a_day,
        no_repeat_before=time.fromisoformat(policy.no_repeat_before) if policy.no_repeat_before is not None else None,
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
        per_day=rule.per_day,
        place="opening" if rule.place == "opening" else "any",
        lunar_days=frozenset(rule.lunar_days) if rule.lunar_days is not None else None,
        holidays=rule.holidays,  # type: ignore[arg-type]  # a checked column
        from_on=rule.from_on,
        until_on=rule.until_on,
        except_on=frozenset(map(date.fromisoformat, rule.except_on)),
        changes=tuple(_change(change, bulletins) for change in rule.changes),
        ends_when_met=rule.ends_when_met,
        repeats=rule.repeats if rule.starts_at is None else None,
        gap_ms=rule.gap_seconds * 1000,
        on_collision="refuse" if rule.on_collision == "refuse" else "after",
        shift_minutes=rule.shift_minutes,
        latest_start_s=rule.latest_start_s,
        begins_at=rule.starts_at,
        ends_at=rule.stopped_at,
    )


def _change(change: RuleChange, bulletins: Mapping[int, BulletinFact]) -> SlotChange:
    return SlotChange(
        local_on=change.local_date,
        slot_key=change.slot_key,
        station_id=None if change.station is None else change.station.code,
        is_skipped=change.is_skipped,
        to_time=None if change.to_time is None else time.fromisoformat(change.to_time),
        bulletin=None if change.bulletin_id is None else bulletins[change.bulletin_id],
    )


def choice_fact(choice: RuleChoice) -> ChoiceFact:
    return ChoiceFact(choice.rule.code, choice.place, choice.is_declined, choice.note)


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
