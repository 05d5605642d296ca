"""POST a sentence, get the address of its sound: with scripts as JSON, without them the sound itself opens."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from audio.preview import preview_path
from audio.profiles import profile_named
from audio.rendering import PreviewJob
from audio.voices.base import speakable
from audio.voices.order import voice_order, voice_settings
from broadcast.errors import BroadcastError, ConfigurationError, Invalid, NotFound, TooLarge
from broadcast.rights import Act
from web import limiter
from web.listening.voices import said_by_others, voice_words
from web.services import services
from web.shell import lookups
from web.shell.access import db_reading, let_go, needs, per_person
from web.shell.error_pages import is_fragment

blueprint = Blueprint("listening", __name__)
blueprint.add_app_template_filter(voice_words, "voice_words")
blueprint.add_app_template_filter(said_by_others, "said_by_others")

LONGEST_SENTENCE = 600
MOST_SENTENCES = 6  # about the first quarter of a minute, to hear two profiles side by side
_KEY = re.compile(r"[0-9a-f]{64}")


@blueprint.post("/nghe-thu")
@limiter.limit("60 per minute", key_func=per_person)
@needs(Act.WRITE)
def hear() -> ResponseReturnValue:
    """`spoken` is the sentence as it will be said, or a few of them; `code` or `unit` names whose it is.

    `profile` says how it sounds.
    """
    try:
        told = _heard()
    except BroadcastError as error:
        if not is_fragment():
            raise
        answer = jsonify(message=error.message_vi)
        answer.status_code = error.status
        if retry_after_s := getattr(error, "retry_after_s", None):
            answer.headers["Retry-After"] = str(retry_after_s)
        return answer
    return jsonify(told) if is_fragment() else redirect(told["url"], 303)


def _heard() -> dict[str, Any]:
    session, settings = db_reading(), services().settings
    if code := request.form.get("code", ""):
        lookups.bulletin(session, code, Act.WRITE)
    elif unit := request.form.get("unit", ""):
        lookups.unit(session, unit, Act.WRITE)
    job = PreviewJob(
        data_dir=settings.data_dir,
        sentences=tuple(_sentence(spoken) for spoken in request.form.getlist("spoken")[:MOST_SENTENCES] or [""]),
        voices=voice_order(settings),
        voice_settings=voice_settings(settings),
        profile=_profile(request.form.get("profile", "") or settings.sound_profile),
    )
    person = per_person()
    let_go()  # the voice may take a second
    preview = services().listening.hear(job, person)
    return {
        "url": url_for("listening.sound", key=preview.key),
        "voice": voice_words(preview.voice),
        "is_fallback": preview.voice != job.voices[0],
        "duration_ms": preview.duration_ms,
    }


def _sentence(spoken: str) -> str:
    if len(spoken) > LONGEST_SENTENCE:
        raise TooLarge(f"Câu dài quá {LONGEST_SENTENCE} ký tự nên không nghe thử riêng được. Hãy ngắt thành nhiều câu.")
    try:
        return speakable(spoken)
    except BroadcastError as error:
        raise Invalid(error.message_vi, field="spoken") from error


def _profile(name: str) -> str:
    try:
        return profile_named(name).name
    except ConfigurationError as error:
        raise Invalid(error.message_vi, field="profile") from error


@blueprint.get("/nghe-thu/<key>.mp3")
@needs(Act.WRITE)
def sound(key: str) -> Response:
    """A sentence that was made: nobody guesses its key, which is the hash of what is said and how."""
    path = preview_path(services().settings.data_dir, key)
    if not _KEY.fullmatch(key) or not path.is_file():
        raise NotFound("Câu nghe thử này không còn. Hãy bấm nghe lại.")
    answer = send_file(path.absolute(), mimetype="audio/mpeg", conditional=True, etag=key, max_age=0)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
