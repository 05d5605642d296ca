"""Offline for weeks, without power for days, thousands of airings behind: what is due now is not kept waiting."""

from __future__ import annotations

from pathlib import Path

from station.outputs.base import Order, Samples
from station.outputs.null import NullOutput
from station.run import Station
from station.stage import Playing
from tests.station.bench import DAY_MS, MORNING, Author, Bench, HandClock, airing_id, at, enrolment_for, tone

HALF_PAST_FIVE = MORNING + 30 * 60_000
ONE_S = tone(1_000)


def test_hundreds_of_missed_airings_are_told_without_delaying_the_one_that_is_due(bench: Bench) -> None:
    past = [bench.author.airing(f"đã qua {n}", MORNING - 10 * 60_000 - n * 1_000, audio=ONE_S) for n in range(300)]
    bench.take(*past, bench.author.airing("bây giờ", MORNING, audio=ONE_S, duration_ms=1_000))
    bench.station.player.tick()
    assert bench.station.player.playing == airing_id("bây giờ")
    assert len(bench.entries()) < 100
    bench.pass_time(60_000)
    assert sum(entry["kind"] == "missed" for entry in bench.entries()) == 300


def test_a_new_machine_takes_up_an_emergency_that_was_started_before_it_was_enrolled(tmp_path: Path) -> None:
    author, clock = Author(), HandClock()
    station = Station(tmp_path, enrolment_for(author, enrolled_ms=MORNING), clock, NullOutput(clock))
    try:
        station.boot()
        storm = author.airing(
            "bão", MORNING - 3_600_000, audio=ONE_S, duration_ms=1_000, repeats=None, **{"class": "emergency"}
        )
        early = author.airing("sáng sớm", MORNING - 60_000, audio=ONE_S, duration_ms=1_000)
        for sha256, content in author.sounds.items():
            station.cache.path(sha256).write_bytes(content)
        assert station.programme.offer(*author.manifest(storm, early), None)
        station.player.tick()
        assert station.player.playing == airing_id("bão")
        assert station.outbox.count() == 1
    finally:
        station.close()


def test_an_emergency_whose_words_were_changed_goes_on_with_the_new_ones(bench: Bench) -> None:
    old, new = tone(2_000, 900), tone(2_000, 800)
    storm = bench.author.airing("bão", MORNING, audio=old, duration_ms=2_000, repeats=None, **{"class": "emergency"})
    bench.take(storm)
    bench.pass_time(5_000)
    changed = storm | {"audio": bench.author.sound(new)}
    bench.take(changed)
    bench.pass_time(3_000)
    sounds = [entry["audio"] for entry in bench.entries() if entry["kind"] == "started"]
    assert sounds == [storm["audio"], changed["audio"]]
    assert bench.told("bão") == [("started", None), ("stopped", "cancelled"), ("started", None)]


def test_a_time_that_jumps_ahead_does_not_make_what_plays_look_overdue(bench: Bench) -> None:
    twenty = tone(20_000)
    bench.take(
        bench.author.airing("đang phát", HALF_PAST_FIVE, audio=twenty, duration_ms=20_000, on_overrun="cut"),
        bench.author.airing("kế tiếp", HALF_PAST_FIVE + 60_000, audio=ONE_S, duration_ms=1_000, on_overrun="cut"),
    )
    bench.pass_time(30 * 60_000 + 5_000)
    server_ms = bench.clock.system_ms() + 56_000
    bench.station.time.measure(bench.clock.monotonic, server_ms, server_ms, bench.clock.monotonic)
    playing = bench.station.player._stage.playing
    assert isinstance(playing, Playing)
    assert playing.left_ms(bench.clock.monotonic) == 15_000
    pauses = []
    for _ in range(5):
        pauses.append(bench.station.player.tick())
        bench.clock.advance(pauses[-1])
    assert sum(pauses) >= 2_000, "no hot loop"


def test_what_a_wrong_clock_once_wrote_does_not_make_the_station_forget_what_it_played(bench: Bench) -> None:
    plays = bench.author.airing("đã phát", MORNING, audio=ONE_S, duration_ms=1_000)
    bench.take(plays)
    bench.pass_time(5_000)
    with bench.station.state.writing() as db:
        db.execute("INSERT INTO airing VALUES ('from-the-future', 'begun', ?)", (MORNING + 4_000 * DAY_MS,))
    bench.power_cut(off_ms=10_000)
    bench.pass_time(30_000)
    assert bench.told("đã phát") == [("started", None), ("finished", None)]


def test_a_resumed_airing_is_sought_without_working_on_every_sample(tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(tone(2_000))
    order = Order("x", tmp_path / "sound", 30, 2, 1_000, MORNING, from_ms=2_500)
    samples = Samples(order)
    rest = samples.pull(10 * 24_000)
    assert len(rest) == 1_500 * 24
    assert samples.sounded_frames == 1_500 * 24
    assert max(rest) <= 16_000 * 30 // 100
    samples.close()


def test_the_log_of_two_weeks_offline_is_counted_without_reading_it(bench: Bench) -> None:
    with bench.station.state.writing() as db:
        db.executemany("INSERT INTO entry VALUES (?, '{}', ?)", ((number, "0" * 64) for number in range(1, 100_001)))
    plan = bench.station.state.rows("EXPLAIN QUERY PLAN SELECT min(seq) FROM entry")
    assert bench.station.outbox.count() == 100_000
    assert "SEARCH" in str(plan)
    batch = bench.station.outbox.batch()
    assert batch is not None
    assert [batch.entries[0].seq, batch.entries[-1].seq] == [1, 500]


def test_nothing_is_played_twice_and_no_start_is_without_its_end_after_many_power_cuts(bench: Bench) -> None:
    bench.take(
        *(bench.author.airing(f"lượt {n}", MORNING + n * 10_000, audio=ONE_S, duration_ms=1_000) for n in range(6))
    )
    for cut in range(1, 6):
        bench.pass_time(cut * 3_700)
        bench.power_cut(off_ms=500, boot=f"boot-{cut + 1}")
    bench.pass_time(120_000)
    started = [entry["airing"] for entry in bench.entries() if entry["kind"] == "started"]
    assert len(started) == len(set(started))
    ends = [entry for entry in bench.entries() if entry["kind"] in ("finished", "stopped")]
    assert len(ends) == len(started)
    assert all(at(entry, "started_at") >= MORNING for entry in ends)
