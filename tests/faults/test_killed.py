"""The server dies without a word (SIGKILL), in the middle of things; afterwards everything is whole and goes on."""

from __future__ import annotations

import hashlib
import signal
import threading
from pathlib import Path

import httpx

from tests.faults.test_protocol import STATIONS, Sender
from tests.real import PLACE, Place, eventually

SENTENCES = "\n".join(
    f"Việc thứ {number}, mời bà con tới nhà văn hoá thôn {number} để nghe phổ biến." for number in range(2, 62)
)
LONG = f"""
[[bulletin]]
code = "DAI"
title = "Thông báo dài"
class = "normal"
author = "soan"
script = \"\"\"
{SENTENCES}
\"\"\"
"""


def whole(path: Path) -> bool:
    """Whether the file has the hash in its name."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def test_a_server_killed_in_the_middle_of_batches_has_each_entry_once_and_its_chain_is_whole(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.load(PLACE + STATIONS)
    batches, size = 24, 250
    with place.serving() as (url, process), httpx.Client(base_url=url, timeout=30) as http:
        port = int(url.rpartition(":")[2])
        sender = Sender(http, place.code())
        sender.write(batches * size)
        signed = [
            sender.machine.batch(sender.machine.items[start : start + size]) for start in range(0, batches * size, size)
        ]
        acknowledged: list[int] = []

        def send_all() -> None:
            """As a station does, until nobody answers."""
            try:
                for batch in signed:
                    answer = sender.send(batch=batch)
                    if answer.status_code == 200:
                        acknowledged.append(answer.json()["acknowledged"])
            except httpx.HTTPError:
                return

        thread = threading.Thread(target=send_all)
        thread.start()
        eventually("a few batches", lambda: len(acknowledged) >= 3, every_s=0.002)
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
        thread.join()
    before = {seq for (seq,) in place.rows("SELECT seq FROM log_entry")}
    assert set(range(1, max(acknowledged) + 1)) <= before, "what was acknowledged is on the disk"
    assert len(before) % size == 0, "a batch is there whole or not at all"
    assert len(before) < batches * size, "it was killed too late to show anything"
    place.run("audit")

    with place.serving(port=port) as (url, _), httpx.Client(base_url=url, timeout=30) as sender.http:
        answers = [sender.send(batch=batch).json() for batch in signed]
        assert all(answer["rejected"] == [] for answer in answers)
        assert sum(answer["duplicates"] for answer in answers) == len(before)
    rows = [seq for (seq,) in place.rows("SELECT seq FROM log_entry ORDER BY seq")]
    assert rows == list(range(1, batches * size + 1))
    place.run("audit")


def test_a_server_killed_while_it_renders_leaves_no_half_file_and_takes_the_order_up_again(tmp_path: Path) -> None:
    place = Place(tmp_path, settings={"BROADCAST_VOICE": "espeak"})
    place.load(PLACE + LONG)
    with place.serving() as (_, process):
        eventually(
            "some sentences of the sound",
            lambda: place.value(
                "SELECT sentences_done FROM rendering WHERE state = 'rendering' AND sentences_done > 2"
            ),
            every_s=0.02,
        )
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
    assert place.value("SELECT state FROM rendering") == "rendering"
    assert all(whole(path) for path in place.audio)
    with place.serving():
        eventually("the whole sound", lambda: place.value("SELECT state FROM rendering") == "ready", 180)
    sha256 = place.value("SELECT audio_sha256 FROM rendering")
    assert place.value("SELECT count(*) FROM audio_asset") == 1
    (path,) = place.audio
    assert (path.stem, whole(path)) == (sha256, True)
    assert list((place.data_dir / "audio" / "tmp").iterdir()) == []
    assert place.value("SELECT attempts FROM rendering") == 2
