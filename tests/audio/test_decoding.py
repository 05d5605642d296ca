"""Files of people's own machines: old tags, joined files, a bad packet; and what no renderer is to be held by."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from audio.coding import SAMPLE_RATE, encode
from audio.measuring import Sound
from broadcast.errors import Invalid
from tests.audio.test_recording import coded, read

TCVN3 = b"Th\xabng b\xb8o x\xb7 \xae\xe9c l\xedp"


def seconds(tmp_path: Path, content: bytes) -> float:
    path = tmp_path / "thu-am"
    path.write_bytes(content)
    return len(read(path)) / SAMPLE_RATE


@pytest.fixture(scope="module")
def talk(speech_like: Sound) -> Sound:
    return np.tile(speech_like, 3)  # 18 s, of which the last half second is silent


@pytest.fixture(scope="module")
def mp3(talk: Sound) -> bytes:
    """Of constant rate, without a table in front that says how long it is."""
    return encode(talk)


@pytest.mark.parametrize("rate", [8, 3_999, 500_000])
def test_a_rate_that_is_none_of_sound_is_refused_at_once(tmp_path: Path, speech_like: Sound, rate: int) -> None:
    with pytest.raises(Invalid, match=f"tần số lấy mẫu {rate} Hz"):
        seconds(tmp_path, coded(speech_like, "WAV", rate))


def test_tags_in_an_old_encoding_do_not_matter(tmp_path: Path, talk: Sound, mp3: bytes) -> None:
    wav = coded(talk, "WAV")
    info = b"INFOINAM" + struct.pack("<I", len(TCVN3)) + TCVN3
    whole = wav + b"LIST" + struct.pack("<I", len(info)) + info
    whole = whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]
    assert seconds(tmp_path, whole) == pytest.approx(17.5, abs=0.3)
    title = b"TIT2" + struct.pack(">I", len(TCVN3) + 1) + b"\0\0\x03" + TCVN3
    assert seconds(tmp_path, b"ID3\x03\0\0\0\0\0" + bytes([len(title)]) + title + mp3) == pytest.approx(17.5, abs=0.3)


@pytest.mark.parametrize(
    "behind",
    [bytes(9_000), b"LYRICSBEGIN" + b"IND00002" * 400 + b"LYRICS200TAG" + b"\xb8" * 125, b"TAG" + TCVN3.ljust(125)],
    ids=["zeros", "Lyrics3", "ID3v1"],
)
def test_what_stands_behind_an_mp3_is_no_sound_that_is_missing(tmp_path: Path, mp3: bytes, behind: bytes) -> None:
    assert seconds(tmp_path, mp3 + behind) == pytest.approx(17.5, abs=0.3)


def test_two_hundred_bad_bytes_cost_some_hundredths_of_a_second(tmp_path: Path, talk: Sound, mp3: bytes) -> None:
    for whole in (mp3, coded(talk, "MP3")):
        half = len(whole) // 2
        spoilt = whole[:half] + bytes(200) + whole[half + 200 :]
        assert seconds(tmp_path, spoilt) == pytest.approx(17.5, abs=0.4)


def test_files_put_one_behind_the_other_are_heard_to_the_end(tmp_path: Path, talk: Sound, mp3: bytes) -> None:
    assert seconds(tmp_path, mp3 + mp3) == pytest.approx(35.5, abs=0.4)
    twice = coded(talk, "MP3") * 2
    assert seconds(tmp_path, twice) == pytest.approx(35.5, abs=0.4)
    other = coded(np.repeat(talk, 2), "MP3", 48_000, 2)
    assert seconds(tmp_path, mp3 + other) == pytest.approx(35.5, abs=0.4)


def test_a_joined_ogg_of_two_rates_is_refused_as_what_it_is(tmp_path: Path, speech_like: Sound) -> None:
    with pytest.raises(Invalid, match="ghép từ nhiều đoạn"):
        seconds(tmp_path, coded(speech_like, "OGG") + coded(speech_like, "OGG", 44_100))


@pytest.mark.parametrize("kind", ["table", "none"])
def test_four_seconds_without_sound_in_the_middle_are_too_much(
    tmp_path: Path, talk: Sound, mp3: bytes, kind: str
) -> None:
    whole = mp3 if kind == "none" else coded(talk, "MP3")
    half, lost = len(whole) // 2, len(whole) * 4 // 18
    with pytest.raises(Invalid, match="cắt cụt"):
        seconds(tmp_path, whole[:half] + bytes(lost) + whole[half + lost :])


@pytest.mark.parametrize("kind", ["MP3", "FLAC", "OGG", "M4A", "WAV", "no table"])
def test_a_download_that_stopped_is_refused(tmp_path: Path, talk: Sound, mp3: bytes, kind: str) -> None:
    """The last quarter is not there, or, where the room was taken first, is zeros."""
    whole = mp3 if kind == "no table" else coded(talk, kind)
    begun = whole[: len(whole) * 3 // 4]
    ends = [bytes(len(whole) - len(begun))] if kind == "no table" else [b""]
    for end in ends + [bytes(len(whole) - len(begun))] * (kind == "MP3"):
        with pytest.raises(Invalid, match="cắt cụt"):
            seconds(tmp_path, begun + end)


def test_an_ogg_whose_last_page_is_half_there_is_refused(tmp_path: Path, talk: Sound) -> None:
    whole = coded(talk, "OGG")
    with pytest.raises(Invalid, match="cắt cụt"):
        seconds(tmp_path, whole[:-40])
