"""The parent's side of a supervised child process: time limit, kill on hang, a new child after a crash.

Native code (eSpeak, decoders, sound filters) may crash or hang; here that costs one child and one clear
error.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from audio.child import PROGRESS, REFUSED, RESULT, read_frame, write_frame
from broadcast import errors

_PACKAGES = str(Path(__file__).resolve().parent.parent)
# On a busy machine of two cores numpy's own threads waited for each other and made small products 15 times slower.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_LOOK_EVERY_S = 0.1  # how soon a cancellation is noticed while the child works


class ChildDied(Exception):
    """The child ended before it answered. `returncode` is negative for a signal, as in subprocess."""

    def __init__(self, returncode: int | None) -> None:
        super().__init__(f"child ended with {returncode}")
        self.returncode = returncode


class ChildHung(Exception):
    """The child did not answer in time and was killed."""


class ChildCancelled(Exception):
    """The one who asked no longer wants the answer; the child was killed."""


class SupervisedChild:
    """One `python -m module` that answers one request after the other.

    Started at the first request and again after it died or was killed. `ask` may be called from several
    threads; they take turns. The child ends with this process, however that ends (`audio.child.serve` sees
    its standard input close).
    """

    def __init__(self, module: str) -> None:
        self.module = module
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: SimpleQueue[bytes | None] = SimpleQueue()

    @property
    def pid(self) -> int | None:
        """The running child's process id; None where none runs."""
        return self._process.pid if self._process else None

    def ask(
        self,
        request: bytes,
        *,
        within_s: float,
        quiet_s: float | None = None,
        on_progress: Callable[[bytes], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> bytes:
        """The child's result for `request`.

        `within_s` limits the whole answer, `quiet_s` the time between two signs of life (default: no limit
        of its own). Raises ChildDied, ChildHung or ChildCancelled (no child is left running then), or the
        BroadcastError that the child sent.
        """
        with self._turn:
            try:
                return self._ask(request, within_s, quiet_s or within_s, on_progress, cancelled)
            except errors.BroadcastError:
                raise
            except BaseException:
                self._kill()
                raise

    def ask_twice(self, request: bytes, *, within_s: float) -> bytes:
        """`ask`, and once more in a new child where the first one died: perhaps for a reason outside this request."""
        try:
            return self.ask(request, within_s=within_s)
        except ChildDied:
            return self.ask(request, within_s=within_s)

    def close(self) -> None:
        """End the child. A later `ask` starts a new one."""
        with self._turn:
            self._kill()

    def _ask(
        self,
        request: bytes,
        within_s: float,
        quiet_s: float,
        on_progress: Callable[[bytes], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> bytes:
        process = self._running()
        assert process.stdin is not None
        # A child that died while idle breaks the pipe here; the end of its frames then says so below.
        with contextlib.suppress(OSError):
            write_frame(process.stdin, request)
        started = heard = time.monotonic()
        while True:
            left = min(started + within_s, heard + quiet_s) - time.monotonic()
            if left <= 0:
                raise ChildHung
            try:
                frame = self._frames.get(timeout=min(left, _LOOK_EVERY_S) if cancelled else left)
            except Empty:
                if cancelled and cancelled():
                    raise ChildCancelled from None
                continue
            if frame is None:
                raise ChildDied(process.wait())
            heard = time.monotonic()
            kind, payload = frame[:1], frame[1:]
            if kind == RESULT:
                return payload
            if kind == REFUSED:
                raise _refusal(payload)
            if kind == PROGRESS and on_progress:
                on_progress(payload)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._kill()
        paths = [_PACKAGES, *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**_ONE_THREAD, **os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert process.stdout is not None
        self._frames = SimpleQueue()
        threading.Thread(target=_pump, args=(process.stdout, self._frames), daemon=True).start()
        self._process = process
        return process

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # unsent bytes for a child that is gone
                process.stdin.close()


def _pump(stream: IO[bytes], frames: SimpleQueue[bytes | None]) -> None:
    """Move frames to the queue until the child is gone; None marks the end."""
    with stream:
        while (frame := read_frame(stream)) is not None:
            frames.put(frame)
    frames.put(None)


def _refusal(payload: bytes) -> errors.BroadcastError:
    said = json.loads(payload)
    kind = getattr(errors, said["kind"], errors.BroadcastError)
    refusal = kind(said["message_vi"], field=said["field"])
    assert isinstance(refusal, errors.BroadcastError)
    return refusal
