"""`POST /station/status`: how the station is; its clock is measured on the answer."""

from __future__ import annotations

from flask import Response

from broadcast.station import Enrolment, Station
from broadcast.status import record_status
from broadcast.wire import StatusAnswer, StatusReport, milliseconds
from web.api.blueprint import blueprint
from web.api.reading import body_as, caller, json_answer
from web.services import services

_LARGEST_BYTES = 256 * 1024


@blueprint.post("/station/status")
def status() -> Response:
    received_at = services().now()
    with services().database.reading() as session:
        who = caller(session)
    report = body_as(StatusReport, _LARGEST_BYTES)
    with services().database.writing() as session:
        record_status(session, session.get_one(Station, who.station_id), report, received_at)
        enrolment = session.get_one(Enrolment, who.enrolment_id)
        last_seq, last_hash = enrolment.last_seq, enrolment.last_hash
    return json_answer(
        StatusAnswer(
            received_ms=milliseconds(received_at),
            sent_ms=milliseconds(services().now()),
            last_seq=last_seq,
            last_hash=last_hash if last_seq else None,
        )
    )
