"""Whatever is sent that the OpenAPI document allows or forbids, the API answers with what the document says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from broadcast.config import Settings
from broadcast.db import Database
from broadcast.migrations import upgrade
from tests.proof import Machine, a_commune
from web import create_app
from web.api.state import state_of
from web.services import Services

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    options = Settings(data_dir=folder, secret_key="bí mật của bài kiểm tra")
    database = Database(options.database)
    upgrade(database)
    with database.writing() as session:
        _, token = Machine().enrol(session, a_commune(session, AT).station, AT)
    app = create_app(Services(options, database, now=lambda: AT))
    inner = app.wsgi_app

    def from_loopback(environ: Any, start: Any) -> Any:
        return inner({"REMOTE_ADDR": "127.0.0.1"} | environ, start)

    app.wsgi_app = from_loopback  # type: ignore[method-assign]
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app), token
    state_of(app).room.close()
    database.dispose()


CALLS = [
    ("/station/enrol", "POST"),
    ("/station/manifest", "GET"),
    ("/audio/{sha256}", "GET"),
    ("/station/log", "POST"),
    ("/station/status", "POST"),
]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), CALLS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_makes_the_server_stumble(
    enrolled: tuple[Any, str], path: str, method: str, mode: GenerationMode, data: st.DataObject
) -> None:
    document, token = enrolled
    case = data.draw(document[path][method].as_strategy(generation_mode=mode))
    if case.query:
        case.query.pop("wait", None)  # a held request takes its time
    answer = case.call(headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code < 500
    case.validate_response(answer, checks=[content_type_conformance, response_schema_conformance])
