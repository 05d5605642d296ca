"""The plan of one station as INTERFACES §5 prints it. Computes and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from audio.store import AudioStore
from broadcast.airing import Refusal
from broadcast.clock import WINDOW_DAYS, day_span, local_day
from broadcast.config import Settings
from broadcast.errors import Invalid
from broadcast.station import station_by_code
from schedules.replan import Planning, programme

LONGEST_DAYS = 400  # a year and a bit; beyond it a plan says nothing that will still be true


def plan_document(
    session: Session, settings: Settings, code: str, now: datetime, from_on: date | None, days: int | None
) -> dict[str, Any]:
    """What stands and what is refused on the asked local days: before `now` as it was, from `now` on as computed."""
    station = station_by_code(session, code)
    today = local_day(now, settings.zone)
    first = from_on or today
    last = first + timedelta(days=(days or WINDOW_DAYS) - 1)
    window_days = max(1, (last - today).days + 1)
    if window_days > LONGEST_DAYS:
        raise Invalid(f"Chỉ lập chương trình tối đa {LONGEST_DAYS} ngày tới; {last:%d/%m/%Y} xa quá.")
    has_audio = AudioStore(settings.audio_dir).has
    planning = Planning(session, now, settings.zone, window_days=window_days, has_audio=has_audio)
    computed = planning.compute(session, [station.id], since=first)

    def local(instant: datetime) -> str:
        return instant.astimezone(settings.zone).isoformat()

    airings = [
        {
            "id": airing.id,
            "rule": airing.rule_id,
            "bulletin": airing.bulletin_id,
            "class": airing.bulletin_class,
            "asked_at": local(airing.asked_at),
            "starts_at": local(airing.starts_at),
            "ends_at": local(airing.ends_at),
            "audio": airing.audio,
        }
        for airing in programme(computed, first, last)
    ]
    refused = _fixed(session, station.id, first, now, settings, local) + [
        {
            "rule": entry.rule_id,
            "bulletin": entry.bulletin_id,
            "at": local(entry.asked_at),
            "code": entry.code,
            "reason": entry.reason,
        }
        for entry in sorted(computed.plan.refused, key=lambda entry: (entry.asked_at, entry.key))
        if first <= entry.local_on <= last
    ]
    return {
        "station": station.code,
        "from": first.isoformat(),
        "until": last.isoformat(),
        "airings": airings,
        "refused": refused,
    }


def _fixed(
    session: Session,
    station_id: int,
    first: date,
    now: datetime,
    settings: Settings,
    local: Callable[[datetime], str],
) -> list[dict[str, Any]]:
    """Refusals whose instant is over: they stay as they were noted."""
    rows = session.scalars(
        select(Refusal)
        .where(
            Refusal.station_id == station_id,
            Refusal.asked_at >= day_span(first, settings.zone)[0],
            Refusal.asked_at < now,
        )
        .options(joinedload(Refusal.rule), joinedload(Refusal.bulletin))
        .order_by(Refusal.asked_at, Refusal.id)
    )
    return [
        {
            "rule": row.rule.code,
            "bulletin": row.bulletin.code,
            "at": local(row.asked_at),
            "code": row.code,
            "reason": row.reason,
        }
        for row in rows
    ]
