"""One line of Cần xử lý."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """`grave`: something did not sound or will not; else something waits. `others` are further (button, address)."""

    sentence: str
    button: str
    href: str
    grave: bool = False
    others: tuple[tuple[str, str], ...] = ()
