"""The database: engine, sessions, column types. One schema for SQLite and PostgreSQL.

Functions elsewhere take a `Session` and at most flush; the edge opens it with `Database.writing()` (commits at the end,
rolls back on any error) or `Database.reading()`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, MetaData, create_engine, event, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import JSON, TypeDecorator

from broadcast.errors import Busy, Conflict, StorageError

INTEGER_MAX = 2**31 - 1
"""What an integer column of PostgreSQL holds."""
BUSY_MS = 15_000  # a writer waits this long for another one; planning a district takes under a second
KEPT_CONNECTIONS, MORE_CONNECTIONS = 20, 20  # a request holds one at a time, and none while it waits
CONNECTION_WAIT_S = 5  # for a free connection; who waits longer is told so, or a crowd would hold all threads


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. Refuses naive values, since SQLite drops offsets without a word."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: pass an aware instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables. Named constraints, so that Alembic can change them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy's own form
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
        list[list[str]]: JSON(),
    }


class Database:
    """An engine and the two ways to open a session on it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = make_engine(url)
        self._readers = self.engine.execution_options(
            **({"read_only": True} if self.is_sqlite else {"postgresql_readonly": True})
        )
        self._one_writer = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it does not."""
        turn = self._turn() if self.is_sqlite else nullcontext()
        with turn, Session(self.engine, expire_on_commit=False) as session, _storage_errors(), session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of things and never blocks a writer."""
        with Session(self._readers, expire_on_commit=False) as session, _storage_errors():
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer at a time: the writers of this process queue here, where they hold no connection."""
        if not self._one_writer.acquire(timeout=BUSY_MS / 1000):
            raise Busy("Máy chủ đang bận ghi dữ liệu. Chưa có gì bị ghi dở; hãy thử lại sau ít giây.")
        try:
            yield
        finally:
            self._one_writer.release()

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Says in one line what the machine refused: disk full, read-only folder, a locked file."""
    try:
        yield
    except NoConnectionFree as error:
        raise Busy("Máy chủ đang có quá nhiều việc cùng lúc. Hãy thử lại sau ít giây.") from error
    except IntegrityError as error:
        # Views look first whether a code is taken: this is who was faster between their look and their write.
        if not _is_taken(error):
            raise
        raise Conflict(
            "Người khác vừa thêm một mục cùng mã. Chưa có gì được ghi; hãy chọn mã khác hoặc tải lại trang."
        ) from error
    except OperationalError as error:
        raise StorageError(f"Cơ sở dữ liệu không ghi hoặc không đọc được: {error.orig}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageError("Mất kết nối tới cơ sở dữ liệu.") from error
        raise


def _is_taken(error: IntegrityError) -> bool:
    """Whether a unique constraint was hurt; every other constraint is hurt by our own fault only."""
    if isinstance(error.orig, sqlite3.IntegrityError):
        return error.orig.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
    return getattr(error.orig, "sqlstate", None) == "23505"


def make_engine(url: str) -> Engine:
    """An engine with the settings that both kinds need (DESIGN §5.9). Raises StorageError for a bad address."""
    parsed = make_url(url)
    pool = {"pool_size": KEPT_CONNECTIONS, "max_overflow": MORE_CONNECTIONS, "pool_timeout": CONNECTION_WAIT_S}
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, **pool)
    if parsed.database and parsed.database != ":memory:":
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageError(
                f"Không tạo được thư mục dữ liệu {Path(parsed.database).parent}: {error.strerror}"
            ) from error
    engine = create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False}, **pool)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up_connection(connection: Any, _record: Any) -> None:
    # pysqlite's own transactions leak savepoints and begin too late: we begin ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads and then writes fails with "database is locked" unless it was a writer from the start;
    # a reader that begins as a writer blocks everyone. So each says which it is.
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
