"""Text to finished MP3 against the bare sum of speaking and coding the same audio. `python -m bench.sound`

The bare side: eSpeak's answers, sentence by sentence, from a child that is already there, plus LAME on the sound that
was finished. Ours: child processes, pauses, chime, levelling, limiter, coding, decoding, measuring, FLAC master, store
and speech cache, with nothing kept from before.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio.mastering import decode, encode
from audio.produce import ProducedSound
from audio.rendering import Renderer, SpeechJob
from audio.store import AudioStore
from audio.voices.espeak import EspeakSettings, EspeakVoice

LIMIT = 3.0
AIM = 2.0
ROUNDS = 3

LEAD_IN = "Đây là Đài truyền thanh xã Bình An."
NOTICE = (
    "Kính thưa toàn thể bà con trong xã.",
    "Theo kế hoạch phòng, chống thiên tai năm nay, ban chỉ huy xã tổ chức kiểm tra đê, kè và các cống tiêu nước.",
    "Từ sáng thứ hai, đề nghị các hộ dân ở ven sông chằng chống nhà cửa, đưa thuyền bè vào nơi neo đậu an toàn.",
    "Mỗi gia đình cần chuẩn bị sẵn: lương thực, nước uống, thuốc men, đèn pin và áo phao.",
    "Khi có loa báo động, bà con đi theo hướng dẫn của lực lượng dân quân, không tự ý qua ngầm tràn.",
    "Các trường học theo dõi tin thời tiết để cho học sinh nghỉ học kịp thời.",
    "Mọi tin báo khẩn cấp, xin gọi ngay cho trực ban của Ủy ban nhân dân xã.",
    "Xin trân trọng cảm ơn bà con đã chú ý lắng nghe.",
)
TEXTS = {"a short notice": NOTICE, "a dispatch": NOTICE * 4, "a long dispatch": NOTICE * 8}


@dataclass(frozen=True, slots=True)
class Measured:
    """One text: seconds of sound, of our work with a new and with a waiting child, and of the bare work."""

    text: str
    sound_s: float
    cold_s: float
    warm_s: float
    bare_s: float
    lufs: float
    true_peak_db: float

    @property
    def ratio(self) -> float:
        """With a child that has to be started first."""
        return self.cold_s / self.bare_s


def measure(name: str, sentences: tuple[str, ...]) -> Measured:
    """The quickest of ROUNDS for each side, taken in turns so that a busy machine is busy for both."""
    cold: list[float] = []
    warm: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        with Renderer() as renderer:
            cold.append(_timed(lambda r=renderer: sound_of(r, sentences)[0]))  # type: ignore[misc]
            started = time.perf_counter()
            sound, mp3 = sound_of(renderer, sentences)
            warm.append(time.perf_counter() - started)
        bare.append(bare_seconds(sentences, mp3))
    return Measured(name, sound.duration_ms / 1000, min(cold), min(warm), min(bare), sound.lufs, sound.true_peak_db)


def sound_of(renderer: Renderer, sentences: tuple[str, ...]) -> tuple[ProducedSound, bytes]:
    """The finished sound, made with an empty store and an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        sound = renderer.produce(SpeechJob(Path(folder), sentences, LEAD_IN))
        return sound, AudioStore(Path(folder) / "audio").path(sound.sha256).read_bytes()


def bare_seconds(sentences: tuple[str, ...], mp3: bytes) -> float:
    """Engine and coder, nothing between them."""
    voice, settings = EspeakVoice(), EspeakSettings()
    requests = [
        json.dumps({"text": text, "voice": settings.voice, "words_a_minute": settings.words_a_minute, "amplitude": 100})
        for text in (LEAD_IN, *sentences)
    ]
    voice.child.ask(requests[0].encode(), within_s=10)
    heard = decode(mp3)
    spoken_s = _timed(lambda: [voice.child.ask(request.encode(), within_s=10) for request in requests])
    voice.close()
    return spoken_s + _timed(lambda: encode(heard))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    """Print a line a text and the whole; 1 where the whole is above the limit.

    A short text mostly measures how long a child takes to start.
    """
    encode(decode(encode(decode(_warm_up()))))
    found = [measure(name, sentences) for name, sentences in TEXTS.items()]
    for one in found:
        print(
            f"text to MP3, {one.text} ({one.sound_s:.0f} s): {one.ratio:.2f} times bare speaking and coding"
            f" ({one.warm_s / one.bare_s:.2f} with a waiting child);"
            f" {one.lufs:.2f} LUFS, {one.true_peak_db:.2f} dBTP"
        )
    ratio = sum(one.cold_s for one in found) / sum(one.bare_s for one in found)
    print(f"text to MP3, all of these: {ratio:.2f} (limit {LIMIT:g}, aim {AIM:g})")
    return int(ratio > LIMIT)


def _warm_up() -> bytes:
    with Renderer() as renderer:
        return sound_of(renderer, NOTICE[:1])[1]


if __name__ == "__main__":
    raise SystemExit(main())
