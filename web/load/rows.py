"""Writes what a set-up file says and the database does not, in one transaction of the caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.orders import SaidSound, keep_asset
from audio.value_changes import follow, words_of
from broadcast.audit_event import Actor, record
from broadcast.bulletin import Bulletin, Revision, State
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Base
from broadcast.deciding import approve, approve_added
from broadcast.inviting import invite
from broadcast.person import Invitation, Person, Role, assign, person_by_login
from broadcast.policy import Policy
from broadcast.rule import Obligation, Rule, RuleBulletin, RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.tally import plan_is_stale
from broadcast.unit import Unit, UnitParent
from broadcast.writing import order_again, revise
from web.load.check import author_unit
from web.load.made import Sounds, arrangement_of
from web.load.setup_file import (
    BulletinTable,
    ObligationTable,
    PersonTable,
    PolicyTable,
    RuleTable,
    SetUpFile,
    StationTable,
    UnitTable,
)
from web.load.source import Source

LOADER = Actor("broadcast load")


@dataclass
class Loaded:
    """What a load did, for the one who typed the command."""

    added: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    invitations: list[tuple[str, str]] = field(default_factory=list)
    """(login, single-use token) for accounts without a password."""

    def note(self, book: dict[str, list[str]], noun: str, code: str) -> None:
        names = book.setdefault(noun, [])
        if code not in names:
            names.append(code)

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed)


class Rows:
    """Writes what differs from what is there, in one transaction of the caller."""

    def __init__(
        self,
        session: Session,
        setup: SetUpFile,
        source: Source,
        now: datetime,
        settings: Settings,
        sounds: Sounds,
        passwords: dict[str, str],
    ) -> None:
        self.session = session
        self.setup = setup
        self.source = source
        self.now = now
        self.today = local_day(now, settings.zone)
        self.settings = settings
        self.sounds = sounds
        self.passwords = passwords
        self.loaded = Loaded()

    def all(self) -> None:
        before = words_of(self.session, list(self.session.scalars(select(Unit.id))), self.now)
        self.places()
        for index, person in enumerate(self.setup.person):
            with self.source.at("person", index):
                self._person(person)
        for policy in self.setup.policy:
            self._policy(policy)
        for index, bulletin in enumerate(self.setup.bulletin):
            with self.source.at("bulletin", index):
                self._bulletin(bulletin)
        for rule in self.setup.rule:
            self._rule(rule)
        for obligation in self.setup.obligation:
            self._obligation(obligation)
        if not self.loaded.nothing:
            follow(self.session, self.settings, before, self.now, by_id=None)
            plan_is_stale(self.session)
            record(
                self.session, LOADER, "load", "set-up", "-", "tệp thiết lập", now=self.now,
                detail={"added": self.loaded.added, "changed": self.loaded.changed},
            )  # fmt: skip

    def places(self) -> None:
        """Units and stations: who will speak, and where it will be heard."""
        for index, unit in enumerate(self.setup.unit):
            with self.source.at("unit", index):
                self._unit(unit)
        for unit in self.setup.unit:
            self._parent(unit)
        for station in self.setup.station:
            self._station(station)

    def _note(self, noun: str, code: str, *, added: bool) -> None:
        self.loaded.note(self.loaded.added if added else self.loaded.changed, noun, code)

    def _set(self, row: Base, noun: str, code: str, **values: Any) -> bool:
        """Sets what differs; True where anything did."""
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            self._note(noun, code, added=False)
        return bool(different)

    def _by_code(self, noun: type[Any], code: str) -> Any:
        return self.session.scalar(select(noun).where(noun.code == code))

    def _unit(self, table: UnitTable) -> None:
        values = {
            "name": table.name,
            "kind": table.kind,
            "valid_from": table.valid_from,
            "valid_until": table.valid_until,
            "variables": dict(table.variables),
        }
        unit = self._by_code(Unit, table.code)
        if unit is None:
            self.session.add(Unit(code=table.code, created_at=self.now, **values))
            self.session.flush()
            self._note("unit", table.code, added=True)
        else:
            self._set(unit, "unit", table.code, **values)

    def _parent(self, table: UnitTable) -> None:
        unit = self._by_code(Unit, table.code)
        parent = self._by_code(Unit, table.parent) if table.parent else None
        current = next((link for link in unit.parents if link.holds_on(self.today)), None)
        if (current.parent_id if current else None) == (parent.id if parent else None):
            return
        if current is not None:
            self._end(current)
            self._note("unit", table.code, added=False)
        if parent is not None:
            from_on = self.today if current is not None else None
            unit.parents.append(UnitParent(parent_id=parent.id, from_on=from_on))
        self.session.flush()

    def _end(self, link: Any) -> None:
        """The past stays as it was: the link ends yesterday; one that began today or later never held."""
        yesterday = self.today - timedelta(days=1)
        if link.from_on is not None and link.from_on > yesterday:
            self.session.delete(link)
        else:
            link.until_on = yesterday
        self.session.flush()

    def _person(self, table: PersonTable) -> None:
        person = person_by_login(self.session, table.login)
        if person is None:
            person = Person(login=table.login.lower(), name=table.name, created_at=self.now)
            self.session.add(person)
            self.session.flush()
            self._note("person", table.login, added=True)
        else:
            self._set(person, "person", table.login, name=table.name)
        held = {(a.role, a.unit.code, a.from_on, a.until_on) for a in person.assignments}
        for entry in table.assignments:
            if (entry.role, entry.unit, entry.from_on, entry.until_on) not in held:
                assign(
                    self.session, person, Role(entry.role), self._by_code(Unit, entry.unit),
                    entry.from_on, entry.until_on,
                )  # fmt: skip
                if table.login not in self.loaded.added.get("person", ()):
                    self._note("person", table.login, added=False)
        password = table.password or self.passwords.get(table.login)
        if person.password_hash is None:
            if password is not None:
                person.set_password(password)
            elif not self._has_open_invitation(person):
                self.loaded.invitations.append((person.login, invite(self.session, person, self.now)))
        elif table.login in self.passwords:
            person.set_password(self.passwords[table.login])

    def _has_open_invitation(self, person: Person) -> bool:
        return bool(
            self.session.scalar(
                select(Invitation.id).where(
                    Invitation.person_id == person.id, Invitation.used_at.is_(None), Invitation.expires_at > self.now
                )
            )
        )

    def _station(self, table: StationTable) -> None:
        station = self._by_code(Station, table.code)
        unit = self._by_code(Unit, table.unit)
        if station is None:
            station = Station(code=table.code, name=table.name, volume=table.volume, created_at=self.now)
            station.units.append(StationUnit(unit_id=unit.id))
            self.session.add(station)
            self.session.flush()
            self._note("station", table.code, added=True)
            return
        self._set(station, "station", table.code, name=table.name, volume=table.volume)
        current = next((link for link in station.units if link.holds_on(self.today)), None)
        if current is None or current.unit_id != unit.id:
            if current is not None:
                self._end(current)
            station.units.append(StationUnit(unit_id=unit.id, from_on=self.today))
            self._note("station", table.code, added=False)
        self.session.flush()

    def _policy(self, table: PolicyTable) -> None:
        unit = self._by_code(Unit, table.unit)
        values = {
            "curfew": table.curfew,
            "sessions": (
                [{"name": s.name, "from": s.from_time, "until": s.until_time} for s in table.sessions]
                if table.sessions is not None
                else None
            ),
            "longest_session_minutes": table.longest_session_minutes,
            "sessions_a_day": table.sessions_a_day,
            "days": table.days,
            "same_text_a_day": table.same_text_a_day,
            "source": table.source,
        }
        held = list(self.session.scalars(select(Policy).where(Policy.unit_id == unit.id).order_by(Policy.id)))
        ends = (table.from_on, table.until_on)
        if any(
            all(getattr(policy, name) == value for name, value in values.items())
            and policy.until_on == table.until_on
            and (policy.from_on == table.from_on or table.from_on is None)
            for policy in held
        ):
            return
        old = next((policy for policy in reversed(held) if (policy.from_on, policy.until_on) == ends), None)
        from_on = table.from_on
        if old is None and table.from_on is None:
            old = next((policy for policy in reversed(held) if policy.until_on == table.until_on), None)
        if old is not None:
            self._end(old)
            # What held until yesterday stays on record; the change acts from today on.
            from_on = max(from_on, self.today) if from_on is not None else self.today
        self.session.add(
            Policy(unit_id=unit.id, from_on=from_on, until_on=table.until_on, created_at=self.now, **values)
        )
        self.session.flush()
        self._note("policy", table.unit, added=old is None)

    def _bulletin(self, table: BulletinTable) -> None:
        author = person_by_login(self.session, table.author)
        assert author is not None  # checked
        unit = self._by_code(Unit, table.unit or author_unit(self.session, self.setup, table))
        values = {
            "unit_id": unit.id,
            "bulletin_class": table.bulletin_class,
            "field": table.field,
            "source": table.source,
            "valid_from": table.valid_from,
            "valid_until": table.valid_until,
        }
        bulletin = self._by_code(Bulletin, table.code)
        if bulletin is None:
            bulletin = Bulletin(
                code=table.code, title=table.title, created_at=self.now, created_by_id=author.id, **values
            )
            self.session.add(bulletin)
            self.session.flush()
            self._note("bulletin", table.code, added=True)
        else:
            self._set(bulletin, "bulletin", table.code, **values)
        before = bulletin.revisions[-1].number if bulletin.revisions else 0
        revision = self._revision(bulletin, author, table)
        if before and revision.number != before:
            self._note("bulletin", table.code, added=False)
        if table.approver is not None:
            self._approve(bulletin, revision, table)

    def _revision(self, bulletin: Bulletin, author: Person, table: BulletinTable) -> Revision:
        made = self.sounds.of(table.code)
        for said in made.values():
            keep_asset(self.session, said.sound, self.now)
        return revise(
            self.session,
            bulletin,
            author,
            self.now,
            title=table.title,
            script=(table.script or ""),
            content="text" if table.script is not None else "recording" if table.sound is not None else "relay",
            read_as_is=table.read_as_is,
            recording_sha256=made[None].sound.sha256 if table.sound is not None else None,
            arrangement=arrangement_of(table, bulletin.latest if bulletin.revisions else None),
            relay_url=table.relay.url if table.relay else None,
            relay_minutes=table.relay.minutes if table.relay else None,
            again=table.code in self.sounds.again,
        )

    def _approve(self, bulletin: Bulletin, revision: Revision, table: BulletinTable) -> None:
        """The first time with all its sounds; later those of units that got their first station since."""
        made = self.sounds.of(table.code) if table.script is not None else {}
        if revision.approvals and not made:
            return
        approver = person_by_login(self.session, table.approver or "")
        assert approver is not None  # checked
        self._take_in(revision, made)
        number, key = revision.number, revision.sound_key
        if revision.approvals:
            if revision.unapproved_sounds:
                approve_added(
                    self.session, bulletin, approver, self.now, revision_number=number, sound_key=key or "", via="load"
                )
        else:
            if revision.state != State.SUBMITTED:
                revision.move(State.SUBMITTED)
                revision.submitted_at, revision.submitted_by_id = self.now, revision.author_id
            approve(self.session, bulletin, approver, self.now, revision_number=number, audio_sha256=key, via="load")
        if table.code not in self.loaded.added.get("bulletin", ()):
            self._note("bulletin", table.code, added=False)

    def _take_in(self, revision: Revision, made: dict[str | None, SaidSound]) -> None:
        """The orders of these units are worked already."""
        units = {code: self._by_code(Unit, code).id if code is not None else None for code in made}
        waiting = {each.unit_id: each for each in revision.newest_renderings if each.state == "wanted"}
        lacking = [unit for unit in units.values() if unit not in waiting]
        waiting |= {each.unit_id: each for each in order_again(self.session, revision, lacking, self.now)}
        for code, said in made.items():
            rendering = waiting[units[code]]
            rendering.state, rendering.audio_sha256, rendering.finished_at = "ready", said.sound.sha256, self.now
            rendering.said = said.said
            rendering.sentences_done = rendering.sentences_total = len(said.sound.sentence_voices)
            self.session.flush()
            self.session.refresh(rendering)

    def _rule(self, table: RuleTable) -> None:
        bulletins = [
            self._by_code(Bulletin, code) for code in ([table.bulletin] if table.bulletin else table.bulletins)
        ]
        unit = self._by_code(Unit, table.unit) if table.unit else bulletins[0].unit
        values = {
            "unit_id": unit.id,
            "name": table.name,
            "weekdays": table.days if isinstance(table.days, list) else None,
            "dates": [day.isoformat() for day in table.dates] if table.dates is not None else None,
            "times": table.times,
            "sessions": table.sessions,
            "every_minutes": table.every_minutes,
            "between": table.between,
            "from_on": table.from_on,
            "until_on": table.until_on,
            "repeats": table.repeats,
            "gap_seconds": table.gap_seconds,
            "on_collision": table.on_collision,
            "except_on": [day.isoformat() for day in table.except_on],
            "source": table.source,
        }
        rule = self._by_code(Rule, table.code)
        if rule is None:
            rule = Rule(code=table.code, created_at=self.now, **values)
            self.session.add(rule)
            self._note("rule", table.code, added=True)
            changed = False
        else:
            changed = self._set(rule, "rule", table.code, **values)
        changed |= self._links(rule, table, bulletins)
        if changed:
            rule.version += 1
            rule.updated_at = self.now
        self.session.flush()

    def _links(self, rule: Rule, table: RuleTable, bulletins: list[Bulletin]) -> bool:
        """What it airs and where; True where an existing rule had others."""
        known = rule.id is not None
        different = False
        if [link.bulletin_id for link in rule.bulletins] != [bulletin.id for bulletin in bulletins]:
            rule.bulletins = [
                RuleBulletin(bulletin_id=bulletin.id, position=place) for place, bulletin in enumerate(bulletins)
            ]
            different = known
        wanted: list[tuple[int | None, int | None]] = []
        for code in table.targets:
            unit = self._by_code(Unit, code)
            wanted.append((unit.id, None) if unit is not None else (None, self._by_code(Station, code).id))
        if [(target.unit_id, target.station_id) for target in rule.targets] != wanted:
            rule.targets = [RuleTarget(unit_id=unit_id, station_id=station_id) for unit_id, station_id in wanted]
            different = known
        if different:
            self._note("rule", table.code, added=False)
        return different

    def _obligation(self, table: ObligationTable) -> None:
        bulletin = self._by_code(Bulletin, table.bulletin)
        values: dict[str, Any] = {"at_least": table.at_least, "per": table.per, "until_on": table.until_on}
        row = self.session.scalar(
            select(Obligation).where(Obligation.bulletin_id == bulletin.id, Obligation.from_on == table.from_on)
        )
        if row is None:
            self.session.add(
                Obligation(
                    bulletin_id=bulletin.id, unit_codes=table.units, from_on=table.from_on, source=table.source,
                    created_at=self.now, **values,
                )
            )  # fmt: skip
            self._note("obligation", table.bulletin, added=True)
        else:
            self._set(row, "obligation", table.bulletin, unit_codes=table.units, source=table.source, **values)
