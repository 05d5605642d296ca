"""A code works once and for seven days; a new machine ends the one before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.audit_event import AuditEvent
from broadcast.enrolling import enrol, new_code
from broadcast.errors import Conflict, NotSignedIn
from broadcast.person import token_hash
from broadcast.station import Enrolment, EnrolmentCode
from broadcast.tally import PLAN, count
from broadcast.wire import WireError
from tests.proof import Machine, a_commune


def test_a_code_makes_an_enrolment_whose_token_and_code_are_kept_as_hashes_only(
    session: Session, now: datetime
) -> None:
    station = a_commune(session, now).station
    code = new_code(session, station, now)
    enrolment, token = enrol(session, code.lower().replace("-", " "), Machine().public_key, now)
    assert enrolment.token_hash == token_hash(token)
    assert station.enrolment is enrolment
    assert session.scalars(select(EnrolmentCode.code_hash)).all() == [token_hash(code)]
    assert count(session, PLAN) == 1
    acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()
    assert acts == ["enrolment_code", "enrolled"]


def test_a_code_works_once(session: Session, now: datetime) -> None:
    code = new_code(session, a_commune(session, now).station, now)
    enrol(session, code, Machine().public_key, now)
    with pytest.raises(Conflict, match="đã được dùng"):
        enrol(session, code, Machine().public_key, now)
    assert len(session.scalars(select(Enrolment)).all()) == 1


def test_a_code_ends_after_seven_days_to_the_millisecond(session: Session, now: datetime) -> None:
    station = a_commune(session, now).station
    code = new_code(session, station, now)
    with pytest.raises(NotSignedIn, match="quá hạn"):
        enrol(session, code, Machine().public_key, now + timedelta(days=7))
    assert enrol(session, code, Machine().public_key, now + timedelta(days=7, milliseconds=-1))[0]


def test_a_new_code_ends_the_ones_before(session: Session, now: datetime) -> None:
    station = a_commune(session, now).station
    old = new_code(session, station, now)
    fresh = new_code(session, station, now, fingerprint="A" * 52)
    with pytest.raises(NotSignedIn, match="mã mới hơn"):
        enrol(session, old, Machine().public_key, now)
    assert enrol(session, fresh, Machine().public_key, now)[0].station_id == station.id


@pytest.mark.parametrize("code", ["", "ABCD", "0000-0000-000!", "x" * 100])
def test_what_is_not_a_code_is_told_so(session: Session, now: datetime, code: str) -> None:
    with pytest.raises(WireError):
        enrol(session, code, Machine().public_key, now)


def test_an_unknown_code_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(NotSignedIn, match="không đúng"):
        enrol(session, "0000-0000-0000", Machine().public_key, now)


def test_a_new_machine_ends_the_enrolment_before(session: Session, now: datetime) -> None:
    station = a_commune(session, now).station
    first, _ = Machine().enrol(session, station, now)
    second, _ = Machine().enrol(session, station, now + timedelta(hours=1))
    session.refresh(first)
    assert first.ended_at == now + timedelta(hours=1)
    assert station.enrolment is second


def test_a_retired_station_gets_no_code(session: Session, now: datetime) -> None:
    station = a_commune(session, now).station
    station.retired_at = now
    with pytest.raises(Conflict, match="ngừng hoạt động"):
        new_code(session, station, now)
