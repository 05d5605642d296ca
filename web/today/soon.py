"""One line of Cần xử lý where something of the next half hour is in danger; the page behind it says what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from web.preflight.loading import soon
from web.services import services
from web.shell.access import now, scope_units
from web.shell.formats import vn_number
from web.today.trouble import Trouble

AHEAD = timedelta(minutes=30)


def soon_in_danger(session: Session) -> Iterator[Trouble]:
    patience = timedelta(minutes=services().settings.silent_after_minutes)
    found = soon(session, scope_units(), now(), AHEAD, patience)
    danger = found.findings.in_danger
    if not danger:
        return
    places = len({airing.station_id for airing in found.airings if airing.id in danger})
    told = f"{vn_number(len(danger))} lượt trong 30 phút tới có thể không phát, ở {vn_number(places)} trạm."
    yield Trouble(told, "Xem trước giờ phát", "/sap-phat", grave=True)
