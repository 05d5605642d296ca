"""The test sentence in each voice, made once and kept like all speech."""

from __future__ import annotations

import io
import threading
import wave

from audio.speech_cache import SpeechCache
from audio.voices.base import Speech
from audio.voices.neural.installing import TEST_SENTENCE
from audio.voices.order import voice_settings
from audio.voices.registry import voices_from
from broadcast.config import Settings
from broadcast.errors import Busy

_ONE_AT_A_TIME = threading.Lock()  # a neural voice takes 330 MB while it speaks
_WAIT_S = 20.0


def sample(settings: Settings, name: str) -> bytes:
    """A WAV file. Raises VoiceError where the voice cannot say it now, Busy."""
    (voice,) = voices_from([name], settings=voice_settings(settings), with_fallback=False)
    cache = SpeechCache(settings.data_dir / "speech")
    speech = cache.get(TEST_SENTENCE, voice.name, voice.settings)
    if speech is None:
        if not _ONE_AT_A_TIME.acquire(timeout=_WAIT_S):
            raise Busy("Đang làm câu đọc thử của một giọng khác. Hãy thử lại sau ít giây.")
        try:
            speech = voice.say(TEST_SENTENCE)
        finally:
            voice.close()
            _ONE_AT_A_TIME.release()
        cache.put(TEST_SENTENCE, voice.name, voice.settings, speech)
    return _wav(speech)


def _wav(speech: Speech) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.sample_rate)
        file.writeframes(speech.samples.astype("<i2", copy=False).tobytes())
    return out.getvalue()
