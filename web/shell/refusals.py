"""What no view shall see: characters that no database takes, numbers that no column holds, ranges that say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, ValidationError

from web.shell.error_pages import is_api, told

LARGEST_NUMBER = 2**31 - 1
"""What an integer column of PostgreSQL holds: no row has a higher number."""

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(?:(\d{1,18})\s*-\s*(\d{1,18})?|-\s*\d{1,18})\s*", re.ASCII | re.IGNORECASE)


class RowNumber(IntegerConverter):
    """`<int:…>` of an address: a number that a row can have, else there is no such page."""

    def to_python(self, value: str) -> int:
        # int() itself refuses thousands of digits, with an error of another kind.
        if len(value) > 10 or (number := int(super().to_python(value))) > LARGEST_NUMBER:
            raise ValidationError
        return number


def _refuse_nul() -> ResponseReturnValue | None:
    if "\x00" in request.path:
        return told(404)
    if any("\x00" in text for text in _sent()):
        return told(400, "Nội dung gửi lên có ký tự không đọc được (U+0000). Hãy xoá ký tự ấy rồi gửi lại.")
    return None


def _sent() -> Iterator[str]:
    yield request.query_string.decode("latin-1").replace("%00", "\x00")
    # The body of an API call is read by its call, which knows how much of it may come.
    if is_api() or request.mimetype not in _FORMS:
        return
    for name, values in request.form.lists():
        yield name
        yield from values
    for name, files in request.files.lists():
        yield name
        yield from (file.filename or "" for file in files)


def _ignore_odd_ranges() -> None:
    """A `Range` that is none, or several, is as if it were not there (RFC 9110, 14.2)."""
    asked = request.environ.get("HTTP_RANGE")
    found = _ONE_RANGE.fullmatch(asked) if asked is not None else None
    if asked is not None and (found is None or (found[2] and int(found[2]) < int(found[1]))):
        del request.environ["HTTP_RANGE"]


def register(app: Flask) -> None:
    """Before the first blueprint: addresses take the converters that are there when they are added."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_refuse_nul)
    app.before_request(_ignore_odd_ranges)
