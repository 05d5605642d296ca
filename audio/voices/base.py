"""What every voice offers, and what every sentence and every piece of speech must satisfy."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from broadcast.errors import VoiceError

Samples = NDArray[np.int16]

MIN_SECONDS_A_SYLLABLE = 0.12  # VOICE.md: shorter than this is not speech but a broken answer
LONGEST_WORD = 60  # letters; foreign names are spelled in syllables long before this
LONGEST_SENTENCE = 6000  # characters; about ten minutes of speech without a full stop
_SILENT_BELOW = 100  # of 32767; every voice peaks in the thousands
_PUNCTUATION = ",.;:?!"
# Marks that carry no sound. They become a space; anything else that is no letter is refused rather than
# dropped.
_SOUNDLESS = "\"'“”‘’«»()[]{}<>…–—-_*/|•·\u00a0\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"


@dataclass(frozen=True, slots=True)
class Speech:
    """What a voice said: mono 16-bit samples and their rate in hertz."""

    samples: Samples
    sample_rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


class Voice(Protocol):
    """One voice. `say` may be slow, may fail with VoiceError, and never takes the process down."""

    @property
    def name(self) -> str:
        """What settings and records call it, e.g. `espeak`."""

    @property
    def label_vi(self) -> str:
        """What people read on the screen."""

    @property
    def settings(self) -> str:
        """Everything but the sentence that shapes the sound; part of the key under which speech is kept."""

    @property
    def worth_keeping(self) -> bool:
        """Whether speaking again costs more than a file (a network voice, a neural voice)."""

    def say(self, sentence: str) -> Speech:
        """`sentence`, spoken text from `audio.reading`, as sound without silence at its ends. Raises VoiceError."""

    def close(self) -> None:
        """End processes and connections; a later `say` opens them again."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A voice that can be had on this machine, as lists show it. Nothing is started before its first sentence.

    A module of this package with a function `offers(settings, state_dir) -> Iterable[Offer]` is all that a new
    voice needs (`audio.voices.registry` finds it).
    """

    name: str
    label_vi: str
    kind_vi: str
    language: str  # as in `vi-VN`
    quality_vi: str  # honest words for whoever chooses
    licence_vi: str
    make: Callable[[], Voice]
    trouble_vi: str | None = None  # why it cannot speak now
    leaves_country: bool = False  # its text is sent abroad: an administrator must choose it knowingly
    recommended: bool = False  # comes before the voice that always works, as soon as it is there
    for_tests: bool = False


def speakable(sentence: str) -> str:
    """`sentence` reduced to letters, single spaces and `, . ; : ? !`, in NFC, beginning with a letter.

    A digit, a symbol or a letter that is not Latin has a sound that would be lost, so it is a VoiceError
    and not a space.
    """
    kept: list[str] = []
    for sign in unicodedata.normalize("NFC", sentence):
        if sign.isspace() or sign in _SOUNDLESS:
            kept.append(" ")
        elif sign in _PUNCTUATION or (sign.isalpha() and "LATIN" in unicodedata.name(sign, "")):
            kept.append(sign)
        else:
            raise VoiceError(f"Câu còn ký tự chưa đổi được thành tiếng nói: “{sign}”.")
    text = " ".join("".join(kept).split()).lstrip(_PUNCTUATION + " ")
    if not text:
        raise VoiceError("Câu không có chữ nào để đọc.")
    if len(text) > LONGEST_SENTENCE:
        raise VoiceError(f"Câu dài quá {LONGEST_SENTENCE} ký tự, cần ngắt thành nhiều câu.")
    longest = max(text.split(), key=len)
    if len(longest) > LONGEST_WORD:
        raise VoiceError(f"Có một từ dài {len(longest)} chữ cái, không giọng nào đọc được: “{longest[:20]}…”.")
    return text


def syllables(text: str) -> int:
    """How many syllables spoken Vietnamese `text` has: its words between spaces that hold a letter."""
    return sum(any(sign.isalpha() for sign in word) for word in text.split())


def trimmed(samples: Samples, sample_rate: int) -> Samples:
    """`samples` without the silence at both ends, 10 ms of it kept so that no consonant is cut."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENT_BELOW)
    if not len(loud):
        return samples[:0]
    keep = sample_rate // 100
    return samples[max(0, loud[0] - keep) : loud[-1] + keep + 1]


def checked(speech: Speech, text: str, voice_vi: str) -> Speech:
    """`speech` as it is; VoiceError where it is silent or too short to be `text`."""
    if not len(speech.samples) or int(np.abs(speech.samples.astype(np.int32)).max()) <= _SILENT_BELOW:
        raise VoiceError(f"{voice_vi} trả về âm thanh im lặng.")
    if speech.duration_s < MIN_SECONDS_A_SYLLABLE * syllables(text):
        raise VoiceError(f"{voice_vi} trả về âm thanh quá ngắn so với câu cần đọc.")
    return speech


def speech_in(answer: bytes, text: str, voice_vi: str) -> Speech:
    """What a voice's child answered for `text` (u32 sample rate, mono 16-bit samples), without the silence at its ends.

    Raises VoiceError where it is no speech.
    """
    (sample_rate,) = struct.unpack_from("<I", answer)
    heard = np.frombuffer(answer, "<i2", offset=4).astype(np.int16, copy=False)
    return checked(Speech(trimmed(heard, sample_rate), sample_rate), text, voice_vi)


def joined(parts: Iterable[tuple[Speech, float]]) -> Speech:
    """Parts of one sentence, at one rate, each with the seconds of silence between it and the next."""
    pieces: list[Samples] = []
    sample_rate, pause_s = 0, 0.0
    for speech, after_s in parts:
        sample_rate = speech.sample_rate
        if pieces:
            pieces.append(np.zeros(round(pause_s * sample_rate), np.int16))
        pieces.append(speech.samples)
        pause_s = after_s
    return Speech(np.concatenate(pieces), sample_rate)
