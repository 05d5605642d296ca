"""Web addresses, as written."""

from __future__ import annotations

import re

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ENDINGS = r"vn|com|net|org|info|gov|edu|me|ly|be|io|app|asia|biz|tv|gl|co"
_ADDRESS = re.compile(
    rf"(?<![\w@./-])(?:https?://[^\s<>\"'“”‘’«»|]{{2,500}}"
    rf"|(?:{_LABEL}\.){{1,8}}(?:{_ENDINGS})(?![\w@-])(?:[/?#][^\s<>\"'“”‘’«»|]{{0,500}})?)",
    re.IGNORECASE,
)
_CLOSING = ".,;:!?…*"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def links_in(text: str) -> tuple[str, ...]:
    """Every web address in `text` once, in order, without brackets and closing punctuation; mail addresses are none."""
    found: dict[str, None] = {}
    for match in _ADDRESS.finditer(text):
        link = _bare(match[0])
        if "." in link:
            found.setdefault(link)
    return tuple(found)


def _bare(link: str) -> str:
    """`link` without what belongs to the sentence around it."""
    link = link.split("](", 1)[0]
    while link:
        last = link[-1]
        if last in _CLOSING or (last in _PAIRS and link.count(_PAIRS[last]) < link.count(last)):
            link = link[:-1]
        elif link.endswith("./"):
            link = link[:-2]
        else:
            break
    return link
