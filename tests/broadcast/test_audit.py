"""Whoever has the database alone cannot write a past that the audit believes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from broadcast.audit import StationAudit, audit
from broadcast.log_entry import LogBatch, LogEntry, SetAside
from broadcast.recording import record_batch
from broadcast.station import Enrolment
from broadcast.wire import entry_hash
from tests.proof import Commune, Machine, a_commune, an_airing


@pytest.fixture
def commune(session: Session, now: datetime) -> Commune:
    return a_commune(session, now)


@pytest.fixture
def recorded(session: Session, commune: Commune, now: datetime) -> Machine:
    """Eight entries in two batches."""
    machine = Machine()
    enrolment, _ = machine.enrol(session, commune.station, now)
    for hour in range(4):
        machine.played(an_airing(session, commune, now + timedelta(hours=hour)))
    record_batch(session, enrolment, machine.batch(machine.items[:5]), now)
    record_batch(session, enrolment, machine.batch(machine.items[5:]), now + timedelta(hours=5))
    return machine


def told(session: Session) -> StationAudit:
    session.expire_all()
    (line,) = audit(session)
    return line


def kinds(line: StationAudit) -> set[tuple[str, int]]:
    return {(fault.kind, fault.seq) for fault in line.faults}


@pytest.mark.usefixtures("recorded")
def test_an_untouched_log_is_whole(session: Session) -> None:
    line = told(session)
    assert line.ok
    assert str(line) == "T-TC: 8 mục nhật ký, nguyên vẹn"


def test_a_station_that_never_came_is_whole(session: Session, commune: Commune) -> None:
    assert str(told(session)) == f"{commune.station.code}: 0 mục nhật ký, nguyên vẹn"


@pytest.mark.usefixtures("recorded")
def test_a_changed_text_is_named_by_station_and_seq(session: Session) -> None:
    old = session.scalars(select(LogEntry.entry).where(LogEntry.seq == 4)).one()
    session.execute(update(LogEntry).where(LogEntry.seq == 4).values(entry=old.replace("30000", "31000")))
    line = told(session)
    assert ("change", 4) in kinds(line)
    assert str(line).startswith("T-TC: ")
    assert "seq 4" in str(line)


@pytest.mark.usefixtures("recorded")
def test_a_changed_text_with_its_hash_made_anew_is_named(session: Session) -> None:
    old = json.loads(session.scalars(select(LogEntry.entry).where(LogEntry.seq == 4)).one())
    forged = json.dumps(old | {"sounded_ms": 29_999}, ensure_ascii=False)
    values = {"entry": forged, "hash": entry_hash(forged), "sounded_ms": 29_999}
    session.execute(update(LogEntry).where(LogEntry.seq == 4).values(values))
    found = kinds(told(session))
    assert ("change", 5) in found
    assert ("signature", 4) in found


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    "values",
    [{"kind": "missed"}, {"sounded_ms": 1}, {"airing_id": None}, {"reason": "power"}, {"station_id": 99}],
)
def test_a_changed_column_is_named_though_the_text_was_left(session: Session, values: dict[str, object]) -> None:
    session.execute(update(LogEntry).where(LogEntry.seq == 2).values(values))
    assert kinds(told(session)) == {("change", 2)}


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("column", ["station_name", "unit_code", "bulletin_title", "received_at"])
def test_a_changed_name_or_instant_of_receipt_is_named(session: Session, now: datetime, column: str) -> None:
    value = now - timedelta(days=1) if column == "received_at" else "khác"
    session.execute(update(LogEntry).where(LogEntry.seq == 3).values({column: value}))
    assert ("receipt", 3) in kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_a_missing_row_is_named(session: Session) -> None:
    session.execute(delete(LogEntry).where(LogEntry.seq == 3))
    assert ("gap", 3) in kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_a_first_row_taken_away_is_named(session: Session) -> None:
    session.execute(delete(LogEntry).where(LogEntry.seq == 1))
    assert ("gap", 1) in kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_a_tail_cut_off_is_named(session: Session) -> None:
    session.execute(delete(LogEntry).where(LogEntry.seq > 6))
    assert ("tail", 7) in kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_a_tail_cut_off_in_the_register_of_enrolments_too_is_named(session: Session) -> None:
    session.execute(delete(LogEntry).where(LogEntry.seq > 6))
    session.execute(update(Enrolment).values(last_seq=6))
    assert ("tail", 7) in kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_signatures_taken_away_leave_entries_that_nothing_vouches_for(session: Session) -> None:
    session.execute(delete(LogBatch))
    assert {("signature", seq) for seq in range(1, 9)} <= kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_a_signature_by_somebody_else_is_named(session: Session) -> None:
    stranger = Machine().key.sign(b"")
    assert len(stranger) == 64
    session.execute(update(LogBatch).where(LogBatch.last_seq == 8).values(signature="A" * 86 + "=="))
    found = kinds(told(session))
    assert ("signature", 8) in found
    assert ("signature", 5) not in found


@pytest.mark.usefixtures("recorded")
def test_a_row_copied_under_another_number_is_named_as_doubled(session: Session) -> None:
    columns = [column.name for column in LogEntry.__table__.columns if column.name not in {"id", "seq"}]
    names = ", ".join(columns)
    session.execute(text(f"INSERT INTO log_entry (seq, {names}) SELECT 9, {names} FROM log_entry WHERE seq = 8"))
    assert ("doubled", 9) in kinds(told(session))


@pytest.mark.usefixtures("recorded")
def test_an_unexplained_fork_is_named_until_somebody_explains_it(
    session: Session, recorded: Machine, now: datetime
) -> None:
    enrolment = session.get_one(Enrolment, recorded.enrolment)
    record_batch(session, enrolment, recorded.batch([recorded.fork(8, now)]), now)
    assert kinds(told(session)) == {("fork", 8)}
    session.execute(update(SetAside).values(explained_at=now, explanation="thẻ nhớ được thay từ bản sao"))
    assert told(session).ok


def test_each_station_has_its_line(session: Session, recorded: Machine, now: datetime) -> None:
    other = a_commune(session, now, "KHAC")
    machine = Machine()
    enrolment, _ = machine.enrol(session, other.station, now)
    machine.entry("ready", now)
    record_batch(session, enrolment, machine.batch(), now)
    session.execute(delete(LogEntry).where(LogEntry.enrolment_id == recorded.enrolment, LogEntry.seq == 2))
    session.expire_all()
    lines = {line.code: line.ok for line in audit(session)}
    assert lines == {"T-TC": False, "T-KHAC": True}
