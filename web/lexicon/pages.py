"""/tu-dien: what is read how, where it holds, who said so and when; what was given up; what came with the program."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcast.lexicon_entry import Kind
from broadcast.lexicon_writing import in_the_way
from broadcast.rights import Act
from web.bulletins.acting import page_asked
from web.lexicon import entering, outdated, quick
from web.lexicon.listing import (
    ENDED,
    OWN,
    SHIPPED,
    Wanted,
    beside,
    kind_of,
    own_entries,
    own_page,
    shipped_entries,
    shipped_number,
)
from web.lexicon.places import ALL, BULLETIN, UNIT, in_words, may_change
from web.shell.access import current_rights, db_reading, needs, scope_units

blueprint = Blueprint("lexicon", __name__)
for part in (entering, quick, outdated):
    part.add_to(blueprint)


@blueprint.get("/tu-dien")
@needs(Act.READ)
def index() -> ResponseReturnValue:
    session = db_reading()
    wanted = Wanted(
        list=_one_of(request.args.get("muc"), {ENDED, SHIPPED}, OWN),
        words=request.args.get("tim", "").strip()[:100],
        kind=_one_of(request.args.get("loai"), set(Kind), ""),
        place=_one_of(request.args.get("pham-vi"), {ALL, UNIT, BULLETIN}, ""),
        page=page_asked(request.args.get("trang")),
    )
    own = own_entries(session)
    former = own.superseded
    listed = shipped_entries(wanted) if wanted.list == SHIPPED else own_page(own, wanted)
    return render_template(
        "lexicon/list.html",
        wanted=wanted,
        listed=listed,
        # What an edit left behind is shown and not counted: nobody gave it up.
        counts={OWN: len(own.held), ENDED: len(own.ended) - len(former), SHIPPED: shipped_number()},
        superseded=former,
        kinds=list(Kind),
        kind_of=kind_of,
        beside=beside,
        in_words=in_words,
        may_change=may_change,
        may_write=current_rights().may_anywhere(Act.WRITE),
        replaced_by=lambda entry: in_the_way(session, entry.held),
        flagged=len(outdated.flagged(session, scope_units())),
    )


def _one_of(value: str | None, allowed: set[str], otherwise: str) -> str:
    return value if value is not None and value in allowed else otherwise
