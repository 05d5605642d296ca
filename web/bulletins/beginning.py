"""What a new bulletin begins with."""

from __future__ import annotations

from typing import Any

from flask import request

from broadcast.bulletin import BulletinClass
from broadcast.receiving import fill, template
from broadcast.variables import USUAL, values_of
from web.bulletins.arranging import fields_of
from web.bulletins.forms import home_unit
from web.shell import lookups
from web.shell.access import current_rights, db_reading


def beginning() -> dict[str, Any]:
    """The fields of the editor: empty, a template (`mau`), or the words of another bulletin (`tu`).

    With `rieng` a template keeps its variables, so that each unit below says its own name.
    """
    unit = home_unit()
    values: dict[str, Any] = {"unit": unit.code, "class": BulletinClass.NORMAL.value}
    if code := request.args.get("mau"):
        chosen = template(code)
        known = values_of(current_rights().tree, unit.id)
        if request.args.get("rieng"):
            known |= {name: f"{{{name}}}" for name in USUAL}
        script = fill(chosen, {name: known[name] for name in chosen.variables if name in known})
        values |= {"title": chosen.title, "script": script, "class": chosen.bulletin_class, "field": chosen.field}
        values["template"] = chosen.code
    elif code := request.args.get("tu"):
        other = lookups.bulletin(db_reading(), code)
        values |= {"title": other.title, "script": other.latest.script, "class": other.bulletin_class}
        values |= {"field": other.field, "source": other.source} | fields_of(other.latest.arrangement)
    return values
