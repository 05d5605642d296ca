"""A district with one daily series of its own, planned up to ten o'clock on Sunday, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask_login import login_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.store import AudioStore
from broadcast.airing import Airing, Refusal
from broadcast.bulletin import Bulletin
from broadcast.clock import VIETNAM
from broadcast.config import Settings
from broadcast.db import Database
from broadcast.person import Person
from broadcast.rule import Rule, RuleBulletin, RuleChange, RuleTarget
from broadcast.station import Station
from broadcast.unit import Unit
from tests.schedules.planned import replanned
from tests.web.conftest import Clock, sign_in
from tests.web.seed import NOW, SOUND, Handles, seed
from web import create_app
from web.services import Services
from web.shell.access import SignedIn, db_writing

SUNDAY = date(2026, 11, 22)
MONDAY, TUESDAY, WEDNESDAY = (SUNDAY + timedelta(days=later) for later in (1, 2, 3))


@dataclass
class Town:
    """The seeded district with a rule of its own, LP5, in both communes, planned up to ten o'clock on Sunday."""

    database: Database
    app: Flask
    handles: Handles
    clock: Clock

    def plan(self) -> None:
        with self.database.writing() as session:
            replanned(session, self.clock.at)

    @contextmanager
    def acting(self, login: str = "editor") -> Iterator[Session]:
        """A transaction of this person's request."""
        with self.app.test_request_context("/"):
            with self.database.reading() as session:
                person = session.get_one(Person, self.handles.people[login])
            login_user(SignedIn(person))
            with db_writing() as session:
                yield session

    def client(self, login: str = "editor") -> Any:
        return sign_in(self.app.test_client(), self.handles.people[login])

    def rows(self, *rules: str) -> dict[str, tuple[Any, ...]]:
        """Every column of the airings of these rules, by id."""
        columns = [column for column in Airing.__table__.columns if column.name != "id"]
        with self.database.reading() as session:
            found = session.execute(
                select(Airing.id, *columns).join(Rule, Rule.id == Airing.rule_id).where(Rule.code.in_(rules))
            ).all()
        return {row[0]: tuple(row[1:]) for row in found}

    def airs(self, station: str, since: date = SUNDAY, until: date = WEDNESDAY) -> list[str]:
        """`22/11 17:15 LP5`, what stands of LP5 and of those that go on from it."""
        with self.database.reading() as session:
            found = session.execute(
                select(Airing.starts_at, Airing.slot_key)
                .join(Rule, Rule.id == Airing.rule_id)
                .join(Station, Station.id == Airing.station_id)
                .where(Rule.code.not_in(["LP1", "LP9"]), Station.code == station, Airing.cancelled_at.is_(None))
                .where(Airing.local_date >= since, Airing.local_date <= until)
                .order_by(Airing.starts_at)
            ).all()
        return [f"{starts_at.astimezone(VIETNAM):%d/%m %H:%M}" for starts_at, _ in found]

    def asked(self, *rules: str) -> set[str]:
        """Ids of the slots from now on that are planned or refused."""
        with self.database.reading() as session:
            ids = select(Rule.id).where(Rule.code.in_(rules))
            planned = select(Airing.id).where(
                Airing.rule_id.in_(ids), Airing.cancelled_at.is_(None), Airing.starts_at >= self.clock.at
            )
            refused = select(Refusal.id).where(Refusal.rule_id.in_(ids), Refusal.asked_at >= self.clock.at)
            found = [*session.scalars(planned), *session.scalars(refused)]
        assert len(found) == len(set(found))
        return set(found)


def founded(database: Database, settings: Settings, clock: Clock) -> Town:
    handles = seed(database)
    services = Services(settings, database, now=lambda: clock.at)
    path = AudioStore(settings.audio_dir).path(SOUND)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"ID3")
    app = create_app(services)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with database.writing() as session:
        for rule in session.scalars(select(Rule)):
            rule.stopped_at = NOW - timedelta(days=1)
        session.add(_daily(session))
    made = Town(database, app, handles, clock)
    clock.at = NOW - timedelta(hours=6)  # four in the morning
    made.plan()
    clock.at = NOW
    made.plan()
    return made


def _daily(session: Session) -> Rule:
    unit = session.scalars(select(Unit).where(Unit.code == "H1")).one()
    bulletin = session.scalars(select(Bulletin).where(Bulletin.code == "BT1")).one()
    return Rule(
        code="LP5", name="Vệ sinh nguồn nước", unit_id=unit.id, times=["05:45", "17:15"], from_on=SUNDAY,
        except_on=["2026-11-24"], created_at=NOW - timedelta(days=20),
        bulletins=[RuleBulletin(bulletin_id=bulletin.id, position=0)], targets=[RuleTarget(unit_id=unit.id)],
        changes=[
            RuleChange(local_date=MONDAY, slot_key="05:45", is_skipped=True, changed_at=NOW),
            RuleChange(local_date=WEDNESDAY, slot_key="17:15", to_time="18:30", changed_at=NOW),
            RuleChange(
                local_date=WEDNESDAY, slot_key="05:45", is_skipped=True, changed_at=NOW,
                station=session.scalars(select(Station).where(Station.code == "S2")).one(),
            ),
        ],
    )  # fmt: skip


def rule_of(session: Session, code: str = "LP5") -> Rule:
    return session.scalars(select(Rule).where(Rule.code == code)).one()


def changes_of(town: Town, code: str = "LP5") -> list[tuple[Any, ...]]:
    """Day, slot, station and new time of each changed slot."""
    with town.database.reading() as session:
        return [
            (change.local_date.day, change.slot_key, change.station and change.station.code, change.to_time)
            for change in rule_of(session, code).changes
        ]
