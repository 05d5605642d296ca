"""A commune of real processes: set up by commands, spoken to over HTTP, its station a process of its own."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from broadcast.clock import VIETNAM, local_day
from tests.processes import Running, broadcast, broadcast_station, environment, free_port, running, server

T = TypeVar("T")

PASSWORD = "mật khẩu của bài kiểm tra"


def people(unit: str) -> str:
    """Whoever writes and whoever approves in `unit`, for a set-up file."""
    return f"""
[[person]]
login = "soan"
name = "Lê Thị Soạn"
password = "{PASSWORD}"
assignments = [{{ role = "editor", unit = "{unit}" }}]

[[person]]
login = "duyet"
name = "Trần Văn Duyệt"
password = "{PASSWORD}"
assignments = [{{ role = "approver", unit = "{unit}" }}]
"""


# Nobody may be kept from hearing a test by the hour at which it runs: no curfew.
PLACE = f"""
[[unit]]
code = "BA"
name = "Xã Bình An"
kind = "xã"
{people("BA")}
[[policy]]
unit = "BA"
curfew = []
"""

BULLETIN = """
[[bulletin]]
code = "HOP"
title = "Mời họp thôn"
class = "normal"
script = "Kính mời bà con tới nhà văn hoá thôn dự họp lúc mười chín giờ tối nay."
author = "soan"
approver = "duyet"
"""


def rule(times: list[str], bulletin: str = "HOP", code: str = "LICH") -> str:
    return f"""
[[rule]]
code = "{code}"
bulletin = "{bulletin}"
targets = ["BA"]
days = "daily"
times = {json.dumps(times)}
"""


def coming_minutes(number: int = 1, ahead_s: int = 20) -> list[datetime]:
    """The next whole minutes, the first at least so far ahead; UTC."""
    first = (datetime.now(UTC) + timedelta(seconds=ahead_s + 59.999)).replace(second=0, microsecond=0)
    return [first + timedelta(minutes=later) for later in range(number)]


def wall(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime("%H:%M")


def eventually(what: str, look: Callable[[], T | None], within_s: float = 60, every_s: float = 0.2) -> T:
    """The first answer that is not empty. Fails, naming what was waited for."""
    until = time.monotonic() + within_s
    while True:
        if found := look():
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {within_s} s in vain for {what}")
        time.sleep(every_s)


@dataclass
class Place:
    """One data folder with commands that work on it, and the folders of its stations."""

    folder: Path
    settings: dict[str, str] = field(default_factory=lambda: {"BROADCAST_VOICE": "tone"})
    data: str = "data"

    @property
    def data_dir(self) -> Path:
        return self.folder / self.data

    @property
    def env(self) -> dict[str, str]:
        return environment(self.data_dir, **self.settings)

    @property
    def audio(self) -> list[Path]:
        """Every finished sound of the server's store."""
        return sorted((self.data_dir / "audio").glob("*/*/*.mp3"))

    def run(self, *arguments: str, code: int = 0) -> str:
        """`broadcast …`; its output. A failure must be one line, which is then what is given."""
        done = broadcast(*arguments, env=self.env)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        if code == 1:
            assert done.stderr.count("\n") == 1, done.stderr
            return done.stderr
        return done.stdout

    def load(self, text: str, *arguments: str, code: int = 0) -> str:
        path = self.folder / "thiet-lap.toml"
        path.write_text(text, encoding="utf-8")
        return self.run("load", str(path), *arguments, code=code)

    def code(self, station: str = "TRAM1", *arguments: str) -> str:
        """A fresh enrolment code of that station of unit BA, which is added if need be."""
        return self.run("station", "add", station, "--unit", "BA", *arguments).split()[-1]

    def enrol(self, url: str, station: str = "TRAM1") -> Path:
        """A folder that has become that station."""
        folder = self.folder / station
        done = broadcast_station("enrol", url, self.code(station), "--data", str(folder), env=self.env)
        assert done.returncode == 0, done.stderr
        return folder

    @contextlib.contextmanager
    def serving(self, *arguments: str, port: int | None = None, scheme: str = "http") -> Iterator[tuple[str, Running]]:
        log = self.folder / "server.log"
        with server(*arguments, env=self.env, log=log, port=port, scheme=scheme) as (url, process):
            yield url, process

    @contextlib.contextmanager
    def playing(self, folder: Path, *arguments: str, output: str = "null") -> Iterator[Running]:
        """`broadcast-station run` on that folder."""
        log = folder.with_suffix(".log")
        with running(
            "station.cli", "run", "--data", str(folder), "--output", output, *arguments, env=self.env, log=log
        ) as process:
            yield process

    def report(self) -> dict[str, Any]:
        """The figures of unit BA for yesterday and today (a test may run at midnight)."""
        today = local_day(datetime.now(UTC))
        yesterday = today - timedelta(days=1)
        text = self.run("report", "BA", "--from", str(yesterday), "--until", str(today), "--as", "json")
        found: dict[str, Any] = json.loads(text)
        return found

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Straight from the SQLite file, as it is on the disk."""
        with closing(sqlite3.connect(f"file:{self.data_dir / 'broadcast.db'}?mode=ro", uri=True, timeout=15)) as file:
            return file.execute(query, values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        found = self.rows(query, *values)
        return found[0][0] if found else None


__all__ = [
    "BULLETIN", "PASSWORD", "PLACE", "Place", "broadcast", "broadcast_station", "coming_minutes", "eventually",
    "free_port", "rule", "wall",
]  # fmt: skip
