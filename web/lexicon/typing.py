"""The form of an entry: what was typed, tidied and checked, and how a sentence with it would be said."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audio.reading import Lexicon, read_aloud
from audio.reading.syllables import is_syllable
from audio.speaker import Speaker, speaker_of
from audio.wording import Wording, worded
from broadcast.errors import BroadcastError, NotFound
from broadcast.lexicon_entry import Held, Kind, LexiconEntry, Place
from broadcast.lexicon_writing import add_entry, change_entry, in_the_way, said_in_the_way
from web.bulletins.acting import me
from web.lexicon.places import BULLETIN, UNIT, entry_of, typed_place
from web.shell import lookups
from web.shell.access import current_rights, now, scope
from web.shell.forms import Form

FIELDS = {"written": "viet", "spoken": "doc", "kind": "loai"}
LONGEST_SENTENCE = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that can be kept."""

    wording: Wording
    place: Place

    def held(self, number: int = 0) -> Held:
        wording = self.wording
        return Held(number, wording.written, wording.spoken, wording.kind.value, self.place)

    def written(self, session: Session, instead_of: LexiconEntry | None = None) -> LexiconEntry:
        """Written in `session` by whoever asks, as an entry of its own or `instead_of` one."""
        wording, number = self.wording, instead_of.id if instead_of is not None else None
        if number is None:
            return add_entry(
                session, me(session), now(),
                written=wording.written, spoken=wording.spoken, kind=wording.kind, place=self.place,
            )  # fmt: skip
        return change_entry(
            session, entry_of(session, number, to_change=True), me(session), now(),
            written=wording.written, spoken=wording.spoken, kind=wording.kind, place=self.place,
        )  # fmt: skip


def parse(session: Session, form: Form) -> Typed | None:
    """What was typed; None where mistakes are told on the form."""
    wording = _wording(form)
    place = typed_place(session, form)
    return None if wording is None or form.errors else Typed(wording, place)


def read(session: Session, form: Form, but: LexiconEntry | None = None) -> Typed | None:
    """`parse`, and nothing else may hold there for the same form. `but` is the entry that is being changed."""
    typed = parse(session, form)
    if typed is None:
        return None
    there = in_the_way(session, typed.held(), but.id if but is not None else None)
    if there is not None:
        form.fail("viet", said_in_the_way(there))
        return None
    return typed


def _wording(form: Form) -> Wording | None:
    """Each field tells its own first mistake."""
    try:
        return worded(form.value("viet"), form.value("doc"), form.value("loai"))
    except BroadcastError as error:
        take(form, error)
        return None


def take(form: Form, error: BroadcastError) -> None:
    """An error of the noun at the field of the form."""
    form.fail(FIELDS.get(error.field or "", error.field or ""), error.message_vi)


# ---- heard before it is kept


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence as it is said now and as it would be; `trouble` is what is still wrong with what was typed."""

    sentence: str
    now: str
    then: str
    trouble: str = ""

    @property
    def differs(self) -> bool:
        return self.now != self.then


def example(session: Session, form: Form) -> Example | None:
    """None while nothing is typed. Never an error: the form is still being filled in."""
    written = form.value("viet").strip()[:200]
    if not written:
        return None
    sentence = " ".join(form.value("cau").split())[:LONGEST_SENTENCE] or f"Bà con chú ý: {written}."
    speaker = _speaker(session, form)
    said = _said(sentence, speaker.lexicon)
    try:
        wording = worded(written, form.value("doc"), form.value("loai"))
    except BroadcastError as error:
        return Example(sentence, said, said, error.message_vi if form.value("doc").strip() else "")
    with_it = speaker.lexicon.with_entries([(wording.written, wording.spoken, wording.kind.value)])
    return Example(sentence, said, _said(sentence, with_it))


def said_now(session: Session, form: Form) -> str:
    """How the written form alone is said today, as a first try at its reading."""
    return _said(form.value("viet").strip()[:200], _speaker(session, form).lexicon).rstrip(".?!").lower()


def _said(sentence: str, lexicon: Lexicon) -> str:
    return read_aloud(sentence, lexicon=lexicon).text.replace("\n", " ")


def _speaker(session: Session, form: Form) -> Speaker:
    """Who says it at the place that the form names; the unit one looks at while that names nothing yet."""
    tree, place = current_rights().tree, form.value("pham-vi")
    with suppress(NotFound):  # a code that is half typed
        if place == BULLETIN:
            bulletin = lookups.bulletin(session, form.value("ban_tin").strip())
            return speaker_of(session, bulletin.unit_id, bulletin.id, now(), tree)
        if place == UNIT:
            return speaker_of(session, lookups.unit(session, form.value("don_vi")).id, None, now(), tree)
    return speaker_of(session, scope().id, None, now(), tree)


def likely_kind(written: str) -> Kind:
    """What a form most probably is, to begin with."""
    letters = [sign for sign in written if sign.isalpha()]
    words = written.split()
    if len(letters) > 1 and sum(map(str.isupper, letters)) * 2 > len(letters):
        return Kind.TERM
    if not all(is_syllable(word) for word in words):
        return Kind.FOREIGN
    return Kind.NAME if words and all(word[:1].isupper() for word in words) else Kind.WORD
