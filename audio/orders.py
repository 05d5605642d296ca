"""Orders for sound (`Rendering` rows): claimed by compare-and-set, worked outside any transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from audio.jobs import recording_job, said_by, speech_job
from audio.production import ProducedSound, RenderingCancelled
from audio.rendering import RecordingJob, Renderer, RenderingFailed, SpeechJob
from audio.speaker import Speaker, speaker_of
from broadcast.arrangement import Arrangement
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.bulletin import Bulletin, BulletinClass, Revision
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import BroadcastError, StorageError, VoiceError
from broadcast.replanning import units_changed

log = logging.getLogger(__name__)

CLAIM_LASTS = timedelta(minutes=65)
"""Longer than the renderer's own deadline: a claim this old belongs to a process that is gone."""
MOST_ATTEMPTS = 4
MOST_CRASHES = 2
"""A recording that the decoder crashed or hung on twice will do so a third time, and all others wait meanwhile."""
FIRST_RETRY = timedelta(seconds=20)
RETRY_AFTER_CRASH = timedelta(minutes=10)
_FEW_SOUNDS = 20  # of one bulletin
_BY_URGENCY = (BulletinClass.EMERGENCY, BulletinClass.PRIORITY, BulletinClass.NORMAL)


@dataclass(frozen=True)
class Order:
    """A claimed rendering, with what is needed to work it."""

    rendering_id: int
    attempt: int
    script: str
    speaker: Speaker
    arrangement: Arrangement
    upload: str | None = None
    """The sha256 of the recording as it came, where it is one."""
    upload_name: str | None = None
    unit_id: int | None = None
    """Whose sound it is, where each unit has its own."""


def keep_asset(session: Session, sound: ProducedSound, now: datetime) -> AudioAsset:
    """The row of a finished sound; the same sound twice is one row."""
    asset = session.get(AudioAsset, sound.sha256)
    if asset is None:
        asset = AudioAsset(
            sha256=sound.sha256,
            bytes=sound.bytes,
            duration_ms=sound.duration_ms,
            lufs=sound.lufs,
            true_peak_db=sound.true_peak_db,
            media_type=sound.media_type,
            voice=sound.voice,
            sentence_voices=list(sound.sentence_voices),
            created_at=now,
        )
        session.add(asset)
        session.flush()
    return asset


def take_order(session: Session, now: datetime) -> Order | None:
    """Claims the most urgent order, None where nothing is due or another process was faster.

    An emergency waits behind nothing else. What somebody has just saved waits neither behind sounds that are there and
    only said anew, as a change of the lexicon orders by the hundred, nor behind a bulletin of many communes. Then
    comes what has waited longest.
    """
    due = or_(
        and_(Rendering.state == "wanted", Rendering.due_at <= now),
        and_(Rendering.state == "rendering", Rendering.claimed_at <= now - CLAIM_LASTS),
    )
    places = {kind.value: place for place, kind in enumerate(_BY_URGENCY)}
    urgency = case(places, value=Bulletin.bulletin_class, else_=len(places))
    before = aliased(Rendering)
    said_anew = exists().where(
        before.revision_id == Rendering.revision_id,
        before.unit_id.is_not_distinct_from(Rendering.unit_id),
        before.state == "ready",
    )
    waiting = (
        select(Rendering.revision_id, func.count().label("sounds"))
        .where(Rendering.state == "wanted")
        .group_by(Rendering.revision_id)
        .subquery()
    )
    row = session.execute(
        select(Rendering.id, Rendering.state, Rendering.attempts)
        .join(Revision, Revision.id == Rendering.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .outerjoin(waiting, waiting.c.revision_id == Rendering.revision_id)
        .where(due)
        .order_by(
            urgency,
            case((said_anew, 1), else_=0),
            case((waiting.c.sounds > _FEW_SOUNDS, 1), else_=0),
            Rendering.due_at,
            Rendering.id,
        )
        .limit(1)
    ).first()
    if row is None:
        return None
    claimed = session.execute(
        update(Rendering)
        .where(Rendering.id == row.id, Rendering.state == row.state, Rendering.attempts == row.attempts)
        .values(state="rendering", claimed_at=now, attempts=row.attempts + 1, message_vi=None)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return None
    rendering = session.get_one(Rendering, row.id, populate_existing=True)
    revision = session.get_one(Revision, rendering.revision_id)
    bulletin = revision.bulletin
    return Order(
        rendering.id,
        rendering.attempts,
        revision.script,
        speaker_of(session, rendering.unit_id or bulletin.unit_id, bulletin.id, now),
        revision.arrangement,
        revision.upload.sha256 if revision.upload is not None else None,
        revision.upload.name if revision.upload is not None else None,
        rendering.unit_id,
    )


def work(database: Database, settings: Settings, order: Order, renderer: Renderer, now: Callable[[], datetime]) -> bool:
    """Renders one claimed order and writes how it ended. True where the sound is ready.

    An error of the text is final and told; one of the machine is tried again, later each time.
    """
    try:
        job = job_of(settings, order)
        sound = renderer.produce(
            job,
            progress=lambda done, total: _note_progress(database, order, done, total),
            cancelled=lambda: not _still_wanted(database, order),
        )
    except RenderingCancelled:
        return False
    except BroadcastError as error:
        _fail(database, order, error, now())
        return False
    with database.writing() as session:
        keep_asset(session, sound, now())
        session.execute(
            update(Rendering)
            .where(Rendering.id == order.rendering_id, *_ours(order))
            .values(
                state="ready",
                audio_sha256=sound.sha256,
                finished_at=now(),
                message_vi=None,
                said=said_by(job) or None,
                outdated_at=None,
            )
        )
        if order.unit_id is not None:
            # a commune that was refused for want of a sound now waits for its approval
            units_changed(session, [order.unit_id], local_day(now(), settings.zone))
    return True


def job_of(settings: Settings, order: Order) -> SpeechJob | RecordingJob:
    """What the renderer is to do. Raises what `speech_job` and `recording_job` raise."""
    if order.upload is None:
        return speech_job(settings, order.script, order.speaker, order.arrangement)
    path = settings.uploads_dir / order.upload
    return recording_job(settings, path, order.speaker, order.arrangement, order.upload_name)


def release_claims(session: Session) -> None:
    """At the start of the one scheduler: whatever was being rendered died with the process before."""
    session.execute(update(Rendering).where(Rendering.state == "rendering").values(state="wanted", claimed_at=None))


def _ours(order: Order) -> tuple[ColumnElement[bool], ...]:
    return (Rendering.state == "rendering", Rendering.attempts == order.attempt)


def _note_progress(database: Database, order: Order, done: int, total: int) -> None:
    with database.writing() as session:
        session.execute(
            update(Rendering)
            .where(Rendering.id == order.rendering_id, *_ours(order))
            .values(sentences_done=done, sentences_total=total)
        )


def _still_wanted(database: Database, order: Order) -> bool:
    with database.reading() as session:
        state = session.scalar(
            select(Rendering.state).where(Rendering.id == order.rendering_id, Rendering.attempts == order.attempt)
        )
    return state == "rendering"


def _fail(database: Database, order: Order, error: BroadcastError, now: datetime) -> None:
    passing = isinstance(error, StorageError | VoiceError) or error.status == 500
    crashed = isinstance(error, RenderingFailed) and order.upload is not None
    again = passing and order.attempt < (MOST_CRASHES if crashed else MOST_ATTEMPTS)
    log.warning("order %s failed (attempt %s): %s", order.rendering_id, order.attempt, error.message_vi)
    with database.writing() as session:
        session.execute(
            update(Rendering)
            .where(Rendering.id == order.rendering_id, *_ours(order))
            .values(
                state="wanted" if again else "failed",
                due_at=now + (RETRY_AFTER_CRASH if crashed else FIRST_RETRY * 2**order.attempt),
                message_vi=error.message_vi,
                finished_at=None if again else now,
            )
        )
