"""Text to finished MP3 against the bare sum of speaking and coding the same audio. `python -m bench sound`

The bare side: eSpeak's answers, sentence by sentence, from a child that is already there, plus LAME on the sound that
was finished, in one piece. Ours: child processes, pauses, chime, filters, levelling, limiter, coding piece by piece,
decoding, measuring, FLAC master, store and caches, with nothing kept from before.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from audio.coding import decode, encode
from audio.production import ProducedSound
from audio.reading import read_aloud
from audio.rendering import Renderer, SpeechJob
from audio.store import AudioStore
from audio.voices.espeak import EspeakSettings, EspeakVoice
from bench.ratios import Ratios

T = TypeVar("T")

LIMIT = 3.0
CHANGED_LIMIT = 0.25
ROUNDS = 3
MORE_COMMUNES = ("Hòa Bình", "Tân Tiến", "Phước Long", "Mỹ Thạnh", "An Khê", "Bình Minh", "Thuận Hòa", "Long Sơn")
_SPECIMENS = ("01-hai-cot-ba-dong-ky", "14-tang-cuong-truyen-thong", "21-ke-hoach-can-cu-gach-dau-dong")
_ANOTHER_SENTENCE = "Riêng câu này thì vừa mới được người biên tập viết lại cho rõ ràng hơn."


@dataclass(slots=True)
class Taken:
    """Seconds of our work on one text, a pair of ours and bare for each round."""

    cold: list[tuple[float, float]] = field(default_factory=list)
    warm: list[tuple[float, float]] = field(default_factory=list)
    changed: list[tuple[float, float]] = field(default_factory=list)
    changed_cold: list[tuple[float, float]] = field(default_factory=list)
    communes: list[tuple[float, float]] = field(default_factory=list)


def texts() -> dict[str, tuple[str, ...]]:
    """Three dispatches as they are said: those in the folder BROADCAST_BENCH_DISPATCHES names, or specimens of ours."""
    folder = os.environ.get("BROADCAST_BENCH_DISPATCHES")
    if folder:
        paths = sorted(Path(folder).glob("*.txt"))[:3]
    else:
        paths = [Path(__file__).parents[1] / "tests" / "specimens" / f"{name}.txt" for name in _SPECIMENS]
    found = {}
    for path in paths:
        spoken = read_aloud(path.read_text("utf-8"))
        found[path.stem[:14]] = tuple(sentence.spoken for sentence in spoken.sentences)
    return found


def measure() -> Iterator[Ratios]:
    """Every pair of the first two measures begins with nothing kept; the others are held against that first rendering.

    A waiting child is that of a server; a cold one is started for each sound, as a command does.
    """
    for name, sentences in texts().items():
        taken = Taken()
        for _ in range(ROUNDS):
            _take(sentences, taken)
        yield Ratios("text to MP3", name, tuple(taken.cold), LIMIT)
        yield Ratios("… by a waiting child", name, tuple(taken.warm), LIMIT)
        yield Ratios("one sentence changed : first", name, tuple(taken.changed), CHANGED_LIMIT)
        yield Ratios("… by a cold child", name, tuple(taken.changed_cold))
        yield Ratios("another commune : first", name, tuple(taken.communes), CHANGED_LIMIT)


def _take(sentences: tuple[str, ...], taken: Taken) -> None:
    """One round."""
    changed = (*sentences[: len(sentences) // 2], _ANOTHER_SENTENCE, *sentences[len(sentences) // 2 + 1 :])
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        with Renderer() as renderer:
            cold_s, (_, mp3) = _timed(lambda: sound_of(renderer, Path(first), sentences))
            warm_s, _ = _timed(lambda: sound_of(renderer, Path(second), sentences))
            bare_s = bare_seconds(sentences, mp3)
            changed_s, _ = _timed(lambda: sound_of(renderer, Path(second), changed))
            communes_s = [
                _timed(lambda: sound_of(renderer, Path(second), sentences, commune))[0]  # noqa: B023 - called at once
                for commune in MORE_COMMUNES
            ]
        with Renderer() as renderer:
            changed_cold_s, _ = _timed(lambda: sound_of(renderer, Path(first), changed))
    taken.cold.append((cold_s, bare_s))
    taken.warm.append((warm_s, bare_s))
    taken.changed.append((changed_s, warm_s))
    taken.changed_cold.append((changed_cold_s, cold_s))
    taken.communes.append((sum(communes_s) / len(communes_s), warm_s))


def sound_of(
    renderer: Renderer, folder: Path, sentences: tuple[str, ...], commune: str = "Bình An"
) -> tuple[ProducedSound, bytes]:
    """The finished sound, made with what is kept in `folder`."""
    sound = renderer.produce(SpeechJob(folder, sentences, lead_in(commune)))
    return sound, AudioStore(folder / "audio").path(sound.sha256).read_bytes()


def lead_in(commune: str) -> str:
    """The one sentence that differs from commune to commune."""
    return f"Đây là Đài truyền thanh xã {commune}."


def bare_seconds(sentences: tuple[str, ...], mp3: bytes) -> float:
    """Engine and coder, nothing between them."""
    voice, settings = EspeakVoice(), EspeakSettings()
    requests = [
        json.dumps({"text": text, "voice": settings.voice, "words_a_minute": settings.words_a_minute, "amplitude": 100})
        for text in (lead_in("Bình An"), *sentences)
    ]
    voice.child.ask(requests[0].encode(), within_s=10)
    heard = decode(mp3)
    spoken_s, _ = _timed(lambda: [voice.child.ask(request.encode(), within_s=10) for request in requests])
    voice.close()
    coded_s, _ = _timed(lambda: encode(heard))
    return spoken_s + coded_s


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    made = work()
    return time.perf_counter() - started, made
