"""The blueprint itself and how its failures are answered; its calls are in the modules imported at the end."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from broadcast.errors import BroadcastError, StorageError
from web.api import problems

PREFIX = "/api/v1"

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.before_app_request
def _no_such_call() -> Response | None:
    """Unknown addresses and wrong methods below the prefix never reach the blueprint: answered here, as problems."""
    wrong = request.routing_exception
    if wrong is None or wrong.code is None or wrong.code < 400 or not request.path.startswith(f"{PREFIX}/"):
        return None
    return problems.of_http(wrong)


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response | HTTPException:
    return problems.of_http(error)


@blueprint.errorhandler(BroadcastError)
def _expected(error: BroadcastError) -> Response:
    if isinstance(error, StorageError):
        current_app.logger.error("%s %s: %s", request.method, request.path, error.message_vi)
    return problems.of_expected(error)


@blueprint.errorhandler(Exception)
def _unexpected(error: Exception) -> Response:
    current_app.logger.exception("%s %s", request.method, request.path, exc_info=error)
    return problems.problem(500)


from web.api import audio, document, enrolment, log, manifest, status  # noqa: E402, F401 -- they add their calls
