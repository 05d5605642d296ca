"""From joined sound to the MP3 that stations play: shaped, levelled, limited, coded, and measured on the decoded file.

VOICE.md: FFmpeg's two-pass loudnorm overshot silently; equaliser, then gain, then a four times oversampled
limiter at -3 dBTP or less before coding held. The gain is found on loudness and peaks of each millisecond, so the
samples are touched once.
"""

from __future__ import annotations

import io
import logging
import math
from dataclasses import dataclass

import numpy as np

from audio.measuring import (
    Sound,
    Track,
    amplitude,
    energies,
    integrated_lufs,
    loudness_lufs,
    peaks,
    samples_a_ms,
    true_peak_db,
)
from audio.profiles import Profile, shaped
from broadcast.errors import Invalid

log = logging.getLogger(__name__)

SAMPLE_RATE = 24000
MEDIA_TYPE = "audio/mpeg"
TARGET_LUFS, TOLERANCE_LU = -16.0, 0.5
TRUE_PEAK_LIMIT_DB = -1.5
CEILING_DB = -3.5  # before coding; MP3 added up to 1.5 dB in minutes of speech, and coding twice costs most
SHORTEST_S = 0.4  # one block of the loudness measure
QUIETEST_LUFS = -60.0  # below this there is hiss, not speech
REFERENCE_LUFS = -23.0  # where profiles expect the sound to stand
_SAFE_PEAK_DB = TRUE_PEAK_LIMIT_DB - 0.1  # another meter may read a few hundredths more
_CLOSE_ENOUGH_LU = 0.2  # the decoded file is coded again beyond this
_ATTEMPTS = 5
_ROUNDINGS = 4
# LAME lowers what it is given by 0.95 (measured: 0.45 to 0.46 dB) at this rate. Without this everything is coded twice.
_CODER_LOSS_LU = 0.455
_LOOK_MS = 8  # the limiter sees this far ahead, and lets go over as long
_MP3_64_KBIT = 0.62  # libsndfile's compression level for constant 64 kbit/s at 24 kHz (tried: 0.60 to 0.64)
_CODE_AT_ONCE = SAMPLE_RATE * 10


@dataclass(frozen=True, slots=True)
class Mastered:
    """A finished MP3, what was measured on it after decoding, and the sound before coding, at SAMPLE_RATE."""

    mp3: bytes
    master: Sound
    duration_ms: int
    lufs: float
    true_peak_db: float


def master(sound: Sound, profile: Profile, *, levelled: bool = False) -> Mastered:
    """`sound` (mono, SAMPLE_RATE, full scale 1.0) as a mono MP3 of 64 kbit/s at -16 LUFS, at most -1.5 dBTP.

    `levelled` says that it stands near REFERENCE_LUFS already. Raises Invalid for what is silent, shorter
    than 400 ms, or cannot be brought to that loudness.
    """
    if len(sound) < SHORTEST_S * SAMPLE_RATE:
        raise Invalid("Âm thanh ngắn hơn 0,4 giây nên không thể phát.", field="sound")
    if not levelled:
        sound = raised(sound)
    sound = shaped(sound, SAMPLE_RATE, profile)
    sound, loudness, peak = _reachable(sound)
    target, ceiling = TARGET_LUFS + _CODER_LOSS_LU, CEILING_DB
    for _ in range(_ATTEMPTS):
        gains = _gains(loudness, peak, target, amplitude(ceiling))
        finished = _applied(sound, gains)
        coded = encode(finished)
        heard = decode(coded)
        lufs, true_peak = loudness_lufs(heard, SAMPLE_RATE), true_peak_db(heard, SAMPLE_RATE)
        off = lufs - TARGET_LUFS
        if abs(off) <= _CLOSE_ENOUGH_LU and true_peak <= _SAFE_PEAK_DB:
            break
        log.info("coded to %.2f LUFS, %.2f dBTP: once more", lufs, true_peak)
        target -= off
        ceiling -= max(0.0, true_peak - _SAFE_PEAK_DB + 0.2)
    if abs(off) > TOLERANCE_LU or true_peak > TRUE_PEAK_LIMIT_DB:
        raise Invalid("Không thể đưa âm thanh này về độ to chuẩn: tiếng quá ngắt quãng hoặc bị méo.", field="sound")
    duration_ms = round(len(heard) * 1000 / SAMPLE_RATE)
    return Mastered(coded, finished, duration_ms, round(lufs, 2), round(true_peak, 2))


def raised(sound: Sound) -> Sound:
    """`sound` at REFERENCE_LUFS. Raises Invalid for silence."""
    lufs = loudness_lufs(sound, SAMPLE_RATE)
    if lufs < QUIETEST_LUFS:
        raise Invalid("Âm thanh hầu như im lặng nên không thể phát.", field="sound")
    return sound * np.float32(amplitude(REFERENCE_LUFS - lufs))


def encode(sound: Sound) -> bytes:
    """`sound` as a mono MP3, constant 64 kbit/s."""
    import soundfile

    out = io.BytesIO()
    with soundfile.SoundFile(
        out,
        "w",
        SAMPLE_RATE,
        1,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=_MP3_64_KBIT,
        bitrate_mode="CONSTANT",
    ) as mp3:
        for start in range(0, len(sound), _CODE_AT_ONCE):
            mp3.write(sound[start : start + _CODE_AT_ONCE])
    return out.getvalue()


def decode(coded: bytes) -> Sound:
    """Our own MP3 as it will sound. Raises RuntimeError (soundfile's) for bytes that are none."""
    import soundfile

    heard, rate = soundfile.read(io.BytesIO(coded), dtype="float32")
    assert rate == SAMPLE_RATE
    assert heard.ndim == 1
    return np.asarray(heard, np.float32)


def encode_master(sound: Sound) -> bytes:
    """`sound` as FLAC, 16 bit: about a twentieth of the time that the MP3 takes, two to three times its size."""
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, sound, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return out.getvalue()


def _reachable(sound: Sound) -> tuple[Sound, Track, Sound]:
    """`sound` with peaks that a limiter can bring down far enough, and its `energies` and `peaks`.

    Speech never needs it. A buzz or a knock whose peaks stand too far above its loudness is
    rounded off, gently at first.
    """
    wanted = TARGET_LUFS + _CODER_LOSS_LU
    for rounding in range(_ROUNDINGS + 1):
        loudness, peak = energies(sound, SAMPLE_RATE), peaks(sound, SAMPLE_RATE)
        if integrated_lufs(loudness) < QUIETEST_LUFS:
            raise Invalid("Âm thanh hầu như im lặng nên không thể phát.", field="sound")
        gains = _gains(loudness, peak, wanted, amplitude(CEILING_DB))
        if abs(_after(loudness, gains) - wanted) < _CLOSE_ENOUGH_LU or rounding == _ROUNDINGS:
            break
        knee = np.float32(peak.max() / 2)
        sound = np.tanh(sound / knee) * knee
    return sound, loudness, peak


def _gains(loudness: Track, peak: Sound, target_lufs: float, ceiling: float) -> Sound:
    """The factor for each millisecond that brings the whole to `target_lufs` and every peak under `ceiling`.

    A limiter takes loudness away, so the gain before it is raised until the whole is where it should be.
    """
    gain_db = target_lufs - integrated_lufs(loudness)
    for _ in range(12):
        gains = amplitude(gain_db) * _limited(peak * np.float32(amplitude(gain_db)), ceiling)
        off = _after(loudness, gains) - target_lufs
        if abs(off) < 0.02 or not math.isfinite(off):
            break
        gain_db -= off
    return gains


def _after(loudness: Track, gains: Sound) -> float:
    """The loudness that `gains` lead to."""
    return integrated_lufs(loudness * gains[: len(loudness)].astype(np.float64) ** 2)


def _limited(peak: Sound, ceiling: float) -> Sound:
    """The limiter's factor for each millisecond: smooth, never above what its peak and its neighbours' allow."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    allowed = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9)).astype(np.float32)
    # Between two milliseconds the factor is interpolated, so each must also suit the next: hence the two
    # more.
    held = minimum_filter1d(allowed, 2 * _LOOK_MS + 3, mode="nearest")
    for _ in range(2):
        held = uniform_filter1d(held, _LOOK_MS + 1, mode="nearest")
    return np.asarray(held)


def _applied(sound: Sound, gains: Sound) -> Sound:
    """`sound` times `gains`, in straight lines from the middle of each millisecond to the middle of the next."""
    width = samples_a_ms(SAMPLE_RATE)
    count = len(gains)
    before = np.concatenate([gains[:1], gains[:-1]])
    after = np.concatenate([gains[1:], gains[-1:]])
    share = ((np.arange(width) + 0.5) / width).astype(np.float32)
    early, late = share[: width // 2], share[width // 2 :]
    curve = np.empty((count, width), np.float32)
    curve[:, : width // 2] = before[:, None] * (0.5 - early) + gains[:, None] * (0.5 + early)
    curve[:, width // 2 :] = gains[:, None] * (1.5 - late) + after[:, None] * (late - 0.5)
    return sound * curve.reshape(-1)[: len(sound)]
