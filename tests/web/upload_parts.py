"""What the tests of uploads share: sound files as people bring them, and forms with a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from audio.orders import take_order, work
from audio.rendering import Renderer
from broadcast.bulletin import Bulletin
from tests.audio.test_mastering import noise
from tests.audio.test_recording import coded
from web.services import Services

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8
MKV = b"\x1aE\xdf\xa3" + b"\x00" * 600


def spoken(seconds: float = 1.5, kind: str = "WAV") -> bytes:
    """A whole file of that kind with something to hear."""
    return coded(noise(seconds) * np.float32(0.1), kind)


def file_form(content: bytes | None, name: str = "loi-moi.wav", **changed: Any) -> dict[str, Any]:
    """The form of a recording, filled in; `content` None is no file chosen."""
    filled: dict[str, Any] = {"title": "Lời mời họp thôn", "class": "normal", "field": "", "source": "", "unit": "H1"}
    filled |= {"valid_from": "", "valid_until": "", "profile": ""}
    return filled | {"file": (io.BytesIO(content or b""), name if content is not None else "")} | changed


def chime_form(content: bytes | None, name: str = "nhac.wav", **changed: Any) -> dict[str, Any]:
    filled: dict[str, Any] = {"name": "Nhạc huyện", "unit": "H1"}
    return filled | {"file": (io.BytesIO(content or b""), name if content is not None else "")} | changed


def posted(client: FlaskClient, path: str, form: dict[str, Any]) -> TestResponse:
    """`form` sent as browsers send files. A large body is a temporary file of the test client, which leaves it open."""
    answer = client.post(path, data=form, content_type="multipart/form-data")
    body = answer.request.environ["wsgi.input"]
    assert isinstance(body, io.IOBase)
    body.close()
    return answer


def make_sound(services: Services) -> bool:
    """Works the next order as the clockwork does. True where its sound is ready."""
    with services.database.writing() as session:
        order = take_order(session, services.now())
    assert order is not None
    with Renderer() as renderer:
        return work(services.database, services.settings, order, renderer, services.now)


def files_under(folder: Path) -> list[str]:
    """Every file, half-written ones too."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def newest(session: Any) -> Bulletin:
    found = session.scalar(select(Bulletin).order_by(Bulletin.id.desc()).limit(1))
    assert found is not None
    return found
