"""What the database refuses becomes words, on both kinds of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from broadcast.db import Database
from broadcast.errors import Conflict
from broadcast.station import StationUnit
from broadcast.unit import Unit


def test_of_two_who_take_the_same_code_at_once_the_second_is_told_so(database: Database, now: datetime) -> None:
    with database.writing() as session:
        session.add(Unit(code="X", name="Xã Xuân", kind="xã", created_at=now))
    with pytest.raises(Conflict, match="cùng mã"), database.writing() as session:
        session.add(Unit(code="X", name="Xã khác", kind="xã", created_at=now))
    with pytest.raises(Conflict, match="cùng mã"), database.writing() as session:
        session.add(Unit(id=1, code="Y", name="Xã khác", kind="xã", created_at=now))


def test_a_row_that_hangs_on_nothing_stays_a_fault_of_the_program(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(StationUnit(station_id=4711, unit_id=4711))
