from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from audio.kept_files import KeptFiles

KEY, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def kept(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "kept", ".part-of-sound")


def test_what_was_kept_comes_back_and_nothing_else_does(kept: KeptFiles) -> None:
    kept.put(KEY, b"frames")
    assert kept.get(KEY) == b"frames"
    assert kept.has(KEY)
    assert kept.get(OTHER) is None
    assert not kept.has(OTHER)
    assert [path.name for path in kept.root.rglob("*") if path.is_file()] == [f"{KEY}.part-of-sound"]


def test_what_was_used_lately_outlives_what_was_written_lately(kept: KeptFiles) -> None:
    for age, key in enumerate((KEY, OTHER)):
        kept.put(key, b"x" * 1000)
        os.utime(kept.path(key), (2000 + age, 2000 + age))
    kept.get(KEY)
    assert kept.prune(1500) == 1
    assert kept.has(KEY)
    assert not kept.has(OTHER)


def test_files_that_another_process_removes_meanwhile_stop_nobody(kept: KeptFiles) -> None:
    kept.put(KEY, b"x")
    kept.path(OTHER).parent.mkdir(parents=True)
    kept.path(OTHER).symlink_to("nowhere")
    assert kept.prune(0) == 1
    assert kept.get(KEY) is None


def test_every_so_many_writes_the_cache_is_looked_through(kept: KeptFiles) -> None:
    kept.put(KEY, b"x" * 1000)
    kept.tidy(10)
    assert kept.has(KEY), "one file of 256 makes it look"
    kept.put("00" + KEY[2:], b"x" * 1000)
    kept.tidy(10)
    assert not kept.has(KEY)


def test_a_cache_in_a_folder_that_cannot_be_stops_nobody(kept: KeptFiles, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    kept.root.write_text("a file where the folder should be")
    kept.put(KEY, b"x")
    assert kept.get(KEY) is None
    assert kept.prune(0) == 0
    assert "cannot write" in caplog.text
