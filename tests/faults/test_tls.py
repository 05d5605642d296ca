"""`serve --tls auto`: a station pins the server's own certificate with its code, and talks to no other."""

from __future__ import annotations

from pathlib import Path

from broadcast.wire import split_code
from tests.real import PLACE, Place, broadcast_station, eventually


def test_a_station_enrols_over_tls_with_the_pinned_certificate_of_the_server_and_refuses_another(
    tmp_path: Path,
) -> None:
    place, impostor = Place(tmp_path), Place(tmp_path, data="impostor")
    place.load(PLACE)
    impostor.load(PLACE)
    with place.serving("--tls", "auto", scheme="https") as (url, _):
        port = int(url.rpartition(":")[2])
        code = place.code()
        bare, pin = split_code(code)
        assert pin is not None
        # The code of another server carries another pin.
        with impostor.serving("--tls", "auto", scheme="https"):
            foreign = impostor.code()
        assert split_code(foreign)[1] != pin
        for wrong in (bare, f"{bare}.{split_code(foreign)[1]}"):
            done = broadcast_station("enrol", url, wrong, "--data", str(tmp_path / "never"), env=place.env)
            assert done.returncode == 1
            assert "chứng thư" in done.stderr
            assert done.stderr.count("\n") == 1
            assert not (tmp_path / "never" / "enrolment.json").exists()
        folder = tmp_path / "TRAM1"
        done = broadcast_station("enrol", url, code, "--data", str(folder), env=place.env)
        assert done.returncode == 0, done.stderr
        with place.playing(folder) as station:
            eventually("its status", lambda: place.rows("SELECT 1 FROM station_status"))
            assert station.end() == 0
    # Somebody else answers at the address of the server.
    log = tmp_path / "TRAM1.log"
    with impostor.serving("--tls", "auto", port=port, scheme="https"), place.playing(folder) as station:
        eventually("a word about it", lambda: "không phải chứng thư" in log.read_text("utf-8"))
        assert impostor.value("SELECT count(*) FROM station_status") == 0
        assert station.end() == 0
