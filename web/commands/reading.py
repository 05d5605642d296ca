"""Reading a file that somebody named on the command line: a regular one, and no more of it than is wanted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from broadcast.errors import Invalid


def read_regular(path: Path, most_bytes: int) -> bytes:
    """The first `most_bytes` + 1 bytes at most: one more than allowed says that it is too large.

    Raises Invalid for what is no regular file (a pipe would hold the command for ever, a device never ends), and
    for one that cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Invalid(f"{path} không phải là một tệp thường.")
            return file.read(most_bytes + 1)
    except OSError as error:
        raise Invalid(f"Không đọc được tệp {path}: {error.strerror}") from error
