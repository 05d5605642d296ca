"""Which voice spoke, in words for those who listen."""

from __future__ import annotations

from functools import lru_cache

from audio.reading import read_aloud
from audio.speaker import begins_itself
from audio.voices.piper import label_of
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Revision

_KNOWN = {
    "espeak": "giọng đọc ngoại tuyến",
    "gtts": "giọng đọc trực tuyến",
    "recording": "bản thu âm",
    "tone": "tiếng thử máy",
}


def voice_words(name: str) -> str:
    """`espeak` as “giọng đọc ngoại tuyến”; a voice file by its own name."""
    if name in _KNOWN:
        return _KNOWN[name]
    words = label_of(name)
    return words[:1].lower() + words[1:]


def said_by_others(rendering: Rendering, revision: Revision) -> list[tuple[str, str]]:
    """(sentence, voice in words) of those that another voice than the sound's own had to say."""
    if rendering.audio is None or not rendering.said or revision.content != "text":
        return []
    voices = rendering.audio.sentence_voices
    if set(voices) <= {rendering.audio.voice}:
        return []
    around = len(rendering.said) - len(voices)
    if revision.closing:  # else all that was said besides stands before the body
        around = 0 if _begins_itself(revision.script) else 1
    return [
        (sentence, voice_words(voice))
        for sentence, voice in zip(rendering.said[max(0, around) :], voices, strict=False)
        if voice != rendering.audio.voice
    ]


@lru_cache(maxsize=64)
def _begins_itself(script: str) -> bool:
    """Asked for each commune of a text each time its page looks whether the sounds are there."""
    return begins_itself(read_aloud(script))
