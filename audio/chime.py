"""The station's sounds before and after a bulletin, made here: struck bells, no recording, nobody's rights.

The opening climbs a pentatonic scale and comes to rest; the closing answers it downwards.
"""

from __future__ import annotations

import numpy as np

from audio.measuring import Sound

# Partials of a struck bell: (ratio to the strike note, strength, seconds until it has died to 1/e).
_PARTIALS = ((0.5, 0.25, 1.10), (1.0, 1.00, 0.90), (2.0, 0.45, 0.55), (2.76, 0.18, 0.28), (4.1, 0.10, 0.16))
_STRIKE_S = 0.004
_FADE_S = 0.30

# (seconds from the beginning, hertz, strength): D5 F#5 A5 B5 D6 as an opening, A5 D5 as a closing.
_OPENING = ((0.00, 587.33, 0.8), (0.38, 739.99, 0.8), (0.76, 880.00, 0.9), (1.14, 987.77, 0.9), (1.60, 1174.66, 1.0))
_OPENING_S = 4.2
_CLOSING = ((0.00, 880.00, 0.9), (0.45, 587.33, 1.0))
_CLOSING_S = 2.2


def opening(sample_rate: int) -> Sound:
    """The opening chime (nhạc hiệu), 4.2 s, peaks under 0.5."""
    return _ring(_OPENING, _OPENING_S, sample_rate)


def closing(sample_rate: int) -> Sound:
    """The closing chime, 2.2 s, peaks under 0.5."""
    return _ring(_CLOSING, _CLOSING_S, sample_rate)


def _ring(notes: tuple[tuple[float, float, float], ...], length_s: float, sample_rate: int) -> Sound:
    sound = np.zeros(round(length_s * sample_rate))
    for begin_s, hertz, strength in notes:
        begin = round(begin_s * sample_rate)
        at_s = np.arange(len(sound) - begin) / sample_rate
        strike = np.minimum(at_s / _STRIKE_S, 1.0)
        for ratio, share, decay_s in _PARTIALS:
            swing = np.sin(2 * np.pi * hertz * ratio * at_s)
            sound[begin:] += strength * share * strike * np.exp(-at_s / decay_s) * swing
    fade = round(_FADE_S * sample_rate)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(sound * (0.45 / np.abs(sound).max()), np.float32)
