"""The real application on a real HTTP server, a commune with an enrolled machine, and a clock that a test sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from broadcast.config import Settings
from broadcast.db import Database
from broadcast.station import Station
from broadcast.tally import PROGRAMME, bump
from tests.proof import Commune, Machine, a_commune, keep_sound
from web import create_app
from web.api.state import state_of
from web.services import Services
from web.serving.reception import Server


@dataclass
class Hands:
    """The commune and its machine, with the token that it was given."""

    commune: Commune
    machine: Machine
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Dial:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def dial(now: datetime) -> Dial:
    return Dial(now)


@pytest.fixture
def hands(database: Database, settings: Settings, now: datetime) -> Hands:
    machine = Machine()
    with database.writing() as session:
        commune = a_commune(session, now)
        _, token = machine.enrol(session, commune.station, now)
    keep_sound(settings.audio_dir, commune.bulletin.code)
    return Hands(commune, machine, token)


@pytest.fixture
def app(database: Database, settings: Settings, dial: Dial) -> Iterator[Flask]:
    made = create_app(Services(settings, database, now=dial))
    yield made
    state_of(made).room.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def server(app: Flask) -> Iterator[httpx.Client]:
    """A client of the application behind our server, on a port of its own."""
    serving = Server(("127.0.0.1", 0), app, threads=12)
    serving.prepare()
    thread = threading.Thread(target=serving.serve, daemon=True)
    thread.start()
    host, port = serving.bind_addr
    with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as http:
        yield http
    state_of(app).room.close()
    serving.stop()
    thread.join(timeout=10)


def changed(session: Session, station: Station, volume: int) -> None:
    """An act that changes the programme of one station."""
    session.get_one(Station, station.id).volume = volume
    bump(session, PROGRAMME)
