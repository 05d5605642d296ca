"""`GET /audio/{sha256}`: sound by its hash, whole or in ranges, for the station whose programme names it."""

from __future__ import annotations

from flask import Response, send_file

from broadcast.audio_asset import AudioAsset
from broadcast.errors import NotFound
from schedules.manifest import newest_of
from web.api.blueprint import blueprint
from web.api.reading import caller, note_seen
from web.api.state import state
from web.services import services

_ABSENT = "Chương trình hiện tại của trạm không có tệp âm thanh này."


@blueprint.get("/audio/<sha256>")
def audio(sha256: str) -> Response:
    with services().database.reading() as session:
        who = caller(session)
        manifest = newest_of(session, who.enrolment_id)
        if manifest is None or sha256 not in manifest.audio:
            raise NotFound(_ABSENT)
        asset = session.get_one(AudioAsset, sha256)
    note_seen(who)
    path = state().store.path(sha256)
    if not path.is_file():
        raise NotFound("Tệp âm thanh này không còn trong kho của máy chủ.")
    answer = send_file(path, mimetype=asset.media_type, conditional=True, etag=sha256)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
