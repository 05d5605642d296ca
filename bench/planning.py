"""Planning a country against a Core insert of the same rows into the same table, with its indexes.

Ours: units, rules, bulletins, approvals and stations are loaded, the plan is computed and written by `replan`, a batch
of stations a transaction. The bare side inserts the very rows that came of a batch, ready as dictionaries, into the
empty table of another database by one statement, and commits: as many transactions, of the same rows. The two take
turns batch by batch, so that what else the machine does hits both.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import time as wall_time
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from audio.store import AudioStore
from bench.country import AIRING, DAYS, MIDNIGHT, ROWS_A_STATION, ZONE, Situation, build, empty
from bench.ratios import Ratios
from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.replanning import rule_changed
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station
from schedules.replan import Planning, replan, station_groups
from web.serving.planning import Replanner

LIMIT = 3.0
CHANGED_LIMIT = 0.02
PAIRS, FEW_PAIRS, SMALL = 7, 3, 1_000
COUNTRY = 10_600
"""Stations from which CHANGED_LIMIT holds: of a district, twenty are more than two in a hundred."""
CHANGED_STATIONS = 20
CHANGES = 5
SITUATIONS: tuple[Situation, ...] = ("alike", "own")
_TOLD = {"alike": "all alike", "own": "each its own"}


def measure(urls: list[str], ground: str, stations: int) -> Iterator[Ratios]:
    """`urls`: for each of SITUATIONS two empty databases, ours and the bare one."""
    pairs = FEW_PAIRS if stations > SMALL else PAIRS
    for situation, ours_url, bare_url in zip(SITUATIONS, urls[::2], urls[1::2], strict=True):
        with tempfile.TemporaryDirectory() as folder:
            bench = _Bench(Database(ours_url), Database(bare_url), Path(folder))
            told = f"{stations:,} × 14 × 6, {_TOLD[situation]}"
            build(bench.ours, bench.settings.audio_dir, stations, situation)
            build(bench.bare, bench.settings.audio_dir, stations, situation)
            taken = [bench.pair(stations) for _ in range(pairs)]
            yield Ratios(f"planning {told}", ground, tuple(taken), LIMIT)
            whole_s = statistics.median(ours_s for ours_s, _ in taken)
            changed = tuple((seconds, whole_s) for seconds in bench.changes())
            yield Ratios(
                f"a rule of {CHANGED_STATIONS} : all {told}",
                ground,
                changed,
                CHANGED_LIMIT if stations >= COUNTRY else None,
            )
            again = tuple((seconds, whole_s) for seconds in bench.again())
            yield Ratios(f"nothing new : all {told}", ground, again)
            bench.close()


class _Bench:
    def __init__(self, ours: Database, bare: Database, folder: Path) -> None:
        self.ours = ours
        self.bare = bare
        self.settings = Settings(data_dir=folder, secret_key="-")
        self._replanner = Replanner(ours, self.settings, lambda: MIDNIGHT)

    def close(self) -> None:
        self.ours.dispose()
        self.bare.dispose()

    def pair(self, stations: int) -> tuple[float, float]:
        """Seconds of ours and of the bare side, both from an empty table on."""
        empty(self.ours)
        empty(self.bare)
        with self.ours.reading() as session:
            groups = station_groups(session)
        ours_s, bare_s = 0.0, 0.0
        for group in groups:
            loading_s, planning = timed(lambda: self._load(group))  # noqa: B023 - called at once
            ours_s += loading_s
            for batch in group:
                ours_s += timed(lambda: self._plan(planning, batch))[0]  # noqa: B023
                rows = _rows(self.ours, batch)
                assert len(rows) == len(batch) * ROWS_A_STATION
                bare_s += timed(lambda: self._insert(rows))[0]  # noqa: B023
        for database in (self.ours, self.bare):
            with database.reading() as session:
                assert session.scalar(select(func.count()).select_from(Airing)) == stations * ROWS_A_STATION
        return ours_s, bare_s

    def _load(self, group: list[list[int]]) -> Planning:
        only = [number for batch in group for number in batch]
        store = AudioStore(self.settings.audio_dir)
        with self.ours.reading() as session:
            return Planning(session, MIDNIGHT, ZONE, window_days=DAYS, has_audio=store.has, only=only)

    def _plan(self, planning: Planning, batch: list[int]) -> None:
        with self.ours.writing() as session:
            replan(session, planning, batch)

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with self.bare.engine.begin() as connection:
            connection.execute(insert(AIRING), rows)

    def changes(self) -> Iterator[float]:
        """A rule for twenty stations, as far apart as they can be, gets another time: its act and what the next tick
        does about it, each committed."""
        with self.ours.writing() as session:
            ids = list(session.scalars(select(Station.id).order_by(Station.id)))
            bulletin = session.scalars(select(Bulletin).order_by(Bulletin.id).limit(1)).one()
            rule = Rule(code="ba", unit_id=bulletin.unit_id, times=["18:00"], created_at=MIDNIGHT)
            rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=0))
            apart = max(len(ids) // CHANGED_STATIONS, 1)
            rule.targets.extend(RuleTarget(station_id=number) for number in ids[::apart][:CHANGED_STATIONS])
            session.add(rule)
            session.flush()
            rule_changed(session, rule, local_day(MIDNIGHT, ZONE))
        self._replanner.what_is_stale()
        for minute in range(1, CHANGES + 1):
            yield timed(lambda: self._change(wall_time(18, minute)))[0]  # noqa: B023 - called at once

    def _change(self, at: wall_time) -> None:
        with self.ours.writing() as session:
            rule = session.scalars(select(Rule).where(Rule.code == "ba")).one()
            rule.times = [at.isoformat("minutes")]
            session.flush()
            rule_changed(session, rule, local_day(MIDNIGHT, ZONE))
        done = self._replanner.what_is_stale()
        assert (done.added, done.cancelled) == (CHANGED_STATIONS * (DAYS + 1),) * 2

    def again(self) -> Iterator[float]:
        """The whole country once more, when nothing has changed: what every quarter of an hour costs."""
        yield timed(self._replanner.everything)[0]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def _rows(database: Database, stations: list[int]) -> list[dict[str, Any]]:
    of = select(AIRING).where(AIRING.c.station_id.in_(stations))
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(of).mappings()]
