"""The blueprint of what people upload: recordings to be aired, chimes of their own; and how a bulletin is arranged."""

from __future__ import annotations

from flask import Blueprint

from web.bulletins.arranging import arranging, profile_sides
from web.shell.formats import vn_number
from web.uploads import chimes, recordings

blueprint = Blueprint("uploads", __name__)
for part in (recordings, chimes):
    part.add_to(blueprint)
blueprint.add_app_template_global(arranging)
blueprint.add_app_template_global(profile_sides)


@blueprint.app_template_filter()
def file_size(size: int) -> str:
    """`1,2 MB`, `45 KB`, `0 byte`."""
    if size == 0:
        return "0 byte"
    return f"{vn_number(size / 1024**2)} MB" if size >= 1024**2 else f"{vn_number(max(1, round(size / 1024)))} KB"
