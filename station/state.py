"""What a station must not forget, in one SQLite file: programme, outbox, what has been played, where it plays now."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from station.errors import StationError

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS manifest (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL,
    signature TEXT NOT NULL, etag TEXT NOT NULL, sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS airing (id TEXT PRIMARY KEY, state TEXT NOT NULL, changed_ms INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS playing (one INTEGER PRIMARY KEY CHECK (one = 1), airing TEXT NOT NULL,
    audio TEXT NOT NULL, volume INTEGER NOT NULL, started_ms INTEGER NOT NULL, sounded_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL);
"""


class DamagedState(StationError):
    """The file is there and is not what was written."""


class State:
    """One connection, shared by the station's threads behind a lock.

    `synchronous=FULL` in WAL: what was committed is on the disk, whenever the power goes.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises DamagedState, and StationError where it cannot be read or written."""
        self._lock = threading.RLock()
        try:
            try:
                self._db = _opened(path, "NORMAL")
            except sqlite3.OperationalError as error:
                # A full disk has no room for the index that SQLite shares between processes; one alone needs none.
                log.warning("Mở dữ liệu của trạm không được (%s); thử mở riêng.", error)
                self._db = _opened(path, "EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise StationError(f"Không mở được dữ liệu của trạm ({path}): {error}.") from error
        except sqlite3.DatabaseError as error:
            raise DamagedState(f"Dữ liệu của trạm ({path}) hỏng: {error}.") from error

    def close(self) -> None:
        """Close the file; calls after this raise sqlite3.ProgrammingError."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk at the end, or none. Raises sqlite3.Error."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def get(self, key: str) -> Any:
        """The value kept under `key`, or None."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return json.loads(found[0][0]) if found else None

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value under `key`, in a transaction of its own."""
        with self.writing() as db:
            put_in(db, key, value)


def put_in(db: sqlite3.Connection, key: str, value: Any) -> None:
    """Keep a JSON value under `key`, inside a transaction that is under way."""
    db.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, json.dumps(value)),
    )


def _check(db: sqlite3.Connection) -> None:
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(str(said).splitlines()[-1])


def _opened(path: Path, locking: str) -> sqlite3.Connection:
    """Raises sqlite3.DatabaseError where the file is damaged anywhere, not only where it is read first."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        db.execute(f"PRAGMA locking_mode = {locking}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_SCHEMA)
        _check(db)
    except BaseException:
        db.close()
        raise
    return db
