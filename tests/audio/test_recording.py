from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.coding import SAMPLE_RATE
from audio.measuring import Sound
from audio.produce_recording import produce_recording
from audio.production import RenderingCancelled
from audio.profiles import profile_named
from audio.recording import kind_of, read_recording
from audio.reel import Reel
from audio.store import AudioStore
from broadcast.errors import Invalid, StorageError, TooLarge
from tests.audio.test_mastering import measured


def coded(sound: Sound, kind: str, rate: int = SAMPLE_RATE, channels: int = 1) -> bytes:
    out = io.BytesIO()
    frames = np.repeat(sound[:, None], channels, axis=1)
    if kind == "M4A":
        return m4a(sound, rate)
    soundfile.write(out, frames, rate, format=kind)
    return out.getvalue()


def m4a(sound: Sound, rate: int) -> bytes:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None, :], format="fltp", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()


def read(path: Path, *, longest_min: float = 60) -> Sound:
    """What counts of the recording."""
    with Reel(path.parent) as reel:
        recording = read_recording(path, reel, SAMPLE_RATE, longest_min=longest_min)
        return np.concatenate(list(reel.pieces(SAMPLE_RATE, recording.start, recording.stop)))


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG", "M4A"])
def test_a_recording_of_each_kind_is_levelled_and_coded_like_all_else(
    store: AudioStore, tmp_path: Path, speech_like: Sound, kind: str
) -> None:
    path = tmp_path / "thu-am"  # the name says nothing; the bytes do
    path.write_bytes(coded(speech_like * np.float32(0.2), kind))
    sound = produce_recording(path, store=store, profile=profile_named("gentle"))
    lufs, true_peak = measured(store.path(sound.sha256).read_bytes())
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5
    assert sound.voice == "recording"
    assert sound.duration_ms == pytest.approx(5700, abs=400)


def test_stereo_at_another_rate_keeps_its_length(tmp_path: Path, speech_like: Sound) -> None:
    path = tmp_path / "thu-am.wav"
    path.write_bytes(coded(speech_like, "WAV", rate=44100, channels=2))
    assert len(read(path)) == pytest.approx(len(speech_like) * 24000 / 44100, rel=0.1)


def test_silence_at_both_ends_is_cut(tmp_path: Path, speech_like: Sound) -> None:
    still = np.zeros(3 * SAMPLE_RATE, np.float32)
    path = tmp_path / "thu-am.flac"
    path.write_bytes(coded(np.concatenate([still, speech_like, still]), "FLAC"))
    assert len(read(path)) <= len(speech_like) + SAMPLE_RATE // 4


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\xff\xfb\x90\x44 not a frame " * 400


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "rỗng"),
        (JPEG, "không phải âm thanh"),
        (b"%PDF-1.7 ...", "không phải âm thanh"),
        ("Số: 12/TB-UBND".encode(), "không phải âm thanh"),
        (b"#EXTM3U\nhttp://127.0.0.1/x.mp3\n", "không phải âm thanh"),
        (b"RIFF\x00\x00\x00\x00WAVE", "hỏng|không có âm thanh"),
        (b"ID3" + b"\x00" * 500, "hỏng|không có âm thanh"),
        (b"OggS" + b"\x07" * 500, "hỏng|không có âm thanh"),
        (b"fLaC" + b"\x01" * 500, "hỏng|không có âm thanh"),
        (b"\x00\x00\x00\x20ftypM4A " + b"\x02" * 500, "hỏng|không có âm thanh"),
    ],
)
def test_what_is_no_sound_is_refused_with_words(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "ban-tin.mp3"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=message):
        read(path)


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG", "M4A"])
def test_a_file_cut_in_half_is_refused(tmp_path: Path, speech_like: Sound, kind: str) -> None:
    whole = coded(np.tile(speech_like, 3), kind)
    path = tmp_path / "ban-tin.mp3"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match="cắt cụt"):
        read(path)


def test_a_silent_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "im.wav"
    path.write_bytes(coded(np.zeros(SAMPLE_RATE, np.float32), "WAV"))
    with pytest.raises(Invalid, match="im lặng"):
        read(path)


def test_too_many_minutes_and_too_many_bytes_are_refused(tmp_path: Path, speech_like: Sound) -> None:
    path = tmp_path / "dai.mp3"
    path.write_bytes(coded(np.tile(speech_like, 3), "MP3"))
    with pytest.raises(TooLarge, match="phút"):
        read(path, longest_min=0.2)
    with path.open("r+b") as file:
        file.truncate(201 * 1024 * 1024)  # a sparse file: nothing is written
    with pytest.raises(TooLarge, match="200 MB"):
        read(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Không mở được"):
        read(tmp_path / "khong-co.mp3")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xfb\x90\x44", "mp3"),
        (b"\xff\xf3\x84\xc4", "mp3"),
        (b"\xff\xd8\xff\xe0", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_a_kind_is_told_by_its_first_bytes(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind


def film(container: str) -> bytes:
    """A moving picture of one second with a tone under it."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format=container) as muxer:
        pictures = muxer.add_stream("mpeg4", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        tones = muxer.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number in range(10):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 20, np.uint8), format="rgb24")
            muxer.mux(pictures.encode(picture))
        tone = np.sin(np.arange(SAMPLE_RATE) / 10).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None, :], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        muxer.mux(tones.encode(frame))
        muxer.mux(pictures.encode(None))
        muxer.mux(tones.encode(None))
    return out.getvalue()


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi"])
def test_a_film_is_refused_as_a_film(tmp_path: Path, container: str) -> None:
    path = tmp_path / "phim.mp3"
    path.write_bytes(film(container))
    with pytest.raises(Invalid, match="là phim"):
        read(path)


def test_a_picture_of_the_cover_makes_no_film_of_a_song(tmp_path: Path, speech_like: Sound) -> None:
    picture = b"\x00image/jpeg\x00\x03\x00" + JPEG
    size = len(picture)
    tag = b"APIC" + size.to_bytes(4, "big") + b"\x00\x00" + picture
    length = bytes((len(tag) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path = tmp_path / "bai-hat.mp3"
    path.write_bytes(b"ID3\x03\x00\x00" + length + tag + coded(speech_like, "MP3"))
    assert len(read(path)) == pytest.approx(len(speech_like), rel=0.1)


def test_ten_hours_are_refused_before_they_are_decoded(tmp_path: Path, speech_like: Sound) -> None:
    one = coded(speech_like, "MP3")[192:]
    path = tmp_path / "dai.mp3"
    path.write_bytes(one * (1 + 10 * 3600 // 6))
    told: list[float] = []
    with Reel(tmp_path) as reel, pytest.raises(TooLarge, match="dài hơn 60 phút"):
        read_recording(path, reel, SAMPLE_RATE, tell=told.append)
    assert told == []


def test_progress_goes_from_nothing_to_all_in_hundredths(store: AudioStore, tmp_path: Path, speech_like: Sound) -> None:
    path = tmp_path / "thu-am.flac"
    path.write_bytes(coded(np.tile(speech_like, 6), "FLAC"))
    seen: list[tuple[int, int]] = []
    produce_recording(
        path, store=store, profile=profile_named("gentle"), progress=lambda done, total: seen.append((done, total))
    )
    done = [each for each, _ in seen]
    assert done == sorted(set(done))
    assert seen[-1] == (100, 100)
    assert len(done) > 5


def test_a_cancelled_recording_leaves_nothing(store: AudioStore, tmp_path: Path, speech_like: Sound) -> None:
    path = tmp_path / "thu-am.wav"
    path.write_bytes(coded(np.tile(speech_like, 6), "WAV"))
    seen: list[int] = []
    with pytest.raises(RenderingCancelled):
        produce_recording(
            path,
            store=store,
            profile=profile_named("gentle"),
            progress=lambda done, _: seen.append(done),
            cancelled=lambda: bool(seen) and seen[-1] >= 50,
        )
    assert [found for found in store.root.rglob("*") if found.is_file()] == []


def test_minutes_take_little_more_memory_than_seconds(tmp_path: Path, speech_like: Sound) -> None:
    """A child of its own for each, so that each has a highest mark of its own."""
    programme = (
        "import resource, sys; from pathlib import Path\n"
        "from audio.produce_recording import produce_recording; from audio.profiles import profile_named\n"
        "from audio.store import AudioStore\n"
        "produce_recording(Path(sys.argv[1]), store=AudioStore(Path(sys.argv[2])), profile=profile_named('gentle'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    used_kb = []
    for name, minutes in (("ngan.wav", 0.2), ("dai.wav", 3.2)):
        soundfile.write(tmp_path / name, np.tile(speech_like[::3], round(minutes * 10)), 8000)
        ran = subprocess.run(
            [sys.executable, "-c", programme, str(tmp_path / name), str(tmp_path / "audio")],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        used_kb.append(int(ran.stdout))
    as_samples_kb = 3 * 60 * SAMPLE_RATE * 4 / 1024
    assert used_kb[1] - used_kb[0] < as_samples_kb, "that much longer, and less than those samples take up once"
