"""The card is full, spoilt or slow: what is due still plays, and what can be proven is proven."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcast import wire
from broadcast.wire import AudioFile
from station.cache import KEEP_FREE_BYTES, AlteredAudio, AudioCache, DownloadError
from station.outputs.null import NullOutput
from station.run import Station
from station.server import ServerError
from station.state import DamagedState, State
from tests.station.bench import MORNING, Bench, HandClock, airing_id, bench_in, enrolment_for, start_station, tone
from tests.station.standin import StandIn

ONE_S = tone(1_000)
SHA256 = hashlib.sha256(ONE_S).hexdigest()


@contextlib.contextmanager
def full(station: Station) -> Iterator[None]:
    """A disk that takes nothing more, not even a word."""
    (pages,) = station.state.rows("PRAGMA page_count")[0]
    station.state.rows(f"PRAGMA max_page_count = {pages}")
    for size in (400, 40, 1):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            fill(station, size)
    yield
    station.state.rows("PRAGMA max_page_count = 1073741823")


def fill(station: Station, size: int) -> None:
    for number in range(5_000):
        station.state.put(f"b{size}-{number}", "x" * size)


@pytest.fixture
def station(tmp_path: Path, stand_in: StandIn) -> Iterator[Station]:
    enrolment = enrolment_for(stand_in.author, stand_in.url)
    stand_in.station_key = wire.public_key_text(enrolment.key())
    clock = HandClock()
    station = Station(tmp_path / "box", enrolment, clock, NullOutput(clock))
    station.boot()
    yield station
    station.close()


def test_on_a_full_disk_what_is_due_plays_and_is_proven_when_there_is_room(bench: Bench) -> None:
    bench.take(
        *(bench.author.airing(f"lượt {n}", MORNING + n * 10_000, audio=ONE_S, duration_ms=1_000) for n in range(12))
    )
    with full(bench.station):
        bench.pass_time(200_000)
        assert bench.station.outbox.count() >= 24
    assert bench.station.outbox.write_waiting()
    for n in range(12):
        assert bench.told(f"lượt {n}") == [("started", None), ("finished", None)]


def test_a_station_boots_on_a_full_disk_and_plays_what_it_holds(bench: Bench) -> None:
    bench.take(bench.author.airing("sáng", MORNING + 60_000, audio=ONE_S, duration_ms=1_000))
    with bench.station.state.writing() as db:
        # Older than anything that is remembered: what a start used to tidy up.
        db.execute("INSERT INTO airing VALUES ('old', 'begun', 1)")
        db.execute("INSERT INTO airing VALUES ('new', 'begun', ?)", (MORNING,))
        # Stands in for the disk that has no room: the delete fails as an operation, not for what is deleted.
        db.execute("CREATE TRIGGER full BEFORE DELETE ON airing BEGIN INSERT INTO no_room VALUES (1); END")
    station = bench.station
    station.close()
    bench.station = start_station(bench.folder, bench.author, bench.clock)
    bench.pass_time(120_000)
    assert bench.told("sáng") == [("started", None), ("finished", None)]


def test_a_station_boots_where_there_is_no_room_for_the_index_of_its_state(bench: Bench) -> None:
    resource = pytest.importorskip("resource")
    bench.take(bench.author.airing("sáng", MORNING + 60_000, audio=ONE_S, duration_ms=1_000))
    bench.station.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))  # the index is twice as long
    try:
        bench.station = start_station(bench.folder, bench.author, bench.clock)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    bench.pass_time(120_000)
    assert bench.told("sáng") == [("started", None), ("finished", None)]


def test_an_order_to_stop_is_obeyed_though_the_disk_takes_no_programme(bench: Bench) -> None:
    storm = bench.author.airing("bão", MORNING, audio=ONE_S, duration_ms=1_000, repeats=None, **{"class": "emergency"})
    bench.take(storm)
    bench.pass_time(5_000)
    others = [bench.author.airing(f"mai {n}", MORNING + 86_400_000 + n) for n in range(50)]
    with full(bench.station):
        bench.take(*others)
        bench.pass_time(1_000)
        assert bench.station.player.playing is None
        assert bench.station.state.rows("SELECT sequence FROM manifest") == [(1,)]
    bench.station.programme.confirm()
    assert bench.station.state.rows("SELECT sequence FROM manifest") == [(2,)]


def test_a_full_disk_makes_no_flood_of_entries(station: Station, stand_in: StandIn) -> None:
    stand_in.publish()
    station.puller.pull()
    station.state.rows("CREATE TRIGGER full BEFORE INSERT ON meta BEGIN INSERT INTO no_room VALUES (1); END")
    for _ in range(30):
        with contextlib.suppress(sqlite3.OperationalError):
            station.fetcher.fetch_next()
    assert station.outbox.count() == 1
    station.state.rows("DROP TRIGGER full")
    station.outbox.write_waiting()
    station.fetcher.fetch_next()
    assert station.outbox.count() == 1


def test_the_status_is_sent_though_the_log_is_refused(station: Station, stand_in: StandIn) -> None:
    station.outbox.record(wire.EntryKind.READY)
    stand_in.faults["log"] = [500]
    with pytest.raises(ServerError, match="500"):
        station.reporter.report(threading.Event())
    assert len(stand_in.statuses) == 1
    assert station.outbox.count() == 1


def test_a_card_that_is_nearly_full_gives_up_what_no_programme_names(
    station: Station, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING + 60_000, audio=ONE_S))
    station.puller.pull()
    old = station.cache.path("0" * 64)
    old.write_bytes(b"of last week")
    room = KEEP_FREE_BYTES
    monkeypatch.setattr(AudioCache, "free_bytes", lambda _self: room if old.exists() else room + len(ONE_S))
    station.fetcher.fetch_next()
    assert not old.exists()
    station.time.clock.advance(120_000)  # type: ignore[attr-defined]
    station.fetcher.fetch_next()
    assert station.cache.is_held(SHA256)


class Pieces:
    """Bytes of a file as they come over a line, from where they are asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @contextlib.contextmanager
    def audio(self, _sha256: str, offset: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        yield offset, iter([self.content[offset:]])


def test_what_a_power_cut_spoilt_of_a_download_is_no_sign_of_tampering(tmp_path: Path) -> None:
    cache = AudioCache(tmp_path, HandClock())
    wanted = AudioFile(sha256=SHA256, bytes=len(ONE_S), media_type="audio/wav")
    (tmp_path / f"{SHA256}.part").write_bytes(bytes(1_000))
    with pytest.raises(DownloadError) as spoilt:
        cache.fetch(wanted, Pieces(ONE_S), lambda: True)
    assert not isinstance(spoilt.value, AlteredAudio)
    assert cache.fetch(wanted, Pieces(ONE_S), lambda: True)


def test_what_sounds_soon_is_compared_before_its_time_and_fetched_again(station: Station, stand_in: StandIn) -> None:
    stand_in.publish(stand_in.author.airing("sáng", MORNING + 600_000, audio=ONE_S))
    station.puller.pull()
    station.fetcher.fetch_next()
    station.cache.path(SHA256).write_bytes(tone(1_000, 500))
    station.fetcher.look_ahead()
    assert [file.sha256 for file in station.fetcher.missing()] == [SHA256]
    station.fetcher.fetch_next()
    assert station.cache.verified(SHA256) is not None


# A spoilt state file


def spoil(path: Path, begin: float, end: float = 1.0) -> None:
    """Overwrite a part of a file, given in shares of its length, with what no page of SQLite looks like."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * begin), int(len(content) * end)
    content[first:last] = b"\xa5" * (last - first)
    path.write_bytes(content)


def test_a_damaged_state_is_noticed_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    state = State(path)
    with state.writing() as db:
        db.executemany("INSERT INTO entry VALUES (?, ?, 'x')", ((number, "y" * 500) for number in range(500)))
    state.close()
    spoil(path, 0.5)
    with pytest.raises(DamagedState, match="hỏng"):
        State(path)


@pytest.mark.parametrize(("begin", "end"), [(0.0, 1.0), (0.0, 0.001), (0.5, 0.7), (0.9, 1.0)])
def test_a_station_whose_card_spoilt_its_state_starts_again_and_its_log_has_no_fork(
    tmp_path: Path, stand_in: StandIn, begin: float, end: float
) -> None:
    enrolment = enrolment_for(stand_in.author, stand_in.url)
    stand_in.station_key = wire.public_key_text(enrolment.key())
    clock = HandClock()
    folder = tmp_path / "box"
    station = Station(folder, enrolment, clock, NullOutput(clock))
    station.boot()
    for number in range(30):
        station.outbox.record(wire.EntryKind.FETCHED, note=f"đã gửi {number}" + "x" * 300)
    while station.reporter.send_log():
        pass
    for number in range(30):
        station.outbox.record(wire.EntryKind.FETCHED, note=f"chưa gửi {number}" + "x" * 300)
    station.close()
    spoil(folder / "station.db", begin, end)

    again = Station(folder, enrolment, clock, NullOutput(clock))
    try:
        again.boot()
        stand_in.publish(stand_in.author.airing("sáng", MORNING + 10_000, audio=ONE_S, duration_ms=1_000))
        again.puller.pull()
        again.fetcher.fetch_next()
        for _ in range(40):
            clock.advance(again.player.tick())
        again.reporter.send_status()
        while again.reporter.send_log():
            pass
        entries = {seq: wire.Entry.model_validate_json(text) for seq, (text, _) in stand_in.entries.items()}
        told = [e.kind for e in entries.values() if e.airing == airing_id("sáng")]
        assert told == ["started", "finished"]
        for seq, entry in entries.items():
            if seq - 1 in entries:
                assert entry.previous_hash == stand_in.entries[seq - 1][1]
        assert (folder / "station.db.hong-1").exists()
        again.reporter.send_status()
        assert stand_in.statuses[-1]["outbox"] == 0
    finally:
        again.close()


def test_a_programme_that_is_not_what_it_was_on_the_disk_keeps_its_sound_until_the_server_answers(
    tmp_path: Path,
) -> None:
    with bench_in(tmp_path) as bench:
        bench.take(bench.author.airing("sáng", MORNING + 60_000, audio=ONE_S))
        with bench.station.state.writing() as db:
            db.execute("UPDATE manifest SET signature = 'x'")
        bench.power_cut()
        assert bench.station.programme.held is None
        bench.station.fetcher._prune(at_once=True)
        assert bench.station.cache.is_held(SHA256)
