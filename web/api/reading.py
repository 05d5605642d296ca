"""The body of a request as one of the wire's shapes, and who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from flask import Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from broadcast.errors import NotSignedIn
from broadcast.person import token_hash
from broadcast.station import Enrolment, Station, StationStatus
from web.api.problems import of_shape
from web.api.state import tally_now
from web.services import services

Shape = TypeVar("Shape", bound=BaseModel)

SEEN_EVERY = timedelta(seconds=10)
"""How exactly “last seen” is kept: a write for each request would be one too many."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The station that asks, by its token, and what is known without another look."""

    station_id: int
    enrolment_id: str
    tally: int
    reported_sequence: int
    seen_at: datetime | None
    silent_since: datetime | None


def body_as(shape: type[Shape], limit_bytes: int) -> Shape:
    """The JSON body. Raises what becomes 400 (no JSON), 413 (too long), 415 (another type), 422 (another shape)."""
    request.max_content_length = limit_bytes
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return shape.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False, include_context=False)[0]["type"] == "json_invalid":
            raise BadRequest from error
        raise of_shape(error) from error


def json_answer(shape: BaseModel, status: int = 200) -> Response:
    """`shape` as it travels."""
    answer = Response(shape.model_dump_json(), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def bearer() -> str:
    """The hash of the token of this request. Raises NotSignedIn where there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Thiếu mã truy cập của trạm (Authorization: Bearer …).")
    return token_hash(token.strip())


def _caller_query() -> Select[Any]:
    """Tables instead of classes and one statement for good: this is asked at every request of every station."""
    enrolment, station, status = (cast(Table, noun.__table__) for noun in (Enrolment, Station, StationStatus))
    return (
        select(
            enrolment.c.id,
            enrolment.c.station_id,
            enrolment.c.ended_at,
            station.c.retired_at,
            status.c.manifest_sequence,
            status.c.seen_at,
            status.c.silent_since,
            tally_now().label("tally"),
        )
        .select_from(
            enrolment.join(station, station.c.id == enrolment.c.station_id).outerjoin(
                status, status.c.station_id == enrolment.c.station_id
            )
        )
        .where(enrolment.c.token_hash == bindparam("token_hash"))
    )


_CALLER = _caller_query()


def caller(session: Session) -> Caller:
    """Who asks. Raises NotSignedIn for a token that is unknown, or whose enrolment or station has ended."""
    row = session.execute(_CALLER, {"token_hash": bearer()}).one_or_none()
    if row is None:
        raise NotSignedIn("Mã truy cập của trạm không đúng. Hãy ghi danh lại trạm.")
    if row.ended_at is not None:
        raise NotSignedIn("Lần ghi danh này đã kết thúc vì trạm đã được ghi danh trên một máy khác.")
    if row.retired_at is not None:
        raise NotSignedIn("Trạm này đã ngừng hoạt động.")
    return Caller(row.station_id, row.id, int(row.tally), row.manifest_sequence or 0, row.seen_at, row.silent_since)


def note_seen(who: Caller) -> None:
    """Remembers that the station was heard, at most every ten seconds; ends its silence."""
    now = services().now()
    if who.silent_since is None and who.seen_at is not None and now - who.seen_at < SEEN_EVERY:
        return
    with services().database.writing() as session:
        status = session.get(StationStatus, who.station_id, with_for_update=True)
        if status is None:
            status = StationStatus(station_id=who.station_id, errors=[])
            session.add(status)
        status.seen_at, status.silent_since = now, None
