"""The application over the seeded district of `tests/web/seed.py`, and clients that are signed in.

`app` has a clock of its own: set `clock.at`. CSRF is off in the clients; tests of it turn it on.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broadcast.config import Settings
from broadcast.db import Database
from broadcast.migrations import upgrade
from tests.web.seed import NOW, Handles, seed
from web import create_app, limiter
from web.load import Loaded, load
from web.services import Services


@dataclass
class Clock:
    at: datetime = NOW


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Handles]:
    """The district in one SQLite file, made once and copied for each test."""
    file = tmp_path_factory.mktemp("seeded") / "broadcast.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    handles = seed(database)
    database.dispose()  # the last connection writes the journal back into the file
    return file, handles


@pytest.fixture
def district(seeded: tuple[Path, Handles]) -> Handles:
    return seeded[1]


@pytest.fixture
def web_database(settings: Settings, seeded: tuple[Path, Handles]) -> Iterator[Database]:
    """A copy of the seeded district: changes stay in this test."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copy(seeded[0], settings.data_dir / "broadcast.db")
    database = Database(settings.database)
    yield database
    database.dispose()


@pytest.fixture
def services(settings: Settings, web_database: Database, clock: Clock) -> Services:
    return Services(settings, web_database, now=lambda: clock.at)


@pytest.fixture
def app(services: Services) -> Iterator[Flask]:
    app = create_app(services)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield app
    limiter.reset()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Not signed in."""
    return app.test_client()


def sign_in(client: FlaskClient, person_id: int, epoch: int = 1) -> FlaskClient:
    """The session that a sign-in would have made, without the time that argon2 takes."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{person_id}.{epoch}.{secrets.token_hex(16)}"
        cookie["_fresh"] = True
        cookie.permanent = True
    return client


@pytest.fixture
def as_person(app: Flask, district: Handles) -> Callable[[str], FlaskClient]:
    """A client signed in as the person with this login, e.g. `as_person("editor")`."""
    return lambda login: sign_in(app.test_client(), district.people[login])


@pytest.fixture
def fast(settings: Settings) -> Settings:
    """The tone voice makes sound in milliseconds; it is the real way all the same."""
    return settings.model_copy(update={"voice": "tone"})


@pytest.fixture
def loaded(sqlite_database: Database, fast: Settings, tmp_path: Path, now: datetime) -> Callable[..., Loaded]:
    """Loads the text of a set-up file, `at` an instant."""

    def load_text(text: str, at: datetime = now, **options: object) -> Loaded:
        path = tmp_path / "thiet-lap.toml"
        path.write_text(text, encoding="utf-8")
        return load(sqlite_database, fast, path, at, **options)  # type: ignore[arg-type]

    return load_text
