"""The child's side of a supervised child process, and the frames both sides speak (see `audio.supervised`).

Only the standard library is imported here: a child that speaks one sentence must start in a few hundredths
of a second.

A frame is a little-endian u32 length and that many bytes. Requests are whole frames.
An answer's first byte says what it is:
`+` the result, `~` progress (more follows), `!` a BroadcastError as JSON `{kind, message_vi, field}`.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO

from broadcast.errors import BroadcastError

RESULT, PROGRESS, REFUSED = b"+", b"~", b"!"
LARGEST_FRAME = 512 * 1024 * 1024  # longer than any sentence; a length beyond it is noise, not a frame

Tell = Callable[[bytes], None]
Answer = Callable[[bytes, Tell], bytes]


def write_frame(stream: IO[bytes], payload: bytes) -> None:
    """Write one frame and flush it. Raises OSError where the other side is gone."""
    stream.write(struct.pack("<I", len(payload)))
    stream.write(payload)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next whole frame, or None at the end of the stream (also in the middle of a frame)."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack("<I", head)
    if length > LARGEST_FRAME:
        return None
    payload = stream.read(length)
    return payload if len(payload) == length else None


def serve(answer: Answer) -> None:
    """Answer requests from standard input on standard output until the parent is gone.

    A BroadcastError is sent back as a refusal; anything else ends the child, which the parent reports.
    Requests are read in a thread of their own: when the parent dies its end of the pipe closes, and the
    child leaves at once, even while native code works or hangs. A parent that is gone is no error: nothing
    is said of it.
    """
    # Ctrl+C reaches the whole group of processes: what then becomes of a child is for its parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What native libraries print must not end up between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    source = sys.stdin.buffer
    requests: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        while (request := read_frame(source)) is not None:
            requests.put(request)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        request = requests.get()
        try:
            result = RESULT + answer(request, lambda progress: _send(out, PROGRESS + progress))
        except BroadcastError as refusal:
            known = next(kind for kind in type(refusal).__mro__ if kind.__module__ == BroadcastError.__module__)
            said = {"kind": known.__name__, "message_vi": refusal.message_vi, "field": refusal.field}
            result = REFUSED + json.dumps(said).encode()
        except BaseException:  # noqa: BLE001 — nothing is hidden: it is told, and this process ends
            # Told, and out at once: an orderly end would wait for the thread that reads.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        _send(out, result)


def _send(out: IO[bytes], frame: bytes) -> None:
    try:
        write_frame(out, frame)
    except OSError:  # nobody hears any more
        os._exit(0)
