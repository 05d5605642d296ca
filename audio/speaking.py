"""Sentences to speech by the first voice that can: cache, order of voices, and who said what."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from audio.speech_cache import SpeechCache
from audio.voices.base import Speech, Voice, speakable
from broadcast.errors import VoiceError

log = logging.getLogger(__name__)

_GIVES_UP_AFTER = 3  # failures in a row; a voice that hangs must not cost its time limit for each of 200 sentences


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence, who said it and how it sounds."""

    sentence: str
    voice: str
    speech: Speech
    settings: str = ""
    """Of the voice; they shape how loud it is as well."""


class Speaker:
    """Speaks sentence after sentence with `voices` in their order. Made for one production."""

    def __init__(self, voices: Sequence[Voice], cache: SpeechCache | None) -> None:
        if not voices:
            raise VoiceError("Chưa chọn giọng đọc nào.")
        self._voices = voices
        self._cache = cache
        self._failed_in_a_row = dict.fromkeys((voice.name for voice in voices), 0)

    def say(self, sentence: str) -> Spoken:
        """`sentence` by the first voice that can. Raises VoiceError, with every voice's reason, where none can."""
        try:
            text = speakable(sentence)
        except VoiceError as failed:
            raise VoiceError(f"Câu “{_short(sentence)}”: {failed.message_vi}") from failed
        reasons: list[str] = []
        for voice in self._voices:
            if self._failed_in_a_row[voice.name] >= _GIVES_UP_AFTER:
                reasons.append(f"{voice.label_vi}: hỏng nhiều lần liên tiếp nên tạm bỏ qua")
                continue
            try:
                speech = self._said_by(voice, text)
            except VoiceError as failed:
                self._failed_in_a_row[voice.name] += 1
                reasons.append(f"{voice.label_vi}: {failed.message_vi}")
                # In the words of people: a command shows it to whoever runs it.
                log.warning("Giọng %s không đọc được câu “%s”: %s", voice.name, _short(text), failed.message_vi)
                continue
            self._failed_in_a_row[voice.name] = 0
            return Spoken(text, voice.name, speech, voice.settings)
        raise VoiceError(f"Không giọng nào đọc được câu “{_short(text)}”. {' '.join(reasons)}")

    def _said_by(self, voice: Voice, text: str) -> Speech:
        if self._cache is None or not voice.worth_keeping:
            return voice.say(text)
        kept = self._cache.get(text, voice.name, voice.settings)
        if kept is None:
            kept = voice.say(text)
            self._cache.put(text, voice.name, voice.settings, kept)
        return kept


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rstrip() + "…"
