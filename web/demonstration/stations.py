"""Keeps the station processes: `python -m web.demonstration.stations`, told which on standard input.

It starts what died anew, and ends everything when its standard input closes: however the server ends, that happens.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

RESTART_AFTER_S = 3.0
ENROL_TRIES = 20


class Keeper:
    def __init__(self, url: str, stations: list[dict[str, Any]]) -> None:
        self.url = url
        self.stations = stations
        self.ending = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def run(self) -> None:
        threads = [threading.Thread(target=self._keep, args=(station,)) for station in self.stations]
        for thread in threads:
            thread.start()
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()  # until the server is gone
        self.end()
        for thread in threads:
            thread.join()

    def end(self) -> None:
        self.ending.set()
        with self._lock:
            for process in self._processes:
                if process.poll() is None:
                    process.terminate()

    def _keep(self, station: dict[str, Any]) -> None:
        data = Path(station["data"])
        if station["code"] is not None:
            shutil.rmtree(data, ignore_errors=True)  # an older machine's memory: this one enrols anew
            data.parent.mkdir(parents=True, exist_ok=True)
            for _ in range(ENROL_TRIES):
                if self.ending.is_set() or self._command(data, "enrol", self.url, station["code"]) == 0:
                    break
                self.ending.wait(0.5)
        while not self.ending.is_set():
            self._command(data, "run", "--output", "null")
            self.ending.wait(RESTART_AFTER_S)

    def _command(self, data: Path, *arguments: str) -> int:
        data.parent.mkdir(parents=True, exist_ok=True)
        with (data.parent / f"{data.name}.log").open("ab") as log, self._lock:
            if self.ending.is_set():
                return 1
            process = subprocess.Popen(
                [sys.executable, "-m", "station.cli", *arguments, "--data", str(data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            self._processes = [kept for kept in self._processes if kept.poll() is None] + [process]
        return self._wait(process)

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        while True:
            try:
                return process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                if self.ending.is_set():
                    return self._finish(process)

    @staticmethod
    def _finish(process: subprocess.Popen[bytes]) -> int:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=0.5)
        process.kill()
        return process.wait()


def main() -> None:
    # Ctrl+C reaches the whole group: the server decides when it is over, by closing our standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    order = json.loads(sys.stdin.readline())
    Keeper(order["url"], order["stations"]).run()


if __name__ == "__main__":
    main()
