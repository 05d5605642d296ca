"""What repeats until somebody stops it, as the first lines of Cần xử lý: also what a unit above ordered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast.rights import Act
from broadcast.rule import Rule
from broadcast.station import Station
from web.bulletins.reach import Reached, running_at
from web.rules.words import EAGER
from web.shell.access import current_rights, scope_units
from web.today.trouble import Trouble


def emergencies(session: Session, stations: list[Station]) -> Iterator[Trouble]:
    """Those that sound or are ordered at one of `stations`, and those of the units one looks at."""
    rights = current_rights()
    reached = running_at(session, stations)
    known = {each.rule.id for each in reached}
    own = session.scalars(
        select(Rule)
        .where(Rule.starts_at.is_not(None), Rule.stopped_at.is_(None), Rule.unit_id.in_(scope_units()))
        .options(*EAGER)
        .order_by(Rule.starts_at, Rule.id)
    )
    for each in [*reached, *(Reached(rule, (), ()) for rule in own if rule.id not in known and rule.bulletins)]:
        by = "" if rights.may(Act.READ, each.rule.unit_id) else f" của {each.rule.unit.name}"
        where = f" tại {each.places}" if each.stations else ""
        told = f"Tin khẩn cấp “{each.bulletin.title}”{by} đang phát lặp lại{where} từ {each.since} cho đến khi dừng."
        read = ("Đọc và nghe", f"/ban-tin/{each.bulletin.code}")
        if rights.may(Act.STOP_EMERGENCY, each.rule.unit_id):
            yield Trouble(told, "Dừng phát", f"/khan-cap/{each.rule.code}/dung", grave=True, others=(read,))
        elif each.stoppable:
            here = f"/khan-cap/{each.rule.code}/dung-tai-tram"
            yield Trouble(told, "Dừng tại trạm của tôi", here, grave=True, others=(read,))
        else:
            yield Trouble(told, *read, grave=True)
