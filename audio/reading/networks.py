"""What networks of water and power call their parts: `Φ200`, `D114`, `tuyến 477-TN`, `trụ 471TN/45`."""

from __future__ import annotations

import re

from audio.reading.letters import say_digits, spell
from audio.reading.model import Piece
from audio.reading.numbers import say_integer
from audio.reading.scan import Scan

_DIAMETER = re.compile(r"([ΦφØø]|DN?(?=\d))\s?([1-9]\d{0,3})(?![^\W_]|[.,]\d)")
_FEEDER = re.compile(r"(\d{3})[ -]?([A-ZĐ]{2,3})(?:/(\d{1,3})(?:\s?[-–]\s?(\d{1,3}))?)?(?![^\W_])")
_FEEDER_LEAD = re.compile(r"\b(?:tuyến|trụ|nhánh|đường dây|máy cắt|mc|xuất tuyến|phát tuyến|lộ|pha)\s+(?:số\s+)?$")

_GRID = re.compile(r"\b(?:tba|trạm|trụ|cột|tuyến|nhánh|điện)\b")


def diameter(scan: Scan, pos: int) -> Piece | None:
    """The size of a pipe."""
    found = _DIAMETER.match(scan.text, pos, scan.end)
    if not found:
        return None
    lead = spell(found[1]) if found[1].isascii() else "phi"
    return Piece(f"{lead} {say_integer(int(found[2]))}", pos, found.end())


def feeder(scan: Scan, pos: int) -> Piece | None:
    """A line of the grid or a post on it, digit by digit."""
    found = _FEEDER.match(scan.text, pos, scan.end)
    if not found or not (_FEEDER_LEAD.search(scan.tail(pos)) or (found[3] and _GRID.search(scan.tail(pos)))):
        return None
    words = f"{say_digits(found[1])} {spell(found[2])}"
    words += f" trên {say_integer(int(found[3]))}" if found[3] else ""
    return Piece(words + (f" đến {say_integer(int(found[4]))}" if found[4] else ""), pos, found.end())
