from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audio.chime import NONE
from audio.preview import forget_previews, kept_preview
from audio.rendering import PreviewJob, Renderer, SpeechJob
from broadcast.errors import VoiceError
from tests.audio.conftest import SENTENCES
from tests.audio.test_mastering import measured


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as made:
        yield made


def job(tmp_path: Path, **how: object) -> PreviewJob:
    return PreviewJob(tmp_path, **{"sentences": SENTENCES[:1], "voices": ("tone",), **how})  # type: ignore[arg-type]


def test_a_sentence_is_an_mp3_as_loud_as_all_else(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.preview(job(tmp_path))
    mp3 = made.path.read_bytes()
    assert made.path == tmp_path / "previews" / f"{made.key}.mp3"
    assert made.duration_ms == len(mp3) // 192 * 24
    assert made.voice == "tone"
    assert measured(mp3)[0] == pytest.approx(-16, abs=0.5)


def test_what_was_asked_before_needs_no_child(tmp_path: Path) -> None:
    with Renderer() as renderer:
        first = renderer.preview(job(tmp_path))
        renderer.close()
        assert renderer.preview(job(tmp_path)) == first
        assert renderer.child.pid is None


@pytest.mark.parametrize(
    "how", [{"profile": "horn"}, {"sentences": SENTENCES[1:2]}, {"voices": ("espeak",)}, {"chime": "bells"}]
)
def test_whatever_changes_the_sound_is_another_preview(tmp_path: Path, how: dict[str, object]) -> None:
    assert job(tmp_path, **how).key != job(tmp_path).key
    assert job(tmp_path / "elsewhere").key == job(tmp_path).key


def test_what_was_listened_to_need_not_be_made_again_for_the_bulletin(renderer: Renderer, tmp_path: Path) -> None:
    renderer.preview(job(tmp_path, sentences=SENTENCES))
    sound = renderer.produce(SpeechJob(tmp_path, SENTENCES, voices=("tone",), chime=NONE, keep_master=False))
    assert (sound.segments_new, sound.segments_reused) == (0, 3)


def test_what_another_voice_had_to_say_is_asked_for_again(renderer: Renderer, tmp_path: Path) -> None:
    absent = job(tmp_path, voices=("vi_VN-vang-medium", "tone"))
    made = renderer.preview(absent)
    assert made.voice == "tone"
    made.path.write_bytes(b"")
    assert renderer.preview(absent).path.stat().st_size > 0


def test_what_no_voice_can_say_leaves_nothing(renderer: Renderer, tmp_path: Path) -> None:
    with pytest.raises(VoiceError):
        renderer.preview(job(tmp_path, sentences=("Gọi số 5.",)))
    assert not list(tmp_path.glob("previews/*"))


def test_previews_that_nobody_listens_to_are_forgotten(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.preview(job(tmp_path))
    now = datetime.fromtimestamp(made.path.stat().st_mtime, UTC)
    assert forget_previews(tmp_path, timedelta(hours=1), now + timedelta(minutes=59)) == 0
    assert made.path.exists()
    assert forget_previews(tmp_path, timedelta(hours=1), now + timedelta(minutes=61)) == 1
    assert not list(tmp_path.glob("previews/*"))
    assert forget_previews(tmp_path / "nowhere", timedelta(hours=1), now) == 0


@pytest.mark.parametrize(
    ("suffix", "content"),
    [(".mp3", b""), (".mp3", b"\xff\xfb not the sound"), (".json", b""), (".json", b"{}"), (".json", b"[" * 4000)],
)
def test_a_damaged_preview_is_made_again(renderer: Renderer, tmp_path: Path, suffix: str, content: bytes) -> None:
    made = renderer.preview(job(tmp_path))
    whole = made.path.read_bytes()
    made.path.with_suffix(suffix).write_bytes(content)
    assert kept_preview(tmp_path, made.key) is None
    assert renderer.preview(job(tmp_path)) == made
    assert made.path.read_bytes() == whole
    assert kept_preview(tmp_path, made.key) == made
