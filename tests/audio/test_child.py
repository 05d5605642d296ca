"""A child by itself: what it does when nobody hears it any more."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.child import RESULT, read_frame, write_frame

REQUEST = json.dumps({"text": "Kính thưa bà con.", "voice": "vi", "words_a_minute": 120, "amplitude": 100}).encode()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "audio.voices.espeak_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin"},
    ) as started:
        yield started
        started.kill()


def test_a_child_whose_answer_nobody_hears_leaves_without_a_word(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin
    assert child.stdout
    assert child.stderr
    child.stdout.close()  # cancelled: the parent's end is closed while the child still works
    write_frame(child.stdin, REQUEST)
    assert child.wait(60) == 0
    assert child.stderr.read() == b""


def test_a_key_that_stops_the_server_is_no_word_of_the_child_either(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin
    assert child.stdout
    assert child.stderr
    write_frame(child.stdin, REQUEST)
    first = read_frame(child.stdout)
    assert first is not None
    assert first[:1] == RESULT
    child.send_signal(signal.SIGINT)
    write_frame(child.stdin, REQUEST)
    again = read_frame(child.stdout)
    assert again is not None
    assert again[:1] == RESULT
    child.stdin.close()
    assert child.wait(60) == 0
    assert child.stderr.read() == b""
