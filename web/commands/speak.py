"""`broadcast speak`: a text as a finished sound in a file, and what was measured on it."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path
from typing import Any

from audio.orders import speech_job
from audio.rendering import produce_in_child
from audio.store import AudioStore
from audio.voices.registry import voices_from
from broadcast.config import Settings
from broadcast.errors import Invalid, StorageError


def speak(settings: Settings, script: str, out: Path, voice: str | None) -> dict[str, Any]:
    """Writes the MP3 to `out` under a temporary name first. Needs no database and leaves nothing else behind."""
    if not out.parent.is_dir():
        raise Invalid(f"Không có thư mục {out.parent}.")
    names = settings.model_copy(update={"voice": voice}).voices if voice else settings.voices
    voices_from(names)  # an unknown name is told before minutes of work
    with tempfile.TemporaryDirectory(prefix="broadcast-speak-") as scratch:
        job = speech_job(settings, script, unit_name="")
        job = dataclasses.replace(job, data_dir=Path(scratch), voices=names, keep_master=False)
        sound = produce_in_child(job)
        finished = AudioStore(Path(scratch) / "audio").path(sound.sha256)
        partial = out.with_name(f".{out.name}.tmp")
        try:
            shutil.copyfile(finished, partial)
            partial.replace(out)
        except OSError as error:
            raise StorageError(f"Không ghi được {out}: {error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)
    return {
        "sha256": sound.sha256,
        "duration_ms": sound.duration_ms,
        "lufs": sound.lufs,
        "true_peak_db": sound.true_peak_db,
        "voice": sound.voice,
    }
