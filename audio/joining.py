"""Chime, lead-in, sentences, pauses and closing as one piece of sound: levels matched, joined by pydub."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from audio import chime
from audio.mastering import REFERENCE_LUFS, SAMPLE_RATE
from audio.measuring import Sound, Track, amplitude, loudness_lufs
from audio.speaking import Spoken
from audio.voices.base import Speech

if TYPE_CHECKING:
    from pydub import AudioSegment

AFTER_CHIME_MS = 400
AFTER_LEAD_IN_MS = 700
BEFORE_CLOSING_MS = 700
GAP_MS = 1500  # between two readings of the body
PAUSE_MS = {".": 450, "?": 450, "!": 450, ",": 300, ";": 350, ":": 350}
_CHIME_LUFS = REFERENCE_LUFS - 3  # a bell sounds louder than it measures
_LEVEL_FROM_S = 30  # a voice's level is known after half a minute


def join(
    lead_in: Spoken | None,
    body: Sequence[Spoken],
    *,
    with_chime: bool,
    repeats: int = 1,
    gap_ms: int = GAP_MS,
) -> Sound:
    """Mono sound at SAMPLE_RATE, near REFERENCE_LUFS.

    Voices are brought to one level, so that a
    sentence which another voice had to read does not jump out.
    """
    levels = _levels([*([lead_in] if lead_in else []), *body])
    segments: list[AudioSegment] = []
    if with_chime:
        segments += [_segment(_chimed(chime.opening(SAMPLE_RATE))), _silence(AFTER_CHIME_MS)]
    if lead_in is not None:
        segments += [_levelled(lead_in, levels), _silence(AFTER_LEAD_IN_MS)]
    reading: list[AudioSegment] = []
    for at, spoken in enumerate(body):
        reading.append(_levelled(spoken, levels))
        if at < len(body) - 1:
            reading.append(_silence(PAUSE_MS.get(spoken.sentence[-1:], PAUSE_MS["."])))
    for number in range(repeats):
        if number:
            segments.append(_silence(gap_ms))
        segments += reading
    if with_chime:
        segments += [_silence(BEFORE_CLOSING_MS), _segment(_chimed(chime.closing(SAMPLE_RATE)))]
    joined = segments[0]._spawn([segment.raw_data for segment in segments])
    return np.frombuffer(joined.raw_data, np.int16).astype(np.float32) / np.float32(32768)


def _levels(body: Sequence[Spoken]) -> dict[str, float]:
    """The factor that brings each voice to REFERENCE_LUFS, from the beginning of what it says."""
    said: dict[str, list[Sound]] = {}
    for spoken in body:
        heard = said.setdefault(spoken.voice, [])
        if sum(map(len, heard)) < _LEVEL_FROM_S * SAMPLE_RATE:
            heard.append(_resampled(spoken.speech))
    levels: dict[str, float] = {}
    for voice, heard in said.items():
        # Repeated, so that a single word of 0.3 s fills a block of the measure too.
        lufs = loudness_lufs(np.tile(np.concatenate(heard), 1 if len(heard) > 1 else 3), SAMPLE_RATE)
        levels[voice] = amplitude(REFERENCE_LUFS - lufs) if np.isfinite(lufs) else 1.0
    return levels


def _levelled(spoken: Spoken, levels: dict[str, float]) -> AudioSegment:
    return _segment(_resampled(spoken.speech) * np.float32(levels[spoken.voice]))


def _chimed(sound: Sound) -> Sound:
    return sound * np.float32(amplitude(_CHIME_LUFS - loudness_lufs(sound, SAMPLE_RATE)))


def _resampled(speech: Speech) -> Sound:
    sound = speech.samples.astype(np.float32) / np.float32(32768)
    if speech.sample_rate == SAMPLE_RATE:
        return sound
    from scipy.signal import resample_poly

    common = gcd(SAMPLE_RATE, speech.sample_rate)
    up, down = SAMPLE_RATE // common, speech.sample_rate // common
    return np.asarray(resample_poly(sound, up, down, window=_window(up, down)), np.float32)


@lru_cache(maxsize=8)
def _window(up: int, down: int) -> Track:
    """resample_poly's own default filter, designed once instead of once a sentence."""
    from scipy.signal import firwin

    widest = max(up, down)
    return np.asarray(firwin(20 * widest + 1, 1.0 / widest, window=("kaiser", 5.0)), np.float32)


def _segment(sound: Sound) -> AudioSegment:
    samples = np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)
    return _pydub()(data=samples.tobytes(), sample_width=2, frame_rate=SAMPLE_RATE, channels=1)


def _silence(length_ms: int) -> AudioSegment:
    return _pydub().silent(duration=length_ms, frame_rate=SAMPLE_RATE)


@lru_cache(maxsize=1)
def _pydub() -> Any:
    # pydub warns at import that no ffmpeg program is there; nothing here needs one.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment
