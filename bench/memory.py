"""What planning holds in memory beyond the country's facts: it grows with a batch of stations, not with the country.

A child process loads units, rules and policies of the whole country, which is its ground, and plans a tenth of the
stations; another one does the same and plans all. Each says how far its memory rose above its ground.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from audio.store import AudioStore
from bench.country import DAYS, MIDNIGHT, ZONE, build, empty
from bench.ratios import Ratios
from broadcast.db import Database
from schedules.replan import BATCH, Planning, replan, station_batches

LEAST = 2_000
"""Stations of the smallest country that says anything: ten batches."""
LIMIT = 1.25
"""Ten times the stations, a quarter more: what an allocator leaves unused between batches."""
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"


def measure(url: str, ground: str, stations: int) -> Iterator[Ratios]:
    """The database at `url` must be empty. Nothing where the system does not tell a process its peak."""
    if not _STATUS.exists():
        return
    stations = max(stations, LEAST)
    few = max(stations // 10, 2 * BATCH)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url)
        build(database, Path(folder), stations, "own")
        of_few = _in_a_child(url, folder, few)
        empty(database)
        of_all = _in_a_child(url, folder, stations)
        database.dispose()
    yield Ratios(f"memory {stations:,} : {few:,} stations", ground, ((of_all, of_few),), LIMIT, unit="bytes")


def _in_a_child(url: str, audio_dir: str, stations: int) -> int:
    """Bytes at the highest point of planning, above what the facts take."""
    words = [sys.executable, "-m", "bench.memory", url, audio_dir, str(stations)]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def peak_above_facts(url: str, audio_dir: Path, stations: int) -> int:
    database = Database(url)
    with database.reading() as session:
        planning = Planning(session, MIDNIGHT, ZONE, window_days=DAYS, has_audio=AudioStore(audio_dir).has)
        batches = station_batches(session)
    gc.collect()
    _return_what_is_free()
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    ground = _kilobytes("VmRSS")
    done = 0
    for batch in batches:
        if done >= stations:
            break
        with database.writing() as session:
            replan(session, planning, batch[: stations - done])
        done += len(batch)
    return (_kilobytes("VmHWM") - ground) * 1024


def _return_what_is_free() -> None:
    """What loading held and gave back stays with the process otherwise, and would hide what planning takes."""
    with contextlib.suppress(AttributeError, OSError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)


def _kilobytes(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    print(peak_above_facts(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
