"""Bulletin templates: what residents are told, ready but for the names, days and places of one commune.

Each is a TOML file in this folder, named by its code. In its script `{tên}` is a variable; a line that begins with "? "
is left out while one of its variables has no value, any other line then carries a marked gap. A script with a gap in it
is unfinished: whoever reads or submits it asks `gaps_in`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from broadcast.errors import Invalid, NotFound

BulletinClass = Literal["normal", "priority", "emergency"]

GAP_PATTERN = re.compile(r"\[\s*điền\s*:[^\[\]\n]{0,200}\]", re.IGNORECASE)

_VARIABLE = re.compile(r"\{([^{}\n]{1,60})\}")
# What a gap asks for where the name of the variable alone would be too short a hint.
_HINTS = {
    "xã": "tên xã, phường",
    "điện thoại": "số điện thoại liên hệ",
    "cổng dịch vụ công": "địa chỉ cổng dịch vụ công của tỉnh",
    "hiện tượng": "tên cơn bão hoặc đợt mưa lũ và thời gian ảnh hưởng",
    "thời gian": "ngày giờ cụ thể",
    "khu vực": "tên thôn, tổ, tuyến đường",
    "đối tượng": "những ai",
    "khoản thu": "tên khoản thuế hoặc phí",
}


@dataclass(frozen=True, slots=True)
class Template:
    """One bulletin to be filled in."""

    code: str  # the name of its file
    title: str
    bulletin_class: BulletinClass
    field: str  # lĩnh vực
    script: str  # with variables and optional lines, as written in the file
    subjects: tuple[re.Pattern[str], ...]  # any of them in a dispatch's subject: the template fits
    excluded: tuple[re.Pattern[str], ...]  # any of them there: it does not
    links: tuple[str, ...]  # parts of an address that make it the one this bulletin is about

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables, each once, in order of appearance."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.script)))

    def fits(self, subject: str) -> bool:
        """Whether a dispatch about `subject` is one for this template."""
        if any(pattern.search(subject) for pattern in self.excluded):
            return False
        return any(pattern.search(subject) for pattern in self.subjects)


def list_templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    return _templates()


def template(code: str) -> Template:
    """The template `code`; NotFound where there is none."""
    for found in _templates():
        if found.code == code:
            return found
    raise NotFound(f"Không có mẫu bản tin “{code[:60]}”.", field="template")


def fill(template: Template, values: Mapping[str, str]) -> str:
    """The script of `template` with `values` in the place of its variables, and gaps where a value lacks.

    An empty value lacks too. Raises Invalid for a name that the template does not have.
    """
    given = {unicodedata.normalize("NFC", name): " ".join(value.split()) for name, value in values.items()}
    if unknown := sorted(set(given) - set(template.variables)):
        raise Invalid(
            f"Mẫu “{template.title}” không có chỗ điền “{unknown[0][:60]}”. "
            f"Các chỗ điền được: {', '.join(template.variables)}.",
            field="values",
        )
    lines = []
    for line in template.script.split("\n"):
        optional = line.startswith("? ")
        if optional and not all(given.get(name) for name in _VARIABLE.findall(line)):
            continue
        lines.append(
            _VARIABLE.sub(
                lambda found: given.get(found[1]) or gap(_HINTS.get(found[1], found[1])), line.removeprefix("? ")
            )
        )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def gap(hint: str) -> str:
    """The mark of something that a person still has to write."""
    return f"[điền: {hint}]"


def gaps_in(script: str) -> tuple[str, ...]:
    """The marked gaps of `script`, each once, in order; an unfinished script has some."""
    return tuple(dict.fromkeys(GAP_PATTERN.findall(unicodedata.normalize("NFC", script))))


@cache
def _templates() -> tuple[Template, ...]:
    found = []
    for file in files(__package__).iterdir():
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            found.append((data["order"], _template(file.name.removesuffix(".toml"), data)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].code)))


def _template(code: str, data: dict[str, object]) -> Template:
    def texts(name: str) -> list[str]:
        value = data.get(name, [])
        assert isinstance(value, list), f"{code}.toml: {name}"
        return [str(one) for one in value]

    bulletin_class = data["class"]
    assert bulletin_class in ("normal", "priority", "emergency"), f"{code}.toml: class"
    return Template(
        code=code,
        title=str(data["title"]),
        bulletin_class=bulletin_class,
        field=str(data["field"]),
        script=unicodedata.normalize("NFC", str(data["script"]).strip()),
        subjects=tuple(re.compile(pattern, re.IGNORECASE) for pattern in texts("subjects")),
        excluded=tuple(re.compile(pattern, re.IGNORECASE) for pattern in texts("excluded")),
        links=tuple(texts("links")),
    )
