"""Obligations in words: “ít nhất 2 lần mỗi ngày”, and each state by shape and word."""

from __future__ import annotations

from dataclasses import dataclass

from broadcast.obligation import DAY, Obligation
from schedules.obligations.standing import State
from web.obligations.finding import units_of
from web.shell.access import today
from web.shell.formats import vn_date, vn_number

PERS = [(DAY, "mỗi ngày"), ("total", "trong cả đợt")]
STATES: dict[State, tuple[str, str]] = {
    State.SHORT: ("◐", "thiếu, còn kịp bù"),
    State.MISSED: ("✕", "đã thiếu"),
    State.UNKNOWN: ("?", "chưa rõ"),
    State.UNPLANNED: ("·", "chưa xếp"),
    State.COMING: ("○", "sắp tới"),
    State.MET: ("●", "đủ"),
    State.ENDED: ("⊘", "đã thôi"),
}


@dataclass(frozen=True)
class Told:
    """One obligation as a line of a list."""

    obligation: Obligation
    title: str
    owed: str
    """`ít nhất 2 lần mỗi ngày`"""
    places: str
    span: str
    is_over: bool


def owed_words(obligation: Obligation) -> str:
    """`ít nhất 2 lần mỗi ngày`, `ít nhất 60 lần trong cả đợt`."""
    return f"ít nhất {vn_number(obligation.at_least)} lần {dict(PERS)[DAY if obligation.per == DAY else 'total']}"


def told_of(obligation: Obligation) -> Told:
    span = f"{vn_date(obligation.from_on)} – {vn_date(obligation.until_on)}"
    if obligation.ended_at is not None:
        span += f", thôi từ {vn_date(obligation.ended_at)}"
    return Told(
        obligation,
        obligation.bulletin.title,
        owed_words(obligation),
        ", ".join(unit.name for unit in units_of(obligation)) or "đơn vị không còn",
        span,
        obligation.ended_at is not None or obligation.until_on < today(),
    )
