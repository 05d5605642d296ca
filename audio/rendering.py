"""Rendering in a supervised child: native code that hangs or crashes never takes the server down.

A server keeps one `Renderer` (its child stays warm: loading the sound libraries costs half a second), a
command uses `produce_in_child`. Children end with their parent, however it ends.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from audio.joining import GAP_MS
from audio.produce import LONGEST_SCRIPT_MIN, Cancelled, ProducedSound, Progress, RenderingCancelled
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
    """What `audio.produce.produce` is to do. Sound goes to `data_dir/audio`, single sentences to `data_dir/speech`."""

    data_dir: Path
    sentences: tuple[str, ...]
    lead_in: str | None = None
    voices: tuple[str, ...] = (ALWAYS_THERE,)
    voice_settings: VoiceSettings = field(default_factory=VoiceSettings)
    profile: str = DEFAULT
    chime: bool = True
    repeats: int = 1
    gap_ms: int = GAP_MS
    keep_master: bool = True
    longest_min: float = LONGEST_SCRIPT_MIN

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "speech", "data_dir": str(self.data_dir)}


@dataclass(frozen=True, slots=True)
class RecordingJob:
    """What `audio.produce.produce_recording` is to do."""

    data_dir: Path
    path: Path
    profile: str = DEFAULT
    keep_master: bool = False
    longest_min: float = LONGEST_RECORDING_MIN

    def as_json(self) -> dict[str, Any]:
        """Plain values for the child."""
        return {**asdict(self), "kind": "recording", "data_dir": str(self.data_dir), "path": str(self.path)}


class Renderer:
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
        sound = json.loads(answer)
        return ProducedSound(**{**sound, "sentence_voices": tuple(sound["sentence_voices"])})

    def close(self) -> None:
        """End the child."""
        self.child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


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
