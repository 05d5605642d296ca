"""What the tests of rules share: rules saved through the form, sessions of a unit, sound that is there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from audio.store import AudioStore
from broadcast.db import Database
from broadcast.policy import Policy
from broadcast.rule import Rule
from tests.web.bulletin_parts import rule_form
from tests.web.seed import NOW, SOUND, Handles

MORNING = {"name": "sáng", "from": "05:30", "until": "06:30"}
EVENING = {"name": "chiều", "from": "17:00", "until": "18:00"}


@pytest.fixture
def sound(services: Any) -> None:
    """The seeded sound has a file, as the plan demands of what it lets air."""
    path = AudioStore(services.settings.audio_dir).path(SOUND)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"ID3")


def rule_of(session: Any, code: str) -> Rule:
    return session.scalars(select(Rule).where(Rule.code == code)).one()


def add(client: Any, **changed: Any) -> str:
    """The code of a rule that was saved through the form."""
    answer = client.post("/lich-phat/moi", data=rule_form(**changed))
    assert answer.status_code == 302, answer.text
    return answer.location.rsplit("/", 1)[1]


def with_sessions(database: Database, district: Handles, *sessions: dict[str, str], unit: str = "H1") -> None:
    with database.writing() as session:
        session.add(
            Policy(unit_id=district.units[unit], sessions=list(sessions), source="Khung giờ thử", created_at=NOW)
        )
