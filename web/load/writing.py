"""What everything that writes a set-up file has in common: the session, the day, what is told of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.audit_event import Actor
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.db import Base
from web.load.made import Sounds
from web.load.setup_file import SetUpFile
from web.load.source import Source

LOADER = Actor("broadcast load")


@dataclass
class Loaded:
    """What a load did, for the one who typed the command."""

    added: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    invitations: list[tuple[str, str]] = field(default_factory=list)
    """(login, single-use token) for accounts without a password."""

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed)


class Writing:
    """A session that is the caller's, what goes into it, and what was added and changed so far."""

    def __init__(
        self,
        session: Session,
        setup: SetUpFile,
        source: Source,
        now: datetime,
        settings: Settings,
        sounds: Sounds,
        passwords: dict[str, str],
    ) -> None:
        self.session = session
        self.setup = setup
        self.source = source
        self.now = now
        self.today = local_day(now, settings.zone)
        self.settings = settings
        self.sounds = sounds
        self.passwords = passwords
        self.loaded = Loaded()

    def note(self, noun: str, code: str, *, added: bool) -> None:
        codes = (self.loaded.added if added else self.loaded.changed).setdefault(noun, [])
        if code not in codes:
            codes.append(code)

    def set(self, row: Base, noun: str, code: str, **values: Any) -> bool:
        """Sets what differs; True where anything did."""
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            self.note(noun, code, added=False)
        return bool(different)

    def by_code(self, noun: type[Any], code: str) -> Any:
        return self.session.scalar(select(noun).where(noun.code == code))

    def end(self, link: Any) -> None:
        """The past stays as it was: the link ends yesterday; one that began today or later never held."""
        yesterday = self.today - timedelta(days=1)
        if link.from_on is not None and link.from_on > yesterday:
            self.session.delete(link)
        else:
            link.until_on = yesterday
        self.session.flush()
