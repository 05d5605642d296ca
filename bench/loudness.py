"""200 sounds of every kind, each measured after decoding by means other than ours. `python -m bench loudness`

pyloudnorm for loudness, scipy's own resampling to eight times the rate for true peaks. BROADCAST_BENCH_VOICE names a
neural voice's .onnx file, which then speaks its share; voices over the network are left out.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

from audio.chime import CHIMES, NONE
from audio.profiles import profiles
from audio.rendering import RecordingJob, Renderer, SpeechJob
from audio.store import AudioStore
from audio.voices.neural.installing import add
from audio.voices.registry import VoiceSettings, all_offers
from bench.ratios import Ratios
from bench.sound import texts
from broadcast.clock import now

ASSETS, SPOKEN = 200, 70
TARGET_LUFS, TOLERANCE_LU, LIMIT_DBTP = -16.0, 0.5, -1.5
RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000)
KINDS = ("WAV", "MP3", "M4A", "OGG", "FLAC")
_SECONDS = 5

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """One finished sound, and what was measured on it."""

    what: str
    lufs: float
    true_peak_db: float


def measure() -> Iterator[Ratios]:
    """Worst deviation against what is allowed, and highest peak against the limit: at most 1 both."""
    with tempfile.TemporaryDirectory() as folder, Renderer() as renderer:
        found = [*_spoken(renderer, Path(folder)), *_recorded(renderer, Path(folder))]
    off = max(found, key=lambda one: abs(one.lufs - TARGET_LUFS))
    high = max(found, key=lambda one: one.true_peak_db)
    print(f"{len(found)} sounds; furthest off {off.lufs:.2f} LUFS ({off.what}),", end=" ")
    print(f"highest peak {high.true_peak_db:.2f} dBTP ({high.what})")
    ground = f"worst of {len(found)}"
    yield Ratios("loudness : 0.5 LU", ground, ((abs(off.lufs - TARGET_LUFS), TOLERANCE_LU),), 1)
    yield Ratios("true peak : -1.5 dBTP", ground, ((10 ** (high.true_peak_db / 20), 10 ** (LIMIT_DBTP / 20)),), 1)


def _spoken(renderer: Renderer, folder: Path) -> Iterator[Heard]:
    """One to five sentences by every voice that needs no network, in every profile, with every chime."""
    settings = _voices(folder / "voices")
    offers = all_offers(settings)
    voices = [name for name, offer in offers.items() if not offer.leaves_country and not offer.trouble_vi]
    print(f"voices: {', '.join(voices)}")
    sentences = [sentence for text in texts().values() for sentence in text if len(sentence) < 300]
    ways = cycle(product((NONE, *CHIMES), profiles(), voices))
    for number, (chime, profile, voice) in enumerate(islice(ways, SPOKEN)):
        said = tuple(sentences[(number * 3 + at) % len(sentences)] for at in range(1 + number % 5))
        job = SpeechJob(folder, said, voices=(voice,), voice_settings=settings, chime=chime, profile=profile)
        sound = renderer.produce(job)
        if set(sound.sentence_voices) != {voice}:
            raise RuntimeError(f"{voice} left sentences to another voice: {sound.sentence_voices}")
        yield _heard(folder, sound.sha256, f"{voice}, {profile}, {chime}")


def _voices(folder: Path) -> VoiceSettings:
    """The settings of the voices, with the neural one that was named."""
    folder.mkdir()
    if file := os.environ.get("BROADCAST_BENCH_VOICE"):
        add(Path(file), folder=folder, now=now())
    return VoiceSettings(folder=str(folder))


def _recorded(renderer: Renderer, folder: Path) -> Iterator[Heard]:
    """Uploads of every kind, rate and container."""
    ways = cycle(product(SOUNDS, RATES, KINDS))
    chosen = islice(ways, 0, None, 7)  # 7 has no factor in common with the number of ways: all of each come by
    for number, (name, rate, kind) in enumerate(islice(chosen, ASSETS - SPOKEN)):
        sound = SOUNDS[name](rate, np.random.default_rng(number))
        channels = 1 + number % 2
        path = folder / f"upload-{number}"
        path.write_bytes(coded(sound, rate, kind, channels))
        profile = tuple(profiles())[number % len(profiles())]
        made = renderer.produce(RecordingJob(folder, path, profile=profile))
        path.unlink()
        yield _heard(folder, made.sha256, f"{name}, {rate} Hz, {kind}, {profile}")


def _heard(folder: Path, sha256: str, what: str) -> Heard:
    sound, rate = soundfile.read(AudioStore(folder / "audio").path(sha256))
    lufs = float(pyloudnorm.Meter(rate).integrated_loudness(sound))
    return Heard(what, lufs, float(20 * np.log10(np.abs(resample_poly(sound, 8, 1)).max())))


def speech_like(rate: int, chance: np.random.Generator) -> Samples:
    """A buzz through two resonances, in syllables and pauses."""
    at_s = np.arange(_SECONDS * rate) / rate
    pitch = 140 + 30 * np.sin(2 * np.pi * 0.7 * at_s)
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / rate)) + chance.standard_normal(len(at_s)) * 0.2
    for hertz in (600, 1700):
        angle = 2 * np.pi * hertz / rate
        buzz = lfilter([1.0], [1, -2 * 0.97 * np.cos(angle), 0.97**2], buzz)
    words = np.clip(np.sin(2 * np.pi * 2.3 * at_s), 0, 1) * (np.sin(2 * np.pi * 0.31 * at_s) > -0.7)
    return _peaking(buzz * words, 0.5)


def music_like(rate: int, chance: np.random.Generator) -> Samples:
    """Plucked chords."""
    at_s = np.arange(_SECONDS * rate) / rate
    sound = np.zeros(len(at_s))
    for begin_s in np.arange(0, _SECONDS - 0.5, 0.5):
        after_s = np.maximum(at_s - begin_s, 0)
        for hertz in chance.choice([262, 330, 392, 523, 659, 784, 1047], 3, replace=False):
            sound += (at_s >= begin_s) * np.exp(-3 * after_s) * np.sin(2 * np.pi * hertz * after_s)
    return _peaking(sound, 0.8)


def knocks(rate: int, chance: np.random.Generator) -> Samples:
    """Short hard blows over a murmur: hard work for a limiter."""
    sound = chance.standard_normal(_SECONDS * rate) * 0.02
    for begin in range(rate // 3, len(sound) - rate // 50, rate // 4):
        sound[begin : begin + rate // 100] += chance.standard_normal(rate // 100) * 0.3
    return np.clip(sound, -1, 1)


def _peaking(sound: Samples, peak: float) -> Samples:
    return np.asarray(sound * (peak / np.abs(sound).max()))


SOUNDS: dict[str, Callable[[int, np.random.Generator], Samples]] = {
    "speech": speech_like,
    "music": music_like,
    "clipped speech": lambda rate, chance: np.clip(speech_like(rate, chance) * 12, -1, 1),
    "quiet speech": lambda rate, chance: speech_like(rate, chance) * 0.02,
    "noisy speech": lambda rate, chance: speech_like(rate, chance) + chance.standard_normal(_SECONDS * rate) * 0.05,
    "speech with direct current": lambda rate, chance: speech_like(rate, chance) * 0.5 + 0.3,
    "one word": lambda rate, chance: speech_like(rate, chance)[: rate * 6 // 10],
    "knocks": knocks,
}


def coded(sound: Samples, rate: int, kind: str, channels: int) -> bytes:
    """An upload as people bring it."""
    frames = np.repeat(sound[:, None], channels, axis=1)
    out = io.BytesIO()
    if kind == "M4A":
        return _m4a(frames.astype(np.float32), rate)
    soundfile.write(out, frames, rate, format=kind)
    return out.getvalue()


def _m4a(frames: NDArray[np.float32], rate: int) -> bytes:
    import av

    out = io.BytesIO()
    layout = "mono" if frames.shape[1] == 1 else "stereo"
    with av.open(out, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(frames.T), format="fltp", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()
