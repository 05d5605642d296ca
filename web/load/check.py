"""Every name that a set-up file uses is in the file or in the database; every approver may approve."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin
from broadcast.errors import Invalid
from broadcast.person import Person, person_by_login
from broadcast.station import Station
from broadcast.unit import Unit, UnitParent
from web.load.meaning import check_policies, check_rules
from web.load.setup_file import BulletinTable, RuleTable, SetUpFile
from web.load.source import Source


def author_unit(session: Session, setup: SetUpFile, table: BulletinTable) -> str:
    person = next((person for person in setup.person if person.login.lower() == table.author.lower()), None)
    if person is not None and person.assignments:
        return person.assignments[0].unit
    known = person_by_login(session, table.author)
    if known is None or not known.assignments:
        raise Invalid(f"“{table.author}” chưa được phân công ở đơn vị nào; hãy ghi unit cho bản tin.", field="unit")
    return known.assignments[0].unit.code


class Check:
    """Every name that the file uses is in the file or in the database; every approver may approve."""

    def __init__(self, session: Session, setup: SetUpFile, source: Source) -> None:
        self.setup = setup
        self.source = source
        self.session = session
        self.units = {table.code for table in setup.unit} | set(session.scalars(select(Unit.code)))
        self.people = {table.login.lower() for table in setup.person} | set(session.scalars(select(Person.login)))
        self.stations = {table.code for table in setup.station} | set(session.scalars(select(Station.code)))
        self.bulletins = {table.code for table in setup.bulletin} | set(session.scalars(select(Bulletin.code)))

    def all(self) -> None:
        for name in ("unit", "station", "bulletin", "rule"):
            self._once(name, [table.code for table in getattr(self.setup, name)], "code")
        self._once("person", [table.login.lower() for table in self.setup.person], "login")
        self._units()
        for index, person in enumerate(self.setup.person):
            for assignment in person.assignments:
                self._known("person", index, "assignments", assignment.unit, self.units, "đơn vị")
        for index, station in enumerate(self.setup.station):
            self._known("station", index, "unit", station.unit, self.units, "đơn vị")
        for index, policy in enumerate(self.setup.policy):
            self._known("policy", index, "unit", policy.unit, self.units, "đơn vị")
        for index, bulletin in enumerate(self.setup.bulletin):
            self._bulletin(index, bulletin)
        for index, rule in enumerate(self.setup.rule):
            self._rule(index, rule)
        for index, obligation in enumerate(self.setup.obligation):
            self._known("obligation", index, "bulletin", obligation.bulletin, self.bulletins, "bản tin")
            for unit in obligation.units:
                self._known("obligation", index, "units", unit, self.units, "đơn vị")
        check_policies(self.setup, self.source)
        check_rules(self.session, self.setup, self.source)

    def _once(self, table: str, codes: list[str], name: str) -> None:
        for index, code in enumerate(codes):
            if code in codes[:index]:
                raise self.source.mistake(table, index, name, f"“{code}” đã có ở một bảng [[{table}]] phía trên")

    def _known(self, table: str, index: int, name: str, code: str, known: set[str], noun: str) -> None:
        if code not in known:
            raise self.source.mistake(
                table, index, name, f"không có {noun} nào mang mã “{code}” trong tệp này hoặc trong cơ sở dữ liệu"
            )

    def _units(self) -> None:
        parent_of = {table.code: table.parent for table in self.setup.unit}
        for index, unit in enumerate(self.setup.unit):
            if unit.parent is not None:
                self._known("unit", index, "parent", unit.parent, self.units, "đơn vị")
            at, seen = unit.parent, {unit.code}
            while at is not None:
                if at in seen:
                    raise self.source.mistake("unit", index, "parent", "các đơn vị cha nối thành vòng tròn")
                seen.add(at)
                at = parent_of.get(at)

    def _bulletin(self, index: int, bulletin: BulletinTable) -> None:
        if bulletin.unit is not None:
            self._known("bulletin", index, "unit", bulletin.unit, self.units, "đơn vị")
        self._known("bulletin", index, "author", bulletin.author.lower(), self.people, "người")
        with self.source.at("bulletin", index, "unit"):
            home = bulletin.unit or author_unit(self.session, self.setup, bulletin)
        if bulletin.approver is not None:
            self._known("bulletin", index, "approver", bulletin.approver.lower(), self.people, "người")
            if not self._may_approve(bulletin.approver.lower(), home):
                raise self.source.mistake(
                    "bulletin",
                    index,
                    "approver",
                    f"“{bulletin.approver}” không có vai trò approver đối với đơn vị {home}",
                )

    def _may_approve(self, login: str, unit: str) -> bool:
        table = next((person for person in self.setup.person if person.login.lower() == login), None)
        places = {a.unit for a in table.assignments if a.role == "approver"} if table else set()
        person = person_by_login(self.session, login)
        if person is not None:
            places |= {a.unit.code for a in person.assignments if a.role == "approver"}
        parent_of = dict(
            self.session.execute(
                select(Unit.code, UnitParent.parent_id).join(UnitParent, UnitParent.unit_id == Unit.id)
            ).all()
        )
        codes = dict(self.session.execute(select(Unit.id, Unit.code)).all())
        above = {code: codes[parent] for code, parent in parent_of.items()}
        above |= {entry.code: entry.parent for entry in self.setup.unit if entry.parent is not None}
        at: str | None = unit
        seen: set[str] = set()
        while at is not None and at not in seen:
            if at in places:
                return True
            seen.add(at)
            at = above.get(at)
        return False

    def _rule(self, index: int, rule: RuleTable) -> None:
        for code in [rule.bulletin] if rule.bulletin else rule.bulletins:
            self._known("rule", index, "bulletin" if rule.bulletin else "bulletins", code, self.bulletins, "bản tin")
        for code in rule.targets:
            self._known("rule", index, "targets", code, self.units | self.stations, "đơn vị hoặc trạm")
        if rule.unit is not None:
            self._known("rule", index, "unit", rule.unit, self.units, "đơn vị")


def foreign_units(session: Session, setup: SetUpFile) -> list[str]:
    """Units of the database that the file does not speak of: the demonstration refuses a database that has any."""
    own = {table.code for table in setup.unit}
    return [code for code in session.scalars(select(Unit.code).order_by(Unit.code)) if code not in own]
