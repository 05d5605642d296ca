"""`GET /station/manifest`: the signed programme, at once or as soon as there is something new."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcast.errors import Invalid
from broadcast.station import Enrolment, Manifest, Station
from broadcast.wire import WAIT_MAX_S
from schedules.manifest import is_current, manifest_for, newest_of
from schedules.programme.composing import compose, next_roll, window_first
from schedules.programme.curfews import Curfews
from web.api.blueprint import blueprint
from web.api.reading import Caller, caller, note_seen
from web.api.state import Looked, state
from web.services import services

RETRY_AFTER_S = 30
"""For a station that found the waiting room full."""
_SHORTEST_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class _Found:
    """Who asks and what there is for them; only the ETag, since most have the body already."""

    who: Caller
    manifest_id: int
    etag: str

    @property
    def is_known(self) -> bool:
        return request.if_none_match.contains_weak(self.etag)


@blueprint.get("/station/manifest")
def manifest() -> Response:
    wait_s = _wait_s()
    found = _find()
    note_seen(found.who)
    retry_after: int | None = None
    if wait_s and found.is_known:
        with state().room.place(found.who.enrolment_id) as has_place:
            if has_place:
                found = _wait(found, wait_s)
            else:
                retry_after = RETRY_AFTER_S
    answer = Response(status=304) if found.is_known else _whole(found)
    answer.set_etag(found.etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def _wait_s() -> float:
    text = request.args.get("wait", "0")
    if not text.isascii() or not text.isdigit():
        raise Invalid(f"wait phải là số giây, từ 0 đến {WAIT_MAX_S}.", field="wait")
    return float(min(int(text[:6]), WAIT_MAX_S))


def _wait(found: _Found, wait_s: float) -> _Found:
    """Until something is new, the window rolls on, the time is over or the server ends. No connection is held."""
    room, end = state().room, time.monotonic() + wait_s
    while found.is_known and not room.closed and (left_s := end - time.monotonic()) > 0:
        now = services().now()
        rolls_in_s = (next_roll(found.who.station_id, now, services().zone) - now).total_seconds()
        room.wait(found.who.tally, min(left_s, max(rolls_in_s, _SHORTEST_WAIT_S)))
        found = _find()
    return found


def _whole(found: _Found) -> Response:
    with services().database.reading() as session:
        row = session.get_one(Manifest, found.manifest_id)
    answer = Response(row.body.encode(), mimetype="application/json")
    answer.headers["Manifest-Signature"] = row.signature
    return answer


def _find() -> _Found:
    """The manifest in force for the station that asks. What was looked at already is not worked out again."""
    api, now, zone = state(), services().now(), services().zone
    with services().database.reading() as session:
        who = caller(session)
        depends_on = (
            who.tally,
            who.enrolment_id,
            who.reported_sequence,
            window_first(who.station_id, now, zone),
            api.keys.version(),
        )
        looked = api.looked.get(who.station_id)
        if looked is not None and looked.depends_on == depends_on:
            return _Found(who, looked.manifest_id, looked.etag)
        curfews = _curfews(session, who.tally)
        row = _unchanged(session, who, curfews)
    if row is None:
        with services().database.writing() as session:
            station = session.get_one(Station, who.station_id, options=_STATION)
            row = manifest_for(session, station, api.keys, now, zone, curfews=curfews)
    api.looked[who.station_id] = Looked(depends_on, row.id, row.etag)
    return _Found(who, row.id, row.etag)


_STATION = (selectinload(Station.units), selectinload(Station.enrolments))


def _unchanged(session: Session, who: Caller, curfews: Curfews) -> Manifest | None:
    """The newest row where it still says what is to be said: most acts change the programme of few stations."""
    enrolment = session.get_one(
        Enrolment, who.enrolment_id, options=[joinedload(Enrolment.station).selectinload(Station.units)]
    )
    composed = compose(session, enrolment.station, enrolment, state().keys, services().now(), services().zone, curfews)
    newest = newest_of(session, enrolment.id)
    return newest if is_current(newest, composed, who.reported_sequence) else None


def _curfews(session: Session, tally: int) -> Curfews:
    kept = state().curfews
    if kept is None or kept[0] != tally:
        kept = state().curfews = (tally, Curfews.load(session, services().zone))
    return kept[1]
