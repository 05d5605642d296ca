"""Between server and station somebody alters, cuts and loses. What sounds is what was approved, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.faults.proxy import line_to
from tests.real import BULLETIN, PLACE, Place, broadcast_station, coming_minutes, eventually, rule, wall


def test_sound_and_programmes_that_are_altered_on_the_way_are_refused_and_the_true_ones_taken(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.load(PLACE + BULLETIN)
    log = tmp_path / "TRAM1.log"
    with place.serving() as (url, _), line_to(url) as line:
        folder = tmp_path / "TRAM1"
        code = place.code()
        assert broadcast_station("enrol", line.url, code, "--data", str(folder), env=place.env).returncode == 0

        def flipped(path: str, body: bytes) -> bytes:
            if "/audio/" not in path or len(body) < 1000:
                return body
            return body[:500] + bytes([body[500] ^ 1]) + body[501:]

        line.alter = flipped
        with place.playing(folder) as station:
            place.load(PLACE + BULLETIN + rule(["05:45"]))
            eventually(
                "an alarm about the altered sound",
                lambda: place.rows("SELECT 1 FROM log_entry WHERE kind = 'alarm' AND reason = 'signature'"),
            )
            assert "không khớp mã băm" in log.read_text("utf-8")
            assert [path for path in (folder / "audio").iterdir() if path.suffix != ".part"] == []
            assert place.value("SELECT audio_missing FROM station_status") in {0, 1}

            # The programme too: one approver's name for another, the time of an airing by a digit.
            def forged(path: str, body: bytes) -> bytes:
                return (
                    body.replace("Trần Văn Duyệt".encode(), "Trần Văn Duyẹt".encode()) if "manifest" in path else body
                )

            line.alter = forged
            (first,) = coming_minutes(1, ahead_s=25)
            place.load(PLACE + BULLETIN + rule([wall(first)]))
            eventually("its refusal", lambda: "không có chữ ký đúng" in log.read_text("utf-8"))

            # Answers that are lost: what was sent is sent again, and stored once.
            lost = 4

            def losing(path: str, body: bytes) -> bytes | None:
                nonlocal lost
                if "/station/log" in path and lost > 0:
                    lost -= 1
                    return None
                return body

            line.alter = losing
            eventually("the airing", lambda: place.rows("SELECT 1 FROM log_entry WHERE kind = 'finished'"), 150)
            eventually("an empty outbox", lambda: place.value("SELECT outbox FROM station_status") == 0)
            assert station.end() == 0
            assert lost < 4
    (sound,) = [path for path in (folder / "audio").iterdir() if path.suffix != ".part"]
    assert hashlib.sha256(sound.read_bytes()).hexdigest() == sound.name
    numbers = [seq for (seq,) in place.rows("SELECT seq FROM log_entry ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert place.report()["totals"]["complete"] == 1
    place.run("audit")
    assert place.value("SELECT count(*) FROM log_entry WHERE kind = 'started'") == 1
