"""What holds on a day for the stations of a unit: curfew and sessions, read without the rules and bulletins."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcast.policy import Policy
from broadcast.unit import Unit
from schedules.facts_of import policy_fact, unit_fact, unit_key
from schedules.placing.policies import EffectivePolicy, PolicyBook
from schedules.placing.territory import Territory


class Holding:
    """The policies of all units, asked by unit and day; equal ones are one object."""

    def __init__(self, session: Session) -> None:
        units = session.scalars(select(Unit).options(selectinload(Unit.parents))).all()
        self._code_of = {unit.id: unit_key(unit.code) for unit in units}
        self._territory = Territory(unit_fact(unit, self._code_of) for unit in units)
        policies = session.scalars(select(Policy).order_by(Policy.id))
        self._book = PolicyBook(policy_fact(policy, self._code_of) for policy in policies)

    def of(self, unit_id: int, day: date) -> EffectivePolicy:
        return self._book.effective(self._territory.chain(self._code_of[unit_id], day), day)
