"""Places left to fill in: `Số:     /UBND`, `ngày    tháng 02`, `.........`, `____`. Shown to staff, never spoken."""

from __future__ import annotations

import re
from typing import NamedTuple


class Gap(NamedTuple):
    """A span that is not said: staff are to fill it in."""

    start: int
    end: int


_FILL = r"[.…_]{4,}|[.…_]{2,}(?=\s?/)|_{2,}|(?<=\s)…+(?=\s)"
_GAP = re.compile(
    rf"(?:\bsố\s*:?\s*(?:{_FILL}|\s|\.{{1,3}})*/\s?[A-ZĐ][\w&-]{{1,14}}(?:\s?[-–]\s?[A-ZĐ][\w&]{{1,14}}){{0,3}})"
    rf"|(?:\bngày\s*(?:{_FILL}|\.{{1,3}}|/)?\s*tháng\s*(?:\d{{1,2}}|{_FILL}|\.{{1,3}})?(?:\s*năm\s*(?:\d{{4}}"
    rf"|\d{{0,3}}(?:{_FILL}|\.{{1,3}}))?)?(?=[\s,.;:)]|$))"
    rf"|(?:\bngày\s*(?:{_FILL}|\.{{1,3}}|\d{{0,2}})\s?/\s?(?:{_FILL}|\.{{1,3}}|…)\s?/\s?(?:\d{{2,4}}|{_FILL}|\.{{1,3}}))"
    rf"|(?:{_FILL})",
    re.IGNORECASE,
)
_QUICK = re.compile(r"[.…_]{2}|…|[Ss][Ốố]\s*:?\s*/|[Nn]gày\s+tháng\s", re.IGNORECASE)
_PLAIN_WORDS = re.compile(r"ngày\s+tháng(?:\s+năm)?", re.IGNORECASE)


def find(text: str, start: int, end: int) -> list[Gap]:
    """The gaps of one block, in order."""
    if not _QUICK.search(text, start, end):
        return []
    out = []
    for found in _GAP.finditer(text, start, end):
        if _PLAIN_WORDS.fullmatch(found[0].strip()):
            continue  # "ngày tháng năm sinh": the words themselves
        if (
            set(found[0]) <= set(".…")
            and len(found[0]) < 7
            and found.end() >= end
            and text[found.start() - 1].isalnum()
        ):
            continue  # a long row of dots behind a sentence, nothing to fill in
        out.append(Gap(found.start(), found.end()))
    return out
