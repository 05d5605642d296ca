"""A unit is called otherwise, has other values or another unit above it: what waits sounds anew, what airs is flagged.

before = words_of(session, [unit.id], now)
… the change …
follow(session, settings, before, now, by_id=person.id)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.lexicon_changes import flag_changed_readings
from audio.outdated import flag_sounds, outdated_sounds
from broadcast.catching_up import hold_spoken_by, order_after_change, spoken_by
from broadcast.clock import local_day
from broadcast.config import Settings
from broadcast.errors import Conflict
from broadcast.lexicon_entry import LexiconEntry
from broadcast.unit import Unit, UnitTree
from broadcast.variables import values_of


@dataclass(frozen=True, slots=True)
class Words:
    """What a unit puts into a script of its own accord."""

    name: str
    values: Mapping[str, str]

    def changed(self, other: Words) -> frozenset[str]:
        """Names of the variables that are not the same in both."""
        names = self.values.keys() | other.values.keys()
        return frozenset(name for name in names if self.values.get(name) != other.values.get(name))


@dataclass(frozen=True, slots=True)
class Followed:
    """How many bulletins that wait get new sound, and how many on air are flagged as saying what no longer holds."""

    sounding_anew: int = 0
    flagged: int = 0


class Stale(Conflict):
    """Somebody changed what was read beforehand."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What airs as it will be said after a change. `sounds`: rendering id → whether it is said otherwise then."""

    words: Mapping[int, Words]
    on_air: frozenset[int]
    entries: frozenset[int]
    sounds: Mapping[int, bool]

    def refuse_stale(self, session: Session, words: Mapping[int, Words], on_air: Collection[int]) -> None:
        """Raises Stale where the units say something else now, other texts air, or words are read otherwise."""
        if self.words != words or self.on_air != frozenset(on_air) or self.entries != _entries(session):
            raise Stale("Người khác vừa thay đổi thông tin hoặc cách đọc. Chưa có gì được ghi; hãy thử lại.")


def words_of(session: Session, unit_ids: Iterable[int], now: datetime) -> dict[int, Words]:
    """Of these units and all below them, as they stand today."""
    session.flush()
    tree = UnitTree.on(session, local_day(now))
    return _words(tree, tree.below(unit_ids))


def follow(
    session: Session,
    settings: Settings,
    before: Mapping[int, Words],
    now: datetime,
    *,
    by_id: int | None,
    foreseen: Foreseen | None = None,
) -> Followed:
    """Compares with what the units of `before` say now, and does what follows from it.

    `by_id`: the person who changed it, who may not approve what sounds otherwise through it; None for a set-up file.
    `foreseen`: what airs was read beforehand; raises Stale where that no longer holds. Without, it is read here.
    """
    after = words_of(session, before, now)
    alike = _alike(before, after)
    anew: set[int] = set()
    hold_spoken_by(session, set[int]().union(*alike.values()), now)
    for (names, renamed), units in alike.items():
        ordered = order_after_change(session, units, names, now, renamed=renamed, by_id=by_id)
        anew |= {rendering.revision_id for rendering in ordered}
    on_air = _on_air(session, alike, now)
    if foreseen is not None:
        foreseen.refuse_stale(session, {unit: after[unit] for unit in before}, on_air)
        return Followed(len(anew), flag_sounds(session, foreseen.sounds, now))
    if not on_air:
        return Followed(len(anew))
    touched = set().union(*alike.values())
    return Followed(len(anew), flag_changed_readings(session, settings, now, touched, on_air))


def foresee(
    session: Session,
    settings: Settings,
    now: datetime,
    unit_ids: Iterable[int],
    change: Callable[[UnitTree], UnitTree],
) -> Foreseen:
    """What airs is read as it would be said after `change`, which returns the tree as it will be (`tree_with`)."""
    tree = UnitTree.on(session, local_day(now))
    later = change(tree)
    units = tree.below(unit_ids)
    before, after = _words(tree, units), _words(later, units)
    alike = _alike(before, after)
    on_air = _on_air(session, alike, now)
    touched = set[int]().union(*alike.values())
    sounds = outdated_sounds(session, settings, now, touched, on_air, later) if on_air else {}
    return Foreseen(after, frozenset(on_air), _entries(session), sounds)


def tree_with(
    tree: UnitTree,
    *,
    names: Mapping[int, str] | None = None,
    values: Mapping[int, Mapping[str, str]] | None = None,
    parents: Mapping[int, int] | None = None,
) -> UnitTree:
    """`tree` with other names, values and parents of some units; rows of the database stay as they are."""
    names, values = names or {}, values or {}
    units = [
        Unit(
            id=unit.id, code=unit.code, kind=unit.kind,
            name=names.get(unit.id, unit.name), variables=dict(values.get(unit.id, unit.variables)),
        )
        for unit in tree.units.values()
    ]  # fmt: skip
    return UnitTree(units, tree.parent_of | dict(parents or {}))


def _words(tree: UnitTree, units: Iterable[int]) -> dict[int, Words]:
    return {unit: Words(tree.units[unit].name, values_of(tree, unit)) for unit in units}


def _alike(before: Mapping[int, Words], after: Mapping[int, Words]) -> dict[tuple[frozenset[str], bool], set[int]]:
    """(names of changed values, whether renamed) → the units of which that is so."""
    alike: dict[tuple[frozenset[str], bool], set[int]] = {}
    for unit, words in before.items():
        names, renamed = words.changed(after[unit]), words.name != after[unit].name
        if names or renamed:
            alike.setdefault((names, renamed), set()).add(unit)
    return alike


def _on_air(session: Session, alike: Mapping[tuple[frozenset[str], bool], set[int]], now: datetime) -> set[int]:
    """The ids of approved revisions that say something that changed."""
    return {
        each.id
        for (names, renamed), units in alike.items()
        for each in spoken_by(session, units, now)
        if each.approvals and (renamed or names.intersection(each.variables))
    }


def _entries(session: Session) -> frozenset[int]:
    return frozenset(session.scalars(select(LexiconEntry.id).where(LexiconEntry.ended_at.is_(None))))
