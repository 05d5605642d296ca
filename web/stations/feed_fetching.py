"""Lịch iCalendar as calendars fetch it: without an account, by the token in the address.

Whoever has a link reads that station's airings, 30 days back and 14 ahead, and nothing else: no other station, no
refusals, no sound, no text. The address is the secret: it stands in no log of ours.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcast.airing import Airing
from broadcast.bulletin import BulletinClass, Revision
from broadcast.errors import TooMany
from broadcast.station import Station
from broadcast.unit import Unit
from web.airings import Shown, shown
from web.services import services
from web.shell import lookups
from web.shell.access import db_reading, now, today
from web.shell.throttle import Throttle, place
from web.stations.feed_acts import feed_by_token
from web.stations.feed_file import Feed, FeedAiring, calendar_file

DAYS_BACK = 30
DAYS_AHEAD = 14
_TOKEN = re.compile("[A-Za-z0-9_-]{43}")
_IN_A_PATH = re.compile(r"(/lich/)[^/?\s]+")

# Of one address in ten minutes; links that exist are answered all the same.
_WRONG_LINKS = 20
# Of one link: the phones of an office that ask every quarter of an hour, and some that ask at once.
_FETCHES = 120

STATES: Mapping[str, str] = {
    "complete": "đã phát",
    "partial": "phát thiếu",
    "late": "phát trễ",
    "missed": "không phát",
    "cancelled": "đã huỷ",
    "unknown": "chưa rõ",
    "planned": "sẽ phát",
    "playing": "đang phát",
}

_UNKNOWN = (
    "Không có lịch nào ở địa chỉ này. Hãy chép lại cả đường dẫn, hoặc xin người phụ trách trạm một đường dẫn mới."
)
_REVOKED = "Đường dẫn lịch này đã được thu hồi. Hãy xoá nó khỏi lịch của bạn, hoặc xin người phụ trách trạm cấp lại."
_TOO_MANY = "Máy chủ nhận quá nhiều lượt hỏi lịch. Hãy thử lại sau {minutes} phút."


@dataclass
class _Asked:
    wrong: Throttle = field(default_factory=lambda: Throttle(_WRONG_LINKS, _TOO_MANY))
    right: Throttle = field(default_factory=lambda: Throttle(_FETCHES, _TOO_MANY))


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/lich/<token>.ics", view_func=feed)
    blueprint.record(_keep_tokens_out_of_logs)


def feed(token: str) -> Response:
    """The file; 304 where the calendar has it already; 404, 410 and 429 as one sentence of text."""
    asked = cast(_Asked, current_app.extensions.setdefault("broadcast.feeds", _Asked()))
    session = db_reading()
    found = feed_by_token(session, token) if _TOKEN.fullmatch(token) else None
    try:
        if found is None:
            asked.wrong.attempt(place(request.remote_addr), now())
            return _said(404, _UNKNOWN)
        asked.right.attempt(found.token_hash, now())
    except TooMany as error:
        return _said(error.status, error.message_vi, {"Retry-After": str(error.retry_after_s)})
    if found.ended_at is not None:
        return _said(410, _REVOKED)
    answer = Response(calendar_file(_programme(session, found.station)), content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-cache"  # kept by the calendar, and asked for each time
    answer.headers["Content-Disposition"] = 'inline; filename="lich-phat.ics"'
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _said(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    answer = Response(sentence + "\n", status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers.update(headers or {})
    return answer


def _programme(session: Session, station: Station) -> Feed:
    rows = session.execute(
        select(Airing, Revision.number)
        .join(Revision, Revision.id == Airing.revision_id)
        .where(
            Airing.station_id == station.id,
            Airing.local_date >= today() - timedelta(days=DAYS_BACK),
            Airing.local_date <= today() + timedelta(days=DAYS_AHEAD),
        )
        .options(joinedload(Airing.bulletin), joinedload(Airing.rule))
        .order_by(Airing.starts_at, Airing.id)
    ).all()
    numbers = {airing.id: number for airing, number in rows}
    unit_id = lookups.unit_of_station(station, today())
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    return Feed(
        station.code,
        station.name,
        unit.name if unit else "",
        services().settings.timezone,
        tuple(_as_told(one, numbers[one.airing.id]) for one in shown(session, [airing for airing, _ in rows])),
    )


def _as_told(one: Shown, text_number: int) -> FeedAiring:
    airing, rule = one.airing, one.airing.rule
    is_cancelled = one.kind == "cancelled"
    return FeedAiring(
        airing.id,
        airing.starts_at,
        airing.ends_at,
        airing.bulletin.title,
        BulletinClass(airing.bulletin_class).label,
        rule.name or rule.code,
        airing.approved_by_name,
        STATES[one.kind] + (f", {one.reason}" if one.reason else ""),
        is_cancelled,
        airing.repeats is None,
        # even while it airs and odd once cancelled, so that one which comes back after an edit has risen too
        2 * (rule.version + text_number) + is_cancelled,
        max(filter(None, (rule.created_at, rule.updated_at, airing.cancelled_at))),
    )


def _keep_tokens_out_of_logs(state: BlueprintSetupState) -> None:
    """What fails unexpectedly is logged with its path, and the path of a feed is the secret itself."""

    def without_tokens(record: logging.LogRecord) -> bool:
        record.msg, record.args = _IN_A_PATH.sub(r"\1…", record.getMessage()), ()
        return True

    state.app.logger.addFilter(without_tokens)
