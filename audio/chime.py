"""The station's sounds before and after a bulletin, made here: struck metal and bamboo, no recording, nobody's rights.

An opening climbs and comes to rest; the closing answers it downwards. The horn of a loudspeaker gives little below
300 Hz, so even the gong has its weight above that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from audio.measuring import Sound
from broadcast.errors import ConfigurationError

NONE = "none"
DEFAULT = "gong"

Partials = tuple[tuple[float, float, float], ...]  # (ratio to the note struck, strength, seconds until 1/e is left)
Notes = tuple[tuple[float, float, float], ...]  # (seconds from the beginning, hertz, strength)

_FADE_S = 0.30


@dataclass(frozen=True, slots=True)
class Chime:
    """One chime: how its instrument sounds, and the notes before and after a bulletin."""

    name: str
    label_vi: str
    version: int  # part of the name under which it is kept, coded; changes with anything below
    partials: Partials
    strike_s: float
    opening: Notes
    opening_s: float
    closing: Notes
    closing_s: float


_GONG = Chime(
    name="gong",
    label_vi="Cồng chiêng",
    version=1,
    partials=(
        (1.0, 1.00, 1.60),
        (1.52, 0.55, 1.20),
        (2.02, 0.60, 1.00),
        (2.74, 0.40, 0.70),
        (3.51, 0.25, 0.45),
        (4.95, 0.12, 0.25),
    ),
    strike_s=0.018,
    # A3 E4 A4: a low gong, a fifth above it, the octave.
    opening=((0.00, 220.00, 1.0), (0.85, 329.63, 0.8), (1.70, 440.00, 0.9)),
    opening_s=4.4,
    closing=((0.00, 329.63, 0.8), (0.70, 220.00, 1.0)),
    closing_s=3.0,
)
_BELLS = Chime(
    name="bells",
    label_vi="Chuông năm nốt",
    version=1,
    partials=((0.5, 0.25, 1.10), (1.0, 1.00, 0.90), (2.0, 0.45, 0.55), (2.76, 0.18, 0.28), (4.1, 0.10, 0.16)),
    strike_s=0.004,
    # D5 F#5 A5 B5 D6 as an opening, A5 D5 as a closing.
    opening=((0.00, 587.33, 0.8), (0.38, 739.99, 0.8), (0.76, 880.00, 0.9), (1.14, 987.77, 0.9), (1.60, 1174.66, 1.0)),
    opening_s=4.2,
    closing=((0.00, 880.00, 0.9), (0.45, 587.33, 1.0)),
    closing_s=2.2,
)
_BAMBOO = Chime(
    name="bamboo",
    label_vi="Đàn t’rưng",
    version=1,
    partials=((1.0, 1.00, 0.32), (2.0, 0.20, 0.16), (3.93, 0.30, 0.07), (9.2, 0.05, 0.02)),
    strike_s=0.003,
    # A pentatonic run, G4 A4 C5 D5 E5 G5, and its end once more an octave apart.
    opening=(
        (0.00, 392.00, 0.8),
        (0.16, 440.00, 0.8),
        (0.32, 523.25, 0.8),
        (0.48, 587.33, 0.9),
        (0.64, 659.26, 0.9),
        (0.96, 783.99, 1.0),
        (1.28, 523.25, 0.8),
        (1.28, 1046.50, 0.8),
    ),
    opening_s=2.6,
    closing=((0.00, 783.99, 0.9), (0.18, 659.26, 0.9), (0.36, 523.25, 0.9), (0.60, 392.00, 1.0)),
    closing_s=1.8,
)

CHIMES: Mapping[str, Chime] = MappingProxyType({chime.name: chime for chime in (_GONG, _BELLS, _BAMBOO)})
LABELS_VI: Mapping[str, str] = MappingProxyType(
    {NONE: "Không nhạc hiệu", **{chime.name: chime.label_vi for chime in CHIMES.values()}}
)


def chime_named(name: str) -> Chime:
    """Raises ConfigurationError, naming those there are."""
    if name not in CHIMES:
        raise ConfigurationError(f"Không có nhạc hiệu “{name}”. Hiện có: {', '.join(CHIMES)} và {NONE}.", field="chime")
    return CHIMES[name]


def opening(chime: Chime, sample_rate: int) -> Sound:
    """The opening (nhạc hiệu), 2 to 6 s, peaks under 0.5."""
    return _ring(chime, chime.opening, chime.opening_s, sample_rate)


def closing(chime: Chime, sample_rate: int) -> Sound:
    """The closing, 1 to 3 s, peaks under 0.5."""
    return _ring(chime, chime.closing, chime.closing_s, sample_rate)


def _ring(chime: Chime, notes: Notes, length_s: float, sample_rate: int) -> Sound:
    sound = np.zeros(round(length_s * sample_rate))
    for begin_s, hertz, strength in notes:
        begin = round(begin_s * sample_rate)
        at_s = np.arange(len(sound) - begin) / sample_rate
        strike = np.minimum(at_s / chime.strike_s, 1.0)
        for ratio, share, decay_s in chime.partials:
            if hertz * ratio < sample_rate / 2:
                swing = np.sin(2 * np.pi * hertz * ratio * at_s)
                sound[begin:] += strength * share * strike * np.exp(-at_s / decay_s) * swing
    fade = round(_FADE_S * sample_rate)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(sound * (0.45 / np.abs(sound).max()), np.float32)
