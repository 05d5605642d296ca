"""What an approved sound says beside what its text would be read as today, where the two are no longer the same."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy.orm import Session

from audio.lexicon_changes import newly_said
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Revision
from web.services import services
from web.shell.access import now


@dataclass(frozen=True, slots=True)
class Aired:
    """One sentence, or several that changed together; "" on the side that has none."""

    said: str
    anew: str

    @property
    def differs(self) -> bool:
        return self.said != self.anew


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
            told.append(Aired(" ".join(said[a:b]), " ".join(anew[c:d])))
    return told
