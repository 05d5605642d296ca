"""What the text being typed would sound like, asked again and again while somebody writes."""

from __future__ import annotations

import threading

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcast.errors import Busy
from broadcast.rights import Act
from web import limiter
from web.bulletins.arranging import heard_arrangement
from web.bulletins.forms import heard_as, home_unit
from web.bulletins.speaking import show_as_said
from web.bulletins.spoken import LONGEST_SCRIPT
from web.services import services
from web.shell import lookups
from web.shell.access import db_reading, needs, per_person
from web.shell.forms import Form

AT_A_TIME = 4
_places = threading.BoundedSemaphore(AT_A_TIME)


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/ban-tin/doc-thu", view_func=said, methods=["POST"])


def _work() -> int:
    """Reading the longest script takes a second of a core, a usual one a hundredth."""
    return 1 + min(len(request.form.get("script", "")), LONGEST_SCRIPT) // 2000


@limiter.limit("300 per minute", key_func=per_person, cost=_work)
@needs(Act.WRITE)
def said() -> ResponseReturnValue:
    """What `_said` gives, for a few people at a time: reading takes a whole core, and others wait for pages."""
    if not _places.acquire(blocking=False):
        raise Busy("Nhiều người đang soạn cùng lúc. Lời đọc thử được cập nhật lại sau vài giây.")
    try:
        return _said()
    finally:
        _places.release()


def _said() -> ResponseReturnValue:
    """The parts of the editor that follow the typing, said by the unit `noi` where the text has variables.

    The bulletin (`code`) or the unit (`unit`) says whose lexicon and values hold.
    """
    form = Form(request.form)
    session, script = db_reading(), request.form.get("script", "").replace("\r\n", "\n")
    code, unit = request.form.get("code", ""), request.form.get("unit", "")
    bulletin = lookups.bulletin(session, code, Act.WRITE) if code else None
    if bulletin is not None:
        unit_id = bulletin.unit_id
    else:
        unit_id = lookups.unit(session, unit, Act.WRITE).id if unit else home_unit().id
    return render_template(
        "bulletins/_said.html",
        shown=show_as_said(
            session, script, unit_id, bulletin, heard_as(), heard_arrangement(form, bulletin), form.values("as_is")
        ),
        bulletin=bulletin,
        longest_minutes=services().settings.longest_script_minutes,
    )
