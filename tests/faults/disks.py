"""Small disks and disks that refuse, made for one test where this user may; the tests say what they do otherwise."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

MOUNT = "mounting a small disk is not allowed here"


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """An empty disk of that size (`2m`) at `folder`; skips the test where nothing may be mounted."""
    folder.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _unmount(folder)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The folder, which nobody can write to meanwhile, not even root."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,ro,bind", str(folder))
        yield folder
    finally:
        _unmount(folder)


def fill(folder: Path) -> Path:
    """A file that leaves no room on that disk."""
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
        for piece in (1 << 16, 1 << 10, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * piece)
    assert os.statvfs(folder).f_bavail == 0
    return filler


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(MOUNT)


def _unmount(folder: Path) -> None:
    # Processes of the test are gone by now; lazily, so that a straggler cannot keep the disk for ever.
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)
