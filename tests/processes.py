"""Real processes for tests: commands, a server on a free port, a station."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

START_S = 90  # a loaded machine; a healthy one needs three


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """That of this process without its own settings, and a data folder of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCAST_")}
    return kept | {"BROADCAST_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"} | settings


def broadcast(*arguments: str, env: dict[str, str], stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """Runs `broadcast …` to its end."""
    return _run("web.cli", arguments, env, stdin)


def broadcast_station(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs `broadcast-station …` to its end."""
    return _run("station.cli", arguments, env, "")


def _run(
    module: str, arguments: Sequence[str], env: dict[str, str], stdin: str | bytes
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module} as m; sys.exit(m.main())", *arguments],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        env=env,
        timeout=300,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A process that goes on until the test ends it."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends the signal and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextlib.contextmanager
def running(module: str, *arguments: str, env: dict[str, str], log: Path) -> Iterator[Running]:
    """The process, ended at the latest when the block does."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", f"import sys, {module} as m; sys.exit(m.main())", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
        )
    try:
        yield Running(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def server(
    *arguments: str, env: dict[str, str], log: Path, port: int | None = None, scheme: str = "http"
) -> Iterator[tuple[str, Running]]:
    """`broadcast serve` on a free port: its address, once it answers."""
    port = port or free_port()
    url = f"{scheme}://127.0.0.1:{port}"
    with running("web.cli", "serve", "--port", str(port), *arguments, env=env, log=log) as process:
        until = time.monotonic() + START_S
        while not _answers(url):
            if process.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the server did not start:\n{process.said()}")
            time.sleep(0.1)
        yield url, process


def _answers(url: str) -> bool:
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{url}/dang-nhap", timeout=5, context=anyone if url.startswith("https") else None):
            return True
    except OSError:
        return False
