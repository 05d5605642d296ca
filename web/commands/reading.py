"""What comes in on the command line: a named file (a regular one, no more of it than is wanted), a text."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from broadcast.errors import Invalid


def text_of(data: bytes) -> str:
    """The text of `data`: UTF-8, UTF-16 with its mark, or bytes of an old Vietnamese encoding as they are shown.

    Raises Invalid for other bytes.
    """
    from audio.reading.old_encodings import old_lines

    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        shown = data.decode("latin-1")
        if old_lines(shown):
            return shown
        raise Invalid("Văn bản đưa vào không phải là UTF-8.") from error


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
