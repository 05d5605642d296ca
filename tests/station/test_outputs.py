"""Outputs against the real miniaudio: its silent backend stands for a sound card, and asks for samples like one."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import miniaudio
import pytest

from station.clock import MachineClock
from station.errors import OutputError, StationError
from station.outputs import Order, open_output
from station.outputs.base import RATE, Samples
from station.outputs.device import DeviceSounding
from station.outputs.null import NullOutput
from tests.station.bench import MORNING, HandClock, bench_in, tone


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound"
    path.write_bytes(tone(300))
    return path


def order(path: Path, **changes: int | None) -> Order:
    plain: dict[str, int | None] = {"volume": 100, "repeats": 1, "gap_ms": 0, "starts_ms": MORNING}
    return Order("a", path, **(plain | changes))  # type: ignore[arg-type]


def card() -> miniaudio.PlaybackDevice:
    return miniaudio.PlaybackDevice(miniaudio.SampleFormat.SIGNED16, 1, RATE, 50, backends=[miniaudio.Backend.NULL])


def until_ended(sounding: DeviceSounding) -> None:
    for _ in range(500):
        if sounding.ended():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it never ended")


def test_a_device_is_given_every_sample_once_and_then_it_has_ended(sound: Path) -> None:
    sounding = DeviceSounding(MachineClock(), card(), Samples(order(sound, repeats=2, gap_ms=100)))
    until_ended(sounding)
    assert sounding.stop() == 600
    assert sounding.stop() == 600


def test_a_device_that_is_stopped_counts_what_it_was_given_only(sound: Path) -> None:
    sounding = DeviceSounding(MachineClock(), card(), Samples(order(sound, repeats=None)))
    while sounding.sounded_ms() < 350:
        threading.Event().wait(0.01)
    heard_ms = sounding.stop()
    assert heard_ms >= 350
    assert sounding.sounded_ms() == heard_ms


def test_a_device_that_asks_for_nothing_any_more_is_called_dead(sound: Path) -> None:
    class Unplugged:
        def start(self, _feed: object) -> None:
            pass

        def close(self) -> None:
            pass

    clock = HandClock()
    sounding = DeviceSounding(clock, Unplugged(), Samples(order(sound)))
    assert not sounding.ended()
    clock.advance(5_001)
    with pytest.raises(OutputError, match="không còn nhận tiếng"):
        sounding.ended()
    assert sounding.stop() == 0


def test_a_sound_without_a_single_sample_is_an_error_of_the_file_not_an_endless_loop(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(tone(0))
    clock = HandClock()
    try:
        sounding = NullOutput(clock).play(order(path, repeats=None))
    except OutputError as error:
        assert error.reason == "error"  # noqa: PT017 - either moment of noticing is right
        return
    clock.advance(1_000)
    with pytest.raises(OutputError) as failure:
        sounding.ended()
    assert failure.value.reason == "error"


def test_resuming_begins_where_the_sound_was_left(sound: Path) -> None:
    samples = Samples(order(sound, repeats=3, gap_ms=50, from_ms=450))
    total = 0
    while part := samples.pull(1_000):
        total += len(part)
    assert samples.sounded_frames * 1000 // RATE == 450
    assert total * 1000 // RATE == 500  # 150 of the second reading, a gap, the third


def test_a_wav_folder_that_vanishes_costs_the_airing_and_not_the_station(tmp_path: Path) -> None:
    clock = HandClock()
    output = open_output(f"wav:{tmp_path / 'wav'}", clock)
    with bench_in(tmp_path / "box", output) as bench:
        output._clock = bench.clock  # type: ignore[attr-defined]
        shutil.rmtree(tmp_path / "wav")
        bench.take(bench.author.airing("mất thư mục", MORNING + 60_000, audio=tone(300), duration_ms=300))
        bench.pass_time(240_000)
        assert bench.told("mất thư mục") == [("missed", "output")]


def test_a_wav_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StationError, match="WAV"):
        open_output(f"wav:{tmp_path / 'file' / 'wav'}", HandClock())
