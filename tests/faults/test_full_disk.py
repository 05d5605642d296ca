"""A full disk: one clear line, nothing half-written, and everything goes on when there is room again."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from pathlib import Path

import httpx

from tests.faults.disks import fill, small_disk
from tests.faults.test_killed import whole
from tests.faults.test_protocol import STATIONS, Sender
from tests.real import BULLETIN, PLACE, Place, coming_minutes, eventually, rule, wall


def counts(place: Place) -> dict[str, int]:
    tables = ("unit", "person", "bulletin", "revision", "rendering", "audio_asset", "approval", "log_entry")
    return {table: place.value(f"SELECT count(*) FROM {table}") for table in tables}


def test_a_load_onto_a_full_disk_changes_nothing_says_so_in_one_line_and_works_when_there_is_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        place = Place(tmp_path, data="disk/data")
        place.load(PLACE)
        before = counts(place)
        filler = fill(disk)
        told = place.load(PLACE + BULLETIN, code=1)
        assert told.startswith("Ổ đĩa đã đầy")
        assert place.audio == []
        filler.unlink()
        assert counts(place) == before
        assert "Không có gì" not in place.load(PLACE + BULLETIN)
        assert len(place.audio) == 1
        assert counts(place)["approval"] == 1


def test_a_file_that_may_not_grow_is_the_same_as_a_full_disk(tmp_path: Path) -> None:
    """Without a disk of its own: a limit on the size of files (RLIMIT_FSIZE), which every user may set."""
    place = Place(tmp_path)
    place.load(PLACE)
    before = counts(place)
    path = tmp_path / "more.toml"
    path.write_text(PLACE + BULLETIN, encoding="utf-8")
    limit = 30_000  # less than the sound, and less than the database is already

    done = subprocess.run(
        [sys.executable, "-c", "import sys, web.cli as m; sys.exit(m.main())", "load", str(path)],
        env=place.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert counts(place) == before
    assert all(whole(file) for file in place.audio)
    place.load(PLACE + BULLETIN)
    assert counts(place)["approval"] == 1


def test_a_server_whose_disk_fills_up_loses_no_entry_and_stays_up(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        place = Place(tmp_path, data="disk/data")
        place.load(PLACE + STATIONS)
        with place.serving() as (url, process), httpx.Client(base_url=url, timeout=30) as http:
            sender = Sender(http, place.code())
            sender.write(400)
            assert sender.send(sender.machine.items[:10]).status_code == 200
            filler = fill(disk)
            answer = sender.send()
            assert answer.status_code >= 500
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert process.process.poll() is None
            # What only reads still works.
            assert http.get("/api/v1/station/manifest", headers=sender.headers).status_code in {200, 500, 503, 507}
            assert http.get("/dang-nhap").status_code == 200
            filler.unlink()
            again = eventually("room", lambda: (got := sender.send()).status_code == 200 and got.json(), 30)
            assert (again["acknowledged"], again["duplicates"], again["rejected"]) == (400, 10, [])
        place.run("audit")
        assert place.value("SELECT count(*) FROM log_entry") == 400
        assert "Traceback" not in (tmp_path / "server.log").read_text("utf-8")


def test_a_station_whose_card_fills_up_plays_on_says_so_and_its_entries_arrive_later(tmp_path: Path) -> None:
    (first,) = coming_minutes(1, ahead_s=25)
    place = Place(tmp_path)
    place.load(PLACE + BULLETIN + rule([wall(first)]))
    with small_disk(tmp_path / "TRAM1", "32m") as card, place.serving() as (url, _):
        folder = place.enrol(url)
        assert folder == card
        with place.playing(folder) as station:
            eventually("the audio", lambda: place.rows("SELECT 1 FROM log_entry WHERE kind = 'fetched'"))
            filler = fill(card)
            log = tmp_path / "TRAM1.log"
            eventually("the sounding", lambda: "phát xong" in log.read_text("utf-8"), 120)
            assert place.rows("SELECT 1 FROM log_entry WHERE kind = 'finished'") == []
            assert "Chưa ghi được nhật ký" in log.read_text("utf-8")
            filler.unlink()
            eventually("its proof", lambda: place.rows("SELECT 1 FROM log_entry WHERE kind = 'finished'"), 90)
            assert station.end() == 0
            assert "Traceback" not in log.read_text("utf-8")
    assert place.report()["totals"]["complete"] == 1
    place.run("audit")
    for path in place.audio:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
