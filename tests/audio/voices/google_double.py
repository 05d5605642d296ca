"""A loopback double of Google's speech service: answers what its `behaviour` says, and counts what it was asked."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import soundfile

from audio.voices.tone import ToneVoice
from tests.audio.voices.loopback import Answering, Loopback, answering


@dataclass
class Double:
    """`behaviour`: speaks, trickles, sign-in, redirect, busy, broken, empty, no-sound, short, noise, huge."""

    behaviour: str = "speaks"
    address: str = ""
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def _mp3_of(text: str) -> bytes:
    speech = ToneVoice().say(text)
    out = io.BytesIO()
    soundfile.write(out, speech.samples, speech.sample_rate, format="MP3", subtype="MPEG_LAYER_III")
    return out.getvalue()


def _spoken(text: str, behaviour: str) -> bytes:
    sound = {"no-sound": b"", "short": _mp3_of("a"), "noise": b"\xff\xd8\xff\xe0 this is a picture" * 50}.get(behaviour)
    encoded = base64.b64encode(_mp3_of(text) if sound is None else sound).decode()
    line = json.dumps([["wrb.fr", "jQ1olc", json.dumps([encoded]), None, None, None, "generic"]])
    return f")]}}'\n\n{len(line)}\n{line}\n".encode()


class _Handler(Answering):
    server: Loopback[Double]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        text = json.loads(json.loads(parse_qs(body)["f.req"][0])[0][0][1])[0]
        self.server.double.asked.append(text)
        self._answer(text, self.server.double)

    def do_GET(self) -> None:
        self.server.double.asked.append("a redirect was followed")
        self.send(200, b"<html>sign in</html>")

    def _answer(self, text: str, double: Double) -> None:
        match double.behaviour:
            case "busy":
                self.send(429, b"")
            case "broken":
                self.send(503, b"")
            case "empty":
                self.send(200, b"")
            case "sign-in":
                self.send(200, b"<html><body>Xin moi dang nhap Wi-Fi</body></html>")
            case "redirect":
                self.send(302, b"", Location=double.address)
            case "huge":
                self.send(200, b"x" * 5_000_000)
            case "trickles":
                self.send_response(200)
                self.end_headers()
                while not double.over.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            case behaviour:
                self.send(200, _spoken(text, behaviour))


@contextmanager
def google_double(certificate: Path | None = None) -> Iterator[Double]:
    """A running double."""
    double = Double()
    with answering(Loopback(_Handler, double), double.over, certificate) as address:
        double.address = f"{address}/speech"
        yield double
