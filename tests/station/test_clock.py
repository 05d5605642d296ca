"""Trusted time: what four instants say, and when a new measurement counts."""

from __future__ import annotations

import pytest

from station.clock import MachineClock, TrustedTime
from station.errors import StationError
from station.outputs import open_output
from tests.station.bench import MORNING, HandClock

SERVER_AT_ZERO = MORNING - 5_000


def answered(time: TrustedTime, clock: HandClock, there_ms: int, back_ms: int, ahead_ms: int = 0) -> bool:
    """One status round trip: so long on the way there, so long on the way back."""
    sent = clock.monotonic
    clock.advance(there_ms)
    on_server = SERVER_AT_ZERO + clock.monotonic + ahead_ms
    clock.advance(back_ms)
    return time.measure(sent, on_server, on_server, clock.monotonic)


def wrong_by(time: TrustedTime, clock: HandClock) -> int:
    return (time.now_ms() or 0) - (SERVER_AT_ZERO + clock.monotonic)


def test_the_offset_is_exact_when_both_ways_take_equally_long() -> None:
    clock = HandClock(kernel=False, system=0)
    time = TrustedTime(clock)
    assert answered(time, clock, 40, 40)
    assert wrong_by(time, clock) == 0
    assert time.source() == "server"
    assert time.offset_ms() == SERVER_AT_ZERO + clock.monotonic - clock.system


@pytest.mark.parametrize(("there_ms", "back_ms"), [(0, 1_000), (1_000, 0), (700, 100)])
def test_an_uneven_way_is_wrong_by_half_of_it_at_most(there_ms: int, back_ms: int) -> None:
    clock = HandClock(kernel=False)
    time = TrustedTime(clock)
    assert answered(time, clock, there_ms, back_ms)
    assert abs(wrong_by(time, clock)) <= (there_ms + back_ms) // 2 + 1


def test_a_worse_measurement_does_not_replace_a_better_one_until_that_has_grown_old() -> None:
    clock = HandClock(kernel=False)
    time = TrustedTime(clock)
    assert answered(time, clock, 10, 10)
    assert not answered(time, clock, 0, 600)
    assert wrong_by(time, clock) == 0
    clock.advance(2 * 3_600_000)
    assert answered(time, clock, 150, 150)


def test_a_server_whose_clock_was_set_is_followed() -> None:
    clock = HandClock(kernel=False)
    time = TrustedTime(clock)
    answered(time, clock, 10, 10)
    assert answered(time, clock, 300, 300, ahead_ms=3_600_000)
    assert wrong_by(time, clock) == 3_600_000


def test_a_slow_or_impossible_answer_is_no_time_to_play_by() -> None:
    clock = HandClock(kernel=False)
    time = TrustedTime(clock)
    assert not answered(time, clock, 1_500, 600)
    assert not time.measure(10, 500, 400, 20)
    assert not time.measure(20, 500, 500, 10)
    assert time.now_ms() is None
    assert time.source() == "none"
    assert abs((time.estimated_ms() or 0) - (SERVER_AT_ZERO + clock.monotonic)) <= 1_051


def test_the_wall_clock_may_step_without_moving_measured_time() -> None:
    clock = HandClock()
    time = TrustedTime(clock)
    answered(time, clock, 10, 10)
    clock.system += 86_400_000
    assert wrong_by(time, clock) == 0


def test_the_machine_has_clocks_that_go_forward() -> None:
    clock = MachineClock()
    first = clock.monotonic_ms()
    assert 0 <= clock.monotonic_ms() - first < 60_000
    assert clock.system_ms() > 1_600_000_000_000
    assert clock.kernel_synchronised() in (True, False)


def test_an_output_that_does_not_exist_is_named() -> None:
    with pytest.raises(StationError, match="loa"):
        open_output("loa", HandClock())


def test_a_machine_without_a_sound_card_says_so_before_anything_is_played() -> None:
    output = open_output("default", HandClock())
    trouble = output.trouble()
    assert trouble is None or "thiết bị âm thanh" in trouble


def test_the_kernels_time_outlives_the_network_that_it_came_from_until_the_next_boot() -> None:
    clock = HandClock()
    time = TrustedTime(clock)
    assert time.source() == "kernel"
    clock.kernel = False
    clock.advance(14 * 86_400_000)
    clock.system -= 7_200_000
    assert time.source() == "kernel"
    assert time.now_ms() == MORNING + 14 * 86_400_000
    remembered = time.remember()
    assert remembered is not None
    same, other = (
        TrustedTime(HandClock(kernel=False, monotonic=clock.monotonic)),
        TrustedTime(HandClock(kernel=False, boot="2")),
    )
    assert same.recall(remembered)
    assert same.now_ms() == time.now_ms()
    assert not other.recall(remembered)
    assert other.now_ms() is None


def test_a_server_not_heard_of_for_days_is_believed_less_than_a_kernel_that_is_synchronised() -> None:
    clock = HandClock()
    time = TrustedTime(clock)
    answered(time, clock, 10, 10)
    assert time.source() == "server"
    clock.advance(5 * 86_400_000)
    clock.monotonic += 8_000  # the crystal ran off by twenty millionths
    assert time.source() == "kernel"
    assert time.now_ms() == clock.system
    clock.kernel = False
    assert time.now_ms() is not None
    assert answered(time, clock, 10, 10)
    assert time.source() == "server"


def test_slow_answers_do_not_move_the_instants_of_a_station_whose_kernel_is_synchronised() -> None:
    clock = HandClock()
    time = TrustedTime(clock)
    assert not answered(time, clock, 4_000, 100)
    assert time.now_ms() == time.believed_ms() == clock.system
