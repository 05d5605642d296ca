"""Spoken sentences, kept by (spoken sentence, voice, settings): one sentence changed is one sentence made anew."""

from __future__ import annotations

import hashlib
import io
import json
import wave
from pathlib import Path

import numpy as np

from audio.kept_files import KeptFiles
from audio.voices.base import Speech


class SpeechCache:
    """WAV files under `root`, each with its own digest behind the end of the RIFF data, where players do not look."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files = KeptFiles(root, ".wav")

    def path(self, sentence: str, voice: str, settings: str) -> Path:
        """Where speech for these is, or would be."""
        return self._files.path(_key(sentence, voice, settings))

    def get(self, sentence: str, voice: str, settings: str) -> Speech | None:
        """The kept speech; None where there is none or the file is damaged (it is removed then)."""
        kept = self._files.get(_key(sentence, voice, settings))
        if kept is None:
            return None
        with wave.open(io.BytesIO(kept)) as source:
            samples = np.frombuffer(source.readframes(source.getnframes()), "<i2").astype(np.int16, copy=False)
            return Speech(samples, source.getframerate())

    def put(self, sentence: str, voice: str, settings: str, speech: Speech) -> None:
        """Keep `speech`, all of it or nothing."""
        riff = io.BytesIO()
        with wave.open(riff, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(speech.sample_rate)
            out.writeframes(speech.samples.astype("<i2", copy=False).tobytes())
        self._files.put(_key(sentence, voice, settings), riff.getvalue())

    def prune(self, largest_bytes: int) -> int:
        """Remove what was not used for longest until at most `largest_bytes` are kept; how many were removed."""
        return self._files.prune(largest_bytes)


def _key(sentence: str, voice: str, settings: str) -> str:
    asked = json.dumps([sentence, voice, settings], ensure_ascii=False)
    return hashlib.sha256(asked.encode()).hexdigest()
