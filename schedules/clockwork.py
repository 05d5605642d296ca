"""The clockwork: a few ticks in one process, behind a lock that dies with that process.

It knows nothing of what it runs: `web` gives it callables. One scheduler job a tick, never one an airing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import Self

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from filelock import FileLock, Timeout

from broadcast.errors import BroadcastError, Conflict, StorageError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tick:
    """Something to do again and again. `every_s` seconds pass between two beginnings; a late one is not made up for."""

    name: str
    every_s: float
    run: Callable[[], None]


class Clockwork:
    """Runs the ticks until it is stopped. One bad tick never stops the others, nor its own next time."""

    def __init__(self, ticks: Sequence[Tick]) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max_workers=max(1, len(ticks)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for tick in ticks:
            self._scheduler.add_job(_guarded(tick), "interval", seconds=tick.every_s, id=tick.name)

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._scheduler.shutdown(wait=True)


def _guarded(tick: Tick) -> Callable[[], None]:
    def run() -> None:
        try:
            tick.run()
        except BroadcastError as error:
            log.error("%s: %s", tick.name, error.message_vi)  # noqa: TRY400 -- expected: one line is enough
        except Exception:  # told in full; the next tick is another chance, for this one and for all others
            log.exception("%s", tick.name)

    return run


class OneScheduler:
    """The lock of a data folder. The operating system takes it back when the process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "serve.lock", thread_local=False)
        self._folder = folder

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise Conflict(f"Một máy chủ khác đang dùng thư mục dữ liệu {self._folder}. Hãy dừng nó trước.") from error
        except OSError as error:
            raise StorageError(f"Không ghi được vào thư mục dữ liệu {self._folder}: {error.strerror}") from error
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._lock.release()
