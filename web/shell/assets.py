"""Addresses of our own static files, with a mark of their content: a new version is never hidden by a cache."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for

STATIC = Path(__file__).parents[1] / "static"


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    return url_for("static", filename=name, v=_mark(name))


def register(app: Flask) -> None:
    app.add_template_global(asset)
