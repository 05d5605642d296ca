"""What some tests need beyond Python, and what is said when it is not there.

A test marked `chromium` or `postgresql` is left out on a machine that lacks it, and the end of the run says so in
one line. With `BROADCAST_TEST_STRICT=1` (set by `.ci/run`) such a test fails instead: a check that silently shrinks
proves nothing.

Registered by `tests/conftest.py`: `pytest_plugins = ["tests.left_out"]`.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable

import pytest
from _pytest.terminal import TerminalReporter

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium_path() -> str | None:
    """The Chromium to drive: `BROADCAST_TEST_CHROMIUM`, else the system's; None where there is none.

    Raises pytest.UsageError when the variable names no program.
    """
    given = os.environ.get("BROADCAST_TEST_CHROMIUM")
    if given:
        if shutil.which(given) is None:
            raise pytest.UsageError(f"BROADCAST_TEST_CHROMIUM={given} is not a program")
        return given
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def postgresql_url() -> str | None:
    """SQLAlchemy URL (psycopg) of a server on which scratch databases may be made; None unless it is given.

    A server that merely answers on this machine is never used: it is somebody's.
    """
    return os.environ.get("BROADCAST_TEST_POSTGRESQL") or None


def strict() -> bool:
    """Whether a missing part fails its tests instead of leaving them out."""
    return os.environ.get("BROADCAST_TEST_STRICT", "0") not in ("", "0")


def missing(marker: str) -> str | None:
    """Why tests marked `marker` cannot run here, with the remedy; None when they can."""
    if marker == "chromium" and chromium_path() is None:
        return "no Chromium (install it or set BROADCAST_TEST_CHROMIUM)"
    if marker == "postgresql" and postgresql_url() is None:
        return "no PostgreSQL (set BROADCAST_TEST_POSTGRESQL=postgresql+psycopg://…)"
    return None


def summary(reasons: Iterable[str]) -> str | None:
    """One line that counts skipped tests by reason, most frequent first; None where nothing was skipped."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    if not counted:
        return None
    return "Left out: " + "; ".join(f"{number} × {reason}" for reason, number in counted.most_common())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in ("chromium", "postgresql"):
        if item.get_closest_marker(marker) is None:
            continue
        reason = missing(marker)
        if reason is not None:
            (pytest.fail if strict() else pytest.skip)(reason)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    line = summary(report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple))
    if line is not None:
        terminalreporter.write_line(line)
