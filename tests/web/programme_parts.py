"""What tests of programmes set up again and again in the seeded district."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.airing import Airing, Refusal
from broadcast.bulletin import Bulletin
from broadcast.clock import iso_millis, local_day
from broadcast.policy import Policy
from broadcast.rule import Rule
from broadcast.station import Enrolment, Manifest, Station, StationStatus
from broadcast.unit import Unit
from broadcast.wire import canonical_json
from tests.web.seed import NOW, SOUND


def by_code(session: Session, noun, code: str):
    """The station, rule, unit or bulletin with this code."""
    return session.scalars(select(noun).where(noun.code == code)).one()


def airing(session: Session, station: str, at: datetime, *, rule: str = "LP1", bulletin: str = "BT1", **values) -> str:
    """One more, of a minute; its id."""
    own, said = by_code(session, Station, station), by_code(session, Bulletin, bulletin)
    row = Airing(
        id=str(uuid.uuid4()), station_id=own.id, unit_id=own.unit_id_on(local_day(at)),
        rule_id=by_code(session, Rule, rule).id, bulletin_id=said.id, revision_id=said.latest.id,
        local_date=local_day(at), slot_key=f"{at:%H:%M}", asked_at=at, starts_at=at, ends_at=at + timedelta(minutes=1),
        latest_start_at=at + timedelta(minutes=2), duration_ms=60_000, repeats=1, gap_ms=2000, audio_sha256=SOUND,
        bulletin_class="normal", approved_by_name="Trần Văn Duyệt",
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row.id


def refusal(session: Session, station: str, at: datetime, reason: str, **values) -> str:
    row = Refusal(
        id=str(uuid.uuid4()), station_id=by_code(session, Station, station).id,
        rule_id=by_code(session, Rule, "LP1").id, bulletin_id=by_code(session, Bulletin, "BT1").id,
        local_date=local_day(at), slot_key=f"{at:%H:%M}", asked_at=at, code="collision", reason=reason, noted_at=NOW,
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row.id


def sessions_of(session: Session, unit: str, *spans: tuple[str, str, str], **values) -> None:
    """The unit's policy names these sessions: (name, from, until)."""
    policy = session.scalars(select(Policy).join(Policy.unit).where(Unit.code == unit)).one()
    policy.sessions = [{"name": name, "from": start, "until": end} for name, start, end in spans]
    for name, value in values.items():
        setattr(policy, name, value)


def holds(session: Session, station: str, *airing_ids: str, sequence: int = 7) -> None:
    """The station says that it holds a programme of ours, which names these airings as they are planned."""
    own = by_code(session, Station, station)
    rows = [session.get_one(Airing, each) for each in airing_ids]
    body = canonical_json(
        {
            "airings": [
                {"id": row.id, "latest_start_at": iso_millis(row.latest_start_at), "audio": row.audio_sha256}
                for row in rows
            ]
        }
    )
    enrolment = session.scalars(select(Enrolment).where(Enrolment.station_id == own.id)).one()
    made = Manifest(
        station_id=own.id, enrolment_id=enrolment.id, sequence=sequence, body=body, signature="", etag="",
        content_hash=f"{sequence}", made_at=NOW,
    )  # fmt: skip
    session.add(made)
    session.get_one(StationStatus, own.id).manifest_sequence = sequence
    session.flush()
