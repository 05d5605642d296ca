"""A server or a command that cannot have its folder or its port: exit 1, one line that says which, nothing begun."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.faults.disks import read_only
from tests.real import PLACE, Place, broadcast, broadcast_station, free_port


def one_line(told: str) -> str:
    assert told.count("\n") == 1, told
    assert "Traceback" not in told
    return told


def test_a_data_folder_that_is_a_file_is_said_in_one_line(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.data_dir.write_text("not a folder")
    (tmp_path / "a.toml").write_text(PLACE, encoding="utf-8")
    for arguments in (
        ("serve", "--port", str(free_port())),
        ("load", str(tmp_path / "a.toml")),
        ("station", "add", "TRAM1", "--unit", "BA"),
        ("restore", str(tmp_path / "a.toml")),
    ):
        told = one_line(place.run(*arguments, code=1))
        assert str(place.data_dir) in told or arguments[0] == "restore", told
    assert place.data_dir.read_text() == "not a folder"
    done = broadcast_station(
        "enrol", "http://127.0.0.1:9", "AAAA-BBBB-CCCC", "--data", str(place.data_dir / "x"), env=place.env
    )
    assert (done.returncode, one_line(done.stderr) != "") == (1, True)


def test_a_read_only_data_folder_is_said_in_one_line_and_can_still_be_read(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.load(PLACE)
    with read_only(place.data_dir):
        for arguments in (
            ("serve", "--port", str(free_port())),
            ("load", str(tmp_path / "thiet-lap.toml")),
            ("station", "add", "TRAM1", "--unit", "BA"),
        ):
            told = one_line(place.run(*arguments, code=1))
            assert str(place.data_dir) in told
            assert "ghi" in told
    # Nothing was left behind that would stop it now.
    with place.serving():
        assert place.code()


def test_a_second_server_on_the_same_data_or_the_same_port_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    place, other = Place(tmp_path), Place(tmp_path, data="other")
    place.load(PLACE)
    with place.serving() as (url, process):
        port = url.rpartition(":")[2]
        told = one_line(place.run("serve", "--port", str(free_port()), code=1))
        assert str(place.data_dir) in told
        told = one_line(other.run("serve", "--port", port, code=1))
        assert port in told
        assert not (other.data_dir / "broadcast.db").exists()
        assert process.process.poll() is None
        # Commands may run beside it.
        assert place.code()
        process.end(signal.SIGKILL)
    # The lock died with its process.
    with place.serving(port=int(port)) as (again, _):
        assert again == url


def test_a_server_for_the_network_without_protection_does_not_start(tmp_path: Path) -> None:
    done = broadcast("serve", "--host", "0.0.0.0", "--port", str(free_port()), env=Place(tmp_path).env)
    assert done.returncode == 1
    assert "--tls auto" in one_line(done.stderr)
    assert not (tmp_path / "data" / "broadcast.db").exists()
