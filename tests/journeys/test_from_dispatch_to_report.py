"""The whole way, once, through real parts: a dispatch becomes a bulletin, the bulletin sounds, the sounding is proven.

Server, station and commands are processes of their own; people come over HTTP. Nothing is stood in for but the
loudspeaker, whose samples go into a file and are measured there.
"""

from __future__ import annotations

import hashlib
import re
import signal
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import soundfile

from audio.measuring import loudness_lufs
from broadcast.clock import local_day
from tests.conftest import SHARED
from tests.processes import Running
from tests.real import PASSWORD, PLACE, Place, coming_minutes, eventually, wall
from tests.visitor import Visitor

OWN = Path(__file__).parents[1] / "specimens" / "03-ke-hoach-muc-la-ma.txt"

# What the editor leaves of the draft, so that an airing lasts about twenty seconds.
KEPT_SENTENCES = 2


def the_dispatch() -> Path:
    """The founding dispatch about a health app where it lies beside the project, else a plan of our own."""
    return next(iter(sorted(SHARED.glob("dispatches/004*.txt"))), OWN)


def short(script: str) -> str:
    """The greeting, the first sentences and the thanks of the draft."""
    lines = [line for line in script.splitlines() if line.strip()]
    sentences = re.split(r"(?<=[.!])\s+", lines[1])
    return "\n\n".join([lines[0], " ".join(sentences[:KEPT_SENTENCES]), lines[-1]])


def test_a_dispatch_becomes_a_proven_airing_and_a_figure_in_the_report(tmp_path: Path) -> None:
    place = Place(tmp_path, settings={"BROADCAST_VOICE": "espeak"})
    place.load(PLACE)
    with place.serving() as (url, process):
        port = int(url.rpartition(":")[2])
        with Visitor(url) as editor, Visitor(url) as approver:
            editor.sign_in("soan", PASSWORD)
            approver.sign_in("duyet", PASSWORD)
            bulletin = written(editor)
            sound = approved(editor, approver, bulletin)
            folder = place.enrol(url)
            with place.playing(folder, output=f"wav:{tmp_path / 'wav'}") as station:
                eventually("a first word of the station", lambda: place.rows("SELECT 1 FROM station_status"))
                first, second = ordered(editor, bulletin)
                finished(place, 1)
                proven(place, editor, local_day(first), tmp_path / "wav")
                assert len(sound) > 10_000
                restarted = killed_in_the_second(place, process)
                assert restarted == -signal.SIGKILL
                with place.serving(port=port):
                    finished(place, 2)
                    assert place.report()["totals"]["complete"] == 2
                    eventually("an empty outbox", lambda: place.value("SELECT outbox FROM station_status") == 0)
                    assert station.end() == 0
                    exactly_once(place, tmp_path / "wav", second)


def written(editor: Visitor) -> str:
    """From the letter to a submitted bulletin: its code."""
    letter = the_dispatch()
    editor.open("/cong-van/moi")
    editor.send("/cong-van/moi", file=("file", letter.name, letter.read_bytes()))
    assert re.fullmatch(r"/cong-van/\d+", editor.path)
    editor.send("/soan")  # one click
    code = editor.path.split("/")[2]
    assert editor.path == f"/ban-tin/{code}/sua"
    script = dict(editor.form("/sua").fields)["script"]
    assert script.startswith("Kính thưa")
    assert "[điền" not in script
    for office in ("Nơi nhận", "Kính gửi", "Lưu:", "KT. CHỦ TỊCH", "chỉ đạo quyết liệt"):
        assert office not in script
    editor.send("/sua", script=short(script), act="save")
    eventually("the sound", lambda: "/am-thanh/" in editor.open(f"/ban-tin/{code}/sua"), 120, 0.5)
    editor.send("/sua", act="submit")
    assert editor.path == f"/ban-tin/{code}"
    assert "chờ duyệt" in editor.text
    return code


def approved(editor: Visitor, approver: Visitor, code: str) -> bytes:
    """The editor may not; the approver hears the sound and approves. The sound."""
    assert editor.get(f"/duyet/{code}").status_code == 403
    approver.open("/duyet")
    assert approver.path == f"/duyet/{code}"
    sha256 = dict(approver.form(f"/duyet/{code}").fields)["audio"]
    heard = approver.get(f"/am-thanh/{sha256}.mp3")
    assert heard.status_code == 200
    assert hashlib.sha256(heard.content).hexdigest() == sha256
    approver.send(f"/duyet/{code}", heard_ms="3600000")
    assert "đã duyệt" in approver.text
    return heard.content


def ordered(editor: Visitor, code: str) -> tuple[datetime, datetime]:
    """A rule for the coming minutes, written by the editor."""
    first, second = coming_minutes(2, ahead_s=12)
    editor.open(f"/lich-phat/moi?ban-tin={code}")
    editor.send("/lich-phat/moi", targets="unit:BA", times=f"{wall(first)}, {wall(second)}", until_on="")
    assert re.fullmatch(r"/lich-phat/LP[\w-]+", editor.path)
    return first, second


def finished(place: Place, number: int) -> None:
    count = "SELECT count(*) FROM log_entry WHERE kind = 'finished'"
    eventually(f"end {number} of a sounding", lambda: place.value(count) == number, 150)


def proven(place: Place, editor: Visitor, today: date, folder: Path) -> None:
    """One airing is complete: in the command's figures, on the report's page, on its own page, in the chain, in the
    samples that went to the loudspeaker."""
    report = place.report()
    assert (report["totals"]["missed"], report["totals"]["late"], report["totals"]["partial"]) == (0, 0, 0)
    assert [(row["code"], row["complete"]) for row in report["stations"]] == [("TRAM1", 1)]
    assert report["totals"]["minutes_sounded"] > 0

    page = editor.open(f"/bao-cao?tu={today}&den={today}")
    assert re.search(r"\b1 / 1\s+lượt đến giờ đã phát", re.sub(r"<[^>]+>", "", page))
    whole = editor.get(f"/bao-cao/tep.json?tu={today}&den={today}").json()
    assert (whole["totals"], whole["stations"]) == (report["totals"], report["stations"])

    airing = place.value("SELECT airing_id FROM log_entry WHERE kind = 'finished'")
    dashed = "-".join((airing[:8], airing[8:12], airing[12:16], airing[16:20], airing[20:]))
    page = editor.open(f"/luot-phat/{dashed}")
    (hash_,) = place.rows("SELECT hash FROM log_entry WHERE kind = 'finished'")[0]
    for words in ("đã phát", "Bằng chứng", "Trần Văn Duyệt", hash_):
        assert words in page
    assert "TRAM1" in place.run("audit")

    (file,) = folder.glob(f"*{dashed}.wav")
    samples, rate = soundfile.read(file)
    duration_ms = place.value("SELECT duration_ms FROM airing LIMIT 1")
    assert abs(len(samples) / rate * 1000 - duration_ms) < 250
    # At volume 100 it would be −16 LUFS; a station begins at less. What matters: it speaks all through.
    assert loudness_lufs(samples.astype(np.float32), rate) > -40
    seconds = np.array_split(samples, max(1, len(samples) // rate))
    assert sum(float(np.abs(second).max()) > 0.005 for second in seconds) >= 0.9 * len(seconds)


def killed_in_the_second(place: Place, process: Running) -> int:
    """While the station plays the second airing the server dies without a word: its exit code."""
    begun = "SELECT count(*) FROM log_entry WHERE kind = 'started'"
    eventually("the second start", lambda: place.value(begun) == 2, 120)
    return process.end(signal.SIGKILL)


def exactly_once(place: Place, folder: Path, second: datetime) -> None:
    """Two files, two starts, two ends, each entry once and in order; the chain is whole."""
    assert len(list(folder.glob("*.wav"))) == 2
    kinds = [kind for (kind,) in place.rows("SELECT kind FROM log_entry ORDER BY seq")]
    assert (kinds.count("started"), kinds.count("finished")) == (2, 2)
    numbers = [seq for (seq,) in place.rows("SELECT seq FROM log_entry ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert place.value("SELECT count(*) FROM set_aside") == 0
    (started,) = place.rows("SELECT started_at FROM log_entry WHERE kind = 'started' ORDER BY seq DESC LIMIT 1")[0]
    late_s = (datetime.fromisoformat(started).replace(tzinfo=UTC) - second).total_seconds()
    assert 0 <= late_s <= 5
    assert "TRAM1" in place.run("audit")
