"""Orders for sound (`Rendering` rows): claimed by compare-and-set, worked outside any transaction.

Also the one place that says how a script becomes a job: read aloud, lead-in, voices and profile of the settings.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from audio.produce import ProducedSound, RenderingCancelled
from audio.reading import Lexicon, SpokenText, read_aloud
from audio.reading.script import refuse_unreadable
from audio.rendering import RecordingJob, Renderer, RenderingFailed, SpeechJob
from audio.voices.order import voice_order, voice_settings
from broadcast.arrangement import Arrangement, recording_closing_fault
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.bulletin import Bulletin, BulletinClass, Revision
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.errors import BroadcastError, Invalid, StorageError, VoiceError
from broadcast.lexicon_entry import entries_for
from broadcast.tally import plan_is_stale
from broadcast.unit import UnitTree
from broadcast.variables import USUAL, asked_back, fill_in, values_of

log = logging.getLogger(__name__)

Sound = ProducedSound


class SaidSound(NamedTuple):
    """A finished sound with the sentences that made it."""

    sound: Sound
    said: list[str] | None


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
    is_for_one_unit: bool = False


@dataclass(frozen=True)
class Speaker:
    """Who speaks, as far as the text depends on it: the unit's name, its values, and how staff want words read."""

    unit_name: str
    values: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[tuple[str, str, str], ...] = ()

    @property
    def lexicon(self) -> Lexicon:
        return _lexicon(self.entries)


@lru_cache(maxsize=64)
def _lexicon(entries: tuple[tuple[str, str, str], ...]) -> Lexicon:
    return Lexicon.shipped().with_entries(entries) if entries else Lexicon.shipped()


def speaker_of(
    session: Session, unit_id: int, bulletin_id: int | None, now: datetime, tree: UnitTree | None = None
) -> Speaker:
    """Unit `unit_id` as the speaker of a bulletin. `tree` saves reading the units again."""
    tree = tree or UnitTree.on(session, local_day(now))
    return Speaker(
        tree.units[unit_id].name,
        values_of(tree, unit_id),
        entries_for(session, tree, unit_id, bulletin_id),
    )


def lead_in(unit_name: str) -> str:
    """The sentence every bulletin begins with: who speaks."""
    return f"Đây là Đài truyền thanh {unit_name}."


def speech_job(settings: Settings, script: str, speaker: Speaker, arrangement: Arrangement | None = None) -> SpeechJob:
    """The job for a script as `speaker` says it.

    Raises Invalid or TooLarge for a script that nobody could read, Invalid where a variable has no value.
    """
    refuse_unreadable(script)
    arrangement = arrangement or Arrangement()
    filled = fill_in(script, speaker.values)
    closing = fill_in(arrangement.closing, speaker.values)
    if missing := (*filled.missing, *closing.missing):
        known = (*USUAL, *speaker.values)
        names = ", ".join(f"{{{name}}}{asked_back(name, known)}" for name in dict.fromkeys(missing))
        raise Invalid(
            f"{speaker.unit_name} chưa có giá trị cho {names}. Hãy điền trong phần thông tin của đơn vị.",
            field="script",
        )
    spoken = read_aloud(filled.text, lexicon=speaker.lexicon)
    return SpeechJob(
        data_dir=settings.data_dir,
        sentences=tuple(sentence.spoken for sentence in spoken.sentences),
        lead_in=opening_of(spoken, speaker) or None,
        voices=voice_order(settings),
        voice_settings=voice_settings(settings),
        profile=arrangement.profile or settings.sound_profile,
        closing=_closing_of(closing.text, speaker),
        chime=arrangement.chime,
        repeats=arrangement.readings,
        gap_ms=arrangement.gap_s * 1000,
        longest_min=settings.longest_script_minutes,
    )


def opening_of(spoken: SpokenText, speaker: Speaker) -> str:
    """The lead-in as it is said before `spoken`; empty where the text begins with one itself, or says nothing."""
    begins_itself = spoken.text.lower().startswith(("đây là đài", "đài truyền thanh"))
    if begins_itself or not speaker.unit_name or not spoken.sentences:
        return ""
    return read_aloud(lead_in(speaker.unit_name), lexicon=speaker.lexicon).text.replace("\n", " ")


def recording_job(
    settings: Settings, path: Path, speaker: Speaker, arrangement: Arrangement, called: str | None = None
) -> RecordingJob:
    """The job for the recording at `path`, which people say is `called` so, with closing words as `speaker` says them.

    Raises Invalid for closing words that differ from unit to unit: a recording is one sound for everybody.
    """
    if fault := recording_closing_fault(arrangement.closing):
        raise Invalid(f"{fault[:1].upper()}{fault[1:]}.", field="closing")
    return RecordingJob(
        data_dir=settings.data_dir,
        path=path,
        profile=arrangement.profile or settings.sound_profile,
        called=called,
        closing=_closing_of(arrangement.closing, speaker),
        chime=arrangement.chime,
        voices=voice_order(settings),
        voice_settings=voice_settings(settings),
        repeats=arrangement.readings,
        gap_ms=arrangement.gap_s * 1000,
    )


def _closing_of(text: str, speaker: Speaker) -> tuple[str, ...]:
    return tuple(sentence.spoken for sentence in read_aloud(text, lexicon=speaker.lexicon).sentences)


def said_of(settings: Settings, revision: Revision, speaker: Speaker) -> list[str]:
    """Every sentence that a voice is given for `revision`: of a recording, its closing words.

    Raises what `speech_job` and `recording_job` raise.
    """
    if revision.content == "recording":
        return said_by(recording_job(settings, settings.uploads_dir, speaker, revision.arrangement))
    return said_by(speech_job(settings, revision.script, speaker, revision.arrangement))


def said_by(job: SpeechJob | RecordingJob) -> list[str]:
    """Every sentence that `job` gives to a voice, in order, repetitions apart."""
    if isinstance(job, RecordingJob):
        return [*job.closing]
    return [*([job.lead_in] if job.lead_in else []), *job.sentences, *job.closing]


def open_questions(spoken: SpokenText) -> list[str]:
    """The reader's doubts as lines for people: “dòng 3, cột 5: …”."""
    return [f"dòng {doubt.line}, cột {doubt.column}: {doubt.message}" for doubt in spoken.doubts]


def sound_of_script(
    settings: Settings,
    script: str,
    *,
    speaker: Speaker,
    renderer: Renderer,
    arrangement: Arrangement | None = None,
    read_as_is: bool = False,
) -> SaidSound:
    """Finished sound in the store. Raises Invalid where questions of reading are open, and what `produce` raises."""
    job = speech_job(settings, script, speaker, arrangement)
    closing = arrangement.closing if arrangement is not None else ""
    if not read_as_is:
        _refuse_questions(fill_in(f"{script}\n{closing}", speaker.values).text, speaker, "script")
    return SaidSound(renderer.produce(job), said_by(job))


def sound_of_recording(
    settings: Settings,
    path: Path,
    *,
    speaker: Speaker,
    renderer: Renderer,
    arrangement: Arrangement,
    read_as_is: bool = False,
) -> SaidSound:
    """The recording at `path` with what is around it, levelled and coded like all else. Raises Invalid where questions
    of reading are open in the closing words, and what `recording_job` and `produce` raise."""
    if not path.is_file():
        raise Invalid(f"không có tệp âm thanh {path}", field="sound")
    job = recording_job(settings, path.absolute(), speaker, arrangement)
    if not read_as_is:
        _refuse_questions(arrangement.closing, speaker, "closing")
    return SaidSound(renderer.produce(job), said_by(job) or None)


def _refuse_questions(text: str, speaker: Speaker, field: str) -> None:
    """Raises Invalid at `field` of a set-up file where the reader asks about `text`."""
    if questions := open_questions(read_aloud(text, lexicon=speaker.lexicon)):
        raise Invalid(
            "còn chỗ chưa chắc cách đọc (sửa lời, hoặc đặt read_as_is = true): " + "; ".join(questions), field=field
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
        rendering.unit_id is not None,
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
        if order.is_for_one_unit:
            plan_is_stale(session)  # a commune that was refused for want of a sound now waits for its approval
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
