"""`POST /station/enrol`: a machine becomes a station with a one-use code."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from broadcast.enrolling import enrol
from broadcast.errors import Busy, StorageError
from broadcast.wire import EnrolAnswer, EnrolRequest, milliseconds
from web.api.blueprint import blueprint
from web.api.reading import body_as, json_answer
from web.api.state import state
from web.services import services
from web.shell.throttle import place

_LARGEST_BYTES = 16 * 1024


@blueprint.post("/station/enrol")
def enrol_station() -> Response:
    now = services().now()
    asked = body_as(EnrolRequest, _LARGEST_BYTES)
    address = request.remote_addr or ""
    guesser = place(address)
    throttle, keys = state().throttle, state().keys
    throttle.attempt(guesser, now)
    keys.version()
    try:
        with services().database.writing() as session:
            enrolment, token = enrol(session, asked.code, asked.public_key, now, address=address)
            answer = EnrolAnswer(
                enrolment=UUID(enrolment.id),
                station=enrolment.station.code,
                name=enrolment.station.name,
                token=token,
                manifest_key=keys.public_key,
                server_time_ms=milliseconds(services().now()),
            )
    except (Busy, StorageError):
        throttle.forgive(guesser, now)  # the machine failed, not the one who typed the code
        raise
    throttle.forgive(guesser, now)
    return json_answer(answer, 201)
