"""Orders for sound (`Rendering` rows): claimed by compare-and-set, worked outside any transaction.

Also the one place that says how a script becomes a job: read aloud, lead-in, voices and profile of the settings.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from audio.produce import ProducedSound, RenderingCancelled
from audio.reading import SpokenText, read_aloud
from audio.reading.script import refuse_unreadable
from audio.rendering import RecordingJob, Renderer, SpeechJob, produce_in_child
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.bulletin import Bulletin, Revision
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import BroadcastError, Invalid, StorageError, VoiceError
from broadcast.unit import Unit

log = logging.getLogger(__name__)

Sound = ProducedSound

CLAIM_LASTS = timedelta(minutes=65)
"""Longer than the renderer's own deadline: a claim this old belongs to a process that is gone."""
MOST_ATTEMPTS = 4
FIRST_RETRY = timedelta(seconds=20)


@dataclass(frozen=True)
class Order:
    """A claimed rendering, with what is needed to work it."""

    rendering_id: int
    attempt: int
    script: str
    unit_name: str


def lead_in(unit_name: str) -> str:
    """The sentence every bulletin begins with: who speaks."""
    return f"Đây là Đài truyền thanh {unit_name}."


def speech_job(settings: Settings, script: str, unit_name: str) -> SpeechJob:
    """The job for a script of `unit_name`. Raises Invalid or TooLarge for a script that nobody could read."""
    refuse_unreadable(script)
    spoken = read_aloud(script)
    opening = read_aloud(lead_in(unit_name)).text.replace("\n", " ")
    begins_itself = spoken.text.lower().startswith(("đây là đài", "đài truyền thanh"))
    return SpeechJob(
        data_dir=settings.data_dir,
        sentences=tuple(sentence.spoken for sentence in spoken.sentences),
        lead_in=None if begins_itself or not unit_name else opening,
        voices=settings.voices,
        profile=settings.sound_profile,
        longest_min=settings.longest_script_minutes,
    )


def open_questions(spoken: SpokenText, script: str) -> list[str]:
    """The reader's doubts as lines for people: “dòng 3, cột 5: …”."""
    told = []
    for doubt in spoken.doubts:
        before = script[: doubt.start]
        line, column = before.count("\n") + 1, doubt.start - (before.rfind("\n") + 1) + 1
        told.append(f"dòng {line}, cột {column}: {doubt.message}")
    return told


def sound_of_script(settings: Settings, script: str, *, unit_name: str, read_as_is: bool = False) -> Sound:
    """Finished sound in the store. Raises Invalid where questions of reading are open, and what `produce` raises."""
    job = speech_job(settings, script, unit_name)
    questions = [] if read_as_is else open_questions(read_aloud(script), script)
    if questions:
        raise Invalid(
            "còn chỗ chưa chắc cách đọc (sửa lời, hoặc đặt read_as_is = true): " + "; ".join(questions), field="script"
        )
    return produce_in_child(job)


def sound_of_recording(settings: Settings, path: Path) -> Sound:
    """The recording at `path`, levelled and coded like all else."""
    if not path.is_file():
        raise Invalid(f"không có tệp âm thanh {path}", field="sound")
    return produce_in_child(
        RecordingJob(data_dir=settings.data_dir, path=path.absolute(), profile=settings.sound_profile)
    )


def keep_asset(session: Session, sound: Sound, now: datetime) -> AudioAsset:
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
    """Claims the order that has waited longest; None where nothing is due or another process was faster."""
    due = or_(
        and_(Rendering.state == "wanted", Rendering.due_at <= now),
        and_(Rendering.state == "rendering", Rendering.claimed_at <= now - CLAIM_LASTS),
    )
    row = session.execute(
        select(Rendering.id, Rendering.state, Rendering.attempts, Revision.script, Unit.name)
        .join(Revision, Revision.id == Rendering.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .join(Unit, Unit.id == Bulletin.unit_id)
        .where(due)
        .order_by(Rendering.due_at, Rendering.id)
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
    return Order(row.id, row.attempts + 1, row.script, row.name)


def work(database: Database, settings: Settings, order: Order, renderer: Renderer, now: Callable[[], datetime]) -> bool:
    """Renders one claimed order and writes how it ended. True where the sound is ready.

    An error of the text is final and told; one of the machine is tried again, later each time.
    """
    try:
        job = speech_job(settings, order.script, order.unit_name)
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
            .values(state="ready", audio_sha256=sound.sha256, finished_at=now(), message_vi=None)
        )
    return True


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
    again = passing and order.attempt < MOST_ATTEMPTS
    log.warning("order %s failed (attempt %s): %s", order.rendering_id, order.attempt, error.message_vi)
    with database.writing() as session:
        session.execute(
            update(Rendering)
            .where(Rendering.id == order.rendering_id, *_ours(order))
            .values(
                state="wanted" if again else "failed",
                due_at=now + FIRST_RETRY * 2**order.attempt,
                message_vi=error.message_vi,
                finished_at=None if again else now,
            )
        )
