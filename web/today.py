"""Hôm nay: four figures, what needs a hand, and the day as lanes."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broadcast.rights import Act
from web.access import needs

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@needs(Act.READ)
def board() -> ResponseReturnValue:
    return render_template("today/board.html")
