"""Ghi danh trạm: a one-use code for those who set a station up, and the machine that becomes the station with it."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcast.audit_event import SYSTEM, Actor, record
from broadcast.clock import VIETNAM, local_day
from broadcast.errors import Conflict, NotSignedIn
from broadcast.person import token_hash
from broadcast.replanning import stations_changed
from broadcast.station import CODE_DAYS, Enrolment, EnrolmentCode, Station
from broadcast.wire import make_code, split_code


def new_code(
    session: Session, station: Station, now: datetime, *, actor: Actor = SYSTEM, fingerprint: str | None = None
) -> str:
    """A code for `station`, good once and for seven days; codes given before end.

    `fingerprint` of the server's own certificate goes with it, for the station to pin. Raises Conflict where the
    station is retired.
    """
    if station.retired_at is not None:
        raise Conflict(f"Trạm “{station.name}” đã ngừng hoạt động, không cấp mã ghi danh được.")
    session.execute(
        update(EnrolmentCode)
        .where(
            EnrolmentCode.station_id == station.id, EnrolmentCode.used_at.is_(None), EnrolmentCode.ended_at.is_(None)
        )
        .values(ended_at=now)
    )
    code = make_code()
    session.add(
        EnrolmentCode(
            station_id=station.id,
            code_hash=token_hash(code),
            created_at=now,
            expires_at=now + timedelta(days=CODE_DAYS),
        )
    )
    record(
        session,
        actor,
        "enrolment_code",
        "station",
        station.id,
        station.name,
        now=now,
        unit_id=unit_id_of(station, now),
    )
    session.flush()
    return f"{code}.{fingerprint}" if fingerprint else code


def enrol(session: Session, code: str, public_key: str, now: datetime, *, address: str = "") -> tuple[Enrolment, str]:
    """The new enrolment and its bearer token, which is kept as a hash only; the enrolment before it ends.

    Raises WireError for what is not a code, NotSignedIn for one that is unknown, was replaced or has expired, Conflict
    for one that was used.
    """
    spelled, _ = split_code(code)
    given = session.scalar(select(EnrolmentCode).where(EnrolmentCode.code_hash == token_hash(spelled)))
    if given is None:
        raise NotSignedIn("Mã ghi danh không đúng. Hãy kiểm tra lại từng ký tự hoặc xin mã mới.", field="code")
    _claim(session, given, now)
    station = given.station
    if station.retired_at is not None:
        raise Conflict(f"Trạm “{station.name}” đã ngừng hoạt động, không ghi danh được.", field="code")
    session.execute(
        update(Enrolment).where(Enrolment.station_id == station.id, Enrolment.ended_at.is_(None)).values(ended_at=now)
    )
    token = secrets.token_urlsafe(32)
    enrolment = Enrolment(
        id=str(uuid.uuid4()),
        station_id=station.id,
        token_hash=token_hash(token),
        public_key=public_key,
        enrolled_at=now,
        last_seq=0,
        last_hash="",
    )
    session.add(enrolment)
    record(
        session,
        Actor(station.name, address=address),
        "enrolled",
        "station",
        station.id,
        station.name,
        now=now,
        unit_id=unit_id_of(station, now),
        detail={"enrolment": enrolment.id},
    )
    stations_changed(session, [station.id])
    session.flush()
    session.expire(station, ["enrolments"])
    return enrolment, token


def _claim(session: Session, given: EnrolmentCode, now: datetime) -> None:
    """Marks the code as used; of two machines that come with the same one, one loses."""
    claimed = session.execute(
        update(EnrolmentCode)
        .where(
            EnrolmentCode.id == given.id,
            EnrolmentCode.used_at.is_(None),
            EnrolmentCode.ended_at.is_(None),
            EnrolmentCode.expires_at > now,
        )
        .values(used_at=now)
    )
    if claimed.rowcount == 1:  # type: ignore[attr-defined]
        return
    session.refresh(given)
    if given.used_at is not None:
        raise Conflict("Mã ghi danh này đã được dùng rồi; hãy xin một mã mới.", field="code")
    if given.ended_at is not None:
        raise NotSignedIn("Mã ghi danh này đã được thay bằng một mã mới hơn.", field="code")
    raise NotSignedIn(f"Mã ghi danh đã quá hạn {CODE_DAYS} ngày. Hãy xin mã mới.", field="code")


def unit_id_of(station: Station, now: datetime) -> int | None:
    """Where the station belongs today, for the audit trail."""
    return station.unit_id_on(local_day(now, VIETNAM))
