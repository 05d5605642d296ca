"""A submitted form: what was typed stays, each mistake is told at its field and in the summary.

    form = Form(request.form, name=station.name)
    name = form.text("name", "tên trạm", longest=200)
    if not form.errors: …
    return render_template(…, form=form), form.status

In templates `_macros.html` has the fields. The CSRF token is a hidden field of every form (`csrf()`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from broadcast.errors import BroadcastError
from broadcast.signs import has_control_signs, is_hidden

_LONGEST_NAME = 300


class Form:
    """`source` is None on the first showing; then `values` come from the defaults."""

    def __init__(self, source: MultiDict[str, str] | None = None, /, **defaults: Any) -> None:
        self.source = source
        self.defaults = {name: "" if value is None else value for name, value in defaults.items()}
        self.errors: dict[str, str] = {}

    @property
    def submitted(self) -> bool:
        return self.source is not None

    @property
    def status(self) -> int:
        """Of the page that shows this form: 422 where something is to be mended."""
        return 422 if self.errors else 200

    def value(self, name: str) -> str:
        """What the field shows: as typed, else the default."""
        if self.source is not None:
            return self.source.get(name, "")
        default = self.defaults.get(name, "")
        return default.isoformat() if isinstance(default, date) else str(default)

    def values(self, name: str) -> list[str]:
        """The same for boxes of which several may be ticked."""
        if self.source is not None:
            return self.source.getlist(name)
        default = self.defaults.get(name) or []
        return [str(one) for one in default]

    def ticked(self, name: str) -> bool:
        if self.source is not None:
            return name in self.source
        return bool(self.defaults.get(name))

    def fail(self, name: str, message: str) -> None:
        """The first message of a field stays. An empty name is a message for the whole form."""
        self.errors.setdefault(name, message)

    def take(self, error: BroadcastError) -> None:
        """A domain error told at the field that it names."""
        self.fail(error.field or "", error.message_vi)

    def text(self, name: str, label: str, *, longest: int = 200, required: bool = True) -> str:
        """Trimmed, without control signs; a name, which is a line of at most 300 signs, without hidden ones."""
        value = self.value(name).strip()
        if required and not value:
            self.fail(name, f"Hãy điền {label}.")
        if len(value) > longest:
            self.fail(name, f"{label[:1].upper()}{label[1:]} dài quá {longest} ký tự.")
        unreadable = is_hidden if longest <= _LONGEST_NAME else has_control_signs
        if unreadable(value):
            self.fail(name, f"{label[:1].upper()}{label[1:]} có ký tự không đọc được.")
        return value

    def whole(self, name: str, label: str, least: int, most: int) -> int:
        """A whole number in [least, most]; `least` itself where it cannot be read."""
        value = self.value(name).strip()
        # str.isdigit() is true of "²", which int() refuses.
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
        if number is None or not least <= number <= most:
            self.fail(name, f"Hãy điền {label} là một số từ {least} đến {most}.")
            return least
        return number

    def day(self, name: str, label: str, *, required: bool = False) -> date | None:
        """A calendar day typed as `22/11/2026`, `22-11-2026` or `22/11/26`; an ISO date is understood too."""
        value = self.value(name).strip()
        if not value:
            if required:
                self.fail(name, f"Hãy chọn {label}.")
            return None
        try:
            return _day(value)
        except ValueError:
            told = f"{label[:1].upper()}{label[1:]} không phải là một ngày có thật; hãy viết như 22/11/2026."
            self.fail(name, told)
            return None

    def choice(self, name: str, label: str, allowed: Collection[str]) -> str:
        """One of `allowed`; the empty string where it is none of them."""
        value = self.value(name)
        if value not in allowed:
            self.fail(name, f"Hãy chọn {label}.")
            return ""
        return value


def _day(text: str) -> date:
    """Raises ValueError for what is no day of these times."""
    parts = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{2}|\d{4})", text, re.ASCII)
    if parts is None:
        found = date.fromisoformat(text)
    else:
        day, month, year = (int(part) for part in parts.groups())
        found = date(year + 2000 if year < 100 else year, month, day)
    if not 1945 <= found.year <= 2200:
        raise ValueError(text)
    return found
