"""Real rows and a stand-in machine for tests of the station protocol: what a commune has, and what its player sends."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.audio_asset import AudioAsset
from broadcast.bulletin import Approval, Bulletin, Revision, State
from broadcast.clock import local_day
from broadcast.enrolling import enrol, new_code
from broadcast.person import Person
from broadcast.rule import Rule
from broadcast.station import Enrolment, Station, StationUnit
from broadcast.unit import Unit, UnitParent
from broadcast.wire import (
    Entry,
    EntryKind,
    LogBatch,
    LogItem,
    batch_text,
    entry_hash,
    entry_text,
    public_key_text,
    sign,
)

SOUND = b"ID3 not really sound, but bytes with a hash " * 500


@dataclass
class Commune:
    """A district, a commune below it, two people, one approved bulletin, a rule and a station."""

    district: Unit
    unit: Unit
    author: Person
    approver: Person
    bulletin: Bulletin
    revision: Revision
    approval: Approval
    asset: AudioAsset
    rule: Rule
    station: Station


def a_commune(session: Session, now: datetime, code: str = "TC") -> Commune:
    """Adds the rows; codes end in `code`, so that several fit into one database."""
    district = Unit(code=f"H-{code}", name="Huyện Thử", kind="huyện", created_at=now)
    unit = Unit(code=f"X-{code}", name="Xã Tân Cảnh", kind="xã", created_at=now)
    author = Person(login=f"viet-{code}", name="Lê Thị Soạn", created_at=now)
    approver = Person(login=f"duyet-{code}", name="Trần Văn Duyệt", created_at=now)
    session.add_all([district, unit, author, approver])
    session.flush()
    session.add(UnitParent(unit=unit, parent=district))
    station = Station(code=f"T-{code}", name="Trạm Tân Cảnh 1", volume=70, created_at=now)
    session.add(station)
    session.flush()
    session.add(StationUnit(station=station, unit=unit))
    bulletin, revision, approval, asset = a_bulletin(session, unit, author, approver, now, f"B-{code}")
    rule = Rule(code=f"R-{code}", unit_id=unit.id, times=["17:15"], created_at=now)
    session.add(rule)
    session.flush()
    return Commune(district, unit, author, approver, bulletin, revision, approval, asset, rule, station)


def a_bulletin(
    session: Session,
    unit: Unit,
    author: Person,
    approver: Person,
    now: datetime,
    code: str,
    bulletin_class: str = "normal",
) -> tuple[Bulletin, Revision, Approval, AudioAsset]:
    """One approved revision with its sound of 30 s."""
    sound = code.encode() + SOUND
    sha256 = hashlib.sha256(sound).hexdigest()
    asset = AudioAsset(
        sha256=sha256,
        bytes=len(sound),
        duration_ms=30_000,
        lufs=-16.0,
        true_peak_db=-2.0,
        media_type="audio/mpeg",
        voice="tone",
        created_at=now,
    )
    bulletin = Bulletin(
        code=code,
        unit_id=unit.id,
        title="Cài đặt ứng dụng",
        bulletin_class=bulletin_class,
        created_at=now,
        created_by_id=author.id,
    )
    session.add_all([asset, bulletin])
    session.flush()
    revision = Revision(
        bulletin=bulletin,
        number=1,
        title="Cài đặt ứng dụng",
        content="text",
        script="Kính mời bà con cài đặt ứng dụng.",
        author_id=author.id,
        created_at=now,
        state=State.APPROVED.value,
    )
    session.add(revision)
    session.flush()
    approval = Approval(
        revision=revision,
        text_sha256=revision.text_sha256,
        audio_sha256=sha256,
        approved_by_id=approver.id,
        approved_by_name=approver.name,
        approved_at=now,
    )
    session.add(approval)
    session.flush()
    return bulletin, revision, approval, asset


def keep_sound(folder: Path, code: str) -> bytes:
    """Puts the bytes of `a_bulletin(code)` where the store keeps them."""
    from audio.store import AudioStore

    sound = code.encode() + SOUND
    AudioStore(folder).put(sound)
    return sound


def an_airing(session: Session, commune: Commune, starts_at: datetime, **other: Any) -> Airing:
    """One row of the plan: a single reading of 30 s."""
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "station_id": commune.station.id,
        "unit_id": commune.unit.id,
        "rule_id": commune.rule.id,
        "bulletin_id": commune.bulletin.id,
        "revision_id": commune.revision.id,
        "local_date": local_day(starts_at),
        "slot_key": starts_at.strftime("%H:%M"),
        "asked_at": starts_at,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(seconds=30),
        "latest_start_at": starts_at + timedelta(seconds=120),
        "duration_ms": 30_000,
        "repeats": 1,
        "gap_ms": 0,
        "audio_sha256": commune.asset.sha256,
        "bulletin_class": commune.bulletin.bulletin_class,
        "approved_by_name": commune.approver.name,
    }
    airing = Airing(**(fields | other))
    session.add(airing)
    session.flush()
    return airing


@dataclass
class Machine:
    """A player's half: its key and its chain. `entry` appends; `batch` signs any of them, again and again."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    enrolment: str = ""
    items: list[LogItem] = field(default_factory=list)

    @property
    def public_key(self) -> str:
        return public_key_text(self.key)

    def enrol(self, session: Session, station: Station, now: datetime) -> tuple[Enrolment, str]:
        enrolment, token = enrol(session, new_code(session, station, now), self.public_key, now)
        self.enrolment = enrolment.id
        return enrolment, token

    def entry(self, kind: EntryKind | str, at: datetime, **facts: Any) -> LogItem:
        """Appends an entry to the chain."""
        previous = self.items[-1].hash if self.items else self.enrolment
        text = entry_text(
            Entry.model_validate(
                {
                    "seq": len(self.items) + 1,
                    "event_id": uuid.uuid4(),
                    "previous_hash": previous,
                    "manifest_sequence": 1,
                    "kind": EntryKind(kind),
                    "at": at,
                    "clock_offset_ms": 0,
                    "clock_source": "server",
                    **facts,
                }
            )
        )
        return self.append(text)

    def append(self, text: str) -> LogItem:
        """Appends any text at all under the next number."""
        item = LogItem(seq=len(self.items) + 1, entry=text, hash=entry_hash(text))
        self.items.append(item)
        return item

    def played(self, airing: Airing, late_s: float = 0, sounded_ms: int = 30_000) -> None:
        """The two entries of one sounding."""
        began = airing.starts_at + timedelta(seconds=late_s)
        ended = began + timedelta(milliseconds=sounded_ms)
        self.entry("started", began, airing=airing.id, started_at=began)
        self.entry("finished", ended, airing=airing.id, started_at=began, ended_at=ended, sounded_ms=sounded_ms)

    def batch(self, items: list[LogItem] | None = None) -> LogBatch:
        chosen = self.items if items is None else items
        last = max(chosen, key=lambda item: item.seq)
        return LogBatch(entries=chosen, signature=sign(self.key, batch_text(self.enrolment, last.seq, last.hash)))

    def fork(self, seq: int, at: datetime) -> LogItem:
        """Another entry under a number that was used: what a restored disk image sends."""
        other = json.loads(self.items[seq - 1].entry)
        other["event_id"] = str(uuid.uuid4())
        other["note"] = f"viết lại lúc {at.isoformat()}"
        text = json.dumps(other, ensure_ascii=False)
        return LogItem(seq=seq, entry=text, hash=entry_hash(text))
