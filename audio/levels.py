"""How loud each voice speaks, measured once: voices stand at one level, and a level does not depend on the text.

If it did, every change of a sentence would make every other sentence sound a little different, and each would have to
be coded again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from audio.coding import SAMPLE_RATE
from audio.limiting import REFERENCE_LUFS
from audio.measuring import Sound, loudness_lufs
from audio.resampling import resampled
from audio.speaking import Spoken
from audio.store import read_json, write_whole
from audio.voices.base import Speech

log = logging.getLogger(__name__)

_MEASURED_S = 30  # a voice's level is known after half a minute
_FARTHEST_DB = 30  # no voice speaks so softly or so loudly that it takes more: the file is wrong
_KEPT_FROM_S = 8  # what is measured on less counts for this text only


def levels(said: Sequence[Spoken], folder: Path | None) -> dict[tuple[str, str], float]:
    """For each (voice, settings) the dB that bring it to REFERENCE_LUFS.

    Read from `folder` where it was measured before, otherwise measured on `said`, and kept there if that is enough.
    """
    heard: dict[tuple[str, str], list[Spoken]] = {}
    for spoken in said:
        heard.setdefault((spoken.voice, spoken.settings), []).append(spoken)
    found = {}
    for voice, spoken_by in heard.items():
        known = _known(folder, voice)
        found[voice] = _measured(folder, voice, spoken_by) if known is None else known
    return found


def sound_of(speech: Speech) -> Sound:
    """`speech` at SAMPLE_RATE, full scale 1.0."""
    return resampled(speech.samples.astype(np.float32) / np.float32(32768), speech.sample_rate, SAMPLE_RATE)


def _measured(folder: Path | None, voice: tuple[str, str], said: Sequence[Spoken]) -> float:
    pieces: list[Sound] = []
    for spoken in said:
        if sum(map(len, pieces)) < _MEASURED_S * SAMPLE_RATE:
            pieces.append(sound_of(spoken.speech))
    sound = np.concatenate(pieces)
    # Repeated, so that a single word of 0.3 s fills a block of the measure too.
    lufs = loudness_lufs(np.tile(sound, 1 if len(pieces) > 1 else 3), SAMPLE_RATE)
    level_db = round(REFERENCE_LUFS - lufs, 1) if np.isfinite(lufs) else 0.0
    if folder is not None and abs(level_db) <= _FARTHEST_DB and len(sound) >= _KEPT_FROM_S * SAMPLE_RATE:
        _keep(folder, voice, level_db)
    return level_db


def _known(folder: Path | None, voice: tuple[str, str]) -> float | None:
    if folder is None:
        return None
    try:
        return _read(_path(folder, voice))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as failed:
        log.warning("the level of voice %s is measured again: %s", voice[0], failed)
        return None


def _read(path: Path) -> float:
    """Raises ValueError and the like for what was not written here."""
    level_db = read_json(path)["level_db"]
    if isinstance(level_db, bool) or not isinstance(level_db, int | float) or not abs(level_db) <= _FARTHEST_DB:
        raise ValueError("no level")
    return float(level_db)


def _keep(folder: Path, voice: tuple[str, str], level_db: float) -> None:
    try:
        write_whole(_path(folder, voice), json.dumps({"voice": voice[0], "level_db": level_db}).encode())
    except OSError as failed:
        log.warning("cannot keep the level of voice %s: %s", voice[0], failed)


def _path(folder: Path, voice: tuple[str, str]) -> Path:
    return folder / f"{hashlib.sha256(json.dumps(voice, ensure_ascii=False).encode()).hexdigest()}.json"
