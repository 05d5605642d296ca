"""`broadcast speak`: a text as a finished sound in a file, and what was measured on it."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audio.coding import SAMPLE_RATE
from audio.export import export_master
from audio.jobs import speech_job
from audio.production import ProducedSound
from audio.reading import read_aloud
from audio.rendering import SpeechJob, produce_in_child
from audio.speaker import Speaker, open_questions
from audio.store import MASTER, AudioStore
from audio.voices.order import refuse_unanswered, voice_order, voice_settings
from audio.voices.registry import voices_from
from broadcast.config import Settings
from broadcast.errors import Invalid, StorageError

_LOSSLESS = {".wav": "WAV", ".flac": "FLAC"}
_MP3 = ("", ".mp3")  # a name without an ending promises nothing

Warn = Callable[[str], None]


def speak(settings: Settings, script: str, out: Path, voice: str | None, warn: Warn) -> dict[str, Any]:
    """Writes MP3, WAV or FLAC, as its ending says, to `out` under a temporary name first; `warn` hears doubts.

    Needs no database and leaves nothing else behind. The figures are those of the file that was written.
    """
    ending = out.suffix.lower()
    if ending not in (*_MP3, *_LOSSLESS):
        raise Invalid(f"Không ghi được tệp có đuôi {out.suffix}. Hãy đặt tên tệp có đuôi .mp3, .wav hoặc .flac.")
    if not out.parent.is_dir():
        raise Invalid(f"Không có thư mục {out.parent}.")
    names = voice_order(settings.model_copy(update={"voice": voice}) if voice else settings)
    voices_from(names, settings=voice_settings(settings))  # an unknown name is told before minutes of work
    refuse_unanswered(settings, names)
    job = speech_job(settings, script, Speaker(""))
    for question in open_questions(read_aloud(script)):
        warn(question)
    with tempfile.TemporaryDirectory(prefix="broadcast-speak-") as scratch:
        partial = out.with_name(f".{out.name}.tmp")
        try:
            return _written(dataclasses.replace(job, data_dir=Path(scratch), voices=names), ending, out, partial)
        except OSError as error:
            raise StorageError(f"Không ghi được {out}: {error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)


def _written(job: SpeechJob, ending: str, out: Path, partial: Path) -> dict[str, Any]:
    sound = produce_in_child(dataclasses.replace(job, keep_master=ending in _LOSSLESS))
    store = AudioStore(job.data_dir / "audio")
    if sound.master_sha256 is None:
        told = _told(sound)
        shutil.copyfile(store.path(sound.sha256), partial)
    else:
        made = export_master(store.path(sound.master_sha256, MASTER), partial, _LOSSLESS[ending])
        told = _told(sound) | {
            "sha256": made.sha256,
            "duration_ms": round(made.samples * 1000 / SAMPLE_RATE),
            "lufs": made.lufs,
            "true_peak_db": made.true_peak_db,
        }
    partial.replace(out)
    return told


def _told(sound: ProducedSound) -> dict[str, Any]:
    return {
        "sha256": sound.sha256,
        "duration_ms": sound.duration_ms,
        "lufs": sound.lufs,
        "true_peak_db": sound.true_peak_db,
        "voice": sound.voice,
    }
