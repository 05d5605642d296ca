"""What the API keeps in memory for one application: keys, waiting room, programmes already looked at, failed codes."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from sqlalchemy import ScalarSelect, Table, func, or_, select

from audio.store import AudioStore
from broadcast.db import Database
from broadcast.keys import SigningKeys
from broadcast.tally import PLAN, PROGRAMME, Tally
from schedules.programme.curfews import Curfews
from web.api.waiting import WaitingRoom
from web.services import EXTENSION, Services
from web.shell.throttle import Throttle

_EXTENSION = "broadcast.api"
_making = threading.Lock()

# Either may change what a station is to be handed: PLAN rises with acts (a withdrawal, a policy), PROGRAMME with the
# planning that follows them.
TALLIES = (PLAN, PROGRAMME)


WRONG_CODES = 10
"""Of one address in ten minutes."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a station was handed, and all that this depends on."""

    depends_on: Hashable
    manifest_id: int
    etag: str


@dataclass
class ApiState:
    keys: SigningKeys
    store: AudioStore
    room: WaitingRoom
    throttle: Throttle = field(
        default_factory=lambda: Throttle(
            WRONG_CODES, "Đã nhập sai mã ghi danh quá nhiều lần từ địa chỉ này; hãy đợi {minutes} phút rồi thử lại."
        )
    )
    looked: dict[int, Looked] = field(default_factory=dict)
    """By station id."""
    curfews: tuple[int, Curfews] | None = None
    """The tally at which the policies were read, and what was read."""


def state() -> ApiState:
    """That of the application which answers the present request."""
    return state_of(current_app)


def state_of(app: Flask) -> ApiState:
    """Made at the first call. `serve` ends held requests with `state_of(app).room.close()`."""
    if _EXTENSION not in app.extensions:
        with _making:
            if _EXTENSION not in app.extensions:
                services = cast(Services, app.extensions[EXTENSION])
                app.extensions[_EXTENSION] = ApiState(
                    keys=SigningKeys(services.settings.keys_dir),
                    store=AudioStore(services.settings.audio_dir),
                    room=WaitingRoom(lambda: _tally(services.database)),
                )
    return cast(ApiState, app.extensions[_EXTENSION])


def _tally(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(select(tally_now())) or 0)


def tally_now() -> ScalarSelect[int]:
    """The sum of the counters, as SQL: it only rises. Tables, not classes, and no `in_`: both cost at each call."""
    table = cast(Table, Tally.__table__)
    total = func.coalesce(func.sum(table.c.value), 0)
    return select(total).where(or_(*(table.c.name == name for name in TALLIES))).scalar_subquery()
