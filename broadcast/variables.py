"""Variables in scripts, `{xã}`, `{điện thoại}`, `{khẩu hiệu}`: filled with the values of the unit that speaks.

Values are data of the unit and inherited down the tree, the nearest wins. A script with variables becomes a sound
of its own for each unit; without any it is one sound for everybody.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from broadcast.receiving.naming import UNIT_KINDS, spoken_unit
from broadcast.signs import is_hidden
from broadcast.unit import Unit, UnitTree

VARIABLE = re.compile(r"(?<!\{)\{\s*([^{}\s](?:[^{}\n]{0,59}?))\s*\}(?!\})")
"""Doubled and empty braces are none: a slip that the reader asks about."""
PLACE = "xã"
"""The name of the speaking unit; every unit has it without anybody typing it."""
USUAL = (PLACE, "điện thoại", "cổng dịch vụ công", "khẩu hiệu")
"""What the screens offer first; any other name may be added."""
LONGEST_NAME, LONGEST_VALUE, MOST_VALUES = 60, 200, 40
_NO_NAME = frozenset("{}[]|<>")
"""Signs that a name must not have: those of places to be filled in, here and in templates."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A script with its variables replaced. `spans` are the half-open places of the values in `text`."""

    text: str
    missing: tuple[str, ...]
    """Names without a value, each once; they stay in `text` as `{name}`."""
    spans: tuple[tuple[int, int], ...]
    replaced: tuple[tuple[int, int], ...] = ()
    """For each of `spans` what it stands for in the script: a variable, with the kind of unit that is left out."""

    def origin(self, place: int) -> int:
        """A place of `text` in the script: within a value, and at its beginning, where what it stands for begins."""
        before = bisect_right(self.spans, place, key=lambda span: span[1])
        if before < len(self.spans) and self.spans[before][0] <= place:
            return self.replaced[before][0]
        if not before:
            return place
        return self.replaced[before - 1][1] + place - self.spans[before - 1][1]


def variable_name(written: str) -> str:
    """What stands between the braces as the key of a value: NFC, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", written).lower().split())


def name_fault(name: str) -> str | None:
    """Why `name`, as `variable_name` leaves it, cannot be the name of a value; None where it can."""
    if not name:
        return "tên thông tin đang để trống"
    if len(name) > LONGEST_NAME:
        return f"tên thông tin “{name[:20]}…” dài quá {LONGEST_NAME} ký tự"
    if set(name) & _NO_NAME or is_hidden(name):
        return f"tên thông tin “{name}” chỉ gồm chữ, chữ số và dấu cách, ví dụ: địa chỉ tiếp dân"
    return None


def value_fault(value: str) -> str | None:
    """Why `value` cannot stand in the place of a variable; None where it can. It is said as it is written: a value is
    never filled in again."""
    if set(value) & set("{}"):
        return "giá trị không được có dấu ngoặc nhọn: nó được đọc nguyên như đã viết"
    if len(value) > LONGEST_VALUE:
        return f"giá trị dài quá {LONGEST_VALUE} ký tự"
    if is_hidden(value):
        return "giá trị phải nằm trên một dòng, không có ký tự không đọc được"
    return None


def values_fault(values: Mapping[str, str]) -> str | None:
    """What is wrong with the values of one unit as somebody wrote them down, naming which; None where nothing is."""
    if len(values) > MOST_VALUES:
        return f"mỗi đơn vị giữ được tối đa {MOST_VALUES} thông tin riêng"
    seen: dict[str, str] = {}
    for written, value in values.items():
        name = variable_name(written)
        if fault := name_fault(name):
            return fault
        if name in seen:
            return f"“{written}” và “{seen[name]}” là cùng một tên thông tin"
        if fault := value_fault(value):
            return f"“{written}”: {fault}"
        seen[name] = written
    return None


def variables_in(script: str) -> tuple[str, ...]:
    """The names of the variables in `script`, each once, in order of appearance."""
    return tuple(dict.fromkeys(variable_name(found) for found in VARIABLE.findall(script)))


def likely_meant(name: str, known: Iterable[str]) -> str | None:
    """Which of the `known` names was probably meant by `name`, which has no value; None where it is one of them or
    near none: the same without marks (`xa`), else one letter apart (`dien thoa`, `xax` as keyboards leave it)."""
    known = tuple(known)
    if name in known:
        return None
    bare = _bare(name)
    same = (each for each in known if _bare(each) == bare)
    near = (each for each in known if _is_one_letter_apart(bare, _bare(each)))
    return next(same, None) or next(near, None)


def asked_back(name: str, known: Iterable[str]) -> str:
    """`(Ý bạn là {xã}?)` behind words that `name` has no value, with a space before it; "" where nothing is near."""
    meant = likely_meant(name, known)
    return f" (Ý bạn là {{{meant}}}?)" if meant is not None else ""


_LONG = 4
"""Letters from which one letter in the place of another is a slip; of shorter names it makes another word."""


def _bare(name: str) -> str:
    """Small letters without marks, spaces single; đ is d."""
    marked = unicodedata.normalize("NFD", variable_name(name).replace("đ", "d"))
    return "".join(sign for sign in marked if not unicodedata.combining(sign))


def _is_one_letter_apart(one: str, other: str) -> bool:
    """A letter more, a letter less, or another letter in one place of a name that is long enough."""
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return len(short) >= _LONG and sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return len(long) - len(short) == 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


@dataclass(frozen=True, slots=True)
class Value:
    """`unit_id`: the unit whose value it is, the one asked for or one above it."""

    text: str
    unit_id: int


def own_values(unit: Unit) -> dict[str, str]:
    """Name → value as the unit itself says it, without empty ones and without what no screen takes (of old files)."""
    written = {variable_name(name): " ".join(str(value).split()) for name, value in unit.variables.items()}
    return {
        name: text for name, text in written.items() if text and name_fault(name) is None and value_fault(text) is None
    }


def inherited_values(tree: UnitTree, unit_id: int) -> dict[str, Value]:
    """What unit `unit_id` says where it has no value of its own: that of the nearest unit above; `{xã}` its name."""
    values: dict[str, Value] = {}
    for above in reversed(tree.path(unit_id)[1:]):
        values |= {name: Value(text, above) for name, text in own_values(tree.units[above]).items()}
    # What a district calls itself is not the name of its communes.
    values[PLACE] = Value(spoken_unit(tree.units[unit_id].name), unit_id)
    return values


def values_of(tree: UnitTree, unit_id: int) -> dict[str, str]:
    """Name → value for unit `unit_id`: its own, else what it inherits."""
    inherited = {name: value.text for name, value in inherited_values(tree, unit_id).items()}
    return inherited | own_values(tree.units[unit_id])


def _kind_pattern(kind: str) -> str:
    """`kind` as people write it: signs composed or not, however wide the spaces are."""
    forms = {unicodedata.normalize(form, kind) for form in ("NFC", "NFD")}
    return "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in sorted(forms))


_KIND = rf"(?:{'|'.join(map(_kind_pattern, sorted(UNIT_KINDS, key=len, reverse=True)))})"
_KIND_BEFORE = re.compile(rf"(?<!\w)({_KIND})(?:[^\S\n]*(\n)[^\S\n]*|[^\S\n]+)\Z", re.IGNORECASE)
_NO_KIND = re.compile(r"(?:hợp tác|thông tấn)\s+\Z", re.IGNORECASE)
"""`hợp tác xã {xã}`: the end of another word, no kind of unit."""
_KIND_FIRST = re.compile(rf"({_KIND})\s+(\S)", re.IGNORECASE)
_LONGEST_KIND = 40


def kind_written_before(script: str, place: int) -> re.Match[str] | None:
    """The kind of unit (group 1) that ends right before `place`, with the space behind it (group 2: its line end)."""
    found = _KIND_BEFORE.search(script, max(0, place - _LONGEST_KIND), place)
    if found is None or _NO_KIND.search(
        unicodedata.normalize("NFC", script[max(0, found.start() - 20) : found.start()])
    ):
        return None
    return found


def says_kind_itself(written: str, name: str, value: str) -> bool:
    """Whether the kind `written` before the variable `name` would be said twice, or beside another one, because `value`
    begins with a kind itself: always for the name of a unit (`{xã}`, `{huyện}`, `{tên xã}`), else where both are alike:
    `huyện {nơi nộp}` may well be followed by a commune, and `xã hội` is no commune at all."""
    found = _KIND_FIRST.match(value)
    if found is None:
        return False
    is_name = found[2].isupper() or found[2].isdecimal()
    return name.removeprefix("tên ") in UNIT_KINDS or (is_name and variable_name(found[1]) == variable_name(written))


def fill_in(script: str, values: Mapping[str, str]) -> Filled:
    """`script` with `values` in the place of its variables. `{Xã}` with a capital begins a sentence.

    `Đài truyền thanh xã {xã}` names the kind of unit that the value has already: what is written is left out then, and
    its capital stays.
    """
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    replaced: list[tuple[int, int]] = []
    missing: dict[str, None] = {}
    at = length = 0
    for found in VARIABLE.finditer(script):
        name = variable_name(found[1])
        value = values.get(name)
        if value is None:
            missing[name] = None
            continue
        start, begins = found.start(), found[1][:1]
        kind = kind_written_before(script, start)
        between = ""
        if kind is not None and kind.start() >= at and says_kind_itself(kind[1], name, value):
            start, begins, between = kind.start(), kind[1][:1], kind[2] or ""
            value = value[:1].lower() + value[1:]
        if begins.isupper():
            value = value[:1].upper() + value[1:]
        before = script[at:start] + between
        parts += [before, value]
        spans.append((length + len(before), length + len(before) + len(value)))
        replaced.append((start, found.end()))
        length += len(before) + len(value)
        at = found.end()
    parts.append(script[at:])
    return Filled("".join(parts), tuple(missing), tuple(spans), tuple(replaced))
