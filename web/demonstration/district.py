"""The demonstration district: `district.toml` with times in the coming minutes, and its station processes.

`broadcast serve` without `--demo` does none of this.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import select

from broadcast import clock
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.enrolling import new_code
from broadcast.errors import Conflict
from broadcast.person import Person
from broadcast.station import Station
from broadcast.tally import Tally, count
from web.load import foreign_units, load
from web.load.fields import Moment
from web.load.setup_file import parse
from web.serving.passwords import random_password

FILE = Path(__file__).with_name("district.toml")
MARK = "demonstration"
"""The tally that says that this database was made by the demonstration."""


class Demonstration:
    """What `serve --demo` adds."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.setup, _ = parse(FILE.read_bytes(), Moment(clock.now(), settings.zone))

    def set_up(self) -> None:
        """Loads the district; the bench's times are those of the coming minutes, filled in anew at every start."""
        self._refuse_foreign_database()
        passwords = {person.login: random_password() for person in self.setup.person}
        click.echo("Đang chuẩn bị huyện trình diễn (lần đầu mất khoảng nửa phút để dựng âm thanh)…")
        self._load(passwords)
        self._load({})  # rendering took its time: the coming minute is another one now
        with self.database.writing() as session:
            session.merge(Tally(name=MARK, value=1))
        click.echo("Đăng nhập bằng một lần bấm ở trang đăng nhập, hoặc bằng các tài khoản:")
        for person in self.setup.person:
            click.echo(f"  {person.login:<12} {passwords[person.login]}   {person.name}")

    def _load(self, passwords: dict[str, str]) -> None:
        now = clock.now()
        load(
            self.database,
            self.settings,
            FILE,
            now,
            moment=Moment(now, self.settings.zone),
            passwords=passwords,
            tell=lambda line: click.echo(f"  {line}"),
        )

    def _refuse_foreign_database(self) -> None:
        with self.database.reading() as session:
            if count(session, MARK):
                return
            if foreign_units(session, self.setup) or session.scalar(select(Person.id).limit(1)):
                raise Conflict(
                    f"Cơ sở dữ liệu ở {self.settings.data_dir} đã có dữ liệu thật; huyện trình diễn không ghi vào đó. "
                    "Hãy đặt BROADCAST_DATA_DIR sang một thư mục trống."
                )

    @contextlib.contextmanager
    def stations(self, url: str) -> Iterator[None]:
        """Real station processes that play silently, from now until the block ends or this process dies."""
        orders = []
        with self.database.writing() as session:
            for station in session.scalars(select(Station).order_by(Station.code)):
                if station.code not in {table.code for table in self.setup.station}:
                    continue
                data = self.settings.data_dir / "stations" / station.code
                known = data.exists() and station.enrolment is not None
                code = None if known else new_code(session, station, clock.now())
                orders.append({"code": code, "data": str(data), "name": station.code})
        keeper = subprocess.Popen(
            [sys.executable, "-m", "web.demonstration.stations"], stdin=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert keeper.stdin is not None  # asked for
        keeper.stdin.write(json.dumps({"url": url, "stations": orders}) + "\n")
        keeper.stdin.flush()
        try:
            yield
        finally:
            # Its standard input closes: it ends the stations and then itself. The same happens when we are killed.
            keeper.stdin.close()
            try:
                keeper.wait(timeout=10)
            except subprocess.TimeoutExpired:
                keeper.kill()
                keeper.wait()
