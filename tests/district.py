"""Rows for tests that need a database: a unit, a station, an approved bulletin, a rule, each in one line."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sqlalchemy.orm import Session

from broadcast.audio_asset import AudioAsset
from broadcast.bulletin import Bulletin
from broadcast.deciding import approve, submit
from broadcast.person import Person, Role, assign
from broadcast.policy import Policy
from broadcast.rule import Rule, RuleBulletin, RuleTarget
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit, UnitParent
from broadcast.writing import revise


def asset_of(
    session: Session, sha256: str, now: datetime, *, size: int = 1000, duration_ms: int = 60_000
) -> AudioAsset:
    """The sound with this hash; where it is not there yet, one of the tone voice."""
    asset = session.get(AudioAsset, sha256)
    if asset is None:
        asset = AudioAsset(
            sha256=sha256, bytes=size, duration_ms=duration_ms, lufs=-16.0, true_peak_db=-2.0,
            media_type="audio/mpeg", voice="tone", created_at=now,
        )  # fmt: skip
        session.add(asset)
        session.flush()
    return asset


class District:
    """Everything belongs to unit H with commune X below it; Một writes, Hai approves."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.top = self.unit("H")
        self.commune = self.unit("X", parent=self.top)
        self.author = self.person("mot", "Một", Role.EDITOR)
        self.approver = self.person("hai", "Hai", Role.APPROVER)

    def unit(self, code: str, parent: Unit | None = None) -> Unit:
        unit = Unit(code=code, name=f"xã {code}", kind="xã", created_at=self.now)
        if parent is not None:
            unit.parents.append(UnitParent(parent=parent))
        self.session.add(unit)
        self.session.flush()
        return unit

    def person(self, login: str, name: str, role: Role) -> Person:
        person = Person(login=login, name=name, created_at=self.now)
        self.session.add(person)
        self.session.flush()
        assign(self.session, person, role, self.top)
        return person

    def station(self, code: str, unit: Unit | None = None) -> Station:
        station = Station(code=code, name=f"Trạm {code}", created_at=self.now)
        station.units.append(StationUnit(unit_id=(unit or self.commune).id))
        self.session.add(station)
        self.session.flush()
        return station

    def sound(self, name: str, duration_ms: int = 60_000) -> AudioAsset:
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        return asset_of(self.session, sha256, self.now, duration_ms=duration_ms)

    def draft(self, code: str, script: str = "Kính thưa bà con.", *, bulletin_class: str = "normal") -> Bulletin:
        bulletin = Bulletin(
            code=code,
            unit_id=self.top.id,
            title=f"Bản tin {code}",
            bulletin_class=bulletin_class,
            created_at=self.now,
            created_by_id=self.author.id,
        )
        self.session.add(bulletin)
        self.session.flush()
        revise(self.session, bulletin, self.author, self.now, title=bulletin.title, script=script)
        return bulletin

    def with_sound(self, bulletin: Bulletin, duration_ms: int = 60_000) -> AudioAsset:
        """As if the sound of the latest revision had been rendered."""
        asset = self.sound(f"{bulletin.code}/{bulletin.latest.number}", duration_ms)
        rendering = bulletin.latest.renderings[-1]
        rendering.state, rendering.audio, rendering.finished_at = "ready", asset, self.now
        self.session.flush()
        return asset

    def approve_latest(self, bulletin: Bulletin, duration_ms: int = 60_000) -> AudioAsset:
        asset = self.with_sound(bulletin, duration_ms)
        submit(self.session, bulletin, self.author, self.now)
        approve(
            self.session,
            bulletin,
            self.approver,
            self.now,
            revision_number=bulletin.latest.number,
            audio_sha256=asset.sha256,
        )
        return asset

    def bulletin(self, code: str, *, duration_ms: int = 60_000, bulletin_class: str = "normal") -> Bulletin:
        """Approved."""
        bulletin = self.draft(code, bulletin_class=bulletin_class)
        self.approve_latest(bulletin, duration_ms)
        return bulletin

    def rule(self, code: str, bulletin: Bulletin, times: list[str], unit: Unit | None = None, **values: object) -> Rule:
        rule = Rule(code=code, unit_id=bulletin.unit_id, times=times, created_at=self.now, **values)
        rule.bulletins.append(RuleBulletin(bulletin_id=bulletin.id, position=0))
        rule.targets.append(RuleTarget(unit_id=(unit or self.top).id))
        self.session.add(rule)
        self.session.flush()
        return rule

    def policy(self, unit: Unit, from_on: date | None = None, **values: object) -> Policy:
        policy = Policy(unit_id=unit.id, from_on=from_on, created_at=self.now, **values)
        self.session.add(policy)
        self.session.flush()
        return policy
