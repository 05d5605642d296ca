"""The iCalendar file of a station: what is written is what a calendar reads, whatever people typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from web.stations.feed_file import Feed, FeedAiring, calendar_file

AT = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


def airing(number: int = 1, **changed: object) -> FeedAiring:
    usual = FeedAiring(
        id=f"00000000-0000-5000-8000-{number:012d}", starts_at=AT, ends_at=AT + timedelta(minutes=2),
        title="Giữ vệ sinh nguồn nước", class_word="ưu tiên", rule_name="Nước sạch", approver="Trần Văn Duyệt",
        state="sẽ phát", is_cancelled=False, is_open=False, sequence=4, changed_at=AT - timedelta(days=2),
    )  # fmt: skip
    return usual._replace(**changed)


def feed(*airings: FeedAiring, station_name: str = "Trạm An Bình") -> Feed:
    return Feed("S1", station_name, "Xã An Bình", "Asia/Ho_Chi_Minh", airings)


def read(written: bytes) -> Calendar:
    return Calendar.from_ical(written)


def test_an_airing_is_an_event_with_its_rule_approver_and_state():
    [event] = read(calendar_file(feed(airing()))).walk("VEVENT")
    assert event["UID"] == airing().id
    assert event.start == AT
    assert event.end == AT + timedelta(minutes=2)
    assert event["SUMMARY"] == "Giữ vệ sinh nguồn nước (ưu tiên)"
    for said in ("Nước sạch", "Trần Văn Duyệt", "sẽ phát"):
        assert said in event["DESCRIPTION"]
    assert event["LOCATION"] == "Trạm An Bình, Xã An Bình"
    assert (event["STATUS"], event["SEQUENCE"], event["TRANSP"]) == ("CONFIRMED", 4, "TRANSPARENT")


def test_a_cancelled_airing_stays_as_a_cancelled_event():
    [event] = read(calendar_file(feed(airing(is_cancelled=True)))).walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"


def test_an_emergency_says_that_it_is_read_until_it_is_stopped():
    [event] = read(calendar_file(feed(airing(is_open=True)))).walk("VEVENT")
    assert "cho đến khi dừng" in event["DESCRIPTION"]


def test_a_calendar_is_told_its_name_and_to_ask_again_in_a_quarter_of_an_hour():
    written = calendar_file(feed())
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in written
    assert b"X-PUBLISHED-TTL:PT15M\r\n" in written
    calendar = read(written)
    assert calendar["X-WR-CALNAME"] == "Lịch phát Trạm An Bình"
    assert calendar["VERSION"] == "2.0"


def test_the_name_of_a_calendar_is_one_line_of_text():
    written = calendar_file(feed(station_name="Trạm chợ, bến\nđò; cũ"))
    assert "X-WR-CALNAME:Lịch phát Trạm chợ\\, bến đò\\; cũ\r\n".encode() in written


def test_a_station_without_airings_has_an_empty_calendar_that_is_whole():
    written = calendar_file(feed())
    assert written.startswith(b"BEGIN:VCALENDAR\r\n")
    assert written.endswith(b"END:VCALENDAR\r\n")
    assert read(written).walk("VEVENT") == []


def test_an_airing_that_crosses_midnight_is_one_event():
    late = airing(starts_at=datetime(2026, 11, 22, 16, 59, 30, tzinfo=UTC), ends_at=AT.replace(hour=17, minute=4))
    [event] = read(calendar_file(feed(late))).walk("VEVENT")
    assert event.end - event.start == timedelta(minutes=4, seconds=30)


def test_the_same_programme_is_written_in_the_same_bytes():
    written = calendar_file(feed(airing()))
    calendar_file.cache_clear()
    assert calendar_file(feed(airing())) == written


def test_lines_are_folded_as_the_standard_asks():
    written = calendar_file(feed(airing(title="Tuyên truyền phòng chống cháy nổ mùa khô hanh " * 4)))
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))


# What people type, with everything that a line of a calendar gives a meaning.
TYPED = st.text(
    st.one_of(
        st.sampled_from(list(",;:\\\"'\n\r\tđạ📢🇻🇳\u200d\u0301\u2028\x85\x00=()[]")),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=120,
)
WHEN = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def airings(draw: st.DrawFn) -> list[FeedAiring]:
    return [
        airing(
            number, title=draw(TYPED), rule_name=draw(TYPED), approver=draw(TYPED), state=draw(TYPED),
            starts_at=(starts_at := draw(WHEN)),
            ends_at=starts_at + timedelta(milliseconds=draw(st.integers(0, 10**7))),
            is_cancelled=draw(st.booleans()), is_open=draw(st.booleans()), sequence=draw(st.integers(0, 10**6)),
        )
        for number in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


def kept(typed: str) -> str:
    """What of a text a calendar can hold: all but control signs, with one kind of line end."""
    ended = typed.replace("\r\n", "\n")
    return "".join(sign for sign in ended if sign == "\n" or not (sign < " " or "\x7f" <= sign <= "\x9f"))


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign not in " \u2028\u2029")


@given(airings(), TYPED)
@settings(max_examples=150, deadline=None)
def test_whatever_people_typed_every_airing_is_read_once_as_it_was_written(all_airings, station_name):
    written = calendar_file(feed(*all_airings, station_name=station_name))
    events = read(written).walk("VEVENT")
    assert [str(event["UID"]) for event in events] == [one.id for one in all_airings]
    for event, one in zip(events, all_airings, strict=True):
        assert event.start == one.starts_at.replace(microsecond=0)
        assert event.end > event.start
        assert letters(event["SUMMARY"]) == letters(kept(one.title) + " (ưu tiên)")
        assert letters(kept(one.rule_name)) in letters(event["DESCRIPTION"])
        assert event["STATUS"] == ("CANCELLED" if one.is_cancelled else "CONFIRMED")
        assert event.errors == []
