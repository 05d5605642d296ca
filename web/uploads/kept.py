"""Files that arrived, under their hash: carried over a form that is to be mended, swept away where nobody used them."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import exists, select

from audio.rendering import LookJob, Renderer, RenderingFailed
from broadcast.bulletin import Revision
from broadcast.db import Database
from broadcast.errors import Busy, Invalid, TooLarge
from broadcast.upload import Upload
from web.services import services
from web.shell.access import current_person, let_go
from web.uploads.arriving import MIB, ArrivingFile, arrived, remove_half_written
from web.uploads.children import one_of_few
from web.uploads.kinds import refuse_no_sound, shown_name

log = logging.getLogger(__name__)

CARRIER = "arrived"
"""The hidden field that names a file which is here already."""
UNUSED_FOR = timedelta(days=1)
_CARRIED_FOR = timedelta(hours=20)  # less than until it is swept away
_ASIDE = ".old"
LOOKED_INTO = 5 * MIB
"""Bytes: about five minutes of MP3, decoded within a second while the person waits. Of a larger file only what it says
of itself is read."""
_LOOK_S = 20.0


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file in DATA_DIR/uploads."""

    sha256: str
    name: str  # as the person's machine called it; for people, never a path
    bytes: int

    @property
    def path(self) -> Path:
        return services().settings.uploads_dir / self.sha256

    @property
    def carried(self) -> str:
        """For this person's form alone: nobody makes a bulletin of another's file by naming its hash."""
        return _serializer().dumps([current_person().id, asdict(self)])


def file_sent() -> ArrivedFile | None:
    """The file of this form, kept: just sent, or sent with the form before.

    Raises Invalid and TooLarge for what no sound can be made of, where that is soon known; the worker that makes the
    sound tells the rest.
    """
    arriving = arrived("file")
    if arriving is None:
        return _carried(request.form.get(CARRIER, ""))
    name = shown_name(request.files["file"].filename or "")
    refuse_no_sound(name, arriving.head, arriving.bytes)
    _look_into(arriving, name)
    return ArrivedFile(arriving.keep(), name, arriving.bytes)


def _look_into(arriving: ArrivingFile, name: str) -> None:
    let_go()
    try:
        with one_of_few(), Renderer() as renderer:
            job = LookJob(services().settings.data_dir, arriving.path, name, whole=arriving.bytes <= LOOKED_INTO)
            renderer.look(job, deadline_s=_LOOK_S)
    except (Invalid, TooLarge) as error:
        raise type(error)(error.message_vi, field="file") from error
    except (Busy, RenderingFailed):
        log.info("no time to look into an upload of %s bytes: left to the worker", arriving.bytes)


def _carried(mark: str) -> ArrivedFile | None:
    try:
        person, told = _serializer().loads(mark, max_age=int(_CARRIED_FOR.total_seconds()))
    except BadSignature:
        return None
    file = ArrivedFile(**told)
    return file if person == current_person().id and file.path.is_file() else None


def _serializer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(current_app.secret_key, salt="an upload that is carried")


def sweep(database: Database, folder: Path, now: datetime) -> int:
    """Removes files that no revision uses and that nobody brought within a day, and what is half-written.

    Returns how many whole ones. One that is brought again meanwhile is new at its name and stays.
    """
    remove_half_written(folder)
    before = (now - UNUSED_FOR).timestamp()
    for aside in folder.glob(f"*{_ASIDE}"):  # of a sweep that was cut short
        _settle(aside, before)
    removed = 0
    for path in sorted(folder.glob("[0-9a-f]" * 64)):
        with database.reading() as session:
            used = session.scalar(select(exists().where(Upload.sha256 == path.name, Revision.upload_id == Upload.id)))
        if not used:
            removed += _remove_old(path, before)
    return removed


def _remove_old(path: Path, before: float) -> bool:
    """Looked at once more where nobody else reaches it."""
    aside = path.with_name(f"{path.name}{_ASIDE}")
    try:
        if path.stat().st_mtime >= before:
            return False
        path.replace(aside)
    except FileNotFoundError:
        return False
    return _settle(aside, before)


def _settle(aside: Path, before: float) -> bool:
    if aside.stat().st_mtime >= before:  # brought anew between two looks
        aside.replace(aside.with_suffix(""))
        return False
    aside.unlink()
    return True
