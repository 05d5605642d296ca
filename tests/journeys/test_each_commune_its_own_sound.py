"""One script, one approval, two communes: each loudspeaker says its own commune's name, and the log proves it.

Server and both stations are processes of their own. The bulletin is an emergency, so that nobody waits for a whole
minute: the sound goes the same way as any other.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from tests.processes import broadcast_station
from tests.real import PASSWORD, Place, eventually, people
from tests.visitor import Visitor

DISTRICT = f"""
[[unit]]
code = "H"
name = "huyện Sông Lam"
kind = "huyện"
variables = {{ "điện thoại" = "0276 3 100 100" }}

[[unit]]
code = "X1"
name = "xã An Bình"
kind = "xã"
parent = "H"

[[unit]]
code = "X2"
name = "xã Bình Minh"
kind = "xã"
parent = "H"
variables = {{ "điện thoại" = "0276 3 222 555" }}
{people("H")}
[[station]]
code = "TRAM1"
name = "Trạm An Bình"
unit = "X1"

[[station]]
code = "TRAM2"
name = "Trạm Bình Minh"
unit = "X2"

[[bulletin]]
code = "BAO"
title = "Bão vào"
class = "emergency"
script = "Bà con {{xã}} vào nhà ngay. Cần giúp gọi {{điện thoại}}."
chime = "none"
author = "soan"
"""


def enrol(place: Place, url: str, station: str, unit: str) -> Path:
    folder = place.folder / station
    code = place.run("station", "add", station, "--unit", unit).split()[-1]
    done = broadcast_station("enrol", url, code, "--data", str(folder), env=place.env)
    assert done.returncode == 0, done.stderr
    return folder


def test_one_approval_and_each_station_says_the_name_of_its_own_commune(tmp_path: Path) -> None:
    place = Place(tmp_path, settings={"BROADCAST_VOICE": "espeak"})
    place.load(DISTRICT)
    with place.serving() as (url, _), Visitor(url) as editor, Visitor(url) as approver:
        editor.sign_in("soan", PASSWORD)
        approver.sign_in("duyet", PASSWORD)
        folders = [enrol(place, url, station, unit) for station, unit in (("TRAM1", "X1"), ("TRAM2", "X2"))]
        with (
            place.playing(folders[0], output=f"wav:{tmp_path / 'wav1'}"),
            place.playing(folders[1], output=f"wav:{tmp_path / 'wav2'}"),
        ):
            ready = "SELECT count(*) FROM rendering WHERE state = 'ready'"
            eventually("both sounds", lambda: place.value(ready) == 2)
            editor.open("/ban-tin/BAO/sua")
            editor.send("/sua", act="submit")
            approver.open("/duyet")
            assert approver.path == "/duyet/BAO"
            approver.send("/duyet/BAO", heard_ms="3600000", sure="1")
            assert place.value("SELECT count(*) FROM approval") == 2
            eventually("both stations", lambda: place.value("SELECT count(*) FROM station_status") == 2)
            approver.open("/ban-tin/BAO/khan-cap")
            approver.send("/khan-cap", targets="unit:H")
            eventually("both soundings", lambda: len(sounded(place)) == 2)
            code = place.value("SELECT code FROM rule")
            approver.open(f"/khan-cap/{code}/dung")
            approver.send("/dung")
            stopped = "SELECT count(*) FROM log_entry WHERE kind IN ('stopped', 'finished')"
            eventually("both ends", lambda: place.value(stopped) == 2)
    assert sounded(place) == {"TRAM1": own(place, "X1"), "TRAM2": own(place, "X2")}
    assert own(place, "X1") != own(place, "X2")
    assert "TRAM2" in place.run("audit")
    heard = [soundfile.read(next(iter((tmp_path / name).glob("*.wav"))))[0] for name in ("wav1", "wav2")]
    shorter = min(map(len, heard))
    assert shorter > 0
    assert float(np.abs(heard[0][:shorter] - heard[1][:shorter]).max()) > 0.01


def sounded(place: Place) -> dict[str, str]:
    """Station → the sound that its log says began there."""
    rows = place.rows("SELECT station_code, entry FROM log_entry WHERE kind = 'started'")
    return {station: json.loads(entry)["audio"] for station, entry in rows}


def own(place: Place, unit: str) -> str:
    """The approved sound of that commune."""
    (row,) = place.rows(
        "SELECT rendering.audio_sha256 FROM rendering JOIN unit ON unit.id = rendering.unit_id "
        "JOIN approval ON approval.audio_sha256 = rendering.audio_sha256 WHERE unit.code = ?",
        unit,
    )
    return str(row[0])
