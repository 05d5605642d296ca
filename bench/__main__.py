"""`make bench`: every measure, as a table for people and a line of JSON each. Exit 1 where a stated limit is broken.

Everything is a ratio of two things measured one right after the other, so that it says the same on any machine. SQLite
always; PostgreSQL as well where BROADCAST_TEST_POSTGRESQL names a server on which scratch databases may be made.
`python -m bench planning recording` takes only those; `--stations 10600` plans a country.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import text

from bench import expanding, loudness, manifest_poll, memory, planning, reading, recording, sound
from bench.ratios import Ratios
from broadcast.db import make_engine

PAIRS = 5
DISTRICT = 170
"""Stations to plan where nobody says how many: a minute, not an hour."""


def main(words: list[str]) -> int:
    """Runs the measures named, or all. 2 for a name that there is not."""
    wanted, stations = _asked(words)
    measures: dict[str, Callable[[], Iterator[Ratios]]] = {
        "planning": lambda: _planning(stations),
        "memory": lambda: _memory(stations),
        "expanding": expanding.measure,
        "recording": _recording,
        "manifest_poll": _manifest_poll,
        "sound": sound.measure,
        "loudness": loudness.measure,
        "reading": _reading,
    }
    if unknown := set(wanted) - measures.keys():
        print(f"no such measure: {', '.join(sorted(unknown))}; there are {', '.join(measures)}", file=sys.stderr)
        return 2
    print(f"{'ours : bare, in one run':<56} {'pairs':>5} {'min':>7} {'median':>7} {'max':>7} {'limit':>6}")
    found = []
    for name, take in measures.items():
        if wanted and name not in wanted:
            continue
        for ratios in take():
            found.append(ratios)
            print(_line(ratios), flush=True)
    for ratios in found:
        print(json.dumps(ratios.as_json(), ensure_ascii=False))
    return int(any(ratios.broken for ratios in found))


def _asked(words: list[str]) -> tuple[list[str], int]:
    """The measures, and how many stations there are to plan."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("measures", nargs="*")
    parser.add_argument("--stations", type=int, default=DISTRICT, help=f"how many are planned ({DISTRICT})")
    asked = parser.parse_args(words)
    return asked.measures, asked.stations


def _line(ratios: Ratios) -> str:
    limit = "–" if ratios.limit is None else f"{ratios.limit:g}"
    least, most = ratios.ratios[0], ratios.ratios[-1]
    told = f"{ratios.name} ({ratios.ground})"
    line = f"{told:<56} {len(ratios.pairs):>5} {least:>7.3g} {ratios.median:>7.3g} {most:>7.3g} {limit:>6}"
    return line + ("  ABOVE ITS LIMIT" if ratios.broken else "")


def _planning(stations: int) -> Iterator[Ratios]:
    for ground, urls in _grounds():
        with urls(2 * len(planning.SITUATIONS)) as made:
            yield from planning.measure(made, ground, stations)


def _memory(stations: int) -> Iterator[Ratios]:
    with _sqlite(2) as urls:
        yield from memory.measure(urls, "sqlite", stations)


def _recording() -> Iterator[Ratios]:
    for ground, urls in _grounds():
        pairs = []
        for _ in range(PAIRS):
            with urls(2) as (ours, bare):
                pairs.append(recording.measure(ours, bare))
        yield Ratios("recording 500 entries", ground, tuple(pairs))


def _manifest_poll() -> Iterator[Ratios]:
    pairs = []
    for _ in range(PAIRS):
        with tempfile.TemporaryDirectory() as folder:
            pairs.append(manifest_poll.measure(Path(folder)))
    yield Ratios("unchanged manifest poll", "sqlite", tuple(pairs))


def _reading() -> Iterator[Ratios]:
    pairs = reading.seconds()
    ground = f"{reading.DISPATCHES} dispatches"
    if pairs is None:
        print("reading: sea-g2p is not installed, nothing to compare with (pip install sea-g2p)", file=sys.stderr)
    else:
        yield Ratios("reading : sea-g2p", ground, tuple(pairs), reading.LIMIT)
    whole, few = reading.memory()
    yield Ratios(f"memory : after {reading.FEW}", ground, ((whole, few),), reading.MEMORY_LIMIT, unit="bytes")


def _grounds() -> Iterator[tuple[str, Callable[[int], AbstractContextManager[list[str]]]]]:
    yield "sqlite", _sqlite
    if os.environ.get("BROADCAST_TEST_POSTGRESQL"):
        yield "postgresql", _postgresql


@contextmanager
def _sqlite(number: int) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield [f"sqlite:///{Path(folder).absolute()}/{place}.db" for place in range(number)]


@contextmanager
def _postgresql(number: int) -> Iterator[list[str]]:
    """Scratch databases beside the one that is named, dropped at the end."""
    admin = make_engine(os.environ["BROADCAST_TEST_POSTGRESQL"]).execution_options(isolation_level="AUTOCOMMIT")
    names = [f"broadcast_bench_{uuid.uuid4().hex[:12]}" for _ in range(number)]
    with admin.connect() as connection:
        for name in names:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            yield [admin.url.set(database=name).render_as_string(hide_password=False) for name in names]
        finally:
            for name in names:
                connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
