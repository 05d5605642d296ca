from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.measuring import Sound
from audio.production import RenderingCancelled
from audio.rendering import RecordingJob, Renderer, RenderingFailed, SpeechJob
from audio.store import AudioStore
from broadcast.errors import ConfigurationError, Invalid, TooLarge, VoiceError
from tests.audio.conftest import SENTENCES
from tests.audio.test_recording import coded


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
    assert {total for _, total in seen} == {4}, "sentences, the lead-in among them"
    assert seen[-1] == (4, 4)


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


def test_a_recording_tells_how_far_it_is_and_can_be_stopped(
    renderer: Renderer, tmp_path: Path, speech_like: Sound
) -> None:
    path = tmp_path / "thu-am.wav"
    path.write_bytes(coded(np.tile(speech_like, 5), "WAV"))
    seen: list[tuple[int, int]] = []
    sound = renderer.produce(RecordingJob(tmp_path, path), progress=lambda done, total: seen.append((done, total)))
    assert sound.voice == "recording"
    assert seen == sorted(set(seen))
    assert seen[-1] == (100, 100)
    kept = list(AudioStore(tmp_path / "audio").all())
    with pytest.raises(RenderingCancelled):
        renderer.produce(RecordingJob(tmp_path, path, profile="horn"), cancelled=lambda: True)
    assert list(AudioStore(tmp_path / "audio").all()) == kept
    assert not list((tmp_path / "audio" / "tmp").iterdir()), "the dead child's files are gone with the next store"


def test_every_field_of_a_job_reaches_the_child(renderer: Renderer, tmp_path: Path) -> None:
    plain = {"chime": "none", "keep_master": False}
    bare = renderer.produce(job(tmp_path, **plain))
    twice = renderer.produce(job(tmp_path, **plain, repeats=2, gap_ms=3000))
    assert twice.duration_ms == pytest.approx(2 * bare.duration_ms + 3000, abs=200)
    closed = renderer.produce(job(tmp_path, **plain, closing=("Xin cảm ơn bà con.",)))
    assert closed.duration_ms > bare.duration_ms + 1000
    assert closed.sentence_voices == bare.sentence_voices
    assert (closed.segments_new, closed.segments_reused) == (1, 3)
    assert renderer.produce(job(tmp_path, **plain, profile="horn")).sha256 != bare.sha256
    assert renderer.produce(job(tmp_path, chime="bamboo")).master_sha256 is not None


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


def test_every_field_around_a_recording_reaches_the_child(
    renderer: Renderer, tmp_path: Path, speech_like: Sound
) -> None:
    path = tmp_path / "thu-am.wav"
    path.write_bytes(coded(speech_like, "WAV"))
    bare = renderer.produce(RecordingJob(tmp_path, path, voices=("lạ",)))
    assert bare.sentence_voices == (), "no voice is asked for where nothing is said"
    twice = renderer.produce(RecordingJob(tmp_path, path, repeats=2, gap_ms=3000))
    assert twice.duration_ms == pytest.approx(2 * bare.duration_ms + 3000, abs=100)
    rung = renderer.produce(RecordingJob(tmp_path, path, chime="bamboo"))
    assert rung.duration_ms > bare.duration_ms + 4000
    closed = renderer.produce(RecordingJob(tmp_path, path, closing=("Xin cảm ơn bà con.",), voices=("tone",)))
    assert (closed.sentence_voices, closed.voice) == (("tone",), "recording")
    assert closed.duration_ms > bare.duration_ms + 1000
    with pytest.raises(TooLarge, match="đọc 5 lần"):
        renderer.produce(RecordingJob(tmp_path, path, repeats=5, longest_min=0.4))


def test_an_hour_is_all_that_a_recording_may_last_unless_its_job_says_so(tmp_path: Path) -> None:
    assert RecordingJob(tmp_path, tmp_path / "thu-am.wav").longest_min == 60
