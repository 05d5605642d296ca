"""A run says what it left out, and the strict run leaves nothing out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.left_out import chromium_path, missing, postgresql_url, summary

ROOT = Path(__file__).parents[1]
SPECIMEN = """
import pytest

@pytest.mark.postgresql
def test_on_postgresql():
    raise AssertionError("ran without a server")

@pytest.mark.chromium
def test_in_chromium():
    raise AssertionError("ran without a browser")

def test_plain():
    assert True
"""


def run_specimen(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A pytest of its own on a machine with neither browser nor database server."""
    (folder / "test_specimen.py").write_text(SPECIMEN, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  chromium\n  postgresql\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.left_out", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables},
    )


def test_a_bare_machine_passes_and_names_what_was_left_out_in_one_line(tmp_path: Path) -> None:
    done = run_specimen(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 2 skipped" in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("Left out:")]
    assert len(lines) == 1
    assert "1 × no PostgreSQL" in lines[0]
    assert "1 × no Chromium" in lines[0]


def test_a_strict_run_fails_where_something_is_missing(tmp_path: Path) -> None:
    done = run_specimen(tmp_path, BROADCAST_TEST_STRICT="1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "2 skipped" not in done.stdout


def test_a_browser_that_is_not_there_is_an_error_and_not_a_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADCAST_TEST_CHROMIUM", "/no/such/browser")
    with pytest.raises(pytest.UsageError, match="/no/such/browser"):
        chromium_path()


def test_a_server_is_used_only_when_its_address_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROADCAST_TEST_POSTGRESQL", raising=False)
    assert postgresql_url() is None
    assert "BROADCAST_TEST_POSTGRESQL" in (missing("postgresql") or "")
    monkeypatch.setenv("BROADCAST_TEST_POSTGRESQL", "postgresql+psycopg://db.example/postgres")
    assert postgresql_url() == "postgresql+psycopg://db.example/postgres"
    assert missing("postgresql") is None


def test_reasons_are_counted_with_the_most_frequent_first() -> None:
    assert summary(["Skipped: b", "Skipped: a", "Skipped: a"]) == "Left out: 2 × a; 1 × b"
    assert summary([]) is None
