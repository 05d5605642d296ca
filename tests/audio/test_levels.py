"""How loud a voice speaks is kept in a small file: one that cannot be is measured again, never used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from audio.coding import SAMPLE_RATE
from audio.levels import levels
from audio.measuring import Sound
from audio.speaking import Spoken
from audio.voices.base import Speech


@pytest.mark.parametrize(
    "level", ["-Infinity", "NaN", "-300", "31", "1e308", "1" + "0" * 400, "true", '"-3"', "[" * 3000, "1" * 5000, "{}"]
)
def test_a_level_that_no_voice_has_is_measured_again_and_written(
    tmp_path: Path, speech_like: Sound, level: str
) -> None:
    sound = (np.tile(speech_like, 2) * 32767).astype(np.int16)
    said = [Spoken("Kính thưa bà con.", "tone", Speech(sound, SAMPLE_RATE))]
    measured = levels(said, tmp_path)
    (kept,) = tmp_path.glob("*.json")
    kept.write_text('{"level_db": ' + level + "}", "utf-8")
    assert levels(said, tmp_path) == measured
    assert json.loads(kept.read_text("utf-8"))["level_db"] == measured["tone", ""]
