"""What sounds, when, and what is written down about it: the clock is moved by hand, sound goes to the null device."""

from __future__ import annotations

import hashlib
import wave
from pathlib import Path
from typing import Any

import pytest

from station.errors import OutputError, Refused
from station.outputs import Order, Sounding
from station.outputs.null import NullOutput
from station.outputs.wav import WavOutput
from tests.station.bench import DAY_MS, MORNING, Author, Bench, HandClock, airing_id, at, bench_in, tone

THREE_S = tone(3_000)
HALF_PAST_FIVE = MORNING + 30 * 60_000


def test_an_airing_sounds_at_its_second_and_is_proven(bench: Bench) -> None:
    bench.take(bench.author.airing("sáng", HALF_PAST_FIVE, audio=THREE_S, volume=60))
    bench.pass_time(31 * 60_000)
    started, finished = bench.entries()
    assert (started["kind"], finished["kind"]) == ("started", "finished")
    assert at(started, "started_at") == HALF_PAST_FIVE
    assert finished["sounded_ms"] == 3_000
    assert at(finished, "ended_at") - at(finished, "started_at") == pytest.approx(3_000, abs=60)
    assert finished["volume"] == 60
    assert finished["clock_source"] == "kernel"
    assert finished["manifest_sequence"] == 1


def test_repeats_sound_with_their_gaps_and_the_gaps_are_not_counted(bench: Bench) -> None:
    bench.take(bench.author.airing("ba lần", HALF_PAST_FIVE, audio=THREE_S, repeats=3, gap_ms=2_000))
    bench.pass_time(31 * 60_000)
    finished = bench.last("ba lần")
    assert finished["kind"] == "finished"
    assert finished["sounded_ms"] == 9_000
    assert at(finished, "ended_at") - at(finished, "started_at") == pytest.approx(13_000, abs=60)


def test_nothing_begins_after_its_latest_start(bench: Bench) -> None:
    bench.take(bench.author.airing("đã qua", MORNING - 121_000, audio=THREE_S))
    bench.take(
        bench.author.airing("đã qua", MORNING - 121_000, audio=THREE_S),
        bench.author.airing("vừa kịp", MORNING - 119_000, audio=THREE_S),
    )
    bench.pass_time(10_000)
    assert bench.told("đã qua") == [("missed", "too_late")]
    assert bench.told("vừa kịp") == [("started", None), ("finished", None)]


def test_what_the_newest_manifest_no_longer_names_is_not_begun_and_stopped_where_it_plays(bench: Bench) -> None:
    plays = bench.author.airing("đang phát", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000)
    waits = bench.author.airing("sắp phát", HALF_PAST_FIVE + 60_000, audio=THREE_S)
    bench.take(plays, waits)
    bench.pass_time(30 * 60_000 + 5_000)
    bench.take()
    bench.pass_time(120_000)
    stopped = bench.last("đang phát")
    assert (stopped["kind"], stopped["reason"]) == ("stopped", "cancelled")
    assert stopped["sounded_ms"] == 5_000
    assert bench.told("sắp phát") == []


def test_missing_audio_is_waited_for_until_the_latest_start_and_then_missed(bench: Bench) -> None:
    late, never = tone(1_000, 300), tone(1_000, 310)
    sha256 = hashlib.sha256(late).hexdigest()
    bench.take(
        bench.author.airing("đến muộn", HALF_PAST_FIVE, audio=late, duration_ms=1_000),
        bench.author.airing("không đến", HALF_PAST_FIVE + 300_000, audio=never, duration_ms=1_000),
        held=False,
    )
    bench.pass_time(30 * 60_000 + 60_000)
    bench.station.cache.path(sha256).write_bytes(late)
    bench.pass_time(600_000)
    assert bench.told("đến muộn") == [("started", None), ("finished", None)]
    assert bench.told("không đến") == [("missed", "no_audio")]


def test_an_overrun_delays_the_next_or_is_cut_as_the_programme_says(bench: Bench) -> None:
    long_ms, sound = 20_000, tone(20_000)
    evening = HALF_PAST_FIVE + 600_000
    bench.take(
        bench.author.airing("dài, nhường", HALF_PAST_FIVE, audio=sound, duration_ms=long_ms, on_overrun="cut"),
        bench.author.airing("đúng giờ", HALF_PAST_FIVE + 10_000, audio=THREE_S),
        bench.author.airing("dài, giữ", evening, audio=sound, duration_ms=long_ms),
        bench.author.airing("chờ", evening + 10_000, audio=THREE_S),
        bench.author.airing("không chờ được", evening + 10_001, audio=THREE_S, late_ms=2_000),
    )
    bench.pass_time(3_000_000)
    cut = bench.last("dài, nhường")
    assert (cut["kind"], cut["reason"], cut["sounded_ms"]) == ("stopped", "interrupted", 10_000)
    assert at(bench.last("đúng giờ"), "started_at") == HALF_PAST_FIVE + 10_000
    assert bench.last("dài, giữ")["sounded_ms"] == long_ms
    assert at(bench.last("chờ"), "started_at") == pytest.approx(evening + long_ms, abs=100)
    assert bench.told("không chờ được") == [("missed", "too_late")]


# Emergencies


def emergency(author: Author, name: str, starts_ms: int, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"class": "emergency", "repeats": None, "audio": tone(2_000, 900), "duration_ms": 2_000}
    return author.airing(name, starts_ms, **(plain | changes))


def test_an_emergency_interrupts_what_plays_and_sounds_until_it_leaves_the_manifest(bench: Bench) -> None:
    plays = bench.author.airing("bản tin", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000)
    bench.take(plays)
    bench.pass_time(30 * 60_000 + 5_000)
    storm = emergency(bench.author, "bão", HALF_PAST_FIVE + 5_000)
    bench.take(plays, storm)
    bench.pass_time(61_000)
    stopped = bench.last("bản tin")
    assert (stopped["kind"], stopped["reason"], stopped["sounded_ms"]) == ("stopped", "emergency", 5_000)
    assert bench.station.player.playing == airing_id("bão")
    bench.take(plays)
    bench.pass_time(60_000)
    ended = bench.last("bão")
    assert (ended["kind"], ended["reason"], ended["sounded_ms"]) == ("stopped", "cancelled", 61_000)
    assert bench.told("bản tin") == [("started", None), ("stopped", "emergency")]


def test_an_airing_dropped_for_an_emergency_says_so_and_not_that_it_was_cancelled(bench: Bench) -> None:
    bench.take(bench.author.airing("bản tin", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000))
    bench.pass_time(30 * 60_000 + 5_000)
    bench.take(emergency(bench.author, "bão", HALF_PAST_FIVE + 5_000))
    bench.pass_time(1_000)
    assert bench.told("bản tin")[-1] == ("stopped", "emergency")


def test_an_interrupted_airing_that_asks_for_it_is_resumed_where_it_stopped(bench: Bench) -> None:
    plays = bench.author.airing(
        "bản tin", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000, after_interrupt="resume"
    )
    bench.take(plays)
    bench.pass_time(30 * 60_000 + 5_000)
    bench.take(plays, emergency(bench.author, "bão", HALF_PAST_FIVE + 5_000))
    bench.pass_time(30_000)
    bench.take(plays)
    bench.pass_time(60_000)
    parts = [e for e in bench.entries() if e.get("airing") == str(airing_id("bản tin"))]
    assert [e["kind"] for e in parts] == ["started", "stopped", "started", "finished"]
    assert [e["sounded_ms"] for e in parts if "sounded_ms" in e] == [5_000, 15_000]


def test_a_second_emergency_waits_for_the_first(bench: Bench) -> None:
    first = emergency(bench.author, "bão", HALF_PAST_FIVE)
    second = emergency(bench.author, "lũ", HALF_PAST_FIVE + 10_000, audio=tone(2_000, 700))
    bench.take(first, second)
    bench.pass_time(31 * 60_000)
    assert bench.station.player.playing == airing_id("bão")
    bench.take(second)
    bench.pass_time(5_000)
    assert bench.station.player.playing == airing_id("lũ")


def test_an_old_emergency_is_not_begun_on_the_word_of_a_programme_that_nobody_confirms(bench: Bench) -> None:
    bench.take(emergency(bench.author, "bão", HALF_PAST_FIVE))
    bench.power_cut(off_ms=3 * DAY_MS)
    bench.pass_time(60_000)
    assert bench.told("bão") == [("missed", "too_late")]
    bench.station.programme.confirm()
    bench.pass_time(60_000)
    assert bench.station.player.playing == airing_id("bão")


def test_an_emergency_goes_on_after_a_short_power_cut_without_network(bench: Bench) -> None:
    bench.take(emergency(bench.author, "bão", HALF_PAST_FIVE))
    bench.pass_time(40 * 60_000)
    bench.power_cut(off_ms=5 * 60_000)
    bench.pass_time(10_000)
    assert bench.told("bão") == [("started", None), ("stopped", "power"), ("started", None)]


# Curfew


def test_nothing_airs_inside_a_curfew_except_an_emergency_whose_approver_is_named(bench: Bench) -> None:
    dark = (HALF_PAST_FIVE, HALF_PAST_FIVE + 3_600_000)
    bench.take(
        bench.author.airing("trước", dark[0] - 3_000, audio=THREE_S),
        bench.author.airing("chạm đầu", dark[0] - 2_999, audio=THREE_S),
        bench.author.airing("giữa", dark[0] + 60_000, audio=THREE_S, **{"class": "priority"}),
        bench.author.airing("sau", dark[1], audio=THREE_S),
        emergency(bench.author, "vô danh", dark[0] + 120_000, repeats=1, approved_by="  "),
        emergency(bench.author, "bão", dark[0] + 180_000, repeats=1),
        curfew=[dark],
    )
    bench.pass_time(2 * 3_600_000)
    assert bench.last("trước")["sounded_ms"] == 3_000
    assert at(bench.last("trước"), "ended_at") == dark[0]
    assert bench.told("chạm đầu") == [("missed", "curfew")]
    assert bench.told("giữa") == [("missed", "curfew")]
    assert bench.told("sau")[-1] == ("finished", None)
    assert bench.told("vô danh") == [("missed", "curfew")]
    assert bench.told("bão")[-1] == ("finished", None)
    assert ("alarm", "curfew") in bench.told()


def test_a_late_start_does_not_carry_an_airing_into_a_curfew(bench: Bench) -> None:
    dark = (HALF_PAST_FIVE, HALF_PAST_FIVE + 3_600_000)
    sound = tone(1_000)
    bench.take(bench.author.airing("trễ", dark[0] - 60_000, audio=sound, duration_ms=20_000), curfew=[dark], held=False)
    bench.pass_time(30 * 60_000 - 10_000)
    bench.station.cache.path(hashlib.sha256(sound).hexdigest()).write_bytes(sound)
    bench.pass_time(60_000)
    assert bench.told("trễ") == [("missed", "curfew")]


def test_sound_longer_than_its_stated_length_is_cut_at_the_curfew(bench: Bench) -> None:
    dark = (HALF_PAST_FIVE, HALF_PAST_FIVE + 3_600_000)
    bench.take(bench.author.airing("dài hơn", dark[0] - 5_000, audio=tone(9_000), duration_ms=5_000), curfew=[dark])
    bench.pass_time(3_600_000)
    stopped = bench.last("dài hơn")
    assert (stopped["kind"], stopped["reason"], stopped["sounded_ms"]) == ("stopped", "curfew", 5_000)


# Power


def test_after_a_power_cut_the_position_is_logged_and_nothing_is_played_twice(bench: Bench) -> None:
    bench.take(bench.author.airing("bản tin", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000))
    bench.pass_time(30 * 60_000 + 7_400)
    bench.power_cut(off_ms=20_000)
    bench.pass_time(60_000)
    stopped = bench.last("bản tin")
    assert (stopped["kind"], stopped["reason"], stopped["sounded_ms"]) == ("stopped", "power", 7_000)
    assert at(stopped, "ended_at") == HALF_PAST_FIVE + 7_000
    assert bench.told("bản tin") == [("started", None), ("stopped", "power")]


def test_a_polite_end_logs_what_was_playing(bench: Bench) -> None:
    bench.take(bench.author.airing("bản tin", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000))
    bench.pass_time(30 * 60_000 + 4_000)
    bench.station.player.shut_down()
    assert bench.told("bản tin") == [("started", None), ("stopped", "interrupted")]
    assert bench.last("bản tin")["sounded_ms"] == 4_000


# Time


def test_a_station_that_knows_the_time_plays_its_next_fourteen_days_on_the_second_without_network_and_server(
    bench: Bench,
) -> None:
    sound = tone(1_000)
    instants = [MORNING + day * DAY_MS + slot for day in range(14) for slot in (1_800_123, 44_100_000)]
    bench.take(*(bench.author.airing(f"lượt {ms}", ms, audio=sound, duration_ms=1_000) for ms in instants))
    bench.power_cut(off_ms=60_000)
    bench.pass_time(14 * DAY_MS)
    started = [at(entry, "started_at") for entry in bench.entries() if entry["kind"] == "started"]
    assert started == instants
    assert sum(entry["kind"] == "finished" for entry in bench.entries()) == len(instants)


def test_a_station_that_cannot_know_the_time_is_silent_and_logs_why(tmp_path: Path) -> None:
    with bench_in(tmp_path, kernel=False) as bench:
        bench.take(
            bench.author.airing("không rõ giờ", HALF_PAST_FIVE, audio=THREE_S),
            bench.author.airing("đã rõ giờ", HALF_PAST_FIVE + 600_000, audio=THREE_S),
        )
        bench.pass_time(35 * 60_000)
        assert bench.told() == [("alarm", "clock")]
        assert bench.entries()[0]["clock_source"] == "none"
        assert bench.entries()[0]["clock_offset_ms"] is None
        server_ms = bench.clock.system_ms()
        bench.station.time.measure(bench.clock.monotonic, server_ms, server_ms, bench.clock.monotonic)
        bench.pass_time(600_000)
        assert bench.told("không rõ giờ") == [("missed", "clock")]
        assert bench.told("đã rõ giờ") == [("started", None), ("finished", None)]
        assert bench.last("đã rõ giờ")["clock_source"] == "server"


def test_slow_answers_are_no_time_to_play_by_but_enough_to_say_what_was_missed(tmp_path: Path) -> None:
    with bench_in(tmp_path, kernel=False, system=0) as bench:
        bench.take(bench.author.airing("đường truyền chậm", HALF_PAST_FIVE, audio=THREE_S))
        sent_ms = bench.clock.monotonic
        bench.clock.advance(8_000)
        assert not bench.station.time.measure(sent_ms, MORNING + 7_000, MORNING + 7_000, bench.clock.monotonic)
        bench.pass_time(40 * 60_000)
        assert bench.told("đường truyền chậm") == [("missed", "clock")]


def test_a_battery_clock_is_believed_only_where_the_owner_declared_it(tmp_path: Path) -> None:
    from station.clock import TrustedTime

    hands = HandClock(kernel=False)
    assert TrustedTime(hands).now_ms() is None
    declared = TrustedTime(hands, battery=True)
    assert (declared.now_ms(), declared.source(), declared.offset_ms()) == (MORNING, "battery", 0)


def test_a_new_offset_moves_what_has_not_begun_and_never_replays_what_was_played(bench: Bench) -> None:
    bench.take(
        bench.author.airing("đã phát", HALF_PAST_FIVE, audio=THREE_S),
        bench.author.airing("chưa phát", HALF_PAST_FIVE + 3_600_000, audio=THREE_S),
    )
    bench.pass_time(31 * 60_000)
    # The server says that it is ten minutes earlier than the kernel believes.
    server_ms = bench.clock.system_ms() - 600_000
    bench.station.time.measure(bench.clock.monotonic, server_ms, server_ms, bench.clock.monotonic)
    bench.pass_time(2 * 3_600_000)
    assert bench.told("đã phát") == [("started", None), ("finished", None)]
    started = [e for e in bench.entries() if e["kind"] == "started" and e["airing"] == str(airing_id("chưa phát"))]
    assert at(started[0], "started_at") == HALF_PAST_FIVE + 3_600_000
    assert started[0]["clock_offset_ms"] == -600_000


# Faults


class DeadDevice(NullOutput):
    """A device that takes no sound until it is mended."""

    mended = False

    def play(self, order: Order) -> Sounding:
        if not self.mended:
            raise OutputError("Thiết bị không nhận tiếng.")
        return super().play(order)


def test_a_device_that_fails_is_tried_again_and_then_missed_as_output(tmp_path: Path) -> None:
    hands = HandClock()
    device = DeadDevice(hands)
    with bench_in(tmp_path, device) as bench:
        device._clock = bench.clock
        bench.take(
            bench.author.airing("hỏng", HALF_PAST_FIVE, audio=THREE_S),
            bench.author.airing("sửa kịp", HALF_PAST_FIVE + 600_000, audio=THREE_S),
        )
        bench.pass_time(40 * 60_000 + 7_000)
        device.mended = True
        bench.pass_time(120_000)
        assert bench.told("hỏng") == [("missed", "output")]
        assert bench.told("sửa kịp") == [("started", None), ("finished", None)]
        assert ("alarm", "output") in bench.told()


def test_an_emergency_that_no_device_takes_is_told_as_missed_once_and_sounds_when_the_device_is_mended(
    tmp_path: Path,
) -> None:
    hands = HandClock()
    device = DeadDevice(hands)
    with bench_in(tmp_path, device) as bench:
        device._clock = bench.clock
        bench.take(emergency(bench.author, "bão", HALF_PAST_FIVE))
        bench.pass_time(30 * 60_000 + 60_000)
        assert bench.told("bão") == [("missed", "output")]
        device.mended = True
        bench.pass_time(10 * 60_000)
        assert ("started", None) in bench.told("bão")
        assert [told for told in bench.told("bão") if told[0] == "missed"] == [("missed", "output")]


class Unplugged:
    """A sounding whose device is pulled out after two seconds."""

    def __init__(self, sounding: Sounding, clock: HandClock) -> None:
        self.sounding, self.clock, self.began = sounding, clock, clock.monotonic

    def sounded_ms(self) -> int:
        return min(self.sounding.sounded_ms(), 2_000)

    def ended(self) -> bool:
        if self.clock.monotonic - self.began > 2_000:
            raise OutputError("Thiết bị đã bị rút ra.")
        return False

    def stop(self) -> int:
        self.sounding.stop()
        return self.sounded_ms()


class PulledOut(NullOutput):
    def play(self, order: Order) -> Sounding:
        return Unplugged(super().play(order), self._clock)  # type: ignore[arg-type]


def test_a_device_pulled_out_in_the_middle_is_proven_so_far_and_an_emergency_tries_again(tmp_path: Path) -> None:
    device = PulledOut(HandClock())
    with bench_in(tmp_path, device) as bench:
        device._clock = bench.clock
        bench.take(bench.author.airing("bản tin", HALF_PAST_FIVE, audio=tone(20_000), duration_ms=20_000))
        bench.pass_time(31 * 60_000)
        stopped = bench.last("bản tin")
        assert (stopped["kind"], stopped["reason"], stopped["sounded_ms"]) == ("stopped", "output", 2_000)
        assert bench.told("bản tin")[:1] == [("started", None)]
        bench.take(emergency(bench.author, "bão", HALF_PAST_FIVE + 120_000))
        bench.pass_time(5 * 60_000)
        tries = bench.told("bão").count(("started", None))
        assert 2 <= tries <= 8
        assert bench.told("bản tin") == [("started", None), ("stopped", "output")]


def test_a_file_longer_than_the_programme_says_does_not_hold_up_the_next_that_may_cut(bench: Bench) -> None:
    bench.take(
        bench.author.airing("quá dài", HALF_PAST_FIVE, audio=tone(30_000), duration_ms=3_000, on_overrun="cut"),
        bench.author.airing("đúng giờ", HALF_PAST_FIVE + 10_000, audio=THREE_S),
    )
    bench.pass_time(31 * 60_000)
    assert bench.told("quá dài")[-1] == ("stopped", "interrupted")
    assert bench.told("đúng giờ")[-1] == ("finished", None)


def test_one_bad_item_never_stops_the_others(bench: Bench) -> None:
    broken = b"not sound at all" * 100
    half = bench.author.airing("nửa vời", HALF_PAST_FIVE, audio=THREE_S) | {"class": "thượng khẩn"}
    bench.take(
        bench.author.airing("tệp hỏng", HALF_PAST_FIVE, audio=broken),
        half,
        bench.author.airing("lành", HALF_PAST_FIVE + 300_000, audio=THREE_S),
    )
    bench.pass_time(40 * 60_000)
    assert bench.told("tệp hỏng") == [("missed", "error")]
    assert bench.told("lành") == [("started", None), ("finished", None)]
    assert bench.station.programme.held is not None
    assert bench.station.programme.held.left_out == 1


def test_a_station_plays_only_what_a_signed_manifest_orders_and_foreign_or_altered_audio_is_never_played(
    bench: Bench,
) -> None:
    bench.take(bench.author.airing("thật", HALF_PAST_FIVE, audio=THREE_S))
    path = bench.station.cache.path(hashlib.sha256(THREE_S).hexdigest())
    path.write_bytes(tone(3_000, 1_000))
    stranger = Author()
    for body, signature in (
        stranger.manifest(stranger.airing("lạ", HALF_PAST_FIVE, audio=THREE_S), sequence=9),
        (bench.author.manifest(sequence=9)[0], ""),
        (bench.author.manifest()[0] + b" ", bench.author.manifest()[1]),
        bench.author.manifest(sequence=0),
        bench.author.manifest(station="TC-02"),
        bench.author.manifest(enrolment=str(airing_id("another"))),
    ):
        with pytest.raises(Refused):
            bench.station.programme.offer(body, signature, None)
    bench.pass_time(40 * 60_000)
    assert bench.told("thật") == [("missed", "no_audio")]
    assert bench.told("lạ") == []
    assert ("alarm", "signature") in bench.told()
    assert not path.exists()


def test_an_older_programme_and_two_with_one_number_are_refused(bench: Bench) -> None:
    bench.take(bench.author.airing("mới", HALF_PAST_FIVE, audio=THREE_S), sequence=7)
    for sequence, what in ((6, "cũ hơn"), (7, "hai chương trình")):
        body, signature = bench.author.manifest(sequence=sequence)
        with pytest.raises(Refused, match=what):
            bench.station.programme.offer(body, signature, None)
    assert bench.station.programme.sequence() == 7


def test_the_signing_key_is_succeeded_by_the_one_it_named_and_then_believed_no_more(bench: Bench) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from broadcast.wire import public_key_text

    following = Ed25519PrivateKey.generate()
    with pytest.raises(Refused):
        bench.station.programme.offer(*bench.author.manifest(key=following), None)
    bench.take(next_manifest_key=public_key_text(following))
    bench.take()
    bench.take(key=following)
    with pytest.raises(Refused):
        bench.station.programme.offer(*bench.author.manifest(), None)
    bench.power_cut()
    assert bench.station.programme.sequence() == 4


def test_a_programme_altered_on_the_disk_is_not_played_after_a_restart(bench: Bench) -> None:
    bench.take(bench.author.airing("sáng", HALF_PAST_FIVE, audio=THREE_S))
    with bench.station.state.writing() as db:
        db.execute("UPDATE manifest SET body = CAST(replace(CAST(body AS TEXT), 'sáng', 'tối') AS BLOB)")
    bench.power_cut()
    assert bench.station.programme.manifest is None
    assert ("alarm", "signature") in bench.told()


def test_a_relay_sounds_as_its_fallback_and_says_so(bench: Bench) -> None:
    sha256 = bench.author.sound(THREE_S)
    relay = {"id": "r1", "url": "https://radio.example/live", "minutes": 30, "fallback_audio": sha256}
    airing = bench.author.airing("tiếp sóng", HALF_PAST_FIVE, relay="r1", duration_ms=1_800_000)
    bench.take(airing, relays=[relay])
    bench.pass_time(40 * 60_000)
    started = next(entry for entry in bench.entries() if entry["kind"] == "started")
    assert "dự phòng" in started["note"]
    assert bench.last("tiếp sóng")["sounded_ms"] == 3_000


# Outputs


def test_a_wav_output_holds_exactly_what_sounded_at_its_volume(tmp_path: Path) -> None:
    hands = HandClock()
    output = WavOutput(hands, tmp_path / "wav")
    with bench_in(tmp_path / "box", output) as bench:
        output._clock = bench.clock
        bench.take(bench.author.airing("hai lần", HALF_PAST_FIVE, audio=THREE_S, repeats=2, gap_ms=1_000, volume=25))
        bench.pass_time(31 * 60_000)
        assert bench.last("hai lần")["sounded_ms"] == 6_000
    (path,) = (tmp_path / "wav").iterdir()
    assert path.name == f"20261122T223000Z-{airing_id('hai lần')}.wav"
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
    assert len(samples) == 7 * 24_000
    assert max(samples) == pytest.approx(4_000, abs=2)
    assert set(samples[3 * 24_000 : 4 * 24_000]) == {0}


def test_mp3_is_decoded_and_measured_to_the_millisecond(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    import numpy as np

    path = tmp_path / "sound.mp3"
    wave_ = 0.4 * np.sin(np.arange(48_000) * 0.1).astype("float32")
    soundfile.write(path, wave_, 24_000, format="MP3")
    hands = HandClock()
    sounding = NullOutput(hands).play(Order("x", path, 80, 2, 500, MORNING))
    hands.advance(1_000)
    assert sounding.sounded_ms() == 1_000
    hands.advance(10_000)
    assert sounding.ended()
    assert sounding.stop() == pytest.approx(4_000, abs=120)
