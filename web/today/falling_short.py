"""One line of Cần xử lý for each obligation that stations fall short of, while it can still be mended."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session

from broadcast.obligation import Obligation
from broadcast.tally import PROGRAMME, count
from schedules.obligations.owing import Places, Span
from schedules.obligations.standing import standing
from web.obligations import finding
from web.obligations.board import AHEAD
from web.services import services
from web.shell.access import now, scope_units, today
from web.shell.formats import vn_number
from web.today.trouble import Trouble

LOOKED_AT = 20
"""Obligations, the newest: the page of obligations shows all."""
_KEPT = 200
_EXTENSION = "falling_short"
Short = tuple[int, int]
"""Airings that are short, and stations."""


def falling_short(session: Session) -> Iterator[Trouble]:
    """What happened since the minute began may be missing: the board asks again every few seconds."""
    station_ids = frozenset(finding.stations_below(session, scope_units()))
    running = [
        each
        for each in finding.seen(session)
        if each.ended_at is None
        and each.until_on >= today()
        and each.bulletin.withdrawn_at is None
        and (each.bulletin.valid_until is None or each.bulletin.valid_until >= today())
    ]
    places: Places | None = None
    for obligation in running[:LOOKED_AT]:
        key = (obligation.id, obligation.version, hash(station_ids), count(session, PROGRAMME), f"{now():%d%H%M}")
        known = _memory().get(key)
        if known is None:
            places = places or Places(session, services().zone, station_ids)
            known = _memory().put(key, _short(session, obligation, station_ids, places))
        airings, stations = known
        if airings:
            told = (
                f"“{obligation.bulletin.title}” còn thiếu {vn_number(airings)} lượt so với chỉ tiêu ở "
                f"{vn_number(stations)} trạm, còn kịp bù."
            )
            yield Trouble(told, "Xem giờ trống để bù", f"/chi-tieu/{obligation.id}#bu")


def _short(session: Session, obligation: Obligation, station_ids: frozenset[int], places: Places) -> Short:
    days = Span(today(), today() + AHEAD)
    made = standing(session, obligation, now(), services().zone, days=days, station_ids=station_ids, places=places)
    return made.short, sum(1 for one in made.stations if one.short)


class _Memory:
    """The last few answers, whichever thread worked them out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Short] = OrderedDict()

    def get(self, key: tuple[object, ...]) -> Short | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: tuple[object, ...], short: Short) -> Short:
        with self._lock:
            self._kept[key] = short
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return short


def _memory() -> _Memory:
    return cast(_Memory, current_app.extensions.setdefault(_EXTENSION, _Memory()))
