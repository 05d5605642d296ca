"""The sounds of a script with variables, commune by commune: how each stands, and what sets it apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.reading import read_aloud
from audio.speaker import speaker_of
from broadcast.audio_asset import AudioAsset, Rendering
from broadcast.bulletin import Approval, Bulletin, Revision, State
from broadcast.commune_sounds import Listening
from broadcast.receiving.naming import spoken_unit
from broadcast.rights import Act
from broadcast.unit import Unit
from broadcast.variables import PLACE
from web.shell.access import current_rights, now, scope_units, today
from web.shell.fold import fold


@dataclass(frozen=True)
class Said:
    """A value as it is written and as it is said; `written` "" where the unit has none."""

    written: str
    spoken: str


@dataclass(frozen=True)
class CommuneSound:
    unit: Unit
    rendering: Rendering
    values: tuple[Said, ...]
    """One for each of `Communes.columns`."""
    own_sentences: tuple[str, ...]
    """What this sound says and not every other says too."""
    approval: Approval | None

    @property
    def audio(self) -> AudioAsset | None:
        return self.rendering.audio if self.rendering.state == "ready" else None

    @property
    def state(self) -> str:
        """`approved`, `ready`, `making`, `failed` or `stopped`."""
        if self.audio is not None:
            return "approved" if self.approval is not None else "ready"
        return {"failed": "failed", "lacking": "failed", "cancelled": "stopped"}.get(self.rendering.state, "making")


@dataclass(frozen=True)
class Communes:
    """`differing`: the variables whose value is not the same everywhere, `columns` those of them that the name of the
    unit does not say already; `same`: (name, value) of the others."""

    differing: tuple[str, ...]
    columns: tuple[str, ...]
    same: tuple[tuple[str, Said], ...]
    sounds: tuple[CommuneSound, ...]

    def in_state(self, *states: str) -> tuple[CommuneSound, ...]:
        return tuple(sound for sound in self.sounds if sound.state in states)


def communes_of(session: Session, revision: Revision) -> Communes | None:
    """The sounds of `revision`, the bulletin's own unit first, then by name; None where there is one for everybody."""
    renderings = [rendering for rendering in revision.newest_renderings if rendering.unit is not None]
    if not revision.variables or not renderings:
        return None
    names = revision.variables
    said = {rendering.id: _said_by(session, revision, rendering) for rendering in renderings}
    differing = tuple(name for name in names if len({values[name] for values in said.values()}) > 1)
    told = PLACE in names and all(
        said[each.id][PLACE].written == spoken_unit(each.unit.name) for each in renderings if each.unit is not None
    )
    columns = tuple(name for name in differing if not (told and name == PLACE))
    common = _common_sentences(renderings)
    approvals = {approval.id: approval for approval in revision.approvals}
    sounds = [
        CommuneSound(
            rendering.unit,
            rendering,
            tuple(said[rendering.id][name] for name in columns),
            tuple(sentence for sentence in rendering.said or () if sentence not in common),
            approvals.get(rendering.approval_id) if rendering.approval_id is not None else None,
        )
        for rendering in renderings
        if rendering.unit is not None
    ]
    sounds.sort(key=lambda sound: (sound.unit.id != revision.bulletin.unit_id, fold(sound.unit.name)))
    first = said[renderings[0].id]
    same = tuple((name, first[name]) for name in names if name not in differing)
    return Communes(differing, columns, same, tuple(sounds))


def _said_by(session: Session, revision: Revision, rendering: Rendering) -> dict[str, Said]:
    """Name → value of what the script says of the unit of `rendering`."""
    assert rendering.unit_id is not None  # asked for sounds of units only
    speaker = speaker_of(session, rendering.unit_id, revision.bulletin_id, now(), current_rights().tree)
    said = {}
    for name in revision.variables:
        written = speaker.values.get(name, "")
        spoken = read_aloud(written, lexicon=speaker.lexicon).text.rstrip(". ") if written else ""
        said[name] = Said(written, spoken)
    return said


def silent_units(session: Session, revision: Revision) -> list[Unit]:
    """Units whose stations will not sound `revision`: it has sounds of communes, and theirs nobody approved."""
    if not revision.variables:
        return []
    listening = Listening(session, now())
    heard = {rendering.unit_id for rendering, _ in revision.approved_sounds}
    if None in heard:  # approved before there were variables: one sound for everybody
        return []
    lacking = [unit for unit in listening.below(revision.bulletin.unit_id) if unit not in heard]
    return sorted((listening.tree.units[unit] for unit in lacking), key=lambda unit: fold(unit.name))


def _common_sentences(renderings: list[Rendering]) -> set[str]:
    """The sentences that every finished sound says."""
    told = [set(rendering.said) for rendering in renderings if rendering.state == "ready" and rendering.said]
    counts = Counter(sentence for sentences in told for sentence in sentences)
    return {sentence for sentence, number in counts.items() if number == len(told)}


def with_newcomers(session: Session) -> list[Bulletin]:
    """Bulletins on air with sounds of communes that came later, ready and approved by nobody, where one may decide.

    Those whose sounds are still being made, and those whose text is one's own, are not among them.
    """
    units = scope_units() & current_rights().units(Act.DECIDE)
    revisions = session.scalars(
        select(Revision)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(
            Bulletin.unit_id.in_(units),
            Bulletin.withdrawn_at.is_(None),
            Bulletin.valid_until.is_(None) | (Bulletin.valid_until >= today()),
            Revision.state == State.APPROVED.value,
            select(Rendering.id)
            .where(
                Rendering.revision_id == Revision.id,
                Rendering.unit_id.is_not(None),
                Rendering.state == "ready",
                Rendering.approval_id.is_(None),
            )
            .exists(),
        )
        .order_by(Revision.id)
    )
    return [
        revision.bulletin
        for revision in revisions
        if revision.bulletin.airing_revision is revision
        and revision.sound_key is not None
        and revision.unapproved_sounds
    ]
