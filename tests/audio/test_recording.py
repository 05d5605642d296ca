from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.mastering import SAMPLE_RATE
from audio.measuring import Sound
from audio.produce import produce_recording
from audio.profiles import profile_named
from audio.recording import kind_of, read_recording
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
    assert len(read_recording(path, SAMPLE_RATE)) == pytest.approx(len(speech_like) * 24000 / 44100, rel=0.1)


def test_silence_at_both_ends_is_cut(tmp_path: Path, speech_like: Sound) -> None:
    still = np.zeros(3 * SAMPLE_RATE, np.float32)
    path = tmp_path / "thu-am.flac"
    path.write_bytes(coded(np.concatenate([still, speech_like, still]), "FLAC"))
    assert len(read_recording(path, SAMPLE_RATE)) <= len(speech_like) + SAMPLE_RATE // 4


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
        read_recording(path, SAMPLE_RATE)


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG", "M4A"])
def test_a_file_cut_in_half_is_refused(tmp_path: Path, speech_like: Sound, kind: str) -> None:
    whole = coded(np.tile(speech_like, 3), kind)
    path = tmp_path / "ban-tin.mp3"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match="cắt cụt"):
        read_recording(path, SAMPLE_RATE)


def test_a_silent_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "im.wav"
    path.write_bytes(coded(np.zeros(SAMPLE_RATE, np.float32), "WAV"))
    with pytest.raises(Invalid, match="im lặng"):
        read_recording(path, SAMPLE_RATE)


def test_too_many_minutes_and_too_many_bytes_are_refused(tmp_path: Path, speech_like: Sound) -> None:
    path = tmp_path / "dai.mp3"
    path.write_bytes(coded(np.tile(speech_like, 3), "MP3"))
    with pytest.raises(TooLarge, match="phút"):
        read_recording(path, SAMPLE_RATE, longest_min=0.2)
    with path.open("r+b") as file:
        file.truncate(201 * 1024 * 1024)  # a sparse file: nothing is written
    with pytest.raises(TooLarge, match="200 MB"):
        read_recording(path, SAMPLE_RATE)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Không mở được"):
        read_recording(tmp_path / "khong-co.mp3", SAMPLE_RATE)


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
