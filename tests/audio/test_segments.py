from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import miniaudio
import numpy as np
import pytest
import soundfile

from audio.assembly import GAIN_STEP_DB, assembled, steps_near
from audio.coding import (
    CODER_DELAY,
    CODER_LOSS_LU,
    FRAME_BYTES,
    FRAME_MS,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    decode,
    decode_master,
    decoded,
    encode_frames,
    encode_master,
    frames_for,
    silence,
)
from audio.joining import Placed
from audio.measuring import Sound, tracks
from audio.profiles import profile_named
from audio.resampling import resampled, resampled_length
from audio.segments import Piece, SegmentCache
from broadcast.errors import Invalid
from tests.audio.test_mastering import measured, noise


def by_libsndfile(mp3: bytes) -> Sound:
    return decode(mp3)


def by_pyav(mp3: bytes) -> Sound:
    import av

    with av.open(io.BytesIO(mp3), format="mp3") as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])


def by_the_stations_decoder(mp3: bytes) -> Sound:
    played = miniaudio.decode(mp3, output_format=miniaudio.SampleFormat.FLOAT32, nchannels=1, sample_rate=SAMPLE_RATE)
    return np.frombuffer(played.samples, np.float32)


DECODERS = [by_libsndfile, by_pyav, by_the_stations_decoder]


def in_slot(sound: Sound) -> Sound:
    """`sound` with the silence that its frames need behind it."""
    whole = np.zeros(frames_for(len(sound)) * FRAME_SAMPLES, np.float32)
    whole[: len(sound)] = sound
    return whole


@pytest.fixture(scope="module")
def sounds(speech_like: Sound) -> list[Sound]:
    """Sounds that begin and end as hard as can be, of lengths that fit no frame."""
    return [speech_like[2000:40001], noise(0.7, 1), noise(0.033, 3), noise(1.301, 2)]


@pytest.mark.parametrize("decoder", DECODERS)
def test_frames_coded_apart_decode_together_to_what_each_decodes_to_alone(
    sounds: list[Sound], decoder: Callable[[bytes], Sound]
) -> None:
    parts = [encode_frames(in_slot(sound)) + silence(pause) for sound, pause in zip(sounds, (0, 3, 0, 9), strict=True)]
    together = decoder(b"".join(parts))
    assert len(together) * FRAME_BYTES == len(b"".join(parts)) * FRAME_SAMPLES, "not a sample more or less"
    alone = np.concatenate([by_libsndfile(part) for part in parts])
    assert np.abs(together - alone).max() < 2e-3, "decoders round to sixteen bits, some of them"
    begin = 0
    for sound, part in zip(sounds, parts, strict=True):
        heard = together[begin + CODER_DELAY :][: len(sound)]
        assert np.corrcoef(heard, sound)[0, 1] > 0.9, "each begins where it should, to the sample"
        begin += len(part) // FRAME_BYTES * FRAME_SAMPLES


@pytest.mark.parametrize("decoder", DECODERS)
def test_nothing_sounds_where_one_piece_ends_and_the_next_begins(
    sounds: list[Sound], decoder: Callable[[bytes], Sound]
) -> None:
    pause = 4
    parts = [encode_frames(in_slot(sound)) + silence(pause) for sound in sounds]
    heard, end = decoder(b"".join(parts)), 0
    for part in parts:
        end += len(part) // FRAME_BYTES * FRAME_SAMPLES
        between = heard[end - pause * FRAME_SAMPLES + FRAME_SAMPLES : end]
        assert np.abs(between).max() < 1e-4, "no click, no rest of an echo"


def test_silent_frames_are_silent_in_every_decoder() -> None:
    for decoder in DECODERS:
        heard = decoder(silence(40))
        assert len(heard) == 40 * FRAME_SAMPLES
        assert not heard.any()


def test_a_file_read_in_pieces_is_the_file_read_at_once(tmp_path: Path, sounds: list[Sound]) -> None:
    mp3 = encode_frames(in_slot(np.concatenate(sounds * 8)))
    (tmp_path / "a.mp3").write_bytes(mp3)
    assert np.abs(np.concatenate(list(decoded(tmp_path / "a.mp3"))) - decode(mp3)).max() < 1e-3


def placed(*sounds: Sound, pause_ms: int = 300) -> list[Placed]:
    return [
        Placed(Piece(f"{number} {len(sound)}", lambda sound=sound: sound), pause_ms)  # type: ignore[misc]
        for number, sound in enumerate(sounds)
    ]


@pytest.mark.parametrize("profile", ["gentle", "horn", "bypass"])
def test_a_whole_is_where_all_sound_is_and_lasts_as_long_as_its_parts(
    sounds: list[Sound], segments: SegmentCache, profile: str
) -> None:
    made = assembled(placed(*sounds), profile_named(profile), segments, with_master=True)
    lufs, true_peak = measured(made.mp3)
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5
    assert made.lufs == pytest.approx(lufs, abs=0.1)
    assert made.true_peak_db == pytest.approx(true_peak, abs=0.25)
    assert made.duration_ms == soundfile.info(io.BytesIO(made.mp3)).duration * 1000
    intended_ms = sum(map(len, sounds)) * 1000 / SAMPLE_RATE + 300 * (len(sounds) - 1)
    assert made.duration_ms - intended_ms == pytest.approx(300, abs=(len(sounds) + 1) * FRAME_MS)
    assert made.master is not None
    assert len(decode_master(made.master)) * 1000 == made.duration_ms * SAMPLE_RATE


def test_a_buzz_of_hard_knocks_is_brought_there_too(segments: SegmentCache) -> None:
    knocks = noise(3) * np.float32(0.02)
    for start in range(0, len(knocks), SAMPLE_RATE // 5):
        knocks[start : start + 60] *= 400
    made = assembled(placed(knocks), profile_named("bypass"), segments)
    lufs, true_peak = measured(made.mp3)
    assert abs(lufs + 16) <= 0.5
    assert true_peak <= -1.5


def test_what_is_silent_is_refused(segments: SegmentCache) -> None:
    with pytest.raises(Invalid, match="im lặng"):
        assembled(placed(np.zeros(SAMPLE_RATE, np.float32)), profile_named("gentle"), segments)


def test_of_two_gains_that_would_do_the_one_is_taken_that_reuses_more(
    speech_like: Sound, segments: SegmentCache
) -> None:
    first = placed(speech_like)
    before = assembled(first, profile_named("bypass"), segments)
    (gain_db, _) = steps_near(*tracks(speech_like, SAMPLE_RATE), -16 + CODER_LOSS_LU)
    for level in np.geomspace(0.1, 4, 200):
        other = noise(6) * np.float32(level)
        nearest, near = steps_near(
            *tracks(np.concatenate([in_slot(speech_like), other]), SAMPLE_RATE), -16 + CODER_LOSS_LU
        )
        if nearest != gain_db and gain_db in near and abs(near[gain_db]) < 0.29:
            break
    both = [*first, Placed(Piece("other", lambda: other), 0)]
    made, alone = (assembled(both, profile_named("bypass"), kept) for kept in (segments, None))
    assert made.mp3.startswith(before.mp3[: -20 * FRAME_BYTES])
    assert not alone.mp3.startswith(before.mp3[: -20 * FRAME_BYTES])
    assert (made.segments_new, made.segments_reused) == (1, 1)
    assert abs(made.lufs + 16) <= 0.5


@pytest.mark.parametrize(("most_is_coded", "new"), [(True, 1), (False, 2)])
def test_a_gain_that_was_just_left_is_kept_where_most_is_coded_at_it(
    speech_like: Sound, segments: SegmentCache, most_is_coded: bool, new: int
) -> None:
    assembled(placed(speech_like), profile_named("bypass"), segments)
    (gain_db, _) = steps_near(*tracks(speech_like, SAMPLE_RATE), -16 + CODER_LOSS_LU)
    said_back = np.ascontiguousarray(speech_like[::-1])
    for level in np.geomspace(0.4, 3, 80):
        other = (said_back[: len(said_back) // 2] if most_is_coded else np.tile(said_back, 2)) * np.float32(level)
        nearest, near = steps_near(
            *tracks(np.concatenate([in_slot(speech_like), other]), SAMPLE_RATE), -16 + CODER_LOSS_LU
        )
        if nearest != gain_db and 0.31 < abs(near.get(gain_db, 0)) < 0.39:
            break
    else:
        pytest.fail("no other sound leads there")
    made = assembled(
        [*placed(speech_like), Placed(Piece("other", lambda: other), 0)], profile_named("bypass"), segments
    )
    assert made.segments_new == new
    assert abs(made.lufs + 16) <= 0.5


def test_gain_goes_in_steps_and_one_is_always_near(speech_like: Sound) -> None:
    for level in (0.05, 0.2, 0.3, 1.0):
        energy, peak = tracks(speech_like * np.float32(level), SAMPLE_RATE)
        nearest, near = steps_near(energy, peak, -16)
        assert nearest in near
        assert 1 <= len(near) <= 2
        assert all(gain_db % GAIN_STEP_DB == 0 for gain_db in near)


def test_somebody_who_no_longer_wants_it_is_heard_between_pieces(sounds: list[Sound]) -> None:
    class Stop(Exception):
        pass

    def tell(_done: float) -> None:
        raise Stop

    with pytest.raises(Stop):
        assembled(placed(*sounds), profile_named("gentle"), None, tell=tell)


def test_several_at_once_share_a_cache_and_come_to_the_same(sounds: list[Sound], segments: SegmentCache) -> None:
    with ThreadPoolExecutor(4) as workers:
        made = list(
            workers.map(
                lambda _: assembled(placed(*sounds), profile_named("gentle"), SegmentCache(segments.root)).mp3, range(4)
            )
        )
    assert len(set(made)) == 1
    assert not list(segments.root.rglob("*.part"))


def test_a_lossless_master_comes_back_as_it_was(speech_like: Sound) -> None:
    assert np.abs(decode_master(encode_master(speech_like)) - speech_like).max() < 2**-14


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_speech_at_any_rate_is_the_same_speech_at_ours(rate: int) -> None:
    at_s = np.arange(rate + 77) / rate
    swell = np.sin(np.pi * at_s / at_s[-1])
    given = (np.sin(2 * np.pi * 440 * at_s) * swell).astype(np.float32)
    heard = resampled(given, rate, SAMPLE_RATE)
    assert len(heard) == resampled_length(len(given), rate, SAMPLE_RATE)
    ours_s = np.arange(len(heard)) / SAMPLE_RATE
    wanted = np.sin(2 * np.pi * 440 * ours_s) * np.sin(np.pi * ours_s / at_s[-1])
    assert np.abs(heard - wanted)[100:-100].max() < 1e-3
