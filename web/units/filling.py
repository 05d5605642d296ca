"""The values of a unit as a page shows them: its own, what it inherits and from whom, how each is said, where used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audio.reading import read_aloud
from audio.speaker import speaker_of
from broadcast.bulletin import Bulletin, State
from broadcast.catching_up import said_by_units
from broadcast.errors import Invalid
from broadcast.rights import Act
from broadcast.unit import Unit
from broadcast.variables import (
    LONGEST_VALUE,
    MOST_VALUES,
    PLACE,
    USUAL,
    Value,
    inherited_values,
    name_fault,
    own_values,
    value_fault,
    variable_name,
)
from web.shell.access import current_rights, now
from web.shell.forms import Form

_ASKING = (State.SUBMITTED.value, State.APPROVED.value)


@dataclass(frozen=True)
class Row:
    """One value of one unit. `own` is "" where it is inherited; `spoken` is how what holds is said."""

    name: str
    own: str
    inherited: Value | None
    inherited_from: Unit | None
    spoken: str
    doubts: tuple[str, ...]
    bulletins: tuple[Bulletin, ...]
    """Those that say it at this unit or below."""
    is_asked: bool
    """One came here to fill it in."""

    @property
    def is_place(self) -> bool:
        return self.name == PLACE

    @property
    def is_lacking(self) -> bool:
        """Some script needs it and there is none."""
        return (bool(self.bulletins) or self.is_asked) and not self.own and self.inherited is None


def uses(session: Session, unit_ids: Iterable[int]) -> dict[int, dict[str, list[Bulletin]]]:
    """Unit → name → the bulletins, handed over or on air, that say that value there.

    Drafts only of units that one reads: what others may still change asks nothing of anybody.
    """
    found: dict[int, dict[str, list[Bulletin]]] = {}
    rights = current_rights()
    for revision, unit in said_by_units(session, unit_ids, now()):
        if revision.state not in _ASKING and not rights.may(Act.READ, revision.bulletin.unit_id):
            continue
        for name in revision.variables:
            bulletins = found.setdefault(unit, {}).setdefault(name, [])
            if revision.bulletin not in bulletins:
                bulletins.append(revision.bulletin)
    return found


def rows_of(session: Session, unit: Unit, asked: Collection[str] = ()) -> list[Row]:
    """The usual values first, then all others that the unit has, inherits or is asked for, `asked` among them."""
    tree = current_rights().tree
    own, inherited = own_values(unit), inherited_values(tree, unit.id)
    used: dict[str, list[Bulletin]] = {}
    for names in uses(session, tree.below([unit.id])).values():
        for name, bulletins in names.items():
            used[name] = list(dict.fromkeys([*used.get(name, ()), *bulletins]))
    lexicon = speaker_of(session, unit.id, None, now(), tree).lexicon
    rows = []
    for name in names_in_order([own, inherited, used, asked]):
        from_above = inherited.get(name)
        text = own.get(name) or (from_above.text if from_above else "")
        spoken = read_aloud(text, lexicon=lexicon)
        rows.append(
            Row(
                name,
                own.get(name, ""),
                from_above,
                tree.units[from_above.unit_id] if from_above else None,
                spoken.text.replace("\n", " ").rstrip(". "),
                tuple(dict.fromkeys(doubt.message for doubt in spoken.doubts)),
                tuple(used.get(name, ())),
                name in asked,
            )
        )
    return rows


def names_in_order(kinds: Iterable[Collection[str] | Mapping[str, object]]) -> list[str]:
    """Those that everybody has first, the others by name."""
    others = {name for names in kinds for name in names} - set(USUAL)
    return [*USUAL, *sorted(others)]


@dataclass(frozen=True, slots=True)
class Change:
    """A value as the page had shown it (`was`), and as somebody typed it; "" to inherit."""

    was: str
    typed: str


def cell(unit: Unit, name: str) -> str:
    """The name of a field: the unit and the value itself, so that it is the same one whatever others add meanwhile."""
    return f"{unit.code}-{name.encode().hex()}"


def shown(form: Form, field: str, own: str) -> Change:
    """What the two fields of a value hold: after a mistake what was sent, else what is there."""
    if form.source is not None and field in form.source:
        return Change(form.value(f"{field}-was"), form.value(field))
    return Change(own, own)


def changes(form: Form, units: Iterable[Unit]) -> dict[int, dict[str, Change]]:
    """Unit id → name → what was typed, only where it is not what the page had shown (field `…-was`).

    So two people who fill in different values at once lose nothing. Mistakes are told at the fields.
    """
    found: dict[int, dict[str, Change]] = {}
    by_code = {unit.code: unit for unit in units}
    for field in form.source or ():
        code, _, coded = field.rpartition("-")
        unit, name = by_code.get(code), _name_of(coded)
        if unit is None or name is None:
            continue
        change = Change(form.value(f"{field}-was").strip(), checked(form, field, name))
        if change.typed != change.was:
            found.setdefault(unit.id, {})[name] = change
    return found


def _name_of(coded: str) -> str | None:
    """The name that `cell` put into the name of a field; None for any other field."""
    try:
        name = bytes.fromhex(coded).decode()
    except ValueError:
        return None
    return name if name == variable_name(name) and name_fault(name) is None else None


def changed_meanwhile(own: Mapping[str, str], changed: Mapping[str, Change]) -> dict[str, Change]:
    """Those of `changed` that somebody else changed since the page was made, to something else."""
    return {name: change for name, change in changed.items() if own.get(name, "") not in (change.was, change.typed)}


def merged(own: Mapping[str, str], changed: Mapping[str, Change]) -> dict[str, str]:
    """The values once `changed` is written, what others changed meanwhile left alone. Raises Invalid for too many."""
    lost = changed_meanwhile(own, changed)
    typed = {name: change.typed for name, change in changed.items() if name not in lost}
    values = {name: value for name, value in {**own, **typed}.items() if value}
    if len(values) > MOST_VALUES and len(values) > len(own):
        raise Invalid(f"Mỗi đơn vị giữ được tối đa {MOST_VALUES} thông tin riêng.", field="new_name")
    return values


def checked(form: Form, field: str, name: str) -> str:
    """A value as typed; empty means inherited."""
    value = " ".join(form.text(field, f"giá trị “{name}”", longest=LONGEST_VALUE, required=False).split())
    if fault := value_fault(value):
        form.fail(field, f"{fault[:1].upper()}{fault[1:]}.")
    return value


def new_name(form: Form, field: str) -> str:
    """A name that is added, as the key of a value; "" where none was typed."""
    name = variable_name(form.value(field).strip().strip("{}"))
    if name and (fault := name_fault(name)):
        form.fail(field, f"{fault[:1].upper()}{fault[1:]}.")
    return name


def names_asked(told: Iterable[str]) -> list[str]:
    """What one came to fill in, as the address names it; what cannot be a name is passed over."""
    names = dict.fromkeys(variable_name(name) for name in told)
    return [name for name in names if name_fault(name) is None][:MOST_VALUES]


def may_fill(unit_id: int) -> bool:
    """Who writes for the unit, and who administers it."""
    rights = current_rights()
    return rights.may(Act.WRITE, unit_id) or rights.may(Act.ADMINISTER, unit_id)
