"""The plan meets the clock: the whole country batch by batch, and stations that an act concerns before all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.tally import PLAN, PLANNED, StaleStation, Tally, count
from schedules.replan import BATCH, Planning, Replanned, replan, station_groups

_PER_STATEMENT = 500
"""Rows named in one statement; SQLite takes 32,766."""


class Replanner:
    """Plans and commits, a batch of stations a transaction.

    What was asked for while it runs is seen by the next run, or before the next batch: an emergency waits for one batch
    and not for the country.
    """

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    def is_stale(self) -> bool:
        """Whether an act concerned every station since the last whole planning began."""
        with self._database.reading() as session:
            return count(session, PLAN) != count(session, PLANNED)

    def everything(self) -> Replanned:
        """Every station, those that acts concerned first."""
        with self._database.reading() as session:
            seen = count(session, PLAN)
            groups = station_groups(session)
        total = Replanned()
        for group in groups:
            total += self._group(group)
        with self._database.writing() as session:
            if count(session, PLANNED) != seen:
                session.merge(Tally(name=PLANNED, value=seen))
        return total

    def _group(self, batches: list[list[int]]) -> Replanned:
        with self._database.reading() as session:
            planning = self._planning(session, [number for batch in batches for number in batch])
        total, newer = Replanned(), set[int]()
        for batch in batches:
            done, concerned = self._what_is_stale()
            total, newer = total + done, newer | concerned
            # what was planned by newer facts must not be planned by older ones again
            if left := [number for number in batch if number not in newer]:
                with self._database.writing() as session:
                    total += replan(session, planning, left)
        return total

    def what_is_stale(self) -> Replanned:
        """The stations that acts concerned, and no other."""
        return self._what_is_stale()[0]

    def _what_is_stale(self) -> tuple[Replanned, set[int]]:
        """What was done, and the ids of the stations. An order is gone with the transaction that plans its station:
        where that fails it stays. By id, not up to an id: of two that write at once the lower may commit later."""
        total = Replanned()
        with self._database.reading() as session:
            orders: dict[int, list[int]] = {}
            for number, station_id in session.execute(select(StaleStation.id, StaleStation.station_id)):
                orders.setdefault(station_id, []).append(number)
            if not orders:
                return total, set()
            concerned = sorted(orders)
            planning = self._planning(session, concerned)
        for start in range(0, len(concerned), BATCH):
            batch = concerned[start : start + BATCH]
            with self._database.writing() as session:
                total += replan(session, planning, batch)
                _forget(session, [number for station_id in batch for number in orders[station_id]])
        return total, set(concerned)

    def _planning(self, session: Session, only: Sequence[int]) -> Planning:
        store = AudioStore(self._settings.audio_dir)
        return Planning(session, self._now(), self._settings.zone, has_audio=store.has, only=only)


def _forget(session: Session, orders: list[int]) -> None:
    for start in range(0, len(orders), _PER_STATEMENT):
        session.execute(delete(StaleStation).where(StaleStation.id.in_(orders[start : start + _PER_STATEMENT])))
