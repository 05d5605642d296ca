"""A script with variables in the seeded district, with sounds as if they had been rendered."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from broadcast.audio_asset import Rendering
from broadcast.bulletin import Bulletin
from broadcast.catching_up import order_for_newcomers
from broadcast.db import Database
from broadcast.deciding import approve, submit
from broadcast.person import Person
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitParent
from broadcast.writing import revise
from tests.district import asset_of
from tests.web.bulletin_parts import of
from tests.web.seed import NOW, Handles

SCRIPT = "Mời bà con {xã} gọi số {điện thoại}. Xin cảm ơn."


def sha_of(code: str, unit: int | None) -> str:
    return hashlib.sha256(f"{code}/{unit}".encode()).hexdigest()


def make_sounds(session, code: str) -> None:
    """Works every order of the newest revision that still waits."""
    revision = of(session, code).latest
    for rendering in revision.renderings:
        if rendering.state == "wanted":
            make(session, rendering, sha_of(code, rendering.unit_id))


def make(session, rendering: Rendering, sha256: str) -> None:
    asset_of(session, sha256, NOW, duration_ms=20_000)
    rendering.state, rendering.audio_sha256, rendering.finished_at = "ready", sha256, NOW
    name = rendering.unit.name if rendering.unit is not None else "mọi người"
    rendering.said = [f"Đây là đài của {name}.", "Xin cảm ơn."]
    session.flush()
    session.refresh(rendering)


def with_variables(database: Database, district: Handles, state: str = "submitted", code: str = "BV") -> None:
    """A bulletin of H1 for X1 and X2: `draft`, `submitted` or `approved`."""
    with database.writing() as session:
        writer = session.get_one(Person, district.people["editor"])
        for unit, number in (("H1", "0276 3 100 100"), ("X2", "0276 3 200 200")):
            session.get_one(Unit, district.units[unit]).variables = {"điện thoại": number}
        bulletin = Bulletin(
            code=code, unit_id=district.units["H1"], title="Mời gọi số của xã", created_at=NOW, created_by_id=writer.id
        )
        session.add(bulletin)
        session.flush()
        revise(session, bulletin, writer, NOW, title=bulletin.title, script=SCRIPT)
        make_sounds(session, code)
        if state != "draft":
            submit(session, bulletin, writer, NOW)
        if state == "approved":
            approver = session.get_one(Person, district.people["approver"])
            key = bulletin.latest.sound_key
            approve(session, bulletin, approver, NOW, revision_number=1, audio_sha256=key)


def newcomer(database: Database, district: Handles, *, made: bool = True) -> int:
    """A third commune X3 with its first station, and its sounds; the unit's id."""
    with database.writing() as session:
        unit = Unit(code="X3", name="Xã Cát Lộc", kind="xã", created_at=NOW)
        session.add(unit)
        session.add(UnitParent(unit=unit, parent_id=district.units["H1"]))
        station = Station(code="S3", name="Trạm Cát Lộc", created_at=NOW)
        station.units.append(StationUnit(unit=unit))
        session.add(station)
        session.flush()
        for rendering in order_for_newcomers(session, NOW):
            if made:
                bulletin = session.scalars(
                    select(Bulletin).where(Bulletin.revisions.any(id=rendering.revision_id))
                ).one()
                make(session, rendering, sha_of(bulletin.code, unit.id))
        return unit.id
