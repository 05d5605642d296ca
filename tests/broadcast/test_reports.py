"""The figures of a unit and a period, counted from airings and the log that stations signed."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from broadcast.airing import Airing
from broadcast.clock import VIETNAM, instant_of
from broadcast.db import Database
from broadcast.errors import Invalid, NotFound
from broadcast.outcome import OutcomeKind
from broadcast.recording import record_batch
from broadcast.reports import Report, report, write_report
from broadcast.reports.counted import check_period
from broadcast.reports.documents import harmless, render
from broadcast.reports.figures import BulletinCounts
from broadcast.reports.words import CANCELLED, LOGGED, reason_in_words
from broadcast.station import Station, StationStatus, StationUnit
from broadcast.unit import Unit, UnitParent
from broadcast.wire import EntryReason
from schedules.facts import CancelReason, RefusalCode
from tests.proof import Commune, Machine, a_bulletin, a_commune, an_airing

TODAY = date(2026, 11, 22)  # a Sunday
EVENING = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)  # 21:00 in Vietnam
COUNTS = ("planned", "complete", "partial", "late", "missed", "cancelled", "unknown")


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return instant_of(day, time(hour, minute))


class Bench:
    """A commune with one enrolled station, its airings and its machine."""

    def __init__(self, session: Session, now: datetime, code: str = "TC") -> None:
        self.session, self.now = session, now
        self.commune: Commune = a_commune(session, now, code)
        self.machine = Machine()
        self.enrolment, _ = self.machine.enrol(session, self.commune.station, now)
        self.sent = 0

    def airing(self, starts_at: datetime, **other: object) -> Airing:
        return an_airing(self.session, self.commune, starts_at, **other)

    def tell(self) -> None:
        """The station sends what it has written since the last time."""
        record_batch(self.session, self.enrolment, self.machine.batch(self.machine.items[self.sent :]), self.now)
        self.sent = len(self.machine.items)

    def settled(self, until: datetime) -> None:
        """The station reported this instant with an empty outbox."""
        self.session.merge(StationStatus(station_id=self.commune.station.id, settled_until=until, errors=[]))
        self.session.flush()

    def report(
        self, from_on: date = TODAY, until_on: date | None = None, as_of: datetime = EVENING, unit: Unit | None = None
    ) -> Report:
        return report(
            self.session, unit or self.commune.district, from_on, until_on or from_on, as_of=as_of, zone=VIETNAM
        )


@pytest.fixture
def bench(session: Session, now: datetime) -> Bench:
    return Bench(session, now)


def numbers(counts: object) -> tuple[int, ...]:
    """(planned, complete, partial, late, missed, cancelled, unknown)."""
    return tuple(getattr(counts, name) for name in COUNTS)


def test_each_outcome_is_counted_once_from_what_the_station_signed(bench: Bench) -> None:
    whole, late, cut, missed, silent, withdrawn = (bench.airing(at(6 + hour)) for hour in range(6))
    bench.machine.played(whole)
    bench.machine.played(late, late_s=30)
    bench.machine.played(cut, sounded_ms=12_000)
    bench.machine.entry("missed", missed.starts_at, airing=missed.id, reason="no_audio")
    withdrawn.cancelled_at, withdrawn.cancel_reason = at(5), "withdrawn"
    bench.tell()
    bench.settled(at(9, 30))
    made = bench.report()
    assert numbers(made.totals) == (5, 1, 1, 1, 1, 1, 1)
    assert made.totals.as_json()["minutes_planned"] == 2.5
    assert made.totals.as_json()["minutes_sounded"] == 1.2
    assert made.reasons == {
        OutcomeKind.MISSED: {"no_audio": 1},
        OutcomeKind.PARTIAL: {"error": 1},
        OutcomeKind.CANCELLED: {"withdrawn": 1},
    }
    [station], [bulletin] = made.stations, made.bulletins
    assert numbers(station) == numbers(bulletin) == numbers(made.totals) == numbers(made.days[TODAY])
    assert (station.code, station.unit, bulletin.code) == ("T-TC", "X-TC", "B-TC")
    assert silent.id  # nothing is known of it, so it is the one unknown


def test_late_evidence_turns_unknown_into_what_happened(bench: Bench) -> None:
    first, second = bench.airing(at(6)), bench.airing(at(7))
    assert numbers(bench.report().totals) == (2, 0, 0, 0, 0, 0, 2)
    bench.machine.played(first)
    bench.tell()
    bench.settled(at(8))
    assert numbers(bench.report().totals) == (2, 1, 0, 0, 1, 0, 0)
    assert bench.report().reasons[OutcomeKind.MISSED] == {"no_record": 1}
    bench.machine.played(second, late_s=60)
    bench.tell()
    assert numbers(bench.report().totals) == (2, 1, 0, 1, 0, 0, 0)
    assert bench.report().reasons[OutcomeKind.MISSED] == {}


def test_what_sounded_after_its_cancellation_counts_as_planned(bench: Bench) -> None:
    airing = bench.airing(at(6), cancelled_at=at(5), cancel_reason="withdrawn")
    assert numbers(bench.report().totals) == (0, 0, 0, 0, 0, 1, 0)
    assert bench.report().totals.planned_ms == 0
    bench.machine.played(airing)
    bench.tell()
    assert numbers(bench.report().totals) == (1, 1, 0, 0, 0, 0, 0)
    assert bench.report().reasons[OutcomeKind.CANCELLED] == {}


def test_what_is_not_due_yet_counts_nowhere(bench: Bench) -> None:
    for hour in (6, 11, 17):
        bench.airing(at(hour))
    assert numbers(bench.report(as_of=at(11)).totals) == (2, 0, 0, 0, 0, 0, 2)
    assert numbers(bench.report(as_of=at(11) - timedelta(milliseconds=1)).totals) == (1, 0, 0, 0, 0, 0, 1)
    tomorrow = TODAY + timedelta(days=1)
    assert numbers(bench.report(tomorrow, tomorrow).totals) == (0,) * 7


def test_days_are_local_days_and_half_past_five_belongs_to_that_morning(bench: Bench) -> None:
    """05:30 in Vietnam is 22:30 UTC of the day before."""
    yesterday = TODAY - timedelta(days=1)
    for moment in (at(23, 59, yesterday), at(0, 0), at(5, 30), at(23, 59)):
        bench.airing(moment, local_date=moment.astimezone(VIETNAM).date())
    assert at(5, 30).date() == yesterday
    midnight = at(0, 30, TODAY + timedelta(days=1))
    assert bench.report(yesterday, as_of=midnight).totals.planned == 1
    assert bench.report(as_of=midnight).totals.planned == 3
    both = bench.report(yesterday, TODAY, as_of=midnight)
    assert {day: counts.planned for day, counts in both.days.items()} == {yesterday: 1, TODAY: 3}


def test_an_airing_across_midnight_counts_for_the_day_it_was_asked_on(bench: Bench) -> None:
    tomorrow = TODAY + timedelta(days=1)
    over = bench.airing(at(23, 59) + timedelta(seconds=45))  # ends at 00:00:15
    moved = bench.airing(at(0, 4, tomorrow), local_date=TODAY, asked_at=at(23, 58))  # put after what collided
    bench.machine.played(over)
    bench.machine.played(moved)
    bench.tell()
    as_of = at(1, 0, tomorrow)
    assert numbers(bench.report(as_of=as_of).totals) == (2, 2, 0, 0, 0, 0, 0)
    assert bench.report(tomorrow, as_of=as_of).totals.planned == 0
    assert set(bench.report(TODAY, tomorrow, as_of).days) == {TODAY}


def test_a_station_that_moved_counts_for_each_unit_on_its_days(bench: Bench) -> None:
    session, station = bench.session, bench.commune.station
    other = Unit(code="X-2", name="Xã Bên", kind="xã", created_at=bench.now)
    session.add_all([other, UnitParent(unit=other, parent=bench.commune.district)])
    [link] = station.units
    yesterday = TODAY - timedelta(days=1)
    link.until_on = yesterday
    session.flush()
    station.units.append(StationUnit(unit_id=other.id, from_on=TODAY))
    session.flush()
    bench.machine.played(bench.airing(at(6, 0, yesterday)))
    bench.airing(at(6), unit_id=other.id)
    bench.tell()
    old = bench.report(yesterday, TODAY, unit=bench.commune.unit)
    new = bench.report(yesterday, TODAY, unit=other)
    whole = bench.report(yesterday, TODAY)
    assert (numbers(old.totals), [row.unit for row in old.stations]) == ((1, 1, 0, 0, 0, 0, 0), ["X-TC"])
    assert (numbers(new.totals), [row.unit for row in new.stations]) == ((1, 0, 0, 0, 0, 0, 1), ["X-2"])
    assert (numbers(whole.totals), [row.unit for row in whole.stations]) == ((2, 1, 0, 0, 0, 0, 1), ["X-2"])
    assert bench.report(yesterday, yesterday, unit=other).stations == []


def test_a_unit_that_changed_its_superior_counts_for_each_on_its_days(bench: Bench) -> None:
    """The reports of the days add up to the report of the period, whatever joins or leaves."""
    session, yesterday = bench.session, TODAY - timedelta(days=1)
    province = Unit(code="T-1", name="Tỉnh Mới", kind="tỉnh", created_at=bench.now)
    session.add(province)
    [link] = bench.commune.unit.parents
    link.until_on = yesterday
    session.flush()
    session.add(UnitParent(unit=bench.commune.unit, parent=province, from_on=TODAY))
    session.flush()
    session.expire(bench.commune.unit)
    for moment in (at(6, 0, yesterday), at(7, 0, yesterday), at(6)):
        bench.airing(moment)
    for unit, days in ((bench.commune.district, (2, 0)), (province, (0, 1))):
        made = [bench.report(day, day, unit=unit).totals.planned for day in (yesterday, TODAY)]
        assert tuple(made) == days
        assert bench.report(yesterday, TODAY, unit=unit).totals.planned == sum(days)
        assert len(bench.report(yesterday, TODAY, unit=unit).stations) == 1


def test_every_station_is_listed_with_zeros_too_and_a_unit_without_any_has_a_whole_report(bench: Bench) -> None:
    session = bench.session
    second = Station(code="A-2", name="Trạm Hai", created_at=bench.now)
    retired = Station(code="A-3", name="Trạm Cũ", created_at=bench.now, retired_at=at(8, 0, TODAY - timedelta(days=1)))
    for station in (second, retired):
        station.units.append(StationUnit(unit_id=bench.commune.district.id))
    empty = Unit(code="X-0", name="Xã Trống", kind="xã", created_at=bench.now)
    session.add_all([second, retired, empty])
    bench.airing(at(6))
    made = bench.report()
    assert [(row.code, row.planned) for row in made.stations] == [("A-2", 0), ("T-TC", 1)]
    assert [row.code for row in bench.report(TODAY - timedelta(days=1), TODAY).stations] == ["A-2", "A-3", "T-TC"]
    nothing = json.loads(write_report(session, "X-0", TODAY, TODAY, "json", as_of=EVENING, zone=VIETNAM))
    assert nothing["totals"] == dict.fromkeys((*COUNTS, "minutes_planned", "minutes_sounded"), 0)
    assert (nothing["stations"], nothing["bulletins"], nothing["reasons"]) == ([], [], {})
    assert nothing["as_of"] == "2026-11-22T21:00:00.000+07:00"
    assert (nothing["unit"], nothing["from"], nothing["until"]) == ("X-0", "2026-11-22", "2026-11-22")


def test_bulletins_and_stations_are_told_apart(bench: Bench, now: datetime) -> None:
    commune = bench.commune
    other = a_bulletin(bench.session, commune.unit, commune.author, commune.approver, now, "A-STORM", "emergency")[0]
    bench.airing(at(6))
    bench.machine.played(bench.airing(at(7), bulletin_id=other.id, bulletin_class="emergency", repeats=None))
    bench.machine.entry("started", at(8), airing=(again := bench.airing(at(8), bulletin_id=other.id)).id)
    bench.tell()
    bench.settled(at(9))
    made = bench.report()
    assert [(row.code, row.planned, row.complete, row.partial) for row in made.bulletins] == [
        ("A-STORM", 2, 1, 1),
        ("B-TC", 1, 0, 0),
    ]
    assert made.bulletins[0].bulletin_class == "emergency"
    assert made.reasons[OutcomeKind.PARTIAL] == {"power": 1}
    assert again.repeats == 1


@pytest.mark.parametrize(
    ("from_on", "until_on", "field", "says"),
    [
        (TODAY, TODAY - timedelta(days=1), "until", "Ngày cuối của báo cáo phải từ ngày đầu trở đi"),
        (TODAY, TODAY + timedelta(days=400), "until", "dài nhất là 400 ngày"),
        (date.min, date.min, "from", "2000"),
        (date.max, date.max, "from", "2999"),
    ],
)
def test_a_period_that_cannot_be_is_refused_in_words(from_on: date, until_on: date, field: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        check_period(from_on, until_on)
    assert refused.value.field == field


def test_an_unknown_unit_or_form_and_a_period_that_ends_before_it_begins_are_refused(
    session: Session, bench: Bench
) -> None:
    with pytest.raises(Invalid, match="Ngày cuối"):
        write_report(session, "H-TC", TODAY, TODAY - timedelta(days=1), "csv", as_of=EVENING, zone=VIETNAM)
    with pytest.raises(NotFound, match="Không có đơn vị mang mã “ZZ”"):
        write_report(session, "ZZ", TODAY, TODAY, "json", as_of=EVENING, zone=VIETNAM)
    with pytest.raises(Invalid, match="json, csv, xlsx"):
        write_report(session, "ZZ", TODAY, TODAY, "odt", as_of=EVENING, zone=VIETNAM)


def test_every_reason_that_can_come_has_words() -> None:
    assert {reason.value for reason in EntryReason} | {"no_record"} <= set(LOGGED)
    refused, added = get_args(CancelReason)
    assert refused is RefusalCode
    assert {*get_args(refused), *get_args(added)} <= set(CANCELLED)
    assert reason_in_words(OutcomeKind.MISSED, "no_audio") != reason_in_words(OutcomeKind.CANCELLED, "no_audio")
    assert reason_in_words(OutcomeKind.MISSED, "gì đó") == "gì đó"
    assert reason_in_words(OutcomeKind.CANCELLED, "") == "không ghi lý do"


def test_the_csv_begins_with_a_byte_order_mark_and_reads_back_row_by_row(bench: Bench) -> None:
    bench.airing(at(6))
    bench.machine.entry("missed", at(6), airing=bench.airing(at(6, 30)).id, reason="output")
    bench.tell()
    data = write_report(bench.session, "H-TC", TODAY, TODAY, "csv", as_of=EVENING, zone=VIETNAM)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["Loại"] for row in rows] == ["Toàn đơn vị", "Ngày", "Trạm", "Bản tin", "Lý do không phát"]
    for row in rows[:4]:
        assert (row["Lượt đến giờ"], row["Chưa rõ"], row["Không phát"]) == ("2", "1", "1")
        assert (row["Số phút theo lịch"], row["Số phút đã phát"]) == ("1.0", "0.0")
    assert rows[2]["Mã"] == "T-TC"
    assert (rows[4]["Tên"], rows[4]["Số lượt theo lý do"]) == ("loa hoặc đường ra âm thanh hỏng", "1")
    assert rows[4]["Lượt đến giờ"] == ""


def test_the_cells_of_the_workbook_are_numbers_and_days_where_they_say_so(bench: Bench) -> None:
    bench.machine.played(bench.airing(at(6)))
    bench.airing(at(7))
    bench.tell()
    data = write_report(bench.session, "H-TC", TODAY, TODAY, "xlsx", as_of=EVENING, zone=VIETNAM)
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Tổng hợp", "Trạm", "Bản tin", "Ngày"]
    told = {row[0]: row[1] for row in book["Tổng hợp"].iter_rows(values_only=True) if row[0]}
    assert (told["Lượt đến giờ"], told["Đã phát"], told["Chưa rõ"]) == (2, 1, 1)
    assert told["Số phút theo lịch"] == 1
    assert told["Từ ngày"] == datetime(2026, 11, 22)  # noqa: DTZ001 -- a workbook knows no zones
    assert told["Số liệu tính đến"] == datetime(2026, 11, 22, 21)  # noqa: DTZ001
    for name, first in (("Trạm", 4), ("Bản tin", 3), ("Ngày", 2)):
        header, row = book[name].iter_rows()
        assert [cell.value for cell in header][first - 1 : first + 1] == ["Lượt đến giờ", "Đã phát"]
        assert [cell.data_type for cell in row[first - 1 :]] == ["n"] * 9
        assert [cell.value for cell in row[first - 1 :]] == [2, 1, 0, 0, 0, 0, 1, 1, 0.5]
        assert book[name].freeze_panes == "A2"


FORMULAS = ["=1+1", "+84 912", "-SUM(A1)", "@cmd", "\t=1", " =1", "＝1+1", "an toàn;=HYPERLINK(1)", "a\n=1"]


def titled(title: str) -> Report:
    """A report of one bulletin with this title."""
    return Report("H", "Huyện", TODAY, TODAY, EVENING, bulletins=[BulletinCounts(planned=1, code="B", title=title)])


@pytest.mark.parametrize("title", FORMULAS)
def test_a_title_that_looks_like_a_formula_stays_a_title_in_csv_and_workbook(title: str) -> None:
    made = titled(title)
    rows = csv.reader(io.StringIO(render(made, "csv", VIETNAM).decode("utf-8-sig"), newline=""))
    [row] = [row for row in rows if row[0] == "Bản tin"]
    assert "'" in row[2]
    assert row[2].replace("'", "") == title
    for part in row[2].replace("\n", ";").split(";"):
        assert part.strip()[:1] not in {"=", "+", "-", "@", "＝"}
    cell = load_workbook(io.BytesIO(render(made, "xlsx", VIETNAM)))["Bản tin"]["B2"]
    assert (cell.data_type, cell.value) == ("s", title)
    assert cell.quotePrefix or title in {"an toàn;=HYPERLINK(1)", "a\n=1"}  # these begin harmlessly in a cell


def test_what_no_cell_can_hold_is_left_out_and_ordinary_text_stays_as_it_is() -> None:
    made = titled("Nước\x0b sạch\ufffe – đợt 2: 50-60 hộ")
    cell = load_workbook(io.BytesIO(render(made, "xlsx", VIETNAM)))["Bản tin"]["B2"]
    assert cell.value == "Nước sạch – đợt 2: 50-60 hộ"
    assert harmless("Nước sạch – đợt 2: 50-60 hộ") == "Nước sạch – đợt 2: 50-60 hộ"
    assert harmless(-5) == -5


soundings = st.lists(
    st.tuples(
        st.integers(0, 2),  # the day
        st.integers(0, 23),  # the hour
        st.sampled_from(["nothing", "whole", "late", "cut", "missed", "begun"]),
        st.booleans(),  # cancelled
    ),
    max_size=14,
)


@given(told=soundings, settled=st.one_of(st.none(), st.integers(0, 72)), as_of=st.integers(0, 72))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_planned_airing_ends_in_exactly_one_outcome_and_all_sums_agree(
    database: Database, now: datetime, told: list[tuple[int, int, str, bool]], settled: int | None, as_of: int
) -> None:
    """Complete, partial, late, missed (with reason), cancelled; or not yet known while its station is silent."""
    start = at(0)
    with database.engine.connect() as connection:
        outer = connection.begin()
        bench = Bench(Session(connection, join_transaction_mode="create_savepoint"), now)
        for number, (day, hour, what, cancelled) in enumerate(told):
            moment = start + timedelta(days=day, hours=hour, minutes=number)
            fields = {"cancelled_at": now, "cancel_reason": "stopped"} if cancelled else {}
            _sound(bench, bench.airing(moment, **fields), what)
        if bench.machine.items:
            bench.tell()
        if settled is not None:
            bench.settled(start + timedelta(hours=settled))
        made = bench.report(TODAY, TODAY + timedelta(days=2), start + timedelta(hours=as_of))
        single = [bench.report(TODAY + timedelta(days=day), as_of=start + timedelta(hours=as_of)) for day in range(3)]
        bench.session.close()
        outer.rollback()
    due = sum(day * 24 * 60 + hour * 60 + number <= as_of * 60 for number, (day, hour, _, _) in enumerate(told))
    totals = made.totals
    assert totals.planned + totals.cancelled == due
    assert totals.planned == totals.complete + totals.partial + totals.late + totals.missed + totals.unknown
    for kind in (OutcomeKind.MISSED, OutcomeKind.PARTIAL, OutcomeKind.CANCELLED):
        assert sum(made.reasons[kind].values()) == totals.of(kind)
    for parts in (made.stations, made.bulletins, made.days.values(), [each.totals for each in single]):
        assert _summed(parts) == (*numbers(totals), totals.planned_ms, totals.sounded_ms)


def _summed(parts: object) -> tuple[int, ...]:
    rows = [(*numbers(part), part.planned_ms, part.sounded_ms) for part in parts]  # type: ignore[attr-defined]
    return tuple(map(sum, zip(*rows, strict=True))) if rows else (0,) * 9


def _sound(bench: Bench, airing: Airing, what: str) -> None:
    if what in {"whole", "late"}:
        bench.machine.played(airing, late_s=20 if what == "late" else 0)
    elif what == "cut":
        bench.machine.played(airing, sounded_ms=4_000)
    elif what == "missed":
        bench.machine.entry("missed", airing.starts_at, airing=airing.id, reason="too_late")
    elif what == "begun":
        bench.machine.entry("started", airing.starts_at, airing=airing.id, started_at=airing.starts_at)
