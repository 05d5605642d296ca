"""What the programme of one station has to say: its airings looked at once more, its curfews, its window, its keys.

An airing whose approval no longer covers its text and sound, or that would touch a curfew, stays out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.airing import Airing
from broadcast.audio_asset import AudioAsset
from broadcast.bulletin import Approval, Revision
from broadcast.clock import WINDOW_DAYS, day_span, instant_of, local_day
from broadcast.keys import SigningKeys
from broadcast.station import Enrolment, Manifest, Station, StationStatus
from broadcast.wire import AiringClass, AudioFile, ManifestAiring, ManifestRelay, Span, canonical_json
from broadcast.wire import Manifest as Programme
from schedules.programme.curfews import Curfews, touches

ROLL_MINUTES = 120
"""Windows roll on within these minutes after midnight, each station at its own: not all of a province at once."""


class LeftOut(NamedTuple):
    """An airing that stays out: why is one of withdrawn, stopped, approval, class, curfew, audio, shape."""

    airing_id: str
    why: str


@dataclass(frozen=True)
class Composed:
    """A programme that has no sequence yet. `content_hash` is of everything but the sequence, and of the signer."""

    programme: Programme
    content_hash: str
    signed_by: str
    next_key: str | None
    left_out: tuple[LeftOut, ...]


def roll_minute(station_id: int) -> int:
    """The minute after local midnight at which this station's window rolls on."""
    return station_id * 37 % ROLL_MINUTES  # 37 and 120 share no factor: neighbours lie far apart


def window_first(station_id: int, now: datetime, zone: ZoneInfo) -> date:
    """The first local day of the station's window at `now`."""
    return local_day(now - timedelta(minutes=roll_minute(station_id)), zone)


def next_roll(station_id: int, now: datetime, zone: ZoneInfo) -> datetime:
    """When the window of `now` rolls on."""
    following = window_first(station_id, now, zone) + timedelta(days=1)
    return instant_of(following, time(), zone) + timedelta(minutes=roll_minute(station_id))


def compose(
    session: Session,
    station: Station,
    enrolment: Enrolment,
    keys: SigningKeys,
    now: datetime,
    zone: ZoneInfo,
    curfews: Curfews,
) -> Composed:
    """What the manifest of `station` has to say at `now`. Reads only."""
    first = window_first(station.id, now, zone)
    start, end = day_span(first, zone)[0], instant_of(first + timedelta(days=WINDOW_DAYS), time(), zone)
    spans = curfews.spans(station.units, first, WINDOW_DAYS)
    rows = _airings(session, station.id, start, end)
    looked_up = _Approved(session, rows)
    chosen: list[ManifestAiring] = []
    relays: dict[int, ManifestRelay] = {}
    left_out: list[LeftOut] = []
    for row in rows:
        try:
            chosen.append(_ordered(row, looked_up, spans, relays))
        except _LeaveOut as why:
            left_out.append(LeftOut(row.id, str(why)))
        except ValidationError:
            left_out.append(LeftOut(row.id, "shape"))
    signed_by, next_key = keys.signer(_known_keys(session, station.id, enrolment, keys))
    programme = Programme(
        version=1,
        station=station.code,
        enrolment=UUID(enrolment.id),
        sequence=1,
        window=Span(from_=start, until=end),
        timezone=zone.key,
        volume=station.volume,
        airings=chosen,
        audio=looked_up.files({airing.audio for airing in chosen} | {r.fallback_audio for r in relays.values()}),
        relays=[relays[number] for number in sorted(relays)],
        curfew=[Span(from_=from_at, until=until_at) for from_at, until_at in spans],
        next_manifest_key=next_key,
    )
    content = programme.model_dump(mode="json")
    del content["sequence"]
    digest = hashlib.sha256(canonical_json([signed_by, content]).encode()).hexdigest()
    return Composed(programme, digest, signed_by, next_key, tuple(left_out))


def _airings(session: Session, station_id: int, start: datetime, end: datetime) -> list[Airing]:
    """What may sound within the window: also what began before it and is not over, and what goes on until stopped."""
    rows = session.scalars(
        select(Airing)
        .where(
            Airing.station_id == station_id,
            Airing.cancelled_at.is_(None),
            Airing.starts_at < end,
            or_(Airing.starts_at >= start - timedelta(days=1), Airing.repeats.is_(None)),
        )
        .order_by(Airing.starts_at, Airing.id)
        .options(joinedload(Airing.bulletin), joinedload(Airing.rule))
    )
    return [row for row in rows if row.repeats is None or _over_at(row) > start]


def _over_at(row: Airing) -> datetime:
    """When it is over even where it began as late as it may."""
    return row.latest_start_at + (row.ends_at - row.starts_at)


class _LeaveOut(Exception):
    """The airing stays out; the text is the reason."""


class _Approved:
    """Revisions, approvals and sounds of some airings, in three queries."""

    def __init__(self, session: Session, rows: Sequence[Airing]) -> None:
        numbers = {row.revision_id for row in rows}
        self.revisions = {
            revision.id: revision
            for revision in session.scalars(
                select(Revision).where(Revision.id.in_(numbers)).options(selectinload(Revision.approvals))
            )
        }
        hashes = {row.audio_sha256 for row in rows} | {each.relay_fallback_sha256 for each in self.revisions.values()}
        self.assets = {
            asset.sha256: asset
            for asset in session.scalars(select(AudioAsset).where(AudioAsset.sha256.in_(hashes - {None})))
        }

    def approval(self, row: Airing) -> Approval:
        """The approval of exactly this text with exactly this sound, by somebody else than its author."""
        revision = self.revisions[row.revision_id]
        for approval in revision.approvals:
            if approval.audio_sha256 == row.audio_sha256 and approval.holds:
                if approval.approved_by_id == revision.author_id or not approval.approved_by_name.strip():
                    break
                return approval
        raise _LeaveOut("approval")

    def files(self, hashes: Iterable[str | None]) -> list[AudioFile]:
        return [
            AudioFile(sha256=asset.sha256, bytes=asset.bytes, media_type=asset.media_type)
            for asset in (self.assets[sha256] for sha256 in sorted(filter(None, hashes)))
        ]


def _ordered(
    row: Airing,
    looked_up: _Approved,
    curfew: Sequence[tuple[datetime, datetime]],
    relays: dict[int, ManifestRelay],
) -> ManifestAiring:
    """The airing as the station is to have it. Raises _LeaveOut; adds the relay that it needs."""
    if row.bulletin.withdrawn_at is not None and _over_at(row) > row.bulletin.withdrawn_at:
        raise _LeaveOut("withdrawn")
    if row.rule.stopped_at is not None and (row.repeats is None or row.rule.stopped_at <= row.starts_at):
        raise _LeaveOut("stopped")
    approval = looked_up.approval(row)
    revision = looked_up.revisions[row.revision_id]
    if row.bulletin_class != row.bulletin.bulletin_class:
        raise _LeaveOut("class")
    is_emergency = row.bulletin_class == AiringClass.EMERGENCY
    if not is_emergency and touches(curfew, row.starts_at, row.ends_at):
        raise _LeaveOut("curfew")
    relay = None
    if row.audio_sha256 is None:
        relay = _relay(revision, looked_up)
    elif row.audio_sha256 not in looked_up.assets:
        raise _LeaveOut("audio")
    ordered = ManifestAiring(
        id=UUID(row.id),
        starts_at=row.starts_at,
        latest_start_at=row.latest_start_at,
        duration_ms=row.duration_ms,
        audio=row.audio_sha256,
        relay=relay.id if relay else None,
        title=revision.title,
        class_=AiringClass(row.bulletin_class),
        approved_by=approval.approved_by_name,
        repeats=row.repeats,
        gap_ms=row.gap_ms,
        on_overrun="cut",
        after_interrupt="drop",
    )
    if relay:
        relays[revision.id] = relay
    return ordered


def _relay(revision: Revision, looked_up: _Approved) -> ManifestRelay:
    fallback = revision.relay_fallback_sha256
    if revision.content != "relay" or (fallback is not None and fallback not in looked_up.assets):
        raise _LeaveOut("audio")
    return ManifestRelay(
        id=str(revision.id),
        url=revision.relay_url or "",
        minutes=revision.relay_minutes or 0,
        fallback_audio=fallback,
    )


def _known_keys(session: Session, station_id: int, enrolment: Enrolment, keys: SigningKeys) -> set[str]:
    """The keys that the station is sure to believe: those of the last manifest that it says it holds."""
    if keys.previous_public_key is None:
        return {keys.public_key}
    status = session.get(StationStatus, station_id)
    detail = session.scalar(
        select(Manifest.detail)
        .where(
            Manifest.enrolment_id == enrolment.id,
            Manifest.sequence <= ((status.manifest_sequence or 0) if status is not None else 0),
        )
        .order_by(Manifest.sequence.desc())
        .limit(1)
    )
    if detail is None:
        return {keys.given_at(enrolment.enrolled_at)}
    return {key for key in (detail["signed_by"], detail["next_key"]) if key}
