"""What planning holds in memory: it grows with a batch of stations, not with the country.

A child process, interpreter and imports being its ground, plans a country from nothing, as the clockwork does; another
one a country of a tenth. Each says how far its memory rose above its ground at the highest point.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from bench.country import DAYS, MIDNIGHT, TIMES, build
from bench.ratios import Ratios
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.station import Station
from schedules.replan import BATCH, GROUP
from web.serving.planning import Replanner

LEAST = BATCH * GROUP
"""Stations of the smallest country that says anything: as many as are loaded at once."""
LIMIT = 1.25
"""A quarter more for ten times the stations: names and codes of all units, and what the allocator leaves unused."""
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"


def measure(urls: list[str], ground: str, stations: int) -> Iterator[Ratios]:
    """The two databases at `urls` must be empty. Nothing where the system does not tell a process its peak."""
    if not _STATUS.exists():
        return
    few = max(stations // 10, LEAST)
    sizes = (max(stations, 3 * few), few)
    peaks = [_in_a_child(url, number) for url, number in zip(urls, sizes, strict=True)]
    name = f"memory {sizes[0]:,} : {few:,} stations"
    yield Ratios(name, ground, ((peaks[0], peaks[1]),), LIMIT, unit="bytes")


def _in_a_child(url: str, stations: int) -> int:
    """Bytes at the highest point of planning so many stations, above what the program itself takes."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url)
        build(database, Path(folder) / "audio", stations, "own")
        database.dispose()
        words = [sys.executable, "-m", "bench.memory", url, folder, str(stations)]
        return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def peak(url: str, data_dir: Path, stations: int) -> int:
    database = Database(url)
    with database.reading() as session:
        session.scalars(select(Station.id).limit(1)).all()
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    ground = _kilobytes("VmRSS")
    done = Replanner(database, Settings(data_dir=data_dir, secret_key="-"), lambda: MIDNIGHT).everything()
    assert done.added == stations * (DAYS + 1) * len(TIMES), done
    return (_kilobytes("VmHWM") - ground) * 1024


def _kilobytes(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    print(peak(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
