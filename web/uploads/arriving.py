"""Large bodies: let in only for whoever may write, written to disk as they come, gone where nobody kept them.

Every other address refuses a body of more than 4 MB before it is parsed. Here the rights are asked first, without a
connection of the database held meanwhile; then the file goes through this process piece by piece, and is hashed on the
way. A request that ends in whatever way leaves no file behind but one that was kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import threading
from pathlib import Path
from typing import IO, Any, cast

import flask
from flask import Flask, g, request
from werkzeug.datastructures import ImmutableMultiDict

from audio.recording import LARGEST_BYTES as LARGEST_RECORDING
from audio.store import remove_leftovers, storage_errors, sync_folder, temporary
from broadcast.errors import Busy, StorageError, TooLarge
from broadcast.rights import Act
from web import limiter
from web.services import services
from web.shell.access import begin_anew, current_person, let_go, needs

MIB = 1024 * 1024
LARGEST_CHIME = 20 * MIB
LIMITS = {
    "uploads.create_submit": LARGEST_RECORDING,
    "uploads.edit_submit": LARGEST_RECORDING,
    "uploads.chime_submit": LARGEST_CHIME,
}
"""Bytes of the file, by endpoint."""

FIELDS_BYTES = MIB  # what else a form brings
MOST_FIELDS = 40
MOST_UPLOADS = "20 per minute; 200 per hour"  # of one person
AT_A_TIME = 12  # of the 32 places for large bodies: stations bring their logs through the same door
SPARE_BYTES = 200 * MIB  # of the disk; the database and the proofs of stations are written there too

_places = threading.BoundedSemaphore(AT_A_TIME)


class ArrivingFile(io.RawIOBase):
    """A file of a form while it is being received, under a temporary name that goes with it."""

    def __init__(self, folder: Path, largest: int) -> None:
        """Raises StorageError."""
        super().__init__()
        self._folder, self._largest = folder, largest
        self._open = contextlib.ExitStack()
        with storage_errors(folder):
            (folder / "tmp").mkdir(parents=True, exist_ok=True)
            self.path = self._open.enter_context(temporary(folder / "tmp"))
            self._file = self._open.enter_context(self.path.open("xb"))
        self._digest = hashlib.sha256()
        self.bytes = 0
        self.head = b""
        """The first bytes, which say what it is."""

    def write(self, piece: Any) -> int:
        """Raises TooLarge, StorageError (the disk is full)."""
        self.bytes += len(piece)
        if self.bytes > self._largest:
            raise _too_large(self._largest)
        if len(self.head) < 512:
            self.head += bytes(piece[:512])
        self._digest.update(piece)
        with storage_errors(self._folder):
            self._file.write(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """What a form's parser does at the end of a file: all of it is to be on disk then."""
        with storage_errors(self._folder):
            self._file.flush()
        return offset

    def keep(self) -> str:
        """Whole and on the disk under its sha256, which is returned. Raises StorageError."""
        sha256 = self._digest.hexdigest()
        with storage_errors(self._folder):
            self._file.flush()
            os.fsync(self._file.fileno())
            # Over one that is there too: a file that was just brought is new, and not swept away (web.uploads.kept).
            self.path.replace(self._folder / sha256)
            sync_folder(self._folder)
        return sha256

    def close(self) -> None:
        # What is still to be written goes nowhere: a full disk shall not be told a second time.
        with contextlib.suppress(OSError):
            self._open.close()
        super().close()


class Request(flask.Request):
    """A request whose files go where `receive` says."""

    folder: Path | None = None
    largest: int = 0

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.folder is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        arriving = ArrivingFile(self.folder, self.largest)
        g.setdefault("arriving", []).append(arriving)
        return cast(IO[bytes], arriving)


def arrived(name: str) -> ArrivingFile | None:
    """The file of that field of the form; None where none was chosen."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    assert isinstance(sent.stream, ArrivingFile), "this address is not in LIMITS"
    return sent.stream


def receive() -> None:
    """Before anybody looks at the form. Raises what `needs` raises, TooLarge, Busy, StorageError.

    Other forms than those with files have the usual limits: they are read into memory.
    """
    largest = LIMITS.get(request.endpoint or "")
    if largest is None or request.mimetype != "multipart/form-data":
        return
    try:
        needs(Act.WRITE)(_nothing)()
        with limiter.limit(MOST_UPLOADS, key_func=_sender):
            _receive(largest)
    except BaseException:
        _leave_unread()
        raise


def _sender() -> str:
    return f"uploads of person:{current_person().id}"


def _nothing() -> None:
    """The view behind the rights that `receive` asks for."""


def _receive(largest: int) -> None:
    length = request.content_length or 0
    if length > largest + FIELDS_BYTES:
        raise _too_large(largest)
    folder = services().settings.uploads_dir
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < length + SPARE_BYTES:
            raise StorageError("Ổ đĩa của máy chủ gần đầy, không đủ chỗ cho tệp này. Hãy báo người quản trị.")
    asked = cast(Request, request)
    asked.folder, asked.largest = folder, largest
    asked.max_content_length, asked.max_form_memory_size = largest + FIELDS_BYTES, FIELDS_BYTES
    asked.max_form_parts = MOST_FIELDS
    if not _places.acquire(blocking=False):
        raise Busy("Nhiều người đang tải tệp lên cùng lúc. Hãy thử lại sau ít phút.")
    try:
        let_go()
        asked._load_form_data()
    finally:
        _places.release()
    begin_anew()


def _leave_unread() -> None:
    """An error page asks for the form too; half a body is none."""
    if "form" not in request.__dict__ and (request.content_length or 0) > FIELDS_BYTES:
        request.__dict__.update(form=ImmutableMultiDict(), files=ImmutableMultiDict())


def _too_large(largest: int) -> TooLarge:
    return TooLarge(
        f"Tệp lớn hơn {largest // MIB} MB. Hãy chọn tệp ngắn hơn, hoặc xuất sang MP3 để tệp nhỏ lại.", field="file"
    )


def _sweep(_error: BaseException | None) -> None:
    for arriving in g.pop("arriving", []):
        arriving.close()


def remove_half_written(folder: Path) -> None:
    """What requests of dead processes left in `folder`."""
    remove_leftovers(folder / "tmp")


def register(app: Flask) -> None:
    """Before all that reads forms."""
    app.request_class = Request
    app.before_request(receive)
    app.teardown_appcontext(_sweep)
