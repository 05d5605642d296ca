"""`broadcast load`: everything of one set-up file or nothing; again = only what changed.

In three steps: everything is checked against the database; what has to be spoken is rendered (minutes, outside any
transaction; a finished sound is kept by its hash and harms nobody if the file fails later); all rows are written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from broadcast.config import Settings
from broadcast.db import Database
from web.commands.reading import read_regular
from web.load.check import Check
from web.load.fields import Moment
from web.load.meaning import warnings
from web.load.rows import Rows
from web.load.setup_file import LARGEST_FILE, parse
from web.load.sounds import make_sounds
from web.load.writing import Loaded

Tell = Callable[[str], None]


def load(
    database: Database,
    settings: Settings,
    path: Path,
    now: datetime,
    *,
    moment: Moment | None = None,
    tell: Tell = lambda line: None,
    passwords: dict[str, str] | None = None,
) -> Loaded:
    """Loads the file at `path`. Raises Invalid, naming line and field, and has written nothing then.

    `passwords` (login → password) are for the demonstration, whose file has none.
    """
    setup, source = parse(read_regular(path, LARGEST_FILE), moment)
    sounds = make_sounds(database, settings, setup, source, path.parent, now, tell)
    with database.writing() as session:
        Check(session, setup, source).all()  # again: somebody may have been faster
        loader = Rows(session, setup, source, now, settings, sounds, passwords or {})
        loader.all()
        noticed = list(warnings(loader))
    for line in noticed:
        tell(f"Lưu ý: {line}")
    return loader.loaded
