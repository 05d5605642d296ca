"""Planning 170 stations × 14 days × 6 against a Core insert of the same rows into the same table, with its indexes.

Ours: units, stations, rules, bulletins and approvals are loaded, the plan is computed and written by `replan`, and
committed. The bare side inserts the very rows that came of it, ready as dictionaries, and commits.
"""

from __future__ import annotations

import gc
import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from bench.ratios import Ratios
from broadcast.airing import Airing
from broadcast.audio_asset import AudioAsset
from broadcast.bulletin import Bulletin
from broadcast.db import Database
from broadcast.deciding import approve, submit
from broadcast.migrations import upgrade
from broadcast.person import Person, Role, assign
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitParent
from broadcast.writing import revise
from schedules.replan import Planning, replan, station_batches

LIMIT = 3.0
PAIRS = 7
STATIONS, DAYS = 170, 14
TIMES = ("05:30", "06:30", "11:00", "16:45", "17:30", "19:00")
ROWS = STATIONS * DAYS * len(TIMES)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # the first minute of a day in Vietnam: none of it has passed


def measure(url: str, ground: str) -> Ratios:
    """The database at `url` must be empty."""
    database = Database(url)
    upgrade(database)
    with database.writing() as session:
        _district(session)
    pairs = []
    for _ in range(PAIRS + 1):
        _empty(database)
        ours_s = _ours(database)
        rows = _rows(database)
        assert len(rows) == ROWS
        _empty(database)
        pairs.append((ours_s, _bare(database, rows)))
    database.dispose()
    # the first pair fills caches on both sides
    return Ratios("planning", ground, tuple(pairs[1:]), LIMIT)


def _ours(database: Database) -> float:
    gc.collect()
    began = time.perf_counter()
    with database.reading() as session:
        planning = Planning(session, MIDNIGHT, ZONE, window_days=DAYS)
        batches = station_batches(session)
    for batch in batches:
        with database.writing() as session:
            replan(session, planning, batch)
    return time.perf_counter() - began


def _bare(database: Database, rows: list[dict[str, Any]]) -> float:
    gc.collect()
    began = time.perf_counter()
    with database.engine.begin() as connection:
        connection.execute(insert(_table()), rows)
    return time.perf_counter() - began


def _table() -> Table:
    table = Airing.__table__
    assert isinstance(table, Table)
    return table


def _rows(database: Database) -> list[dict[str, Any]]:
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(_table())).mappings()]


def _empty(database: Database) -> None:
    """Both sides begin with an empty table and, on PostgreSQL, without the dead rows of the side before."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.execute(delete(_table()))
        else:
            connection.exec_driver_sql("TRUNCATE airing CASCADE")


def _district(session: Session) -> None:
    """Ten communes of seventeen stations; six bulletins, each with a rule of its own time; a curfew at night."""
    author, approver = (
        Person(login=login, name=name, created_at=MIDNIGHT) for login, name in (("soan", "Soạn"), ("duyet", "Duyệt"))
    )
    top = Unit(code="H", name="Huyện", kind="huyện", created_at=MIDNIGHT)
    session.add_all([author, approver, top])
    session.flush()
    assign(session, author, Role.EDITOR, top)
    assign(session, approver, Role.APPROVER, top)
    session.add(Policy(unit_id=top.id, curfew=["22:00", "05:00"], created_at=MIDNIGHT))
    for number in range(STATIONS):
        if number % 17 == 0:
            commune = Unit(code=f"X{number}", name=f"Xã {number}", kind="xã", created_at=MIDNIGHT)
            commune.parents.append(UnitParent(parent=top))
            session.add(commune)
            session.flush()
        station = Station(code=f"S{number}", name=f"Trạm {number}", created_at=MIDNIGHT)
        station.units.append(StationUnit(unit_id=commune.id))
        session.add(station)
    for number, wall_time in enumerate(TIMES):
        bulletin = _approved(session, f"B{number}", top, author, approver)
        rule = Rule(code=f"R{number}", unit_id=top.id, times=[wall_time], created_at=MIDNIGHT)
        rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=0))
        rule.targets.append(RuleTarget(unit_id=top.id))
        session.add(rule)
    session.flush()


def _approved(session: Session, code: str, unit: Unit, author: Person, approver: Person) -> Bulletin:
    bulletin = Bulletin(
        code=code,
        unit_id=unit.id,
        title=code,
        bulletin_class="normal",
        created_at=MIDNIGHT,
        created_by_id=author.id,
    )
    sound = AudioAsset(
        sha256=f"{code:0>64}".replace("B", "b"),
        bytes=1000,
        duration_ms=90_000,
        lufs=-16.0,
        true_peak_db=-2.0,
        media_type="audio/mpeg",
        voice="tone",
        created_at=MIDNIGHT,
    )
    session.add_all([bulletin, sound])
    session.flush()
    revise(session, bulletin, author, MIDNIGHT, title=code, script="Kính thưa bà con.")
    rendering = bulletin.latest.renderings[-1]
    rendering.state, rendering.audio, rendering.finished_at = "ready", sound, MIDNIGHT
    session.flush()
    submit(session, bulletin, author, MIDNIGHT)
    approve(
        session,
        bulletin,
        approver,
        MIDNIGHT,
        revision_number=bulletin.latest.number,
        audio_sha256=sound.sha256,
    )
    return bulletin
