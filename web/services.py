"""What every request handler needs, made once by `serve` or a test and reachable from the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from broadcast import clock
from broadcast.config import Settings
from broadcast.db import Database
from web.listening.desk import ListeningDesk

EXTENSION = "broadcast"


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    now: Callable[[], datetime] = clock.now
    demo: bool = False
    """The demonstration district: one-click sign-in, loopback only."""
    listening: ListeningDesk = field(default_factory=ListeningDesk)
    """Whoever makes an application closes it with it."""

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone


def services() -> Services:
    """Those of the application that answers the present request."""
    return cast(Services, current_app.extensions[EXTENSION])
