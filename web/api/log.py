"""`POST /station/log`: what the station says happened, stored exactly once."""

from __future__ import annotations

from flask import Response

from broadcast.recording import record_batch
from broadcast.station import Enrolment
from broadcast.wire import LogBatch
from web.api.blueprint import blueprint
from web.api.reading import body_as, caller, json_answer, note_seen
from web.services import services

_LARGEST_BYTES = 40 * 1024 * 1024  # 500 entries of the largest size and what JSON adds to them


@blueprint.post("/station/log")
def log() -> Response:
    with services().database.reading() as session:
        who = caller(session)
    batch = body_as(LogBatch, _LARGEST_BYTES)
    note_seen(who)
    with services().database.writing() as session:
        enrolment = session.get_one(Enrolment, who.enrolment_id)
        answer = record_batch(session, enrolment, batch, services().now(), services().zone)
    return json_answer(answer)
