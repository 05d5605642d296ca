"""The one place where sentences are made to be listened to: a warm child, one sentence at a time, a short wait."""

from __future__ import annotations

from collections.abc import Hashable

from audio.closable import Closable
from audio.preview import Preview, kept_preview
from audio.rendering import PreviewJob, Renderer
from web.listening.turns import Turns

LONGEST_S = 30.0
"""One sentence of the slowest voice takes a few seconds; what takes longer hangs."""
WAIT_S = 2.0
"""Then one is told that somebody else listens, instead of holding a thread of the server."""


class ListeningDesk(Closable):
    """Its child starts with the first sentence and stays; `close` ends it."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._renderer = Renderer()
        self.turns = Turns(wait_s)

    def hear(self, job: PreviewJob, person: Hashable) -> Preview:
        """The sentence as a small MP3, for `person`.

        Raises OneAtATime, SomebodyListens, VoiceError, and what `Renderer.preview` raises.
        """
        there = kept_preview(job.data_dir, job.key)
        if there is not None and there.voice == job.voices[0]:
            return there
        with self.turns.turn(person):
            return self._renderer.preview(job, deadline_s=LONGEST_S)

    def close(self) -> None:
        self._renderer.close()
