"""`broadcast serve`: web, API and scheduler in one process, until it is told to stop."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import signal
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from audio.profiles import profile_named
from audio.store import AudioStore
from audio.voices.order import voice_order, voice_settings
from audio.voices.registry import voices_from
from broadcast import clock
from broadcast.config import Settings, secret_key
from broadcast.db import Database
from broadcast.errors import BroadcastError, ConfigurationError, Conflict
from broadcast.migrations import upgrade
from broadcast.person import Assignment, Person, Role, assign
from broadcast.unit import Unit, UnitTree
from schedules.clockwork import Clockwork, OneScheduler
from web import create_app
from web.api.state import state_of
from web.demonstration.district import Demonstration
from web.services import Services
from web.serving.passwords import random_password
from web.serving.reception import Adapter, Server, more_connections
from web.serving.ticks import Ticks
from web.serving.tls import own_certificate

log = logging.getLogger(__name__)

ADMINISTRATOR = "quantri"
_SCHEDULER_LOCK = 7_203_914_002  # the advisory lock of the one scheduler of a PostgreSQL database


def serve(settings: Settings, *, host: str, port: int, tls: str | None, demo: bool) -> None:
    """Runs until SIGINT or SIGTERM. Raises a BroadcastError, with the way out in words, where it cannot start."""
    now = clock.now()
    _refuse_open_wire(settings, host, tls, demo=demo)
    _refuse_taken_port(host, port)
    voices_from(voice_order(settings), settings=voice_settings(settings))  # a mistyped name stops the start
    profile_named(settings.sound_profile)
    if "gtts" in voice_order(settings):
        log.warning("Giọng gtts gửi nội dung bản tin tới máy chủ của Google ở nước ngoài, theo thứ tự giọng đã chọn.")
    with contextlib.ExitStack() as stack:
        more_connections()
        stack.enter_context(OneScheduler(settings.data_dir))
        database = Database(settings.database)
        stack.callback(database.dispose)
        upgrade(database)
        stack.enter_context(_one_scheduler(database))
        secret_key(settings)
        AudioStore(settings.audio_dir)
        services = Services(settings, database, demo=demo)
        stack.callback(services.listening.close)
        application = create_app(services)
        stations = state_of(application)  # unreadable keys stop the start, not the first station
        server = _server(settings, application, host, port, tls, now)
        demonstration = Demonstration(settings, database) if demo else None
        if demonstration is None:
            _welcome_first_administrator(database, now)
        else:
            demonstration.set_up()
        ticks = Ticks(database, settings, clock.now)
        stack.callback(ticks.close)
        ticks.begin()
        _bind(server, host, port)
        stack.callback(server.stop)
        stack.callback(stations.room.close)  # held requests are answered, or stopping would wait for them
        stack.enter_context(Clockwork(ticks.all()))
        scheme = "https" if server.ssl_adapter else "http"
        url = f"{scheme}://{_shown(host)}:{port}"
        click.echo(f"Máy chủ đang chạy tại {settings.public_url or _open_at(scheme, host, port)} (Ctrl+C để dừng)")
        if demonstration is not None:
            stack.enter_context(demonstration.stations(url))
        with _stopped_by_signals():
            server.serve()
    click.echo("Máy chủ đã dừng.")


def _server(settings: Settings, application: Flask, host: str, port: int, tls: str | None, now: datetime) -> Server:
    server = Server((host, port), application)
    if settings.tls_cert is not None and settings.tls_key is not None:
        server.ssl_adapter = _adapter(settings.tls_cert, settings.tls_key)
    elif tls == "auto":
        server.ssl_adapter = _adapter(*own_certificate(settings, host, now))
    return server


def _adapter(certificate: Path, key: Path) -> Adapter:
    try:
        return Adapter(str(certificate), str(key))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Không dùng được chứng thư {certificate} với khoá {key}: {error}") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_open_wire(settings: Settings, host: str, tls: str | None, *, demo: bool) -> None:
    """Tokens and passwords never cross a network in the clear (DESIGN §5.11)."""
    if demo and not _is_loopback(host):
        raise ConfigurationError("Huyện trình diễn chỉ chạy trên chính máy này: bỏ --host hoặc dùng --host 127.0.0.1.")
    if _is_loopback(host) or tls == "auto" or settings.tls_cert is not None:
        return
    if settings.trusted_proxies and settings.public_url.startswith("https://"):
        return
    raise ConfigurationError(
        f"Mở máy chủ ra {host} cần một trong ba: --tls auto (mạng nội bộ); BROADCAST_TLS_CERT và BROADCAST_TLS_KEY; "
        "hoặc BROADCAST_TRUSTED_PROXIES cùng BROADCAST_PUBLIC_URL=https://… khi đứng sau nginx hay Caddy."
    )


def _refuse_taken_port(host: str, port: int) -> None:
    """Told at once, before minutes of preparing."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise _port_words(host, port, error) from error


def _port_words(host: str, port: int, error: OSError) -> BroadcastError:
    return Conflict(
        f"Không mở được {_shown(host)}:{port}. Có thể một chương trình khác đang dùng cổng này: hãy dừng nó hoặc chọn "
        f"--port khác. (Hệ thống báo lỗi {error.errno}.)"
    )


def _bind(server: Server, host: str, port: int) -> None:
    try:
        server.prepare()
    except OSError as error:
        raise _port_words(host, port, error) from error


def _open_at(scheme: str, host: str, port: int) -> str:
    """An address that somebody can open: for “every interface” the machine's own name."""
    return f"{scheme}://{socket.gethostname() if host in {'0.0.0.0', '::'} else _shown(host)}:{port}"  # noqa: S104


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def _one_scheduler(database: Database) -> Iterator[None]:
    """A lock on a PostgreSQL database as well: two data folders may name the same one. It dies with its connection."""
    if database.is_sqlite:
        yield
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SCHEDULER_LOCK})
        if not held:
            raise Conflict("Một máy chủ khác đang dùng cơ sở dữ liệu này. Hãy dừng nó trước.")
        yield


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # Raised inside serve(): cheroot's own loop ends, and the stack above closes everything in order.
        raise KeyboardInterrupt

    old: dict[signal.Signals, Any] = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        log.info("stopping")
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _welcome_first_administrator(database: Database, now: datetime) -> None:
    """Where nobody administers yet: an account whose password is shown once, here."""
    with database.writing() as session:
        password = first_administrator(session, now)
    if password is not None:
        click.echo(f"Tài khoản quản trị đầu tiên: {ADMINISTRATOR}, mật khẩu: {password} (chỉ hiện một lần)")


def first_administrator(session: Session, now: datetime) -> str | None:
    """The password of the account it made; None where somebody administers already."""
    today = clock.local_day(now)
    if session.scalar(
        select(Assignment.id)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.role == Role.ADMINISTRATOR.value, Person.deactivated_at.is_(None))
        .limit(1)
    ):
        return None
    if session.scalar(select(Unit.id).limit(1)) is None:
        session.add(Unit(code="GOC", name="Toàn hệ thống", kind="gốc", created_at=now))
        session.flush()
    password = random_password()
    person = session.scalar(select(Person).where(Person.login == ADMINISTRATOR))
    if person is None:
        person = Person(login=ADMINISTRATOR, name="Quản trị viên", created_at=now)
        session.add(person)
    person.set_password(password)
    tree = UnitTree.on(session, today)
    for root in tree.roots():
        assign(session, person, Role.ADMINISTRATOR, tree.units[root])
    return password
