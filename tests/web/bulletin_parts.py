"""What the tests of bulletins, rules and the log share: forms as a browser would send them, and sound that is there."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import select

from audio.store import AudioStore
from broadcast.bulletin import Bulletin
from broadcast.db import Database
from broadcast.rule import Rule, RuleBulletin
from tests.district import asset_of
from tests.web.seed import NOW
from web.bulletins.spoken import reading_of
from web.services import Services

WORDS = "Kính thưa bà con. Ngày mai họp thôn lúc bảy giờ."


def bulletin_form(**changed: Any) -> dict[str, Any]:
    """The editor's form, filled in."""
    return {"title": "Họp thôn", "script": WORDS, "class": "normal", "field": "", "source": "", "unit": "H1"} | changed


def asked_in(script: str) -> list[str]:
    """The keys of all that the reader asks about `script`: what ticking every box sends."""
    return [question.key for question in reading_of(script).questions]


def rule_form(**changed: Any) -> dict[str, Any]:
    """The form of a rule: BT1 at both times every day in all of H1, from Monday on."""
    return {
        "bulletins": ["BT1"],
        "targets": ["unit:H1"],
        "time_kind": "times",
        "times": "5h30, 17:15",
        "days": "daily",
        "from_on": "23/11/2026",
        "until_on": "",
        "repeats": "1",
        "gap_seconds": "2",
        "on_collision": "after",
        "shift_minutes": "10",
    } | changed


def of(session: Any, code: str) -> Bulletin:
    """The bulletin with this code."""
    found = session.scalar(select(Bulletin).where(Bulletin.code == code))
    assert found is not None, code
    return found


def put_in_a_rule(session: Any, code: str) -> None:
    """Some rule of the district airs the bulletin as well, so that what is decided about it concerns stations."""
    rule = session.scalars(select(Rule).order_by(Rule.id).limit(1)).one()
    rule.bulletins.append(RuleBulletin(bulletin_id=of(session, code).id, position=len(rule.bulletins)))


def give_sound(services: Services, code: str, content: bytes = b"ID3" + b"\x00" * 5000) -> str:
    """The newest revision's order is worked: `content` lies in the store. Returns its hash."""
    sha256 = AudioStore(services.settings.audio_dir).put(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    with services.database.writing() as session:
        asset_of(session, sha256, NOW, size=len(content), duration_ms=10_000)
        rendering = of(session, code).latest.rendering
        assert rendering is not None
        rendering.state, rendering.audio_sha256, rendering.finished_at = "ready", sha256, NOW
    return sha256


def code_from(location: str) -> str:
    """`/ban-tin/BT-261122-7K3M/sua` → the code."""
    return location.split("/")[2]


def count_of(database: Database, noun: Any) -> int:
    with database.reading() as session:
        return len(session.scalars(select(noun)).all())
