"""Lines that hang, servers that answer early, wrongly or too often: no hot loop, no flood, no deaf hour."""

from __future__ import annotations

import email.utils
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broadcast import wire
from station.backoff import Backoff
from station.errors import Refused
from station.outputs.null import NullOutput
from station.pulling import ASK_AGAIN_S
from station.run import Station
from station.server import Server, ServerError, retry_after_s
from tests.station.bench import MORNING, HandClock, enrolment_for, tone
from tests.station.standin import StandIn


@pytest.fixture
def station(tmp_path: Path, stand_in: StandIn) -> Iterator[Station]:
    enrolment = enrolment_for(stand_in.author, stand_in.url)
    stand_in.station_key = wire.public_key_text(enrolment.key())
    clock = HandClock()
    station = Station(tmp_path / "box", enrolment, clock, NullOutput(clock))
    station.boot()
    yield station
    station.close()


def advance(station: Station, ms: int) -> None:
    station.time.clock.advance(ms)  # type: ignore[attr-defined]


def test_a_station_never_comes_back_before_the_server_asked_it_to() -> None:
    for wish_s in (5, 30, 100, 250):
        for _ in range(50):
            assert wish_s <= Backoff().after(ServerError("later", 503, retry_after_s=wish_s)) <= wish_s * 1.3


def test_a_wish_to_stay_away_for_a_year_is_not_granted() -> None:
    assert Backoff().after(ServerError("later", 503, retry_after_s=31_536_000.0)) < 400


def test_retry_after_is_read_as_seconds_and_as_a_date_by_the_servers_own_clock() -> None:
    date = email.utils.formatdate(MORNING / 1000, usegmt=True)
    until = email.utils.formatdate(MORNING / 1000 + 90, usegmt=True)
    assert retry_after_s(httpx.Headers({"Retry-After": "30"})) == 30
    assert retry_after_s(httpx.Headers({"Retry-After": until, "Date": date})) == 90
    for nonsense in (b"", b"soon", until.encode(), b"\xb2", b"-5"):
        assert retry_after_s(httpx.Headers([(b"Retry-After", nonsense)])) is None


def test_a_wait_that_is_answered_early_with_nothing_new_is_not_repeated_at_once(
    station: Station, stand_in: StandIn
) -> None:
    stand_in.publish()
    station.puller.pull()
    pause_s = station.puller.pull(wait_s=1)  # let go after a second, as by a proxy that cuts short
    assert ASK_AGAIN_S - 3 <= pause_s <= ASK_AGAIN_S


def test_a_server_with_something_new_at_every_request_is_not_asked_in_a_tight_loop(
    station: Station, stand_in: StandIn
) -> None:
    stand_in.publish()
    assert station.puller.pull() == 0
    stand_in.publish()
    assert station.puller.pull() > 1


def test_offline_the_missing_files_are_not_asked_for_one_after_the_other_and_fill_no_log(
    station: Station, stand_in: StandIn
) -> None:
    author = stand_in.author
    stand_in.publish(*(author.airing(f"tệp {n}", MORNING + n, audio=b"sound %d" % n) for n in range(40)))
    station.puller.pull()
    stand_in.faults["audio"] = [503] * 10_000
    before = len(stand_in.asked)
    for _ in range(240):  # twenty minutes, looked at every five seconds
        while station.fetcher.fetch_next():
            pass
        advance(station, 5_000)
    assert len(stand_in.asked) - before <= 90
    assert station.outbox.count() == 0
    assert sum("âm thanh" in line for line in station.troubles.lines()) == 1
    stand_in.faults["audio"] = []
    stand_in.publish(*(author.airing(f"tệp {n}", MORNING + n, audio=b"sound %d" % n) for n in range(40)))
    station.puller.pull()
    while station.fetcher.fetch_next():
        pass
    assert station.fetcher.missing() == []


def test_many_files_that_the_server_lost_ring_once_an_hour_and_not_each(station: Station, stand_in: StandIn) -> None:
    author = stand_in.author
    stand_in.publish(*(author.airing(f"tệp {n}", MORNING + n, audio=b"sound %d" % n) for n in range(8)))
    station.puller.pull()
    stand_in.faults["audio"] = [404] * 10_000
    for _ in range(40):
        while station.fetcher.fetch_next():
            pass
        advance(station, 85_000)
    assert 1 <= station.outbox.count() <= 2
    assert len(station.troubles.lines()) == 8


def test_a_thin_line_is_sent_smaller_batches_until_one_gets_through(station: Station, stand_in: StandIn) -> None:
    for number in range(300):
        station.outbox.record(wire.EntryKind.FETCHED, note=f"mục {number}")
    stand_in.faults["log"] = ["lose", "lose", "lose"]
    for _ in range(3):
        with pytest.raises(ServerError):
            station.reporter.send_log()
    assert station.reporter.send_log()
    assert station.outbox.count() == 300 - 500 // 8
    while station.reporter.send_log():
        pass
    assert len(stand_in.read_log()) == 300


def test_more_acknowledged_than_was_sent_makes_the_station_forget_nothing(
    station: Station, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.outbox.record(wire.EntryKind.READY)
    from tests.station import standin

    real = standin._Handler._json

    def too_much(self: standin._Handler, value: dict[str, int], status: int = 200) -> None:
        real(self, value | ({"acknowledged": value["acknowledged"] + 7} if "acknowledged" in value else {}), status)

    monkeypatch.setattr(standin._Handler, "_json", too_much)
    with pytest.raises(ServerError, match="xác nhận"):
        station.reporter.report(threading.Event())
    assert station.outbox.count() == 1
    assert len(stand_in.statuses) == 1


def test_a_line_of_an_answer_that_no_entry_may_hold_stops_nothing(station: Station, stand_in: StandIn) -> None:
    for odd in ("\x00", "\n", "\x1b[2J", "\ud800"):
        station.troubles.report(f"odd {odd!r}", f"a{odd}b", wire.EntryReason.ERROR)
    station.outbox.record(wire.EntryKind.READY)
    while station.reporter.send_log():
        pass
    station.reporter.send_status()
    assert stand_in.statuses[-1]["outbox"] == 0
    assert {entry["kind"] for entry in stand_in.read_log()} == {"alarm", "ready"}


def test_troubles_that_are_over_leave_the_status(station: Station, stand_in: StandIn) -> None:
    unreadable = stand_in.author.airing("hỏng", MORNING) | {"class": "thượng khẩn"}
    stand_in.publish(unreadable)
    station.puller.pull()
    assert any("không đọc được" in line for line in station.troubles.lines())
    stand_in.publish()
    station.puller.pull()
    assert station.troubles.lines() == []


def test_a_held_request_gives_signs_of_life_so_that_a_dead_line_is_noticed(stand_in: StandIn) -> None:
    stand_in.publish()
    server = Server(stand_in.url, token=stand_in.token)
    try:
        with server._client.stream("GET", "/api/v1/station/manifest") as response:
            line = response.extensions["network_stream"].get_extra_info("socket")
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    finally:
        server.close()


def test_the_token_is_in_no_line_of_the_log_whatever_goes_wrong(
    station: Station, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="station")
    caplog.set_level("INFO")
    stand_in.publish(stand_in.author.airing("sáng", MORNING, audio=tone(100)))
    for fault in (None, 401, 500, 503, "half", "unsigned"):
        stand_in.faults = {
            "manifest": [fault if fault != "hang" else 503],
            "audio": [fault if fault != "hang" else 503],
        }
        for work in (station.puller.pull, station.fetcher.fetch_next, station.reporter.send_status):
            try:
                work()
            except (ServerError, Refused) as error:
                station.troubles.of_server("manifest", error)
        advance(station, 400_000)
    assert caplog.text
    assert stand_in.token not in caplog.text
    assert all(stand_in.token not in line for line in station.troubles.lines())
