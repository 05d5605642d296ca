"""A lossless master as a file for people: WAV or FLAC, as loud as the MP3 that was made of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.coding import CODER_LOSS_LU, SAMPLE_RATE
from audio.measuring import Meter, amplitude

_AT_ONCE = SAMPLE_RATE * 10


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, measured on what a player decodes of it."""

    sha256: str
    samples: int
    lufs: float
    true_peak_db: float


def export_master(master: Path, to: Path, container: str) -> Exported:
    """`master` (FLAC of the store) at `to` as "WAV" or "FLAC", mono, 16 bit. Raises OSError.

    The coder of the MP3 lowers what it is given; here that is taken away, so both are equally loud.
    """
    import soundfile

    gain, meter = np.float32(amplitude(-CODER_LOSS_LU)), Meter(SAMPLE_RATE)
    with (
        soundfile.SoundFile(master) as source,
        to.open("wb") as file,
        soundfile.SoundFile(file, "w", SAMPLE_RATE, 1, format=container, subtype="PCM_16") as target,
    ):
        while len(piece := source.read(_AT_ONCE, dtype="float32")):
            rounded = np.round(piece * gain * 32767).astype(np.int16)
            target.write(rounded)
            meter.hear(rounded.astype(np.float32) / np.float32(32768))
    meter.finish()
    with to.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return Exported(sha256, meter.samples, round(meter.lufs, 2), round(meter.true_peak_db, 2))
