"""A loopback copy of the public collection of voices."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.audio.voices.loopback import Answering, Loopback, answering
from tests.audio.voices.tiny_voice import write_collection


@dataclass
class Shelf:
    """What voice files (`.onnx`) are answered with; the index and the small files always come as they are.

    `behaviour`: serves, no-range, cut, wrong, more, less, trickles, busy, gone, redirect, loop.
    """

    folder: Path
    behaviour: str = "serves"
    address: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(file name, Range header) of each request."""
    over: threading.Event = field(default_factory=threading.Event)

    def ranges(self, ending: str) -> list[str]:
        """The Range headers of the requests for files that end so."""
        return [asked for name, asked in self.asked if name.endswith(ending)]


class _Handler(Answering):
    server: Loopback[Shelf]

    def do_GET(self) -> None:
        shelf, path = self.server.double, unquote(urlsplit(self.path).path)
        wanted = self.headers.get("Range", "")
        shelf.asked.append((path.rpartition("/")[2], wanted))
        file = shelf.folder / path.removeprefix("/moved").lstrip("/")
        if not file.is_file():
            self.send(404, b"")
            return
        content = file.read_bytes()
        if path.endswith(".onnx") and shelf.behaviour != "serves" and not path.startswith("/moved"):
            self._misbehave(content, wanted)
        else:
            self._serve(content, wanted)

    def _serve(self, content: bytes, wanted: str) -> None:
        start = re.fullmatch(r"bytes=(\d+)-", wanted)
        if start is None:
            self.send(200, content)
            return
        at = int(start[1])
        self.send(206, content[at:], **{"Content-Range": f"bytes {at}-{len(content) - 1}/{len(content)}"})

    def _misbehave(self, content: bytes, wanted: str) -> None:
        shelf = self.server.double
        moved = {"redirect": f"/moved{self.path}", "loop": self.path}
        if shelf.behaviour in moved:
            self.send(302, b"", Location=moved[shelf.behaviour])
        elif shelf.behaviour == "cut":
            shelf.behaviour = "serves"
            self.send(200, content[: len(content) // 2], **{"Content-Length": str(len(content))})
            self.close_connection = True
        elif shelf.behaviour == "wrong":
            self._serve(content[:-1] + bytes([content[-1] ^ 1]), wanted)
        elif shelf.behaviour == "trickles":
            self._trickle(content)
        else:
            answers = {"no-range": content, "more": content * 3, "less": content[:-10]}
            refused = {"busy": 429, "gone": 404}
            self.send(refused.get(shelf.behaviour, 200), answers.get(shelf.behaviour, b""))

    def _trickle(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for at in range(len(content)):
            if self.server.double.over.wait(0.05):
                return
            self.wfile.write(content[at : at + 1])


@contextmanager
def collection_double(
    folder: Path, name: str, *, certificate: Path | None = None, sound: bytes | None = None
) -> Iterator[Shelf]:
    """A running copy with one voice in it."""
    write_collection(folder, name, sound=sound)
    shelf = Shelf(folder)
    with answering(Loopback(_Handler, shelf), shelf.over, certificate) as shelf.address:
        yield shelf
