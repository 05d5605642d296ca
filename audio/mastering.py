"""A recording to the MP3 that stations play: shaped, levelled, limited, coded, and measured on the decoded file.

All of it in passes over files: an hour of sound takes no more memory than a minute, but for two numbers a millisecond.
What is spoken here goes another way, piece by piece (`audio.assembly`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio import coding
from audio.around import BARE, Around
from audio.coding import CODER_LOSS_LU, SAMPLE_RATE
from audio.limiting import (
    CEILING_DB,
    QUIETEST_LUFS,
    SAFE_PEAK_DB,
    TARGET_LUFS,
    TOLERANCE_LU,
    TRUE_PEAK_LIMIT_DB,
    applied_between,
    gains_to,
    loudness_after,
    rounded_off,
)
from audio.measuring import Meter, Sound, Track, amplitude, integrated_lufs
from audio.profiles import Filtering, Profile
from audio.recording import Recording
from audio.reel import Reel
from broadcast.errors import Invalid

log = logging.getLogger(__name__)

SHORTEST_S = 0.4  # one block of the loudness measure
_CLOSE_ENOUGH_LU = 0.2  # the decoded file is coded again beyond this
_ATTEMPTS = 5
_ROUNDINGS = 4
_AT_ONCE_MS = 10_000
_AT_ONCE = SAMPLE_RATE * _AT_ONCE_MS // 1000
_SHAPED, _CODED = 0.25, 0.9  # how far the work is after the filters, and after coding once

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Mastered:
    """What was measured on a finished MP3 after decoding it."""

    duration_ms: int
    lufs: float
    true_peak_db: float


def refuse_unusable(recording: Recording) -> None:
    """Raises Invalid for what is silent or shorter than 400 ms."""
    if recording.samples < SHORTEST_S * SAMPLE_RATE:
        raise Invalid("Âm thanh ngắn hơn 0,4 giây nên không thể phát.", field="sound")
    if recording.lufs < QUIETEST_LUFS:
        raise silent()


def mastered(
    recording: Recording,
    profile: Profile,
    *,
    around: Around = BARE,
    folder: Path,
    mp3: Path,
    master: Path | None = None,
    tell: Tell = lambda _: None,
) -> Mastered:
    """Writes `recording` to `mp3` (mono, 64 kbit/s) at -16 LUFS and at most -1.5 dBTP, and to `master` as FLAC.

    What sounds `around` it goes the same way: one set of filters, one gain and one limiter for the whole.
    `folder` is for files on the way; `tell` hears how much is done, from 0 to 1, and may raise to stop. Raises
    Invalid for what is silent, shorter than 400 ms, or cannot be brought to that loudness.
    """
    refuse_unusable(recording)
    with Reel(folder) as shaped:
        meter = _shaped(recording, around, profile, shaped, tell)
        loudness, peak, knees = _reachable(shaped, meter)
        target, ceiling_db = TARGET_LUFS + CODER_LOSS_LU, CEILING_DB
        for _ in range(_ATTEMPTS):
            gains = gains_to(loudness, peak, target, amplitude(ceiling_db))
            _write(shaped, knees, gains, mp3, master, tell)
            heard = _heard(mp3, tell)
            off = heard.lufs - TARGET_LUFS
            if abs(off) <= _CLOSE_ENOUGH_LU and heard.true_peak_db <= SAFE_PEAK_DB:
                break
            log.info("coded to %.2f LUFS, %.2f dBTP: once more", heard.lufs, heard.true_peak_db)
            target -= off
            ceiling_db -= max(0.0, heard.true_peak_db - SAFE_PEAK_DB + 0.2)
    if not abs(off) <= TOLERANCE_LU or heard.true_peak_db > TRUE_PEAK_LIMIT_DB:
        raise unreachable()
    duration_ms = round(heard.samples * 1000 / SAMPLE_RATE)
    return Mastered(duration_ms, round(heard.lufs, 2), round(heard.true_peak_db, 2))


def silent() -> Invalid:
    """What is said of sound without sound."""
    return Invalid("Âm thanh hầu như im lặng nên không thể phát.", field="sound")


def unreachable() -> Invalid:
    """What is said of sound that no gain and no limiter bring to where all sound is."""
    return Invalid("Không thể đưa âm thanh này về độ to chuẩn: tiếng quá ngắt quãng hoặc bị méo.", field="sound")


def _shaped(recording: Recording, around: Around, profile: Profile, into: Reel, tell: Tell) -> Meter:
    """Writes the recording and what is around it after the profile's filters, at REFERENCE_LUFS before them."""
    filtering, meter = Filtering(profile, SAMPLE_RATE), Meter(SAMPLE_RATE, every_peak=True)
    length = around.samples(recording)
    for piece in around.pieces(recording, _AT_ONCE):
        ready = filtering.push(piece)
        into.write(ready)
        meter.hear(ready)
        tell(_SHAPED * into.samples / length)
    rest = filtering.finish()
    into.write(rest)
    meter.hear(rest)
    meter.finish()
    return meter


def _reachable(sound: Reel, meter: Meter) -> tuple[Track, Sound, list[float]]:
    """Loudness and peaks that a limiter can bring down far enough, and the knees that `sound` must be rounded off at.

    Speech never needs one. A buzz or a knock whose peaks stand too far above its loudness is rounded off, gently at
    first.
    """
    wanted = TARGET_LUFS + CODER_LOSS_LU
    knees: list[float] = []
    while True:
        loudness, peak = meter.energies, meter.peaks
        if integrated_lufs(loudness) < QUIETEST_LUFS:
            raise silent()
        gains = gains_to(loudness, peak, wanted, amplitude(CEILING_DB))
        if abs(loudness_after(loudness, gains) - wanted) < _CLOSE_ENOUGH_LU or len(knees) == _ROUNDINGS:
            return loudness, peak, knees
        knees.append(float(peak.max()) / 2)
        meter = Meter(SAMPLE_RATE, every_peak=True)
        for piece in sound.pieces(_AT_ONCE):
            meter.hear(_rounded(piece, knees))
        meter.finish()


def _write(sound: Reel, knees: list[float], gains: Sound, mp3: Path, master: Path | None, tell: Tell) -> None:
    """Writes `sound`, rounded off and with its gains, to `mp3` and `master`."""
    lossless = coding.lossless_encoder(master) if master is not None else None
    try:
        with mp3.open("wb") as out, coding.encoder(out.fileno()) as coder:
            for number, piece in enumerate(sound.pieces(_AT_ONCE)):
                first = number * _AT_ONCE_MS
                here = gains[first : first + _AT_ONCE_MS]
                before, after = gains[max(0, first - 1) :][:1], gains[min(len(gains) - 1, first + _AT_ONCE_MS) :][:1]
                finished = applied_between(_rounded(piece, knees), here, before, after, SAMPLE_RATE)
                coder.write(finished)
                if lossless is not None:
                    lossless.write(finished)
                tell(_SHAPED + (_CODED - _SHAPED) * (first + len(here)) / len(gains))
    finally:
        if lossless is not None:
            lossless.close()


def _heard(mp3: Path, tell: Tell) -> Meter:
    meter = Meter(SAMPLE_RATE)
    for piece in coding.decoded(mp3):
        meter.hear(piece)
        tell(_CODED)
    meter.finish()
    return meter


def _rounded(sound: Sound, knees: list[float]) -> Sound:
    for knee in knees:
        sound = rounded_off(sound, knee)
    return sound
