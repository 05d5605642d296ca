"""The station at work: everything put together, one loop that plays, three threads that talk."""

from __future__ import annotations

import logging
import signal
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType

from broadcast.wire import EntryKind, EntryReason
from station.address import checked_url
from station.agenda import Agenda
from station.cache import AudioCache
from station.clock import Clock, TrustedTime
from station.enrolment import Enrolment, load_enrolment
from station.errors import Refused, StationError
from station.fetching import Fetcher
from station.files import only_process
from station.link import Link
from station.memory import Memory
from station.outbox import Outbox
from station.outputs import Output, open_output
from station.player import Player
from station.programme import Programme
from station.pulling import Puller
from station.reporting import Reporter
from station.rescue import open_state
from station.server import Server
from station.stage import Stage
from station.troubles import Troubles

log = logging.getLogger(__name__)

SLEEP_MOST_S = 2.0
"""A sleep that the machine was suspended in, or in which the time was set, lasts too long by no more than this."""

STOP_JOIN_S = 0.3
"""How long the end waits for requests under way; what was not sent stays in the outbox."""


class Station:
    """One enrolled machine with its parts. `close` it; `boot` it before the first `player.tick`."""

    def __init__(
        self, folder: Path, enrolment: Enrolment, clock: Clock, output: Output, *, battery: bool = False
    ) -> None:
        self.enrolment = enrolment
        self.wake = threading.Event()
        self.time = TrustedTime(clock, battery=battery)
        self.troubles = Troubles(clock)
        self.cache = AudioCache(folder / "audio", clock)
        self.state = open_state(folder / "station.db")
        self.output = output
        self.server = Server(enrolment.url, token=enrolment.token, pin=enrolment.pin)
        self.programme = Programme(
            self.state,
            clock,
            station=enrolment.station,
            enrolment=enrolment.enrolment,
            manifest_key=enrolment.manifest_key,
        )
        self.outbox = Outbox(self.state, enrolment.enrolment, enrolment.key(), self.time, self.programme.sequence)
        self.player = self._make_player()
        self.puller = Puller(
            server=self.server, programme=self.programme, troubles=self.troubles, on_new=self._take_up_programme
        )
        self.fetcher = self._make_fetcher()
        self.reporter = self._make_reporter()
        self.link = Link(self.puller, self.fetcher, self.reporter)
        self.cache.on_altered = self.fetcher.fetch_again
        self.outbox.on_entry = self.reporter.wake
        self.troubles.alarm = lambda reason, note: self.outbox.record(EntryKind.ALARM, reason, note=note)

    def _make_player(self) -> Player:
        memory = Memory(self.state)
        return Player(
            programme=self.programme,
            cache=self.cache,
            outbox=self.outbox,
            memory=memory,
            agenda=Agenda(memory, self.time.clock, self.enrolment.enrolled_ms),
            stage=Stage(
                output=self.output,
                outbox=self.outbox,
                state=self.state,
                memory=memory,
                time=self.time,
                troubles=self.troubles,
            ),
            time=self.time,
            troubles=self.troubles,
        )

    def _make_fetcher(self) -> Fetcher:
        return Fetcher(
            source=self.server,
            programme=self.programme,
            cache=self.cache,
            outbox=self.outbox,
            state=self.state,
            time=self.time,
            troubles=self.troubles,
            wake_player=self.wake.set,
        )

    def _make_reporter(self) -> Reporter:
        return Reporter(
            server=self.server,
            programme=self.programme,
            cache=self.cache,
            outbox=self.outbox,
            state=self.state,
            time=self.time,
            troubles=self.troubles,
            playing=lambda: self.player.playing,
            wake_player=self.wake.set,
        )

    def _take_up_programme(self) -> None:
        self.wake.set()
        self.fetcher.begin_anew()
        self.reporter.wake()

    def boot(self) -> None:
        """Take up what the disk holds: the time of this boot, the programme, what was sounding."""
        remembered = self.state.get("time")
        if remembered:
            self.time.recall(remembered)
        try:
            self.programme.recall()
        except Refused as error:
            self.troubles.report("manifest", error.message_vi, error.reason)
        self.player.boot()

    def close(self) -> None:
        """Let go of files, connections and the device."""
        # A connection that a thread still waits on is left to the end of the process.
        if self.link.stop(STOP_JOIN_S):
            self.server.close()
        self.state.close()
        self.output.close()


def run(folder: Path, output_spec: str, clock: Clock, *, battery: bool = False, moved_to: str | None = None) -> None:
    """Play until SIGTERM or SIGINT. Raises StationError where the station cannot start.

    `moved_to` is the server's address where it is no longer the one of the enrolment.
    """
    enrolment = load_enrolment(folder)
    if moved_to is not None:
        enrolment = replace(enrolment, url=checked_url(moved_to))
    with only_process(folder):
        output = open_output(output_spec, clock)
        try:
            station = Station(folder, enrolment, clock, output, battery=battery)
        except OSError as error:
            raise StationError(f"Không dùng được thư mục {folder}: {error.strerror}.") from error
        try:
            _play_until_told(station)
        except sqlite3.Error as error:
            raise StationError(
                f"Dữ liệu của trạm trong {folder} hỏng: {error}. Khi chạy lại, trạm tự dựng lại phần còn đọc được."
            ) from error
        finally:
            station.close()


def _play_until_told(station: Station) -> None:
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()
        station.wake.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log.info("Trạm “%s” bắt đầu, đầu ra %s.", station.enrolment.name, station.output.name)
    station.boot()
    if trouble := station.output.trouble():
        station.troubles.report("output", trouble, EntryReason.OUTPUT)
    while not told.is_set():
        station.link.start()
        pause_ms = station.player.tick()
        station.wake.wait(min(pause_ms / 1000, SLEEP_MOST_S))
        station.wake.clear()
    station.player.shut_down()
    log.info("Trạm đã dừng.")
