"""Written official Vietnamese -> what is said aloud. The way in is `read_aloud(script)`; it never raises."""

from audio.reading.lexicon import Entry, Lexicon
from audio.reading.model import (
    Doubt,
    Piece,
    Skipped,
    SpokenSentence,
    SpokenText,
    SpokenWord,
    estimate_seconds,
    place,
)
from audio.reading.reader import read_aloud
from audio.reading.scan import ReadingSettings

__all__ = [
    "Doubt",
    "Entry",
    "Lexicon",
    "Piece",
    "ReadingSettings",
    "Skipped",
    "SpokenSentence",
    "SpokenText",
    "SpokenWord",
    "estimate_seconds",
    "place",
    "read_aloud",
]
