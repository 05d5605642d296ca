"""The figures of pages just shown: their picture is asked for a moment later and need not count them again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from flask import current_app

from web.reports.asked import Asked
from web.reports.spans import Bar

_EXTENSION = "report_pages"
_KEPT = 32

Bars = Sequence[Bar]
Key = tuple[int, date, date, int]


class _Pages:
    """The last few, whichever thread made them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bars: OrderedDict[Key, Bars] = OrderedDict()

    def keep(self, key: Key, bars: Bars) -> None:
        with self._lock:
            self._bars[key] = bars
            while len(self._bars) > _KEPT:
                self._bars.popitem(last=False)

    def kept(self, key: Key) -> Bars | None:
        with self._lock:
            return self._bars.get(key)


def keep(asked: Asked, as_of: datetime, bars: Bars) -> None:
    _pages().keep(_key(asked, as_of), bars)


def kept(asked: Asked, as_of: datetime) -> Bars | None:
    """None where another process, or none, made the page."""
    return _pages().kept(_key(asked, as_of))


def milliseconds(at: datetime) -> int:
    """Since 1970, as in the address of the picture."""
    return round(at.timestamp() * 1000)


def _key(asked: Asked, as_of: datetime) -> Key:
    return asked.unit.id, asked.from_on, asked.until_on, milliseconds(as_of)


def _pages() -> _Pages:
    return cast(_Pages, current_app.extensions.setdefault(_EXTENSION, _Pages()))
