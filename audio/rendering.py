"""Rendering in a supervised child: native code that hangs or crashes never takes the server down.

A server keeps one `Renderer` (its child stays warm: loading the sound libraries costs half a second), a
command uses `produce_in_child`. Children end with their parent, however it ends.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from audio import chime as chimes
from audio.closable import Closable
from audio.joining import GAP_MS
from audio.own_chime import KeptChime
from audio.preview import Preview, kept_preview, preview_path
from audio.produce import LONGEST_SCRIPT_MIN
from audio.production import Cancelled, ProducedSound, Progress, RenderingCancelled
from audio.profiles import DEFAULT
from audio.recording import LONGEST_RECORDING_MIN
from audio.supervised import ChildCancelled, ChildDied, ChildHung, SupervisedChild
from audio.voices.registry import ALWAYS_THERE, VoiceSettings
from broadcast.errors import BroadcastError

DEADLINE_S = 3600.0
QUIET_S = 300.0  # without a sentence finished; longer than a voice's own limits together


class RenderingFailed(BroadcastError):
    """The rendering process hung or crashed; a new one is there for the next sound."""

    status = 500


@dataclass(frozen=True, slots=True)
class SpeechJob:
    """What `audio.produce.produce` is to do.

    Sound goes to `data_dir/audio`, single sentences to `data_dir/speech`, coded pieces to `data_dir/segments`.
    """

    data_dir: Path
    sentences: tuple[str, ...]
    lead_in: str | None = None
    closing: tuple[str, ...] = ()
    """Sentences that are said once, after the last reading of `sentences`."""
    chime: str = chimes.DEFAULT
    """A name of `audio.chime`, or the sha256 of an uploaded one (`ChimeJob`)."""
    voices: tuple[str, ...] = (ALWAYS_THERE,)
    voice_settings: VoiceSettings = field(default_factory=VoiceSettings)
    profile: str = DEFAULT
    repeats: int = 1
    gap_ms: int = GAP_MS
    keep_master: bool = True
    longest_min: float = LONGEST_SCRIPT_MIN

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "speech", "data_dir": str(self.data_dir)}


@dataclass(frozen=True, slots=True)
class RecordingJob:
    """What `audio.produce_recording.produce_recording` is to do."""

    data_dir: Path
    path: Path
    profile: str = DEFAULT
    keep_master: bool = False
    longest_min: float = LONGEST_RECORDING_MIN
    called: str | None = None
    """What people call the file, for what is said about it; None: its name on the disk."""
    closing: tuple[str, ...] = ()
    """Sentences that are said once, after the last reading of the recording."""
    chime: str = chimes.NONE
    """A name of `audio.chime`, or the sha256 of an uploaded one (`ChimeJob`)."""
    voices: tuple[str, ...] = (ALWAYS_THERE,)
    voice_settings: VoiceSettings = field(default_factory=VoiceSettings)
    repeats: int = 1
    gap_ms: int = GAP_MS

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "recording", "data_dir": str(self.data_dir), "path": str(self.path)}


@dataclass(frozen=True, slots=True)
class LookJob:
    """A recording that is looked into only to know whether a sound can be made of it."""

    data_dir: Path
    path: Path
    called: str | None = None
    whole: bool = True
    """Decoded to its end; else only what it says of itself is read, which takes a moment."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "look", "data_dir": str(self.data_dir), "path": str(self.path)}


@dataclass(frozen=True, slots=True)
class PreviewJob:
    """Sentences to listen to, in `data_dir/previews`."""

    data_dir: Path
    sentences: tuple[str, ...]
    voices: tuple[str, ...] = (ALWAYS_THERE,)
    voice_settings: VoiceSettings = field(default_factory=VoiceSettings)
    profile: str = DEFAULT
    chime: str = chimes.NONE

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "preview", "data_dir": str(self.data_dir), "key": self.key}

    @property
    def key(self) -> str:
        """The hash of all that shapes the sound."""
        asked = {**asdict(self), "data_dir": None}
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChimeJob:
    """An uploaded chime that is to go to the store, for `SpeechJob.chime`."""

    data_dir: Path
    path: Path
    called: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "chime", "data_dir": str(self.data_dir), "path": str(self.path)}


class Renderer(Closable):
    """One rendering child, one job at a time; several threads take turns."""

    def __init__(self) -> None:
        self.child = SupervisedChild("audio.render_child")

    def produce(
        self,
        job: SpeechJob | RecordingJob,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        deadline_s: float = DEADLINE_S,
        quiet_s: float = QUIET_S,
    ) -> ProducedSound:
        """The finished sound. `progress` and `cancelled` are called in this process.

        Raises what `audio.produce` raises; RenderingFailed where the child crashed or was too slow;
        RenderingCancelled.
        """

        sound = self._asked(job, progress, cancelled, deadline_s, quiet_s)
        return ProducedSound(**{**sound, "sentence_voices": tuple(sound["sentence_voices"])})

    def preview(self, job: PreviewJob, *, deadline_s: float = QUIET_S) -> Preview:
        """A small MP3 to listen to. Where it is there already no child is asked.

        What the first of its voices could not say is asked for again: perhaps it can now. Raises what `produce` raises.
        """
        there = kept_preview(job.data_dir, job.key)
        if there is not None and there.voice == job.voices[0]:
            return there
        made = self._asked(job, None, None, deadline_s, deadline_s)
        return Preview(job.key, preview_path(job.data_dir, job.key), made["duration_ms"], made["voice"])

    def look(self, job: LookJob, *, deadline_s: float = QUIET_S) -> None:
        """Raises what `produce` would raise for this recording because of the file itself; keeps nothing."""
        self._asked(job, None, None, deadline_s, deadline_s)

    def chime(self, job: ChimeJob, *, deadline_s: float = QUIET_S) -> KeptChime:
        """The uploaded chime in the store. Raises Invalid and TooLarge with what is wrong with it, and as `produce`."""
        return KeptChime(**self._asked(job, None, None, deadline_s, deadline_s))

    def _asked(
        self,
        job: SpeechJob | RecordingJob | LookJob | PreviewJob | ChimeJob,
        progress: Progress | None,
        cancelled: Cancelled | None,
        deadline_s: float,
        quiet_s: float,
    ) -> dict[str, Any]:
        def told(payload: bytes) -> None:
            if progress:
                progress(*json.loads(payload))

        try:
            answer = self.child.ask(
                json.dumps(job.as_json()).encode(),
                within_s=deadline_s,
                quiet_s=quiet_s,
                on_progress=told,
                cancelled=cancelled,
            )
        except ChildCancelled as stopped:
            raise RenderingCancelled from stopped
        except ChildHung as hung:
            raise RenderingFailed("Làm âm thanh quá lâu nên đã dừng. Bản tin khác không bị ảnh hưởng.") from hung
        except ChildDied as died:
            raise RenderingFailed("Bộ phận làm âm thanh dừng đột ngột. Vui lòng thử lại.") from died
        answered: dict[str, Any] = json.loads(answer)
        return answered

    def close(self) -> None:
        """End the child."""
        self.child.close()


def produce_in_child(
    job: SpeechJob | RecordingJob,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    deadline_s: float = DEADLINE_S,
) -> ProducedSound:
    """One sound from a child of its own; see `Renderer.produce`."""
    with Renderer() as renderer:
        return renderer.produce(job, progress=progress, cancelled=cancelled, deadline_s=deadline_s)
