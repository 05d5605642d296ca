"""No curfew is touched, whatever the programme, the clock, the file and the disk do."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.outputs import Order
from station.outputs.null import NullOutput
from station.outputs.wav import WavOutput
from tests.station.bench import DAY_MS, MORNING, Bench, HandClock, airing_id, at, bench_in, tone

HALF_PAST_FIVE = MORNING + 30 * 60_000
DARK = (HALF_PAST_FIVE, HALF_PAST_FIVE + 3_600_000)
TEN_S = tone(10_000)


def sounded_in(bench: Bench, span: tuple[int, int]) -> list[str]:
    """Titles-by-id of what sounded within the span, as the log has it."""
    return [
        entry["airing"]
        for entry in bench.entries()
        if entry["kind"] in ("finished", "stopped")
        and at(entry, "started_at") < span[1]
        and span[0] < at(entry, "ended_at")
        and entry["sounded_ms"]
    ]


def test_a_curfew_breaking_programme_plays_its_lawful_airings_and_not_a_millisecond_of_the_others(
    bench: Bench,
) -> None:
    bench.take(
        bench.author.airing("đúng luật", DARK[0] - 60_000, audio=TEN_S, duration_ms=10_000),
        bench.author.airing("trong giờ cấm", DARK[0] + 5_000, audio=TEN_S, duration_ms=10_000),
        bench.author.airing("lấn vào", DARK[0] - 9_999, audio=TEN_S, duration_ms=10_000),
        bench.author.airing("lấn ra", DARK[1] - 1, audio=TEN_S, duration_ms=10_000),
        bench.author.airing("lặp tới", DARK[0] - 30_000, audio=TEN_S, duration_ms=10_000, repeats=3, gap_ms=1),
        bench.author.airing("mãi mãi", DARK[0] + 1_000, audio=TEN_S, duration_ms=10_000, repeats=None),
        curfew=[DARK],
    )
    bench.pass_time(30 * 60_000 + 3_600_000 - 1_000)
    assert sounded_in(bench, DARK) == []
    assert bench.told("đúng luật")[-1] == ("finished", None)
    for name in ("trong giờ cấm", "lấn vào", "lặp tới", "mãi mãi"):
        assert bench.told(name) == [("missed", "curfew")]
    assert ("alarm", "curfew") in bench.told()


def test_an_emergency_that_loses_its_approver_in_a_curfew_falls_silent(bench: Bench) -> None:
    storm = bench.author.airing(
        "bão", DARK[0] + 10_000, audio=TEN_S, duration_ms=10_000, repeats=None, **{"class": "emergency"}
    )
    bench.take(storm, curfew=[DARK])
    bench.pass_time(31 * 60_000)
    assert bench.station.player.playing == airing_id("bão")
    bench.take(storm | {"approved_by": ""}, curfew=[DARK])
    bench.pass_time(1)
    assert bench.station.player.playing is None
    assert bench.told("bão") == [("started", None), ("stopped", "curfew"), ("missed", "curfew")]
    bench.pass_time(60_000)
    assert bench.station.player.playing is None


def test_a_clock_that_is_trusted_no_more_still_ends_what_plays_at_the_curfew(tmp_path: Path) -> None:
    with bench_in(tmp_path) as bench:
        bench.take(
            bench.author.airing("dài hơn", DARK[0] - 5_000, audio=tone(40_000), duration_ms=5_000), curfew=[DARK]
        )
        bench.pass_time(30 * 60_000 - 2_000)
        bench.station.time._kernel = None
        bench.clock.kernel = False
        assert bench.station.time.now_ms() is None
        bench.pass_time(30_000)
        stopped = bench.last("dài hơn")
        assert (stopped["kind"], stopped["reason"]) == ("stopped", "curfew")
        assert stopped["sounded_ms"] <= 6_000


def test_nothing_sounds_beyond_the_window_whose_curfews_are_known(bench: Bench) -> None:
    until = "2026-12-07T17:00:00.000Z"
    end = MORNING + 15 * DAY_MS - 5 * 3_600_000
    bench.take(
        bench.author.airing("trong", end - 60_000, audio=TEN_S, duration_ms=10_000),
        bench.author.airing("qua", end - 5_000, audio=TEN_S, duration_ms=10_000),
        bench.author.airing("ngoài", end + 60_000, audio=TEN_S, duration_ms=10_000),
        window={"from": "2026-11-22T17:00:00.000Z", "until": until},
    )
    bench.pass_time(15 * DAY_MS)
    assert bench.told("trong")[-1] == ("finished", None)
    assert bench.told("qua") == [("missed", "curfew")]
    assert bench.told("ngoài") == [("missed", "curfew")]


def test_a_player_that_hangs_on_its_disk_does_not_carry_sound_into_a_curfew(tmp_path: Path) -> None:
    clock = HandClock()
    output = WavOutput(clock, tmp_path / "wav")
    with bench_in(tmp_path / "box", output) as bench:
        output._clock = bench.clock
        bench.take(
            bench.author.airing("dài hơn", DARK[0] - 5_000, audio=tone(40_000), duration_ms=5_000), curfew=[DARK]
        )
        bench.pass_time(30 * 60_000 - 4_000)
        bench.clock.advance(30_000)  # the player does not come back from its disk
        bench.pass_time(1)
        stopped = bench.last("dài hơn")
        assert stopped["sounded_ms"] == 5_000
    (path,) = (tmp_path / "wav").glob("*.wav")
    assert path.stat().st_size == 44 + 5_000 * 48


@pytest.mark.parametrize("most_ms", [0, 1, 700, 3_500])
def test_an_output_falls_silent_by_itself_after_what_it_was_given(tmp_path: Path, most_ms: int) -> None:
    (tmp_path / "sound").write_bytes(tone(1_000))
    clock = HandClock()
    order = Order("x", tmp_path / "sound", 100, None, 500, MORNING, most_ms=most_ms)
    sounding = NullOutput(clock).play(order)
    clock.advance(60_000)
    assert sounding.ended()
    gaps_ms = 500 * (most_ms // 1_500)
    assert sounding.stop() == most_ms - gaps_ms
