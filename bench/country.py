"""A country to plan: provinces of about 170 communes, a station in each commune, six airings a day on every station.

`ALIKE`: all six rules are the country's. `OWN`: two are the country's, three the province's and one the commune's own,
each with a bulletin of its own, so that no two stations are in the same situation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast.airing import Airing
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.bulletin import Approval, Bulletin, Revision
from broadcast.db import Base, Database
from broadcast.migrations import upgrade
from broadcast.person import Person
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitParent

Situation = Literal["alike", "own"]

AIRING = cast(Table, Airing.__table__)
PROVINCE = 170
"""Communes of a province."""
DAYS = 14
TIMES = ("05:30", "06:30", "11:00", "16:45", "17:30", "19:00")
ROWS_A_STATION = DAYS * len(TIMES)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # the first minute of a day in Vietnam: none of it has passed
_SESSIONS = (("sáng", "05:00", "07:30"), ("trưa", "10:30", "11:30"), ("chiều", "16:30", "20:00"))
_COUNTRY, _PROVINCES, _COMMUNES = "Q", "T", "X"


def build(database: Database, audio_dir: Path, stations: int, situation: Situation) -> None:
    """Fills an empty database, and `audio_dir` with a file for each approved sound."""
    upgrade(database)
    with database.writing() as session:
        units = _units(session, stations)
        _policies(session, units)
        _stations(session, units)
        sha256s = _rules(session, units, situation)
    store = AudioStore(audio_dir)
    for sha256 in sha256s:
        path = store.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def empty(database: Database) -> None:
    """Takes all airings out: on PostgreSQL without leaving dead rows behind."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.execute(delete(AIRING))
        else:
            connection.exec_driver_sql("TRUNCATE airing CASCADE")


def provinces(stations: int) -> int:
    return -(-stations // PROVINCE)


def _units(session: Session, stations: int) -> dict[str, int]:
    """Code → id: `Q`, `T0` …, `X0` …"""
    codes = [_COUNTRY, *(f"T{n}" for n in range(provinces(stations))), *(f"X{n}" for n in range(stations))]
    kinds = {_COUNTRY: "quốc gia", _PROVINCES: "tỉnh", _COMMUNES: "xã"}
    _add(
        session, Unit, [{"code": code, "name": code, "kind": kinds[code[0]], "created_at": MIDNIGHT} for code in codes]
    )
    ids = dict(session.execute(select(Unit.code, Unit.id)).all())
    above = {code: _COUNTRY if code[0] == _PROVINCES else f"T{int(code[1:]) // PROVINCE}" for code in codes[1:]}
    _add(
        session,
        UnitParent,
        [{"unit_id": ids[code], "parent_id": ids[parent]} for code, parent in above.items()],
    )
    return ids


def _policies(session: Session, units: dict[str, int]) -> None:
    """A curfew for the country; sessions for each province, from a document of its own."""
    sessions = [{"name": name, "from": begins, "until": ends} for name, begins, ends in _SESSIONS]
    _add(session, Policy, [{"unit_id": units[_COUNTRY], "curfew": ["22:00", "05:00"], "created_at": MIDNIGHT}])
    _add(
        session,
        Policy,
        [
            {"unit_id": number, "sessions": sessions, "source": f"QĐ của {code}", "created_at": MIDNIGHT}
            for code, number in units.items()
            if code[0] == _PROVINCES
        ],
    )


def _stations(session: Session, units: dict[str, int]) -> None:
    communes = [(code, number) for code, number in units.items() if code[0] == _COMMUNES]
    _add(session, Station, [{"code": f"S{c[1:]}", "name": f"Trạm {c}", "created_at": MIDNIGHT} for c, _ in communes])
    ids = dict(session.execute(select(Station.code, Station.id)).all())
    _add(session, StationUnit, [{"station_id": ids[f"S{code[1:]}"], "unit_id": unit} for code, unit in communes])


def _rules(session: Session, units: dict[str, int], situation: Situation) -> list[str]:
    """A rule with its bulletin for each time and each unit that sets it. Returns the sounds' hashes."""
    setters = {
        "alike": (_COUNTRY,) * 6,
        "own": (_COUNTRY, _PROVINCES, _COMMUNES, _PROVINCES, _COUNTRY, _PROVINCES),
    }[situation]
    asked = [
        (f"{code}-{wall_time}", unit, wall_time)
        for wall_time, setter in zip(TIMES, setters, strict=True)
        for code, unit in units.items()
        if code[0] == setter
    ]
    bulletins = _approved(session, [(code, unit) for code, unit, _ in asked])
    _add(
        session,
        Rule,
        [{"code": code, "unit_id": unit, "times": [wall], "created_at": MIDNIGHT} for code, unit, wall in asked],
    )
    rules = dict(session.execute(select(Rule.code, Rule.id)).all())
    _add(
        session,
        RuleBulletin,
        [{"rule_id": rules[code], "bulletin_id": bulletins[code], "position": 0} for code, *_ in asked],
    )
    _add(session, RuleTarget, [{"rule_id": rules[code], "unit_id": unit} for code, unit, _ in asked])
    return [_sha256(code) for code, *_ in asked]


def _sha256(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _approved(session: Session, wanted: list[tuple[str, int]]) -> dict[str, int]:
    """Bulletins with one approved revision and its sound of 90 seconds each, as (code, unit); code → id."""
    author, approver = (Person(login=each, name=each, created_at=MIDNIGHT) for each in ("soan", "duyet"))
    session.add_all([author, approver])
    session.flush()
    by, made = {"created_by_id": author.id, "created_at": MIDNIGHT}, {"created_at": MIDNIGHT}
    _add(session, Bulletin, [{"code": code, "unit_id": unit, "title": "Tin", **by} for code, unit in wanted])
    ids = dict(session.execute(select(Bulletin.code, Bulletin.id)).all())
    code_of = {number: code for code, number in ids.items()}
    text = {"title": "Tin", "content": "text", "script": "Kính thưa bà con.", "state": "approved", **made}
    _add(
        session,
        Revision,
        [{"bulletin_id": ids[code], "number": 1, "author_id": author.id, **text} for code, _ in wanted],
    )
    rows = session.execute(select(Revision.id, Revision.bulletin_id)).all()
    sha256_of = {revision: _sha256(code_of[bulletin]) for revision, bulletin in rows}
    text_sha256 = session.get_one(Revision, rows[0].id).text_sha256  # the same words, so the same hash
    sound = {"bytes": 1000, "duration_ms": 90_000, "lufs": -16.0, "true_peak_db": -2.0, **made}
    kind = {"media_type": "audio/mpeg", "voice": "tone"}
    _add(session, AudioAsset, [{"sha256": sha256, **sound, **kind} for sha256 in sha256_of.values()])
    decided = {"approved_by_id": approver.id, "approved_by_name": approver.name, "approved_at": MIDNIGHT}
    _add(
        session,
        Approval,
        [
            {"revision_id": revision, "text_sha256": text_sha256, "audio_sha256": sha256, **decided}
            for revision, sha256 in sha256_of.items()
        ],
    )
    approvals = session.execute(select(Approval.revision_id, Approval.id)).all()
    _add(
        session,
        Rendering,
        [
            {"revision_id": revision, "state": "ready", "audio_sha256": sha256_of[revision], "approval_id": approval}
            | {"due_at": MIDNIGHT, "finished_at": MIDNIGHT}
            for revision, approval in approvals
        ],
    )
    return ids


def _add(session: Session, noun: type[Base], rows: list[dict[str, Any]]) -> None:
    for some in _pieces(rows, 1000):
        session.execute(insert(noun), some)


def _pieces(rows: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
