"""How a script or a recording becomes a job for the renderer: read aloud, with the voices and the profile of the
settings, and what stands around it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from audio.production import ProducedSound
from audio.reading import read_aloud
from audio.reading.script import refuse_unreadable
from audio.rendering import RecordingJob, Renderer, SpeechJob
from audio.speaker import Speaker, open_questions_in, opening_of
from audio.voices.order import voice_order, voice_settings
from broadcast.arrangement import Arrangement, recording_closing_fault
from broadcast.bulletin import Revision
from broadcast.config import Settings
from broadcast.errors import Invalid
from broadcast.variables import USUAL, asked_back, fill_in


class SaidSound(NamedTuple):
    """A finished sound with the sentences that made it."""

    sound: ProducedSound
    said: list[str] | None


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
        _refuse_questions(f"{script}\n{closing}", speaker, "script")
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
    if questions := open_questions_in(text, speaker):
        raise Invalid(
            "còn chỗ chưa chắc cách đọc (sửa lời, hoặc đặt read_as_is = true): " + "; ".join(questions), field=field
        )
