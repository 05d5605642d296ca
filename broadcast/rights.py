"""Role × act, inside the subtree of an assignment, on its dates (DESIGN §5.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from broadcast.errors import Forbidden
from broadcast.person import Assignment, Person, Role
from broadcast.unit import UnitTree


class Act(StrEnum):
    READ = "read"
    WRITE = "write"  # bulletins and rules
    DECIDE = "decide"  # approve, send back, withdraw, start an emergency
    STOP_EMERGENCY = "stop_emergency"
    TEND_STATION = "tend_station"  # volume, enrolment code
    ADMINISTER = "administer"  # stations, policies, units, people
    OBLIGE = "oblige"  # obligations, duties
    FREEZE_REPORT = "freeze_report"


_SUBTREE: dict[Act, frozenset[Role]] = {
    Act.READ: frozenset(Role),
    Act.WRITE: frozenset({Role.EDITOR, Role.APPROVER}),
    Act.DECIDE: frozenset({Role.APPROVER}),
    Act.STOP_EMERGENCY: frozenset({Role.APPROVER, Role.ADMINISTRATOR}),
    Act.TEND_STATION: frozenset({Role.ADMINISTRATOR}),
    Act.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
    Act.OBLIGE: frozenset({Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR}),
    Act.FREEZE_REPORT: frozenset({Role.APPROVER}),
}
_OWN_UNIT: dict[Act, frozenset[Role]] = {
    Act.WRITE: frozenset({Role.OPERATOR}),
    Act.STOP_EMERGENCY: frozenset({Role.OPERATOR}),
    Act.TEND_STATION: frozenset({Role.OPERATOR}),
}


@dataclass(frozen=True)
class Rights:
    """What one person may do on one day. Made once a request."""

    tree: UnitTree
    held: tuple[tuple[Role, int], ...]
    """(role, unit id) of every assignment that holds on the day."""

    @classmethod
    def of(cls, session: Session, person: Person, day: date) -> Rights:
        if person.deactivated_at is not None:
            return cls(UnitTree.on(session, day), ())
        rows = session.execute(
            select(Assignment.role, Assignment.unit_id)
            .where(Assignment.person_id == person.id, Assignment.holding_on(day))
            .order_by(Assignment.id)
        )
        return cls(UnitTree.on(session, day), tuple((Role(role), unit) for role, unit in rows))

    def units(self, act: Act) -> set[int]:
        """Every unit on which the person may do `act`."""
        whole = [unit for role, unit in self.held if role in _SUBTREE[act]]
        own = {unit for role, unit in self.held if role in _OWN_UNIT.get(act, ())}
        return self.tree.below(whole) | own

    def may(self, act: Act, unit_id: int) -> bool:
        return unit_id in self.units(act)

    def may_anywhere(self, act: Act) -> bool:
        return bool(self.units(act))

    def require(self, act: Act, unit_id: int) -> None:
        """Raises Forbidden with the sentence the person reads."""
        if not self.may(act, unit_id):
            raise Forbidden("Tài khoản của bạn không có quyền làm việc này ở đơn vị đó.")

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(dict.fromkeys(role for role, _ in self.held))

    def home_units(self) -> list[int]:
        """The units of the assignments themselves, topmost first."""
        units: Iterable[int] = dict.fromkeys(unit for _, unit in self.held)
        return sorted(units, key=lambda unit: len(self.tree.path(unit)))


def approves_on(day: date) -> ColumnElement[bool]:
    """As SQL over Assignment joined with Person: somebody who may approve in that unit's subtree on `day`."""
    approving = [role.value for role in _SUBTREE[Act.DECIDE]]
    return and_(Assignment.role.in_(approving), Assignment.holding_on(day), Person.deactivated_at.is_(None))
