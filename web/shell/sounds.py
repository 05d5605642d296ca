"""Sound out of the store to a browser: whole or in parts, since players seek."""

from __future__ import annotations

from flask import Response, current_app, send_file

from audio.store import AudioStore
from broadcast.errors import NotFound
from web.services import services


def store() -> AudioStore:
    """One for the application: opening one tidies its folder."""
    if "audio_store" not in current_app.extensions:
        current_app.extensions["audio_store"] = AudioStore(services().settings.audio_dir)
    kept = current_app.extensions["audio_store"]
    assert isinstance(kept, AudioStore)
    return kept


def send_sound(sha256: str | None) -> Response:
    """The finished sound of this hash, with Range and ETag. The caller has checked who may hear it."""
    if sha256 is None or not store().has(sha256):
        raise NotFound("Không có tệp âm thanh này trong kho.")
    answer = send_file(store().path(sha256), mimetype="audio/mpeg", conditional=True, etag=sha256, max_age=0)
    # For this person only: the next one at the same machine may have other rights.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
