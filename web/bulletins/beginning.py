"""What a new bulletin begins with, and a form for one that is there."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from broadcast.bulletin import Bulletin, BulletinClass
from broadcast.receiving import fill
from broadcast.receiving import template as template_of
from broadcast.rights import Act
from broadcast.variables import USUAL, values_of
from web.bulletins.acting import day_text, new_code
from web.bulletins.arranging import fields_of
from web.bulletins.forms import Typed, describe, home_unit
from web.bulletins.speaking import asked_in
from web.shell import lookups
from web.shell.access import current_person, current_rights, db_reading, now, today


def beginning() -> dict[str, Any]:
    """The fields of the editor: empty, a template (`mau`), or the words of another bulletin (`tu`).

    With `rieng` a template keeps its variables, so that each unit below says its own name.
    """
    unit = home_unit()
    values: dict[str, Any] = {"unit": unit.code, "class": BulletinClass.NORMAL.value}
    if code := request.args.get("mau"):
        chosen = template_of(code)
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


def begin(session: Session, typed: Typed, code_of_unit: str, *, template: str | None = None) -> Bulletin:
    """A bulletin as it was typed, still without a revision. Raises what `lookups.unit` raises."""
    bulletin = Bulletin(
        code=new_code(session, Bulletin, "BT", today()),
        unit=lookups.unit(session, code_of_unit, Act.WRITE),
        title=typed.title,
        template=template,
        created_at=now(),
        created_by_id=current_person().id,
    )
    describe(bulletin, typed)
    session.add(bulletin)
    session.flush()
    return bulletin


def as_it_is(bulletin: Bulletin) -> dict[str, Any]:
    """The fields of the form of a bulletin that is there, its script and what is around it apart."""
    latest = bulletin.latest
    asked = asked_in(db_reading(), f"{latest.script}\n{latest.closing}", bulletin.unit_id, bulletin.id)
    return {
        "title": latest.title,
        "class": bulletin.bulletin_class,
        "field": bulletin.field,
        "source": bulletin.source,
        "valid_from": day_text(bulletin.valid_from),
        "valid_until": day_text(bulletin.valid_until),
        "as_is": [key for key in asked if latest.has_answered(key)],
        "based_on": latest.number,
    }
