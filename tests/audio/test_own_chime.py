from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.coding import SAMPLE_RATE
from audio.measuring import Sound, loudness_lufs
from audio.own_chime import keep_chime
from audio.rendering import ChimeJob, Renderer, SpeechJob
from audio.store import MASTER, AudioStore
from broadcast.errors import Invalid, TooLarge
from tests.audio.conftest import SENTENCES
from tests.audio.test_mastering import measured, noise
from tests.audio.test_recording import JPEG, coded


def upload(tmp_path: Path, sound: Sound, kind: str = "WAV") -> Path:
    path = tmp_path / "nhac-hieu"
    path.write_bytes(coded(sound, kind))
    return path


@pytest.mark.parametrize("kind", ["WAV", "MP3", "OGG", "M4A"])
def test_an_uploaded_chime_is_trimmed_levelled_and_kept_without_loss(
    store: AudioStore, tmp_path: Path, kind: str
) -> None:
    still = np.zeros(SAMPLE_RATE, np.float32)
    kept = keep_chime(upload(tmp_path, np.concatenate([still, noise(3) * np.float32(0.1), still]), kind), store)
    assert store.verify(kept.sha256, MASTER)
    sound, rate = soundfile.read(store.path(kept.sha256, MASTER), dtype="float32")
    assert rate == SAMPLE_RATE
    assert kept.duration_ms == pytest.approx(3200, abs=120)
    assert len(sound) * 1000 / rate == pytest.approx(kept.duration_ms, abs=1)
    assert loudness_lufs(sound, rate) == pytest.approx(-23, abs=0.3)
    assert abs(float(sound[0])) < 1e-3
    assert abs(float(sound[-1])) < 1e-3


def test_it_rings_before_the_bulletin_and_nothing_rings_after(tmp_path: Path) -> None:
    with Renderer() as renderer:
        kept = renderer.chime(ChimeJob(tmp_path, upload(tmp_path, noise(3))))
        bare = renderer.produce(SpeechJob(tmp_path, SENTENCES, voices=("tone",), chime="none"))
        sound = renderer.produce(SpeechJob(tmp_path, SENTENCES, voices=("tone",), chime=kept.sha256))
        assert sound.duration_ms - bare.duration_ms == pytest.approx(kept.duration_ms + 400, abs=48)
        assert measured(AudioStore(tmp_path / "audio").path(sound.sha256).read_bytes())[0] == pytest.approx(
            -16, abs=0.5
        )
        with pytest.raises(TooLarge, match="dài nhất là 15 giây"):
            renderer.chime(ChimeJob(tmp_path, upload(tmp_path, noise(16))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "rỗng"),
        (JPEG, "không phải âm thanh"),
        (coded(noise(0.1), "WAV"), "ngắn hơn 0,4 giây"),
        (coded(np.zeros(SAMPLE_RATE, np.float32), "WAV"), "im lặng"),
    ],
)
def test_what_is_no_chime_is_refused_with_words(
    store: AudioStore, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "nhac-hieu.mp3"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=message):
        keep_chime(path, store)
    assert list(store.all()) == []
