"""The real program as a process of its own, without Flask and SQLAlchemy, beside a stand-in server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli import main
from tests.station.bench import airing_id, tone
from tests.station.standin import CODE, StandIn, serving

BARE = """
import sys
for name in ("flask", "sqlalchemy", "alembic", "numpy", "soundfile", "pydub", "av", "apscheduler"):
    sys.modules[name] = None
from station.cli import main
sys.exit(main(sys.argv[1:]))
"""


@contextlib.contextmanager
def running(box: Path, output: str = "null") -> Iterator[subprocess.Popen[str]]:
    """`broadcast-station run` where nothing of the server is installed; killed at the end if it still runs."""
    log = (box / "stderr").open("a", encoding="utf-8")
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", BARE, "run"]
    process = subprocess.Popen(
        [*command, "--data", str(box), "--output", output],
        stderr=log,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def box(tmp_path: Path, stand_in: StandIn) -> Path:
    folder = tmp_path / "box"
    assert main(["enrol", stand_in.url, CODE, "--data", str(folder)]) == 0
    return folder


def told(stand_in: StandIn, name: str) -> list[tuple[str, str | None]]:
    return [
        (entry["kind"], entry.get("reason"))
        for entry in stand_in.read_log()
        if entry.get("airing") == str(airing_id(name))
    ]


def test_a_station_starts_without_flask_and_sqlalchemy_and_an_emergency_arrives_at_once(
    box: Path, stand_in: StandIn
) -> None:
    author = stand_in.author
    stand_in.publish()
    with running(box) as process:
        stand_in.wait_until(lambda: stand_in.statuses and any("wait=" in line for line in stand_in.asked))
        storm = author.airing(
            "bão", stand_in.now_ms(), audio=tone(400), repeats=None, duration_ms=400, **{"class": "emergency"}
        )
        stand_in.publish(storm)
        stand_in.wait_until(lambda: told(stand_in, "bão") == [("started", None)])
        started = next(entry for entry in stand_in.read_log() if entry["kind"] == "started")
        assert started["clock_source"] == "server"
        stand_in.wait_until(
            lambda: stand_in.statuses[-1]["playing"] == str(airing_id("bão")) and stand_in.statuses[-1]["outbox"] == 0
        )
        stand_in.publish()
        stand_in.wait_until(lambda: told(stand_in, "bão")[-1] == ("stopped", "cancelled"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert "Traceback" not in (box / "stderr").read_text("utf-8")


def test_a_station_killed_in_the_middle_logs_where_it_was_and_every_entry_arrives_once(
    box: Path, stand_in: StandIn
) -> None:
    stand_in.faults["log"] = ["lose", "lose"]
    plays = stand_in.author.airing(
        "dở dang", stand_in.now_ms() + 300, audio=tone(20_000), duration_ms=20_000, late_ms=60_000
    )
    stand_in.publish(plays)
    with running(box, f"wav:{box / 'wav'}") as process:
        stand_in.wait_until(lambda: told(stand_in, "dở dang"))
        process.kill()
        process.wait()
    with running(box) as process:
        stand_in.wait_until(lambda: len(told(stand_in, "dở dang")) == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert told(stand_in, "dở dang") == [("started", None), ("stopped", "power")]
    stopped = stand_in.read_log()[-1]
    assert stopped["sounded_ms"] < 20_000


def test_a_second_process_on_the_same_folder_is_refused_with_one_line(box: Path, stand_in: StandIn) -> None:
    stand_in.publish()
    with running(box):
        stand_in.wait_until(lambda: stand_in.statuses)
        second = subprocess.run(
            [sys.executable, "-c", BARE, "run", "--data", str(box), "--output", "null"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "đang chạy" in second.stderr


def test_a_server_that_hangs_delays_neither_sound_nor_end(box: Path, stand_in: StandIn) -> None:
    plays = stand_in.author.airing("máy chủ treo", stand_in.now_ms() + 1_500, audio=tone(300), duration_ms=300)
    stand_in.publish(plays)
    with running(box) as process:
        stand_in.wait_until(lambda: any(entry["kind"] == "fetched" for entry in stand_in.read_log()))
        stand_in.faults |= {name: ["hang"] * 50 for name in ("manifest", "log", "status")}
        stand_in.wait_until(lambda: "phát xong" in (box / "stderr").read_text("utf-8"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_server_that_moved_is_followed_without_enrolling_again(box: Path, stand_in: StandIn) -> None:
    kept = json.loads((box / "enrolment.json").read_text("utf-8"))
    with serving(StandIn(author=stand_in.author, station_key=stand_in.station_key)) as elsewhere:
        elsewhere.publish()
        command = [sys.executable, "-c", BARE, "run", "--data", str(box), "--output", "null"]
        process = subprocess.Popen(
            [*command, "--server", elsewhere.url],
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        try:
            elsewhere.wait_until(lambda: elsewhere.statuses)
        finally:
            process.kill()
            process.wait()
    assert json.loads((box / "enrolment.json").read_text("utf-8")) == kept
