"""What every voice with a child process must survive: the child is killed while it speaks, or hangs."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from audio.voices.espeak import EspeakVoice
from audio.voices.piper import PiperVoice
from broadcast.errors import VoiceError

SENTENCE = "Kính thưa bà con, chiều nay có mưa to: đề nghị bà con neo thuyền cẩn thận."


def killed_while_it_speaks(voice: EspeakVoice | PiperVoice, *, most_sentences: int) -> None:
    """The child is replaced, and no sentence is lost; one of `most_sentences` is being said when it dies."""
    voice.say("Xin chào.")
    victim = voice.child.pid
    assert victim is not None
    threading.Timer(0.05, os.kill, (victim, signal.SIGKILL)).start()
    for _ in range(most_sentences):
        assert voice.say(SENTENCE).duration_s > 4
        if voice.child.pid != victim:
            break
    assert voice.child.pid != victim


def hangs(voice: EspeakVoice | PiperVoice, impatient: EspeakVoice | PiperVoice | None = None) -> None:
    """The child of `voice` is killed at the time limit, that of `impatient` where it has a shorter one, and the next
    sentence is said by another."""
    voice.say("Xin chào.")
    victim = voice.child.pid
    assert victim is not None
    os.kill(victim, signal.SIGSTOP)
    asked = voice if impatient is None else impatient
    asked.child = voice.child
    with pytest.raises(VoiceError, match="không trả lời đúng hạn"):
        asked.say(SENTENCE)
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)
    assert voice.say("Xin chào.").duration_s > 0.3
