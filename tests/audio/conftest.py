"""One eSpeak child for all tests, a store and a cache of their own for each, and sound to work with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.coding import SAMPLE_RATE
from audio.measuring import Sound
from audio.segments import SegmentCache
from audio.speech_cache import SpeechCache
from audio.store import AudioStore
from audio.voices.espeak import EspeakVoice
from audio.voices.tone import ToneVoice

SENTENCES = (
    "Kính thưa bà con, sáng mai trạm y tế xã tiêm phòng cho trẻ em tại nhà văn hóa thôn.",
    "Đề nghị gia đình mang theo sổ tiêm, và đưa các cháu đến đúng giờ.",
    "Xin cảm ơn!",
)


@pytest.fixture(scope="session")
def espeak() -> Iterator[EspeakVoice]:
    voice = EspeakVoice()
    yield voice
    voice.close()


@pytest.fixture
def tone() -> ToneVoice:
    return ToneVoice()


@pytest.fixture
def store(tmp_path: Path) -> AudioStore:
    return AudioStore(tmp_path / "audio")


@pytest.fixture
def cache(tmp_path: Path) -> SpeechCache:
    return SpeechCache(tmp_path / "speech")


@pytest.fixture
def segments(tmp_path: Path) -> SegmentCache:
    return SegmentCache(tmp_path / "segments")


@pytest.fixture(scope="session")
def speech_like() -> Sound:
    """Six seconds that rise and fall like speech, with pauses, peaking at 0.4."""
    at_s = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    voiced = sum(np.sin(2 * np.pi * 170 * k * at_s) / k for k in range(1, 20))
    syllable = np.clip(np.sin(2 * np.pi * 2.5 * at_s), 0, 1) * (np.sin(2 * np.pi * 0.3 * at_s) > -0.6)
    return np.asarray(0.4 * voiced * syllable / np.abs(voiced).max(), np.float32)
