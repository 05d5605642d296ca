"""The server burns down. Its backup is restored on another machine, and the stations go on as if nothing had been."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from tests.real import BULLETIN, PLACE, Place, eventually, rule, wall


def held(folder: Path) -> int:
    """The sequence of the programme on the station's disk."""
    with closing(sqlite3.connect(f"file:{folder / 'station.db'}?mode=ro", uri=True)) as file:
        rows = file.execute("SELECT sequence FROM manifest").fetchall()
    return int(rows[0][0]) if rows else 0


def test_a_station_goes_on_with_the_restored_server_without_enrolling_again_and_its_sequence_never_goes_back(
    tmp_path: Path,
) -> None:
    old, new = Place(tmp_path, data="old"), Place(tmp_path, data="new")
    old.load(PLACE + BULLETIN + rule(["05:45"]))
    with old.serving() as (url, _):
        folder = old.enrol(url)
        kept = (folder / "enrolment.json").read_text("utf-8")
        with old.playing(folder):
            eventually("its audio", lambda: old.rows("SELECT 1 FROM log_entry WHERE kind = 'fetched'"))
            old.run("backup", str(tmp_path / "sao-luu.tar"))
            at_backup = held(folder)
            # Life goes on after the backup: a programme and entries that it does not know.
            old.load(PLACE + BULLETIN + rule(["05:45", "06:45", "17:15"]))
            eventually("a newer programme", lambda: held(folder) > at_backup)
            eventually("an empty outbox", lambda: old.value("SELECT outbox FROM station_status") == 0)
            entries = old.value("SELECT count(*) FROM log_entry")
    newest = held(folder)

    new.run("restore", str(tmp_path / "sao-luu.tar"))
    assert new.value("SELECT count(*) FROM log_entry") <= entries
    new.load(PLACE + BULLETIN + rule(["07:45"]))
    with new.serving() as (moved, _), new.playing(folder, "--server", moved) as station:
        eventually("a programme above the one held", lambda: held(folder) > newest)
        airings = eventually("its plan", lambda: planned(folder))
        assert airings == {"07:45"}
        eventually("its status", lambda: (new.value("SELECT manifest_sequence FROM station_status") or 0) > newest)
        assert station.end() == 0
    assert (folder / "enrolment.json").read_text("utf-8") == kept
    assert new.value("SELECT count(*) FROM enrolment") == 1
    assert new.value("SELECT ended_at FROM enrolment") is None


def planned(folder: Path) -> set[str]:
    """Local times of day in the programme that the station holds."""
    with closing(sqlite3.connect(f"file:{folder / 'station.db'}?mode=ro", uri=True)) as file:
        (body,) = file.execute("SELECT CAST(body AS TEXT) FROM manifest").fetchone()
    return {wall(datetime.fromisoformat(airing["starts_at"])) for airing in json.loads(body)["airings"]}
