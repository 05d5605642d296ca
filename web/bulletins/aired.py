"""What an approved sound says beside what its text would be read as today, where the two are no longer the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from sqlalchemy.orm import Session

from audio.lexicon_changes import newly_said
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Revision
from web.bulletins.comparing import changed_words
from web.services import services
from web.shell.access import now


class Run(NamedTuple):
    """Words that stand together: `differs` where the other side has others."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Aired:
    """One sentence; "" on the side that has none."""

    said: str
    anew: str

    @property
    def differs(self) -> bool:
        return self.said != self.anew

    @property
    def before(self) -> list[Run]:
        """`said` in runs, with what is said no more marked."""
        return [Run(text, kind == "del") for kind, text in changed_words(self.said, self.anew) if kind != "ins"]

    @property
    def after(self) -> list[Run]:
        """`anew` in runs, with what was not said before marked."""
        return [Run(text, kind == "ins") for kind, text in changed_words(self.said, self.anew) if kind != "del"]


def aired_words(session: Session, revision: Revision) -> list[Aired]:
    """Of the first approved sound of `revision` that is said otherwise by now; nothing where none is."""
    approved = {approval.audio_sha256 for approval in revision.approvals}
    sound = next((each for each in revision.sounds if each.outdated_at and each.audio_sha256 in approved), None)
    if sound is None or sound.said is None:
        return []
    return said_today(session, revision, sound)


def said_today(session: Session, revision: Revision, sound: Rendering) -> list[Aired]:
    """What `sound` of `revision` says, beside what it would say if it were made now."""
    said, anew = sound.said or [], newly_said(session, services().settings, now(), revision, sound)
    told = list[Aired]()
    for kind, a, b, c, d in SequenceMatcher(None, said, anew, autojunk=False).get_opcodes():
        if kind == "equal":
            told += [Aired(sentence, sentence) for sentence in said[a:b]]
        else:
            told += paired(said[a:b], anew[c:d])
    return told


_MOST_PAIRS = 10_000
"""Pairs of sentences that are compared; beyond it they stand beside each other in order."""
_ALIKE = 0.3


def paired(said: Sequence[str], anew: Sequence[str]) -> Iterator[Aired]:
    """Sentences that changed, each beside the one that it became: in order, as alike as they can be."""
    if len(said) == len(anew) or len(said) * len(anew) > _MOST_PAIRS:
        yield from (Aired(*pair) for pair in zip_longest(said, anew, fillvalue=""))
        return
    words = [[set(sentence.split()) for sentence in side] for side in (said, anew)]
    best = [[0.0] * (len(anew) + 1) for _ in range(len(said) + 1)]
    for a in reversed(range(len(said))):
        for b in reversed(range(len(anew))):
            best[a][b] = max(best[a + 1][b], best[a][b + 1], _alike(words[0][a], words[1][b]) + best[a + 1][b + 1])
    a = b = 0
    while a < len(said) and b < len(anew):
        alike = _alike(words[0][a], words[1][b])
        if alike and best[a][b] == alike + best[a + 1][b + 1]:
            yield Aired(said[a], anew[b])
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            yield Aired(said[a], "")
            a += 1
        else:
            yield Aired("", anew[b])
            b += 1
    yield from (Aired(sentence, "") for sentence in said[a:])
    yield from (Aired("", sentence) for sentence in anew[b:])


def _alike(one: set[str], other: set[str]) -> float:
    """The share of words that two sentences have in common; 0 where it is too small to be one sentence."""
    share = len(one & other) / max(1, len(one | other))
    return share if share >= _ALIKE else 0.0
