"""A voice for tests: one tone a syllable, the same samples for the same sentence on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from audio.voices.base import Offer, Speech, speakable

if TYPE_CHECKING:
    from audio.voices.registry import VoiceSettings

SAMPLE_RATE = 24000
_SYLLABLE_S, _GAP_S = 0.20, 0.05


class ToneVoice:
    """See `audio.voices.base.Voice`. It fails only where a sentence has nothing to say."""

    name = "tone"
    label_vi = "Âm thử (mỗi tiếng một nốt)"
    settings = "1"
    worth_keeping = False

    def say(self, sentence: str) -> Speech:
        """0.25 s a word; its pitch comes from the word. Raises VoiceError."""
        notes = [_note(word) for word in speakable(sentence).split()]
        return Speech(np.concatenate(notes), SAMPLE_RATE)

    def close(self) -> None:
        """Nothing is open."""


def offers(_settings: VoiceSettings, _state_dir: Path | None) -> Iterator[Offer]:
    """See `audio.voices.base.Offer`."""
    yield Offer(
        name=ToneVoice.name,
        label_vi=ToneVoice.label_vi,
        kind_vi="âm thử",
        language="",
        quality_vi="Chỉ để thử máy: mỗi tiếng một nốt, không thành lời.",
        licence_vi="của phần mềm này",
        make=ToneVoice,
        for_tests=True,
    )


def _note(word: str) -> np.ndarray:
    hertz = 180 + crc32(word.casefold().encode()) % 300
    at_s = np.arange(round(_SYLLABLE_S * SAMPLE_RATE)) / SAMPLE_RATE
    swell = np.sin(np.pi * at_s / _SYLLABLE_S)  # no clicks at the ends
    sound = sum(np.sin(2 * np.pi * hertz * k * at_s) / k for k in (1, 2, 3))
    note = np.round(9000 * swell * sound).astype(np.int16)
    return np.concatenate([note, np.zeros(round(_GAP_S * SAMPLE_RATE), np.int16)])
