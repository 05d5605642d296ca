"""What the clockwork does: make sound, plan again, mark silent stations, close days. It needs both verbs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audio.orders import release_claims, take_order, work
from audio.preview import forget_previews
from audio.rendering import Renderer
from audio.speech_cache import SpeechCache
from broadcast.audit_event import SYSTEM, record
from broadcast.catching_up import order_for_newcomers, try_again_for_newcomers
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.reports.closing import close_days
from broadcast.station import Station, StationStatus
from schedules.clockwork import Tick
from schedules.replan import Replanned
from web.serving.planning import Replanner
from web.uploads.arriving import remove_half_written
from web.uploads.kept import sweep

log = logging.getLogger(__name__)

PLAN_AGAIN_AFTER = timedelta(minutes=15)
"""Even when nothing said that the plan is stale: the window rolls on, bulletins expire, files go missing."""

PREVIEWS_LAST = timedelta(days=1)
"""What was listened to while writing; its sentences stay in the cache of speech."""

LARGEST_SPEECH_CACHE = 2 * 1024**3  # bytes; about forty hours of speech


class Ticks:
    """The callables and what they remember between two runs. One object in the one process that schedules."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.renderer = Renderer()
        self._replanner = Replanner(database, settings, now)
        self._planned_at: datetime | None = None

    def all(self) -> list[Tick]:
        return [
            Tick("make sound", 2, self.make_sound),
            Tick("plan", 3, self.plan_when_stale),
            Tick("communes' sounds", 60, self.order_sounds),
            Tick("silent stations", 20, self.mark_silent),
            Tick("close days", 600, self.close_days),
            Tick("prune speech", 6 * 3600, self.prune_speech),
            Tick("old previews", 3600, self.forget_previews),
            Tick("unused uploads", 3600, self.sweep_uploads),
        ]

    def begin(self) -> None:
        """Before the first answer: what a dead process claimed is free, what it half wrote gone, the plan there."""
        with self.database.writing() as session:
            release_claims(session)
        remove_half_written(self.settings.uploads_dir)
        self.plan_now()

    def close(self) -> None:
        self.renderer.close()

    def make_sound(self) -> None:
        """Works every order that is due, one after the other."""
        while True:
            with self.database.writing() as session:
                order = take_order(session, self.now())
            if order is None:
                return
            work(self.database, self.settings, order, self.renderer, self.now)

    def order_sounds(self) -> None:
        """A commune that got its first station gets its sound of every script with variables; what failed, a day later
        once more."""
        with self.database.writing() as session:
            ordered = order_for_newcomers(session, self.now())
            again = try_again_for_newcomers(session, self.now())
        if ordered:
            log.info("ordered %s sounds for communes that came later", len(ordered))
        if again:
            log.info("trying %s failed sounds of communes again", len(again))

    def plan_when_stale(self) -> None:
        """Every station after an act that concerned all, on a new day and from time to time; else those that an act
        concerned."""
        now = self.now()
        new_day = self._planned_at is not None and local_day(self._planned_at, self.settings.zone) != local_day(
            now, self.settings.zone
        )
        is_due = self._planned_at is None or now - self._planned_at >= PLAN_AGAIN_AFTER
        if is_due or new_day or self._replanner.is_stale():
            self.plan_now()
        else:
            _tell(self._replanner.what_is_stale())

    def plan_now(self) -> Replanned:
        """Plans every station, a batch a transaction. What changes meanwhile is seen by the next tick."""
        now = self.now()
        done = self._replanner.everything()
        self._planned_at = now
        _tell(done)
        return done

    def mark_silent(self) -> None:
        now = self.now()
        with self.database.writing() as session:
            mark_silent_stations(session, now, timedelta(minutes=self.settings.silent_after_minutes))

    def close_days(self) -> None:
        with self.database.writing() as session:
            for day in close_days(session, self.now(), self.settings.zone):
                log.info("closed %s", day)

    def prune_speech(self) -> None:
        """Spoken sentences are only a saving of time: the oldest go when they take too much room."""
        SpeechCache(self.settings.data_dir / "speech").prune(LARGEST_SPEECH_CACHE)

    def forget_previews(self) -> None:
        forget_previews(self.settings.data_dir, PREVIEWS_LAST, self.now())

    def sweep_uploads(self) -> None:
        if removed := sweep(self.database, self.settings.uploads_dir, self.now()):
            log.info("removed %s uploads that nothing uses", removed)


def _tell(done: Replanned) -> None:
    if done.added or done.changed or done.cancelled:
        log.info("planned: %s added, %s changed, %s cancelled", done.added, done.changed, done.cancelled)


def mark_silent_stations(session: Session, now: datetime, after: timedelta) -> int:
    """Compare-and-set on each station, with an event in the audit trail. Returns how many fell silent now."""
    fallen = session.execute(
        select(StationStatus.station_id, Station.name)
        .join(Station, Station.id == StationStatus.station_id)
        .where(StationStatus.silent_since.is_(None), StationStatus.seen_at < now - after, Station.retired_at.is_(None))
    ).all()
    marked = 0
    for station_id, name in fallen:
        claimed = session.execute(
            update(StationStatus)
            .where(
                StationStatus.station_id == station_id,
                StationStatus.silent_since.is_(None),
                StationStatus.seen_at < now - after,
            )
            .values(silent_since=StationStatus.seen_at)
        )
        if claimed.rowcount == 1:  # type: ignore[attr-defined]
            record(session, SYSTEM, "station_silent", "station", station_id, name, now=now)
            marked += 1
    return marked
