"""What a stretch of text is about (`topics.csv`): a short form of several meanings is told apart by it.

Only asked for where neighbours did not tell, so nothing is counted that nobody wants to know.
"""

from __future__ import annotations

import re
from functools import lru_cache

from audio.reading.lexicon import read_table

_WORDS = re.compile(r"[^\W_]+(?:[&/][^\W_]+)?")


@lru_cache(maxsize=1)
def _topics_by_word() -> dict[str, tuple[str, ...]]:
    """Phrase of the table, lower case -> the topics it tells of."""
    found: dict[str, tuple[str, ...]] = {}
    for row in read_table("topics.csv"):
        for phrase in row["words"].split("|"):
            found[phrase] = (*found.get(phrase, ()), row["topic"])
    return found


@lru_cache(maxsize=1)
def _longest_phrase() -> int:
    return max(phrase.count(" ") + 1 for phrase in _topics_by_word())


@lru_cache(maxsize=64)
def topics_of(text: str) -> frozenset[str]:
    """The topics that most phrases of `text` tell of; a longer phrase counts more, none are said of silence."""
    known, longest = _topics_by_word(), _longest_phrase()
    words = [word.lower() for word in _WORDS.findall(text)]
    score: dict[str, int] = {}
    for at in range(len(words)):
        for size in range(1, min(longest, len(words) - at) + 1):
            for topic in known.get(" ".join(words[at : at + size]), ()):
                score[topic] = score.get(topic, 0) + size
    most = max(score.values(), default=0)
    return frozenset(topic for topic, count in score.items() if count * 2 >= most)
