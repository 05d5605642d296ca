"""Fixtures that every folder of tests shares: settings in a scratch folder, both databases, one session."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from broadcast.config import Settings
from broadcast.db import Database, make_engine
from broadcast.migrations import upgrade
from broadcast.nouns import metadata

pytest_plugins = ["tests.left_out"]

POSTGRESQL = os.environ.get("BROADCAST_TEST_POSTGRESQL", "")
SHARED = Path(__file__).parents[2] / "shared"

# Sunday, 22 November 2026, 10:00 in Vietnam.
TEN_O_CLOCK = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return TEN_O_CLOCK


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", secret_key="bí mật của bài kiểm tra")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file in its newest form: migrating once and copying saves half a second a test."""
    path = tmp_path_factory.mktemp("migrated") / "broadcast.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.dispose()  # the last connection to close folds the write-ahead log into the file
    assert not path.with_name("broadcast.db-wal").exists()
    return path


@pytest.fixture
def sqlite_database(settings: Settings, migrated_file: Path) -> Iterator[Database]:
    """A migrated SQLite file of its own."""
    settings.data_dir.mkdir(parents=True)
    shutil.copyfile(migrated_file, settings.data_dir / "broadcast.db")
    database = Database(settings.database)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A scratch PostgreSQL database in its newest form, dropped at the end; skipped without an address."""
    if not POSTGRESQL:
        pytest.skip("no PostgreSQL address given")
    name = f"broadcast_test_{uuid.uuid4().hex[:12]}"
    admin = make_engine(POSTGRESQL).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = admin.url.set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    upgrade(database)
    database.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database of each kind: a test that takes it runs on both."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    made = Database(request.getfixturevalue("postgresql_url"))
    yield made
    with made.engine.begin() as connection:
        tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    made.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One transaction that is rolled back at the end, on both kinds of database."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for real clocks begins first, so that the quick rest runs beside it."""
    slow = ("journeys", "faults")
    items.sort(key=lambda item: not any(part in slow for part in item.path.parts))
