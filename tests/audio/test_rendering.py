from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.produce import RenderingCancelled
from audio.rendering import RecordingJob, Renderer, RenderingFailed, SpeechJob
from audio.store import AudioStore
from broadcast.errors import ConfigurationError, Invalid, TooLarge, VoiceError
from tests.audio.conftest import SENTENCES


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as made:
        yield made


def job(tmp_path: Path, **how: object) -> SpeechJob:
    return SpeechJob(tmp_path, **{"sentences": SENTENCES, "voices": ("tone",), **how})  # type: ignore[arg-type]


def test_a_child_renders_with_the_real_voice_and_tells_how_far_it_is(renderer: Renderer, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    sound = renderer.produce(
        job(tmp_path, voices=("espeak",), lead_in="Đây là Đài truyền thanh xã Tân Châu."),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert AudioStore(tmp_path / "audio").verify(sound.sha256)
    assert sound.sentence_voices == ("espeak",) * 3
    assert abs(sound.lufs + 16) <= 0.5
    assert seen[0] == (1, 5)
    assert seen[-1] == (5, 5)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"sentences": ("Gọi số 5.",)}, VoiceError, "Câu “Gọi số 5.”"),
        ({"sentences": ()}, Invalid, "chưa có câu nào"),
        ({"longest_min": 0.1}, TooLarge, "Cần chia"),
        ({"voices": ("lạ",)}, ConfigurationError, "Không có giọng đọc"),
        ({"profile": "lạ"}, ConfigurationError, "Không có kiểu âm thanh"),
    ],
)
def test_what_goes_wrong_in_the_child_is_said_as_if_it_were_here(
    renderer: Renderer, tmp_path: Path, how: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        renderer.produce(job(tmp_path, **how))


def test_one_bad_item_never_stops_the_next(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "anh.mp3").write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with pytest.raises(Invalid, match="không phải âm thanh"):
        renderer.produce(RecordingJob(tmp_path, tmp_path / "anh.mp3"))
    kept = AudioStore(tmp_path / "audio")
    first = renderer.produce(job(tmp_path))
    again = renderer.produce(RecordingJob(tmp_path, kept.path(first.sha256)))
    assert again.duration_ms == pytest.approx(first.duration_ms, abs=700)


def test_a_child_that_is_killed_is_one_failed_sound_and_no_more(renderer: Renderer, tmp_path: Path) -> None:
    def kill(_done: int, _total: int) -> None:
        assert renderer.child.pid is not None
        os.kill(renderer.child.pid, signal.SIGKILL)

    with pytest.raises(RenderingFailed, match="dừng đột ngột"):
        renderer.produce(job(tmp_path), progress=kill)
    assert list(AudioStore(tmp_path / "audio").all()) == []
    assert renderer.produce(job(tmp_path)).voice == "tone"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP here")
def test_a_child_that_hangs_is_killed_at_its_deadline(renderer: Renderer, tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        assert renderer.child.pid is not None
        os.kill(renderer.child.pid, signal.SIGSTOP)

    with pytest.raises(RenderingFailed, match="quá lâu"):
        renderer.produce(job(tmp_path), progress=stop, quiet_s=0.5)
    assert renderer.child.pid is None


def test_cancelling_ends_the_child_and_says_so(renderer: Renderer, tmp_path: Path) -> None:
    with pytest.raises(RenderingCancelled, match="theo yêu cầu"):
        renderer.produce(job(tmp_path, sentences=SENTENCES * 40, voices=("espeak",)), cancelled=lambda: True)
    assert renderer.child.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_child_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    server = (
        "import os; from pathlib import Path; from audio.rendering import Renderer, SpeechJob\n"
        "renderer = Renderer()\n"
        "def die(done, total):\n"
        "    print(renderer.child.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        f"renderer.produce(SpeechJob(Path({str(tmp_path)!r}), {SENTENCES * 20!r}), progress=die)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", server], check=False, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert ended.returncode == -9
    child = Path("/proc") / ended.stdout.decode().strip()
    for _ in range(500):
        if not child.exists() or "Z" in (child / "stat").read_text().split(")")[1].split()[0]:
            break
        time.sleep(0.01)
    else:
        pytest.fail("the rendering child is still there")
