"""The last resort where a rule raises all the same: it is logged, staff are told of the sentence, the reading goes on.

Nothing here is reached by a text that is known; the tests on any text hold that no guard stood in.
"""

from __future__ import annotations

import logging
import re

from audio.reading.scan import Scan

log = logging.getLogger(__name__)
_SENTENCE_END = re.compile(r"(?<=[.;!?…])(?=\s+\S)|(?=\n)")
SHOWN = 80
"""Characters of a text that a line of the log shows."""


def note_failure(scan: Scan, start: int, end: int, what: str) -> None:
    """Log the exception at hand, and doubt `text[start:end]` where staff see it."""
    log.exception("%s failed on %r", what, scan.text[start : min(end, start + SHOWN)])
    scan.doubt("failed", start, end, "")


def sentence_at(scan: Scan, pos: int) -> tuple[int, int]:
    """The sentence of the block that `pos` stands in."""
    return next(span for span in sentences_of(scan.text, scan.start, scan.end) if pos < span[1])


def sentences_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """`text[start:end]` cut behind its marks, each sentence without the space around it, none without anything."""
    cuts = [found.start() for found in _SENTENCE_END.finditer(text, start, end)]
    out = []
    for first, last in zip([start, *cuts], [*cuts, end], strict=True):
        written = text[first:last]
        if written.strip():
            out.append((first + len(written) - len(written.lstrip()), first + len(written.rstrip())))
    return out
