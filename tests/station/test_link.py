"""The station's requests, one at a time, against a stand-in server that loses, alters, refuses and hangs."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcast import wire
from station.backoff import Backoff
from station.cache import KEEP_UNNAMED_MS
from station.errors import Refused
from station.outputs.null import NullOutput
from station.run import Station
from station.server import ServerError
from tests.station.bench import MORNING, HandClock, airing_id, enrolment_for, tone
from tests.station.standin import StandIn, serving

SOUND = tone(1_000)
SHA256 = hashlib.sha256(SOUND).hexdigest()


@pytest.fixture
def station(tmp_path: Path, stand_in: StandIn) -> Iterator[Station]:
    """A station enrolled at the stand-in, with nothing on its threads."""
    enrolment = enrolment_for(stand_in.author, stand_in.url)
    stand_in.station_key = wire.public_key_text(enrolment.key())
    clock = HandClock()
    station = Station(tmp_path / "box", enrolment, clock, NullOutput(clock))
    station.boot()
    yield station
    station.close()


def kinds(station: Station) -> list[str]:
    rows = station.state.rows("SELECT entry FROM entry ORDER BY seq")
    return [wire.Entry.model_validate_json(row[0]).kind.value for row in rows]


def alarms(stand_in: StandIn) -> list[str | None]:
    return [entry.get("reason") for entry in stand_in.read_log() if entry["kind"] == "alarm"]


# Programme


def test_a_programme_is_fetched_once_and_then_only_asked_about(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING))
    station.puller.pull()
    station.puller.pull()
    assert station.programme.sequence() == 1
    assert (
        not station.programme.held
        or station.programme.held.etag == f'"{hashlib.sha256(stand_in.body or b"").hexdigest()}"'
    )
    stand_in.publish()
    station.puller.pull()
    assert station.programme.sequence() == 2


@pytest.mark.parametrize("fault", ["altered", "unsigned"])
def test_an_altered_or_unsigned_programme_leaves_the_one_held_in_force(
    station: Station, stand_in: StandIn, fault: str
) -> None:
    stand_in.publish()
    station.puller.pull()
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=SOUND))
    stand_in.faults["manifest"] = [fault]
    with pytest.raises(Refused) as refusal:
        station.puller.pull()
    assert refusal.value.reason == "signature"
    assert station.programme.sequence() == 1


def test_a_lower_sequence_is_refused_though_it_is_signed(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(sequence=12)
    station.puller.pull()
    stand_in.publish(sequence=11)
    with pytest.raises(Refused, match="cũ hơn"):
        station.puller.pull()
    assert station.programme.sequence() == 12


def test_a_wait_ends_when_there_is_something_new(station: Station, stand_in: StandIn) -> None:
    import threading

    stand_in.publish()
    station.puller.pull()
    waiting = threading.Thread(target=station.puller.pull, args=(60,))
    waiting.start()
    stand_in.wait_until(lambda: "GET /api/v1/station/manifest?wait=60" in stand_in.asked)
    stand_in.publish()
    waiting.join(20)
    assert not waiting.is_alive()
    assert station.programme.sequence() == 2


def test_a_server_that_does_not_hold_requests_is_not_asked_in_a_tight_loop(station: Station, stand_in: StandIn) -> None:
    stand_in.publish()
    assert station.puller.pull() == 0
    assert station.puller.pull() >= 5


def test_pauses_grow_with_jitter_and_an_unknown_station_asks_slowly() -> None:
    backoff = Backoff()
    pauses = [backoff.after(ServerError("down")) for _ in range(8)]
    assert pauses[0] < 2
    assert 18 <= pauses[-1] <= 42
    assert backoff.after(ServerError("who are you", 401)) >= 180
    assert backoff.after(ServerError("later", 503, retry_after_s=100)) >= 60


# Audio


def test_a_file_at_its_final_name_is_whole_and_has_the_hash_in_its_name(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=SOUND))
    station.puller.pull()
    folder = station.cache.path(SHA256).parent
    for fault in ("altered", "half", 500, None):
        stand_in.faults["audio"] = [fault]
        station.time.clock.advance(120_000)  # type: ignore[attr-defined]
        station.fetcher.fetch_next()
        whole = [path for path in folder.iterdir() if not path.name.endswith(".part")]
        assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in whole)
    station.time.clock.advance(120_000)  # type: ignore[attr-defined]
    station.fetcher.fetch_next()
    assert [path.name for path in folder.iterdir()] == [SHA256]
    station.fetcher.fetch_next()
    assert kinds(station) == ["alarm", "fetched", "ready"]


def test_half_a_download_is_gone_on_with_where_it_broke_off(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=SOUND))
    station.puller.pull()
    stand_in.faults["audio"] = ["half"]
    station.fetcher.fetch_next()
    station.time.clock.advance(120_000)  # type: ignore[attr-defined]
    station.fetcher.fetch_next()
    assert station.cache.verified(SHA256) is not None
    assert stand_in.asked[-1].endswith(f"bytes={len(SOUND) // 2}-")


def test_what_sounds_first_is_fetched_first_and_an_emergency_before_all(station: Station, stand_in: StandIn) -> None:
    author = stand_in.author
    stand_in.publish(
        author.airing("tối", MORNING + 40_000_000, audio=tone(100, 500)),
        author.airing("sáng", MORNING + 1_000_000, audio=tone(100, 600)),
        author.airing("bão", MORNING + 50_000_000, audio=tone(100, 700), **{"class": "emergency"}),
    )
    station.puller.pull()
    order = [hashlib.sha256(tone(100, hertz)).hexdigest() for hertz in (700, 600, 500)]
    assert [file.sha256 for file in station.fetcher.missing()] == order


def test_audio_that_no_programme_names_is_kept_for_a_day_and_then_removed(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=SOUND))
    station.puller.pull()
    station.fetcher.fetch_next()
    assert station.cache.prune([]) == 0
    station.time.clock.advance(KEEP_UNNAMED_MS)  # type: ignore[attr-defined]
    assert station.cache.prune([SHA256]) == 0
    assert station.cache.prune([]) == 0
    station.time.clock.advance(KEEP_UNNAMED_MS)  # type: ignore[attr-defined]
    assert station.cache.prune([]) == 1
    assert not station.cache.is_held(SHA256)


def test_a_full_disk_takes_no_audio_and_stops_nothing_else(
    station: Station, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=SOUND))
    station.puller.pull()
    monkeypatch.setattr(station.cache, "free_bytes", lambda: 1_000)
    station.fetcher.fetch_next()
    assert not station.cache.is_held(SHA256)
    station.reporter.send_status()
    assert "sắp đầy" in stand_in.statuses[-1]["errors"][0]


# Proof


def test_a_log_entry_is_stored_exactly_once_whatever_is_lost_or_repeated(station: Station, stand_in: StandIn) -> None:
    for number in range(620):
        station.outbox.record(wire.EntryKind.FETCHED, note=f"mục {number}")
    stand_in.faults["log"] = [500, "lose", 503, None, "lose"]
    failures = 0
    while True:
        try:
            if not station.reporter.send_log():
                break
        except ServerError:
            failures += 1
    assert failures == 4
    assert [entry["note"] for entry in stand_in.read_log()] == [f"mục {number}" for number in range(620)]
    assert station.outbox.count() == 0
    station.reporter.send_status()
    assert stand_in.statuses[-1]["errors"] == []


def test_an_entry_that_the_full_disk_refused_is_written_in_its_order_when_there_is_room(
    station: Station, stand_in: StandIn
) -> None:
    (pages,) = station.state.rows("PRAGMA page_count")[0]
    station.state.rows(f"PRAGMA max_page_count = {pages}")
    written = [station.outbox.record(wire.EntryKind.FETCHED, note="x" * 400 + str(n)) for n in range(40)]
    assert written[0]
    assert not written[-1]
    assert station.outbox.count() == 40
    station.state.rows("PRAGMA max_page_count = 1073741823")
    while station.reporter.send_log():
        pass
    assert [entry["note"][400:] for entry in stand_in.read_log()] == [str(n) for n in range(40)]


def test_a_server_restored_from_an_older_backup_is_noticed(station: Station, stand_in: StandIn) -> None:
    for _ in range(3):
        station.outbox.record(wire.EntryKind.READY)
    station.reporter.send_log()
    kept = dict(stand_in.entries)
    del stand_in.entries[3]
    station.reporter.send_status()
    stand_in.entries = kept
    station.reporter.send_log()
    assert alarms(stand_in) == ["error"]
    station.reporter.send_status()
    assert station.troubles.lines() == []


def test_another_entry_under_the_same_number_is_noticed(station: Station, stand_in: StandIn) -> None:
    station.outbox.record(wire.EntryKind.READY)
    station.reporter.send_log()
    stand_in.entries[1] = (stand_in.entries[1][0], "0" * 64)
    station.reporter.send_status()
    assert any("khác với mục ở trạm" in line for line in station.troubles.lines())


def test_the_status_says_how_the_station_is_and_measures_its_time(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(
        stand_in.author.airing("sáng", MORNING + 60_000, audio=SOUND),
        stand_in.author.airing("trưa", MORNING + 120_000, audio=tone(500)),
        volume=70,
    )
    station.puller.pull()
    station.cache.path(SHA256).write_bytes(SOUND)
    assert station.time.source() == "kernel"
    station.reporter.send_status()
    status = stand_in.statuses[-1]
    assert wire.StatusReport.model_validate(status).disk_free_bytes > 0
    assert {key: status[key] for key in ("volume", "audio_held", "audio_missing", "playing", "outbox")} == {
        "volume": 70,
        "audio_held": 1,
        "audio_missing": 1,
        "playing": None,
        "outbox": 0,
    }
    assert (status["manifest_sequence"], status["sent_ms"], status["clock_offset_ms"]) == (1, MORNING, 0)
    assert station.time.source() == "server"
    assert abs((station.time.now_ms() or 0) - stand_in.now_ms()) < 2_000


def test_a_station_that_the_server_no_longer_knows_says_so_and_keeps_its_programme(
    station: Station, stand_in: StandIn
) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=SOUND))
    station.puller.pull()
    stand_in.token = "another"
    with pytest.raises(ServerError) as refusal:
        station.reporter.send_status()
    assert refusal.value.status == 401
    station.troubles.of_server("report", refusal.value)
    assert Backoff().after(refusal.value) >= 180
    assert station.programme.sequence() == 1
    assert kinds(station) == ["alarm"]


def test_nothing_is_lost_when_the_server_dies_and_comes_back_on_its_port(tmp_path: Path) -> None:
    stand_in = StandIn()
    clock = HandClock()
    with serving(stand_in):
        port = int(stand_in.url.rpartition(":")[2])
        enrolment = enrolment_for(stand_in.author, stand_in.url)
        stand_in.station_key = wire.public_key_text(enrolment.key())
        stand_in.publish(stand_in.author.airing("vắng chủ", MORNING + 10_000, audio=SOUND, duration_ms=1_000))
        station = Station(tmp_path, enrolment, clock, NullOutput(clock))
        station.boot()
        station.puller.pull()
        station.fetcher.fetch_next()
    try:
        with pytest.raises(ServerError):
            station.reporter.send_status()
        for _ in range(40):
            clock.advance(station.player.tick())
        with serving(stand_in, port=port):
            while station.reporter.send_log():
                pass
        told = [e["kind"] for e in stand_in.read_log() if e.get("airing") == str(airing_id("vắng chủ"))]
        assert told == ["started", "finished"]
    finally:
        station.close()


def test_a_kept_measurement_is_believed_in_the_same_boot_only(station: Station, stand_in: StandIn) -> None:
    station.reporter.send_status()
    remembered = station.state.get("time")
    same, other = HandClock(kernel=False), HandClock(kernel=False, boot="boot-2")
    from station.clock import TrustedTime

    here, elsewhere = TrustedTime(same), TrustedTime(other)
    assert here.recall(remembered)
    assert here.now_ms() == station.time.now_ms()
    assert not elsewhere.recall(remembered)
    assert elsewhere.now_ms() is None


def test_a_closed_state_says_so_instead_of_losing_an_entry(tmp_path: Path) -> None:
    from station.state import State

    state = State(tmp_path / "station.db")
    state.close()
    with pytest.raises(sqlite3.ProgrammingError):
        state.put("head", [1, "x"])
