"""The programme of a station as an iCalendar file (RFC 5545, with the headings of RFC 7986): pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from icalendar import Calendar, Event, vText

FETCH_AGAIN_AFTER = timedelta(minutes=15)
_MAKER = "-//truyen-thanh-co-so//chuong-trinh phat//VI"
# Of what people write, icalendar escapes all but these, which no text of a calendar may hold.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")


class FeedAiring(NamedTuple):
    """An airing as a calendar shows it."""

    id: str
    starts_at: datetime
    ends_at: datetime
    title: str
    class_word: str
    rule_name: str
    approver: str
    state: str
    """In words, with its reason."""
    is_cancelled: bool
    is_open: bool
    """Read again and again until it is stopped."""
    sequence: int
    """Rises with each edit of the rule and each new text."""
    changed_at: datetime
    """The last change of which a time is kept."""


class Feed(NamedTuple):
    station_code: str
    station_name: str
    unit_name: str
    zone: str
    airings: tuple[FeedAiring, ...]


@lru_cache(maxsize=32)
def calendar_file(feed: Feed) -> bytes:
    """One event an airing, in their order. The same feed gives the same bytes, so that they may carry an ETag.

    Instants are in UTC: every calendar shows them in the zone of its owner, none needs a table of zones. Events leave
    their time free, for nobody is busy because a loudspeaker speaks.
    """
    calendar = Calendar()
    # One line, and said to be text: icalendar would write a heading that it does not know without escaping commas.
    name = vText(" ".join(f"Lịch phát {_text(feed.station_name)}".split()))
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", feed.zone)
    calendar.add("refresh-interval", FETCH_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for airing in feed.airings:
        calendar.add_component(_event(feed, airing))
    written: bytes = calendar.to_ical()
    return written


def _event(feed: Feed, airing: FeedAiring) -> Event:
    starts_at = _whole_second(airing.starts_at)
    event = Event()
    event.add("uid", airing.id)
    event.add("dtstamp", _whole_second(airing.changed_at))
    event.add("dtstart", starts_at)
    event.add("dtend", max(_whole_second(airing.ends_at), starts_at + timedelta(seconds=1)))
    event.add("summary", f"{_text(airing.title)} ({airing.class_word})")
    event.add("description", _description(airing))
    event.add("location", _text(", ".join(filter(None, (feed.station_name, feed.unit_name)))))
    event.add("categories", [airing.class_word])
    event.add("status", "CANCELLED" if airing.is_cancelled else "CONFIRMED")
    event.add("sequence", airing.sequence)
    event.add("transp", "TRANSPARENT")
    return event


def _description(airing: FeedAiring) -> str:
    lines = [
        f"Tình trạng: {airing.state}",
        f"Loại tin: {airing.class_word}",
        f"Lịch phát: {airing.rule_name}",
        f"Người duyệt: {airing.approver}",
    ]
    if airing.is_open:
        lines.append("Đọc lặp lại cho đến khi dừng.")
    return "\n".join(_text(line) for line in lines)


def _text(written: str) -> str:
    return _CONTROL.sub(" ", written.replace("\r\n", "\n"))


def _whole_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
