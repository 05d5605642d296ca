"""The lossless master of a spoken sound: its pieces and pauses joined by pydub, kept as FLAC."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from audio.coding import SAMPLE_RATE, encode_master
from audio.measuring import Sound

_FULL_SCALE = 32768


def joined_master(pieces: Iterable[tuple[Sound, int]]) -> bytes:
    """FLAC of the pieces in order, mono, 16 bit. Each is its sound at SAMPLE_RATE and the samples of silence after."""
    segment = _pydub()
    whole = segment.empty().set_frame_rate(SAMPLE_RATE).set_channels(1)
    for sound, pause in pieces:
        samples = np.clip(np.round(sound * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
        data = samples.tobytes() + bytes(2 * pause)
        whole += segment(data=data, sample_width=2, frame_rate=SAMPLE_RATE, channels=1)
    return encode_master(np.frombuffer(whole.raw_data, np.int16).astype(np.float32) / np.float32(_FULL_SCALE))


@lru_cache(maxsize=1)
def _pydub() -> Any:
    # pydub warns at import that no ffmpeg program is there; nothing here needs one.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment
