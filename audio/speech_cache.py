"""Spoken sentences, kept by (spoken sentence, voice, settings): one sentence changed is one sentence made anew.

A cache: what cannot be read is made again, what cannot be written is logged and not kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import wave
from pathlib import Path

import numpy as np

from audio.store import temporary
from audio.voices.base import Speech

log = logging.getLogger(__name__)

_DIGEST = 32  # bytes of SHA-256 after the end of the RIFF data; players do not look there


class SpeechCache:
    """WAV files under `root`, each with its own digest."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sentence: str, voice: str, settings: str) -> Path:
        """Where speech for these is, or would be."""
        asked = json.dumps([sentence, voice, settings], ensure_ascii=False)
        key = hashlib.sha256(asked.encode()).hexdigest()
        return self.root / key[:2] / f"{key}.wav"

    def get(self, sentence: str, voice: str, settings: str) -> Speech | None:
        """The kept speech; None where there is none or the file is damaged (it is removed then)."""
        path = self.path(sentence, voice, settings)
        try:
            kept = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as failed:
            log.warning("speech cache: cannot read %s: %s", path, failed)
            return None
        riff, digest = kept[:-_DIGEST], kept[-_DIGEST:]
        if hashlib.sha256(riff).digest() != digest:
            log.warning("speech cache: %s was damaged and is made again", path)
            path.unlink(missing_ok=True)
            return None
        with wave.open(io.BytesIO(riff)) as source:
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
        path = self.path(sentence, voice, settings)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # No fsync: after a power cut the digest does not fit and the sentence is spoken again.
            with temporary(path.parent) as unfinished:
                unfinished.write_bytes(riff.getvalue() + hashlib.sha256(riff.getvalue()).digest())
                unfinished.replace(path)
        except OSError as failed:
            log.warning("speech cache: cannot write %s: %s", path, failed)

    def prune(self, largest_bytes: int) -> int:
        """Remove the oldest files until at most `largest_bytes` are kept; how many were removed."""
        files = sorted(
            ((stat.st_mtime, stat.st_size, path) for path in self.root.glob("*/*") if (stat := path.stat())),
            reverse=True,
        )
        kept = removed = 0
        for _, size, path in files:
            kept += size
            if kept > largest_bytes:
                path.unlink(missing_ok=True)
                removed += 1
        return removed
