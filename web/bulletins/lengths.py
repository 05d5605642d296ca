"""How long a bulletin will sound, from the words alone, in the pace of the voice that spoke last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.chime import CHIMES
from audio.joining import AFTER_CHIME_MS, AFTER_LEAD_IN_MS, BEFORE_CLOSING_MS
from audio.reading.model import estimate_seconds
from broadcast.arrangement import NO_CHIME, Arrangement
from broadcast.audio_asset import Rendering
from broadcast.bulletin import Revision

UPLOADED_CHIME_MS = 5_000
"""About what stations ring with; the sound itself is not opened for an estimate."""
SLOW, FAST = 150, 210
"""Syllables a minute, pauses included: what announcers of stations read lies between the two."""

_LEAST, _MOST = 0.6, 1.6  # a measure beyond these is of a broken sound, not of a voice


@dataclass(frozen=True, slots=True)
class Parts:
    """Milliseconds of speech, each once."""

    opening_ms: int
    body_ms: int
    closing_ms: int


def speech_ms(sentences: Iterable[str], stretch: float = 1.0) -> int:
    """The usual estimate, times `stretch`."""
    return round(sum(map(estimate_seconds, sentences)) * 1000 * stretch)


def whole_ms(parts: Parts, arrangement: Arrangement) -> int:
    """Chime, who speaks, every reading with the gaps between, the closing words and the closing chime."""
    between = arrangement.gap_s * 1000 * (arrangement.readings - 1)
    return _around_ms(parts, arrangement) + between + _speech_ms(parts, arrangement)


def pace_words(pace: int) -> str:
    """`pace` syllables a minute, as a listener has it."""
    if pace < SLOW:
        return "chậm"
    return "vừa phải" if pace <= FAST else "nhanh"


def stretch_of(session: Session) -> float:
    """How much longer the voice that spoke last takes than the estimate says; 1.0 where none has spoken yet."""
    newest = session.scalar(
        select(Rendering)
        .join(Revision, Revision.id == Rendering.revision_id)
        .where(Rendering.state == "ready", Rendering.audio_sha256.is_not(None), Revision.content == "text")
        .order_by(Rendering.id.desc())
        .limit(1)
    )
    if newest is None or newest.audio is None or not newest.said:
        return 1.0
    arrangement = session.get_one(Revision, newest.revision_id).arrangement
    last = len(newest.said) - 1 if arrangement.closing else len(newest.said)
    parts = Parts(speech_ms(newest.said[:1]), speech_ms(newest.said[1:last]), speech_ms(newest.said[last:]))
    said_ms = _speech_ms(parts, arrangement)
    heard_ms = newest.audio.duration_ms - (whole_ms(parts, arrangement) - said_ms)
    return min(_MOST, max(_LEAST, heard_ms / said_ms)) if said_ms else 1.0


def _speech_ms(parts: Parts, arrangement: Arrangement) -> int:
    return parts.opening_ms + parts.body_ms * arrangement.readings + parts.closing_ms


def _around_ms(parts: Parts, arrangement: Arrangement) -> int:
    around = AFTER_LEAD_IN_MS if parts.opening_ms else 0
    around += BEFORE_CLOSING_MS if parts.closing_ms else 0
    if arrangement.chime == NO_CHIME:
        return around
    chime = CHIMES.get(arrangement.chime)
    if chime is None:
        return around + UPLOADED_CHIME_MS + AFTER_CHIME_MS
    rung_ms = round((chime.opening_s + chime.closing_s) * 1000)
    return around + rung_ms + AFTER_CHIME_MS + BEFORE_CLOSING_MS
