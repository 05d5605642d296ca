"""What has become of airings: begun or missed, on the disk, so that nothing is played twice."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from typing import Literal
from uuid import UUID

from broadcast.wire import ManifestAiring
from station.state import State

REMEMBER_MS = 60 * 86_400_000
"""What was played is remembered for much longer than any programme reaches back."""

Fate = Literal["begun", "missed"]


class Memory:
    """Airing id → its fate and when that was (trusted milliseconds). The player's thread only."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._fates: dict[str, tuple[Fate, int]] = {}

    def recall(self) -> None:
        """Take up what the disk says."""
        self._fates = {
            airing: (fate, changed_ms)
            for airing, fate, changed_ms in self._state.rows("SELECT id, state, changed_ms FROM airing")
        }

    def forget_before(self, window_ms: int) -> None:
        """Drop what lies long before a programme that begins at `window_ms`. The programme's word, not a clock's."""
        old_ms = window_ms - REMEMBER_MS
        old = [airing for airing, (_, changed_ms) in self._fates.items() if changed_ms < old_ms]
        if not old:
            return
        # A full disk keeps what it holds: it is only looked through again with the next programme.
        with contextlib.suppress(sqlite3.OperationalError):
            with self._state.writing() as db:
                db.executemany("DELETE FROM airing WHERE id = ?", [(airing,) for airing in old])
            for airing in old:
                del self._fates[airing]

    def knows(self, airing: ManifestAiring) -> bool:
        """Whether it has begun or was missed."""
        return str(airing.id) in self._fates

    def was_missed(self, airing: ManifestAiring) -> bool:
        """Whether that is the last word about it."""
        known = self._fates.get(str(airing.id))
        return known is not None and known[0] == "missed"

    def begun_at_ms(self, airing: ManifestAiring) -> int | None:
        """When it was last heard of while it sounded; None where it never began, or was missed since."""
        known = self._fates.get(str(airing.id))
        return known[1] if known is not None and known[0] == "begun" else None

    def note(self, airing: UUID, fate: Fate, at_ms: int) -> Callable[[sqlite3.Connection], None]:
        """Remember from now on; what is given back writes it to the disk, in the transaction of the entry about it."""
        self._fates[str(airing)] = (fate, at_ms)

        def write(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO airing VALUES (?, ?, ?)", (str(airing), fate, at_ms))

        return write
