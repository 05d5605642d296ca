"""A state file that the card has spoilt: put aside, and a new one made of what can still be read of it."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from broadcast.wire import entry_hash
from station.errors import StationError
from station.state import DamagedState, State, put_in

log = logging.getLogger(__name__)

_TABLES: dict[str, tuple[type, ...]] = {
    "meta": (str, str),
    "manifest": (int, bytes, str, str, int),
    "entry": (int, str, str),
    "airing": (str, str, int),
    "playing": (int, str, str, int, int, int, int),
}
"""Each table with what its columns hold."""

CHAIN_LOST = "chain_lost"
"""Kept in the state where the end of the log's chain could not be read: the server is asked for it."""


def open_state(path: Path) -> State:
    """The state in `path`; where it is damaged, a new one with what could be saved. Raises StationError.

    The damaged file stays beside it under another name, for whoever wants to look into it.
    """
    try:
        return State(path)
    except DamagedState as error:
        aside = _put_aside(path)
        log.warning("%s Tệp hỏng được giữ lại với tên %s.", error.message_vi, aside.name)
    state = State(path)
    try:
        _save_into(state, aside)
    except sqlite3.Error as error:
        state.close()
        raise StationError(f"Không dựng lại được dữ liệu của trạm ({path}): {error}.") from error
    return state


def _put_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.hong-{number}")).exists():
        number += 1
    try:
        for ending in ("-wal", "-shm", ""):
            part = path.with_name(path.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
    except OSError as error:
        raise StationError(f"Dữ liệu của trạm ({path}) hỏng và không dời đi được: {error.strerror}.") from error
    return aside


def _save_into(state: State, aside: Path) -> None:
    with state.writing() as db:
        for table, columns in _TABLES.items():
            places = ", ".join("?" * len(columns))
            for row in _readable(aside, table):
                if tuple(map(type, row)) == columns and _is_sound(table, row):
                    db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", row)  # noqa: S608 - names from here
        head = db.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()
        last = db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        if head is None and last is not None:
            put_in(db, "head", list(last))
        elif head is None:
            put_in(db, CHAIN_LOST, True)


def _readable(path: Path, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table from both its ends, as far as they can be read."""
    for order in ("ASC", "DESC"):
        db = sqlite3.connect(path)
        try:
            yield from db.execute(f"SELECT * FROM {table} ORDER BY 1 {order}")  # noqa: S608 - names from here
        except sqlite3.DatabaseError:
            continue  # this is what it is about: the other end may go further
        else:
            return
        finally:
            db.close()


def _is_sound(table: str, row: tuple[Any, ...]) -> bool:
    """Whether it can be seen to be what was written. A programme is looked at by its signature, later."""
    if table == "entry":
        return entry_hash(str(row[1])) == str(row[2])
    if table == "meta":
        try:
            json.loads(row[1])
        except ValueError:
            return False
    return True
