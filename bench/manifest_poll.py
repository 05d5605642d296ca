"""A manifest poll that is unchanged against a bare route on the same server. `python -m bench.manifest_poll`

The bare route answers 304 and does nothing else. Ours finds the station by its token, looks whether anything is new,
and answers the same.
"""

from __future__ import annotations

import http.client
import json
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from cheroot.wsgi import Server
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, Response

from broadcast.config import Settings
from broadcast.db import Database
from broadcast.enrolling import enrol, new_code
from broadcast.migrations import upgrade
from broadcast.station import Station
from broadcast.wire import public_key_text
from web import create_app
from web.api.state import state_of
from web.services import Services

ROUNDS = 400
PATH = "/api/v1/station/manifest"
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def measure(folder: Path) -> tuple[float, float]:
    """The median seconds of an unchanged poll and of the bare route, asked in turns over one connection."""
    settings = Settings(data_dir=folder, secret_key="bench")
    database = Database(settings.database)
    upgrade(database)
    with database.writing() as session:
        station = Station(code="T1", name="Trạm 1", created_at=AT)
        session.add(station)
        session.flush()
        _, token = enrol(session, new_code(session, station, AT), public_key_text(Ed25519PrivateKey.generate()), AT)
    app = create_app(Services(settings, database))
    app.add_url_rule("/bare", view_func=lambda: Response(status=304))
    server = Server(("127.0.0.1", 0), app)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        return _ask(server.bind_addr, token)
    finally:
        _stop(app, server, thread)
        database.dispose()


def _ask(address: tuple[str, int], token: str) -> tuple[float, float]:
    connection = http.client.HTTPConnection(*address)
    headers = {"Authorization": f"Bearer {token}"}
    connection.request("GET", PATH, headers=headers)
    first = connection.getresponse()
    first.read()
    assert first.status == 200
    headers["If-None-Match"] = first.headers["ETag"]

    def once(path: str) -> float:
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took_s = time.perf_counter() - began
        assert answer.status == 304
        return took_s

    took = [(once(PATH), once("/bare")) for _ in range(ROUNDS)]
    connection.close()
    return statistics.median(a for a, _ in took), statistics.median(b for _, b in took)


def _stop(app: Flask, server: Server, thread: threading.Thread) -> None:
    state_of(app).room.close()
    server.stop()
    thread.join(timeout=10)


def main() -> None:
    """Prints one line of JSON."""
    with tempfile.TemporaryDirectory() as folder:
        poll_s, bare_s = measure(Path(folder))
    detail = f"unchanged poll {poll_s * 1000:.2f} ms, bare route {bare_s * 1000:.2f} ms"
    print(json.dumps({"name": "manifest_poll", "ratio": round(poll_s / bare_s, 2), "detail": detail}))


if __name__ == "__main__":
    main()
