"""Airings that were called off before their time: editing a rule leaves many of them, and nobody waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from web.airings import Shown

ASKED = "huy"
"""In the address: “hiện cả lượt đã huỷ”."""


def never_came_due(one: Shown) -> bool:
    """Cancelled, and before the instant at which it would have begun."""
    cancelled_at = one.airing.cancelled_at
    return one.kind == "cancelled" and cancelled_at is not None and cancelled_at <= one.airing.starts_at


def to_show(airings: Sequence[Shown]) -> tuple[list[Shown], int]:
    """Those that a programme shows, and how many it leaves out; all of them where the address asks for them."""
    if request.args.get(ASKED):
        return list(airings), 0
    shown = [one for one in airings if not never_came_due(one)]
    return shown, len(airings) - len(shown)
