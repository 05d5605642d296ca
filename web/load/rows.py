"""Writes what a set-up file says and the database does not, in one transaction of the caller."""

from __future__ import annotations

from sqlalchemy import select

from audio.value_changes import follow, words_of
from broadcast.audit_event import record
from broadcast.inviting import invite
from broadcast.person import Invitation, Person, Role, assign, person_by_login
from broadcast.policy import Policy
from broadcast.station import Station, StationUnit
from broadcast.tally import plan_is_stale
from broadcast.unit import Unit, UnitParent
from web.load.bulletin_rows import write_bulletin
from web.load.rule_rows import write_obligation, write_rule
from web.load.setup_file import PersonTable, PolicyTable, StationTable, UnitTable
from web.load.writing import LOADER, Writing


class Rows(Writing):
    """Writes what differs from what is there, in one transaction of the caller."""

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
                write_bulletin(self, bulletin)
        for rule in self.setup.rule:
            write_rule(self, rule)
        for obligation in self.setup.obligation:
            write_obligation(self, obligation)
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

    def _unit(self, table: UnitTable) -> None:
        values = {
            "name": table.name,
            "kind": table.kind,
            "valid_from": table.valid_from,
            "valid_until": table.valid_until,
            "variables": dict(table.variables),
        }
        unit = self.by_code(Unit, table.code)
        if unit is None:
            self.session.add(Unit(code=table.code, created_at=self.now, **values))
            self.session.flush()
            self.note("unit", table.code, added=True)
        else:
            self.set(unit, "unit", table.code, **values)

    def _parent(self, table: UnitTable) -> None:
        unit = self.by_code(Unit, table.code)
        parent = self.by_code(Unit, table.parent) if table.parent else None
        current = next((link for link in unit.parents if link.holds_on(self.today)), None)
        if (current.parent_id if current else None) == (parent.id if parent else None):
            return
        if current is not None:
            self.end(current)
            self.note("unit", table.code, added=False)
        if parent is not None:
            from_on = self.today if current is not None else None
            unit.parents.append(UnitParent(parent_id=parent.id, from_on=from_on))
        self.session.flush()

    def _person(self, table: PersonTable) -> None:
        person = person_by_login(self.session, table.login)
        if person is None:
            person = Person(login=table.login.lower(), name=table.name, created_at=self.now)
            self.session.add(person)
            self.session.flush()
            self.note("person", table.login, added=True)
        else:
            self.set(person, "person", table.login, name=table.name)
        held = {(a.role, a.unit.code, a.from_on, a.until_on) for a in person.assignments}
        for entry in table.assignments:
            if (entry.role, entry.unit, entry.from_on, entry.until_on) not in held:
                assign(
                    self.session, person, Role(entry.role), self.by_code(Unit, entry.unit),
                    entry.from_on, entry.until_on,
                )  # fmt: skip
                if table.login not in self.loaded.added.get("person", ()):
                    self.note("person", table.login, added=False)
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
        station = self.by_code(Station, table.code)
        unit = self.by_code(Unit, table.unit)
        if station is None:
            station = Station(code=table.code, name=table.name, volume=table.volume, created_at=self.now)
            station.units.append(StationUnit(unit_id=unit.id))
            self.session.add(station)
            self.session.flush()
            self.note("station", table.code, added=True)
            return
        self.set(station, "station", table.code, name=table.name, volume=table.volume)
        current = next((link for link in station.units if link.holds_on(self.today)), None)
        if current is None or current.unit_id != unit.id:
            if current is not None:
                self.end(current)
            station.units.append(StationUnit(unit_id=unit.id, from_on=self.today))
            self.note("station", table.code, added=False)
        self.session.flush()

    def _policy(self, table: PolicyTable) -> None:
        unit = self.by_code(Unit, table.unit)
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
            "no_repeat_before": table.no_repeat_before,
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
            self.end(old)
            # What held until yesterday stays on record; the change acts from today on.
            from_on = max(from_on, self.today) if from_on is not None else self.today
        self.session.add(
            Policy(unit_id=unit.id, from_on=from_on, until_on=table.until_on, created_at=self.now, **values)
        )
        self.session.flush()
        self.note("policy", table.unit, added=old is None)
