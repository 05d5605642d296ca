"""More people at once than connections to the database: answered one after the other, not after half a minute."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from flask import Flask

from broadcast import db
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.person import Person, Role, assign
from broadcast.unit import Unit
from tests.real import PASSWORD
from web import create_app
from web.services import Services
from web.serving.reception import Server

CROWD = 30


@pytest.fixture
def app(sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Over a database with one connection: whoever held one and asked for another would wait for himself."""
    with sqlite_database.writing() as session:
        unit = Unit(code="BA", name="Bình An", kind="xã", created_at=(now := Services(settings, sqlite_database).now()))
        person = Person(login="quan-tri", name="Quản Trị", created_at=now)
        person.set_password(PASSWORD)
        session.add_all([unit, person])
        session.flush()
        assign(session, person, Role.ADMINISTRATOR, unit)
    monkeypatch.setattr(db, "KEPT_CONNECTIONS", 1)
    monkeypatch.setattr(db, "MORE_CONNECTIONS", 0)
    narrow = Database(settings.database)
    made = create_app(Services(settings, narrow))
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    narrow.dispose()


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), app, threads=CROWD)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield f"http://127.0.0.1:{server.bind_addr[1]}"
    server.stop()
    thread.join(timeout=30)


def test_a_crowd_at_the_sign_in_is_answered(url: str) -> None:
    def come(number: int) -> int:
        return httpx.post(
            f"{url}/dang-nhap", data={"login": f"ai-do-{number}", "password": "sai"}, timeout=60, trust_env=False
        ).status_code

    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(come, range(CROWD)))
    assert set(answers) <= {401, 503}
    assert answers.count(401) >= 10


def test_a_crowd_that_writes_is_answered(url: str) -> None:
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        assert client.post("/dang-nhap", data={"login": "quan-tri", "password": PASSWORD}).status_code == 302

        def write(number: int) -> int:
            return client.post("/don-vi/BA", data={"name": f"Bình An {number}", "kind": "xã"}).status_code

        with ThreadPoolExecutor(CROWD) as pool:
            assert set(pool.map(write, range(CROWD))) == {302}


def test_who_finds_no_connection_is_told_so_with_a_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "CONNECTION_WAIT_S", 0.01)
    services: Services = app.extensions["broadcast"]
    narrow = Database(services.settings.database)
    object.__setattr__(services, "database", narrow)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1.1.dau"
    with narrow.engine.connect():
        page = client.get("/")
        problem = client.get("/api/v1/station/manifest", headers={"Authorization": "Bearer x"})
    narrow.dispose()
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "Máy chủ đang bận" in page.text
    assert (problem.status_code, problem.headers["Retry-After"]) == (503, "5")
    assert problem.json["title"] == "Máy chủ đang bận"
