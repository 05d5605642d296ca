"""Rows for tests of obligations: an order in one line, airings with what became of them in another."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.bulletin import Bulletin
from broadcast.clock import instant_of
from broadcast.log_entry import LogEntry
from broadcast.obligation import Obligation
from broadcast.station import Enrolment, Station, StationStatus
from tests.district import District


class Obliged:
    """A district with bulletin M, a rule of it that asks for nothing by itself, and as many airings as a test wants."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.district = District(session, now - timedelta(days=60))
        self.bulletin = self.district.bulletin("M")
        self.rule = self.district.rule(
            "tay", self.bulletin, ["17:15"], from_on=date(2000, 1, 1), until_on=date(2000, 1, 1)
        )
        self.enrolments: dict[int, str] = {}
        self.seq = 0

    def station(self, code: str = "S1") -> Station:
        station = self.district.station(code)
        enrolment = Enrolment(
            id=str(uuid.uuid4()), station=station, token_hash=uuid.uuid4().hex, public_key="A" * 43 + "=",
            enrolled_at=self.now - timedelta(days=60),
        )  # fmt: skip
        self.session.add(enrolment)
        self.session.flush()
        self.enrolments[station.id] = enrolment.id
        return station

    def order(self, at_least: int, from_on: date, until_on: date, per: str = "day", **more: object) -> Obligation:
        values: dict[str, object] = {"bulletin_id": self.bulletin.id, "unit_codes": ["H"], "created_at": self.now}
        obligation = Obligation(at_least=at_least, from_on=from_on, until_on=until_on, per=per, **values | more)
        self.session.add(obligation)
        self.session.flush()
        return obligation

    def airing(
        self, station: Station, day: date, wall: time, outcome: str = "", bulletin: Bulletin | None = None
    ) -> Airing:
        """`outcome`: complete, late, partial, missed, cancelled; else nothing is known of it."""
        at = instant_of(day, wall)
        airing = Airing(
            id=str(uuid.uuid4()), station_id=station.id, unit_id=station.unit_id_on(day), rule_id=self.rule.id,
            bulletin_id=(bulletin or self.bulletin).id, revision_id=self.bulletin.latest.id, local_date=day,
            slot_key=f"{wall:%H:%M}", asked_at=at, starts_at=at, ends_at=at + timedelta(minutes=1),
            latest_start_at=at + timedelta(minutes=2), duration_ms=60_000, repeats=1, gap_ms=0, audio_sha256=None,
            bulletin_class="normal", approved_by_name="Hai",
            cancelled_at=at - timedelta(hours=1) if outcome == "cancelled" else None,
        )  # fmt: skip
        self.session.add(airing)
        self.session.flush()
        begun = at + timedelta(seconds=30 if outcome == "late" else 0)
        if outcome in {"complete", "late", "partial"}:
            sounded_ms = 20_000 if outcome == "partial" else 60_000
            self._log(airing, "finished", begun + timedelta(milliseconds=sounded_ms), begun, sounded_ms)
        elif outcome == "missed":
            self._log(airing, "missed", at, None, None)
        return airing

    def settled(self, station: Station, until: datetime) -> None:
        """The station reported `until` with an empty outbox."""
        self.session.merge(StationStatus(station_id=station.id, settled_until=until, errors=[]))
        self.session.flush()

    def _log(self, airing: Airing, kind: str, at: datetime, started: datetime | None, sounded_ms: int | None) -> None:
        self.seq += 1
        self.session.add(
            LogEntry(
                enrolment_id=self.enrolments[airing.station_id], seq=self.seq, entry="{}", hash=f"{self.seq:064x}",
                station_id=airing.station_id, airing_id=airing.id, kind=kind, at=at, started_at=started,
                ended_at=at if started else None, sounded_ms=sounded_ms, manifest_sequence=1, received_at=at,
                reason="no_audio" if kind == "missed" else None, station_code="", station_name="", unit_code="",
                unit_name="", bulletin_code="", bulletin_title="", receipt_hash=f"{self.seq:064x}",
            )
        )  # fmt: skip
        self.session.flush()
