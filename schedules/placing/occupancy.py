"""The time of one station that is taken already."""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import datetime, timedelta
from typing import NamedTuple


class Block(NamedTuple):
    """Taken from `starts_at` until `until_at`. Of an emergency that repeats until stopped (`is_open`) the first reading
    ends at `reading_until_at`; other emergencies queue behind that, everything else behind the whole."""

    starts_at: datetime
    until_at: datetime
    reading_until_at: datetime
    title: str
    rule_code: str
    is_emergency: bool
    is_open: bool


class Occupancy:
    """Blocks of ordinary airings, which never overlap each other, and those of emergencies, which lie over them."""

    def __init__(self) -> None:
        self._ordinary: list[Block] = []
        self._emergencies: list[Block] = []

    def add(self, block: Block) -> None:
        """Take the time."""
        insort(self._emergencies if block.is_emergency else self._ordinary, block)

    def blocking(self, start: datetime, end: datetime) -> Block | None:
        """What is in the way of an ordinary airing in the half-open span: an emergency first, then the earliest."""
        for block in self._emergencies:
            if start < block.until_at and end > block.starts_at:
                return block
        ordinary = self._ordinary
        after = bisect_left(ordinary, (start,))
        if after and ordinary[after - 1].until_at > start:
            return ordinary[after - 1]
        if after < len(ordinary) and ordinary[after].starts_at < end:
            return ordinary[after]
        return None

    def first_after_emergencies(self, start: datetime, length: timedelta) -> datetime:
        """The first instant from `start` on at which `length` overlaps no reading of an emergency."""
        for block in self._emergencies:
            if start < block.reading_until_at and start + length > block.starts_at:
                start = block.reading_until_at
        return start

    def ends(self) -> list[datetime]:
        """When each block of ordinary airings ends, in order."""
        return [block.until_at for block in self._ordinary]
