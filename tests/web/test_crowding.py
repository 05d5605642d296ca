"""One person, or a crowd, cannot take all of the server: what costs much has few places, and says so in words."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime

import pytest

from broadcast.errors import Busy
from tests.web.upload_parts import chime_form, files_under, spoken
from web.bulletins import typing
from web.serving.ticks import Ticks
from web.uploads import arriving, children


def test_reading_what_is_typed_never_takes_every_thread(as_person):
    client = as_person("editor")
    with ExitStack() as taken:
        for _ in range(typing.AT_A_TIME):
            taken.enter_context(typing._places)
        answer = client.post("/ban-tin/doc-thu", data={"script": "Mời bà con."})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Nhiều người đang soạn" in answer.text
    assert client.post("/ban-tin/doc-thu", data={"script": "Mời bà con."}).status_code == 200


def test_a_third_chime_waits_and_is_told_so(as_person, services, monkeypatch):
    monkeypatch.setattr(children, "_WAIT_S", 0.01)
    client = as_person("editor")
    with children.one_of_few(), children.one_of_few():
        with pytest.raises(Busy), children.one_of_few():
            pass
        answer = client.post("/nhac-hieu", data=chime_form(spoken()))
        assert answer.status_code == 503
        assert "Hãy đợi một lát" in answer.text
    assert files_under(services.settings.uploads_dir) == []
    assert client.post("/nhac-hieu", data=chime_form(spoken())).status_code == 302


def test_one_person_sends_only_so_many_files_a_minute(as_person, monkeypatch):
    monkeypatch.setattr(arriving, "MOST_UPLOADS", "2 per minute")
    client = as_person("editor")
    sent = [client.post("/nhac-hieu", data=chime_form(b"no sound")).status_code for _ in range(3)]
    assert sent == [422, 422, 429]
    assert as_person("approver").post("/nhac-hieu", data=chime_form(b"no sound")).status_code != 429


def test_what_a_killed_process_was_receiving_is_gone_when_the_next_begins(services):
    folder = services.settings.uploads_dir / "tmp"
    folder.mkdir(parents=True)
    (folder / "999999999-0123456789abcdef.part").write_bytes(b"half")
    ticks = Ticks(services.database, services.settings, lambda: datetime.fromisoformat("2026-11-23T03:00:00+00:00"))
    ticks.begin()
    ticks.close()
    assert files_under(folder) == []
