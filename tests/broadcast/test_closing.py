"""Days are closed once, with the figures as they were known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast.audit_event import AuditEvent
from broadcast.clock import VIETNAM
from broadcast.closed_day import ClosedDay
from broadcast.recording import record_batch
from broadcast.reports import report
from broadcast.reports.closing import close_days
from broadcast.unit import Unit, UnitParent
from tests.proof import Machine, a_commune, an_airing

SUNDAY = date(2026, 11, 22)
MONDAY = SUNDAY + timedelta(days=1)
NINE = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # Sunday 09:00 in Vietnam
AFTER_TWO = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # Monday 02:00


def closed(session: Session) -> dict[tuple[str, date], int]:
    rows = session.execute(select(Unit.code, ClosedDay.day, ClosedDay.totals).join(Unit, Unit.id == ClosedDay.unit_id))
    return {(code, day): totals["planned"] for code, day, totals in rows}


def test_without_any_airing_there_is_no_past_to_close(session: Session, now: datetime) -> None:
    a_commune(session, now)
    assert close_days(session, now + timedelta(days=9), VIETNAM) == []


def test_a_day_is_closed_two_hours_after_its_midnight_and_only_once(session: Session, now: datetime) -> None:
    commune = a_commune(session, now)
    an_airing(session, commune, NINE)
    assert close_days(session, AFTER_TWO - timedelta(milliseconds=1), VIETNAM) == []
    assert close_days(session, AFTER_TWO, VIETNAM) == [SUNDAY]
    assert close_days(session, AFTER_TWO, VIETNAM) == []
    assert closed(session) == {("H-TC", SUNDAY): 1}


def test_later_evidence_leaves_a_closed_day_as_it_was_known(session: Session, now: datetime) -> None:
    commune, machine = a_commune(session, now), Machine()
    enrolment, _ = machine.enrol(session, commune.station, now)
    airing = an_airing(session, commune, NINE)
    close_days(session, AFTER_TWO, VIETNAM)
    machine.played(airing)
    record_batch(session, enrolment, machine.batch(), AFTER_TWO)
    later = AFTER_TWO + timedelta(hours=5)
    assert close_days(session, later, VIETNAM) == []
    kept = session.scalars(select(ClosedDay)).one()
    assert (kept.totals["unknown"], kept.totals["complete"], kept.closed_at) == (1, 0, AFTER_TWO)
    made = report(session, commune.district, SUNDAY, SUNDAY, as_of=later, zone=VIETNAM)
    assert (made.totals.unknown, made.totals.complete) == (0, 1)


def test_a_server_that_was_off_closes_what_it_missed_with_zeros_for_empty_days(session: Session, now: datetime) -> None:
    commune = a_commune(session, now)
    an_airing(session, commune, NINE)
    days = close_days(session, AFTER_TWO + timedelta(days=2), VIETNAM)
    assert days == [SUNDAY, MONDAY, MONDAY + timedelta(days=1)]
    assert closed(session) == {("H-TC", day): int(day == SUNDAY) for day in days}
    assert len(close_days(session, AFTER_TWO + timedelta(days=60), VIETNAM)) == 36


def test_each_topmost_unit_has_its_own_row_and_the_closing_stands_in_the_audit_trail(
    session: Session, now: datetime
) -> None:
    an_airing(session, a_commune(session, now, "A"), NINE)
    a_commune(session, now, "B")
    close_days(session, AFTER_TWO, VIETNAM)
    assert closed(session) == {("H-A", SUNDAY): 1, ("H-B", SUNDAY): 0}
    events = session.scalars(select(AuditEvent).where(AuditEvent.act == "close_day")).all()
    assert [(event.noun_id, event.detail["planned"]) for event in events] == [("2026-11-22", 1), ("2026-11-22", 0)]


def test_a_unit_that_was_merged_away_is_closed_no_more_unless_something_aired_there(
    session: Session, now: datetime
) -> None:
    commune = a_commune(session, now)
    old = Unit(code="X-CU", name="Xã Cũ", kind="xã", created_at=now, valid_until=SUNDAY - timedelta(days=1))
    session.add(old)
    session.flush()
    session.add(UnitParent(unit=old, parent=commune.district, until_on=SUNDAY - timedelta(days=1)))
    an_airing(session, commune, NINE)
    close_days(session, AFTER_TWO, VIETNAM)
    assert closed(session) == {("H-TC", SUNDAY): 1}
    an_airing(session, commune, NINE + timedelta(days=1), unit_id=old.id)
    close_days(session, AFTER_TWO + timedelta(days=1), VIETNAM)
    assert closed(session)[("X-CU", MONDAY)] == 1
    assert session.scalar(select(func.count()).select_from(ClosedDay)) == 3
