"""Báo cáo: the page, its picture, its files, and the airings behind the figures."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from broadcast.bulletin import Bulletin
from broadcast.clock import local_day
from broadcast.outcome import OutcomeKind
from broadcast.reports.figures import Counts, StationCounts
from broadcast.station import Station, StationUnit
from broadcast.unit import Unit
from tests.web.seed import NOW
from web.reports.asked import named_period
from web.reports.chart import COLOURS, _steps
from web.reports.spans import spans, square, squares, step_of

SUNDAY = date(2026, 11, 22)


def text(page: str) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_counts_what_was_planned_and_what_became_of_it(as_person):
    page = as_person("supervisor").get("/bao-cao").text
    seen = text(page)
    assert "Huyện Sông Lam , Chủ nhật, 22/11/2026; số liệu tính đến 10:00 ngày 22/11/2026." in seen
    assert "1 / 4 lượt đến giờ đã phát; còn 1 lượt trong ngày" in seen
    for words in ("1 ✕ không phát (25%)", "2 ? chưa rõ (50%)", "0 ◐ phát thiếu", "0 ⊘ đã huỷ"):
        assert words in seen
    assert "1 phút phát được, trên 4 phút theo lịch" in seen
    assert "1 ✕ không phát trạm chưa tải được âm thanh" in seen
    assert "2 lượt chưa rõ: trạm chưa gửi nhật ký đến hết" in seen
    assert "Trạm Khe Sâu" not in page


def test_the_operator_of_a_commune_reports_on_the_commune_alone(as_person):
    client = as_person("operator")
    seen = text(client.get("/bao-cao").text)
    assert "Xã An Bình , Chủ nhật" in seen
    assert "1 / 3 lượt đến giờ đã phát; còn 1 lượt trong ngày" in seen
    assert "Trạm Bình Minh" not in seen
    for path in ("/bao-cao", "/bao-cao/luot-phat", "/bao-cao/bieu-do.svg", "/bao-cao/tep.csv"):
        assert client.get(path, query_string={"don-vi": "X2"}).status_code == 404


@pytest.mark.parametrize(
    ("named", "first", "last"),
    [
        ("hom-nay", SUNDAY, SUNDAY),
        ("tuan-nay", date(2026, 11, 16), SUNDAY),
        ("thang-nay", date(2026, 11, 1), SUNDAY),
        ("thang-truoc", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_named_periods_begin_where_people_say_and_end_today_at_the_latest(as_person, named, first, last):
    assert named_period(named, SUNDAY) == (first, last)
    page = as_person("supervisor").get("/bao-cao", query_string={"ky": named}).text
    assert f'name="tu" value="{first:%d/%m/%Y}"' in page
    assert f'name="den" value="{last:%d/%m/%Y}"' in page
    assert f"tu={first}&amp;den={last}" in page  # files are asked for by their days, which stay true tomorrow


def test_periods_cross_the_turn_of_the_year():
    new_year = date(2027, 1, 1)  # a Friday
    assert named_period("tuan-nay", new_year) == (date(2026, 12, 28), new_year)
    assert named_period("thang-truoc", new_year) == (date(2026, 12, 1), date(2026, 12, 31))
    assert named_period("thang-truoc", date(2028, 3, 31)) == (date(2028, 2, 1), date(2028, 2, 29))


def test_days_in_the_address_are_kept_in_every_link(as_person):
    page = as_person("supervisor").get("/bao-cao?tu=2026-11-20&den=22/11/2026&don-vi=X1").text
    assert "từ 20/11/2026 đến 22/11/2026" in text(page)
    links = re.findall(r'(?:href|src|srcset)="(/bao-cao/[^"]*)"', page)
    assert len(links) > 8
    for link in links:
        assert "don-vi=X1" in link
        assert "tu=2026-11-2" in link
        assert "den=2026-11-22" in link or "den=2026-11-2" in link
    assert "aria-current" not in page.split('aria-label="Kỳ báo cáo"')[1].split("</nav>")[0]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ({"tu": "2026-11-22", "den": "2026-11-01"}, "Ngày cuối của báo cáo phải từ ngày đầu trở đi."),
        ({"tu": "2020-01-01", "den": "2026-11-01"}, "Kỳ báo cáo dài nhất là 400 ngày."),
        ({"tu": "1999-12-31", "den": "2000-01-02"}, "Kỳ báo cáo phải nằm trong các năm 2000 đến 2999."),
        ({"tu": "31/02/2026", "den": ""}, "Ngày đầu"),
    ],
)
def test_days_that_cannot_be_are_told_at_the_field_and_keep_what_was_typed(as_person, args, says):
    client = as_person("supervisor")
    for path in ("/bao-cao", "/bao-cao/luot-phat"):
        answer = client.get(path, query_string=args)
        assert answer.status_code == 422
        assert says in answer.text
        assert 'aria-invalid="true"' in answer.text
    for path in ("/bao-cao/tep.csv", "/bao-cao/bieu-do.svg"):
        assert client.get(path, query_string=args).status_code == 422


def test_one_day_alone_is_enough(as_person):
    client = as_person("supervisor")
    assert "từ 20/11/2026 đến 22/11/2026" in text(client.get("/bao-cao?tu=2026-11-20").text)
    assert "Thứ sáu, 20/11/2026" in text(client.get("/bao-cao?den=2026-11-20").text)
    assert "Thứ tư, 02/12/2026" in text(client.get("/bao-cao?tu=2026-12-02").text)


def test_a_period_without_airings_says_so_and_still_gives_its_files(as_person):
    client = as_person("supervisor")
    page = client.get("/bao-cao?tu=2026-01-01&den=2026-01-31").text
    assert "Trong kỳ này chưa có lượt phát nào đến giờ tại 2 trạm của đơn vị." in text(page)
    assert "bieu-do.svg" not in page
    assert "Trạm An Bình" in page
    told = json.loads(client.get("/bao-cao/tep.json?tu=2026-01-01&den=2026-01-31").data)
    assert told["totals"]["planned"] == 0
    assert [row["code"] for row in told["stations"]] == ["S1", "S2"]


def test_a_unit_without_stations_says_what_to_do_next(as_person, web_database):
    with web_database.writing() as session:
        for link in session.query(StationUnit).join(Station).where(Station.code == "S2"):
            session.delete(link)
        session.query(Station).where(Station.code == "S2").update({"name": "Trạm Không Nơi"})
    page = as_person("supervisor").get("/bao-cao?don-vi=X2&tu=2026-01-01&den=2026-01-02").text
    assert "đơn vị chưa có trạm nào" in text(page)
    assert 'href="/tram"' in page


def test_the_picture_is_an_svg_without_scripts_in_the_colours_of_the_outcomes(as_person):
    client = as_person("supervisor")
    page = client.get("/bao-cao?ky=tuan-nay").text
    [source] = re.findall(r'<img class="report-chart"[^>]* src="([^"]*)"', page)
    answer = client.get(source.replace("&amp;", "&"))
    assert answer.mimetype == "image/svg+xml"
    assert "script" not in answer.headers["Content-Security-Policy"]
    drawing = answer.text
    assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert "<script" not in drawing
    assert "http" not in re.sub(r'xmlns[^"]*"[^"]*"', "", drawing)
    for colour in COLOURS.values():
        assert colour in drawing
    for words in ("Đã phát", "Phát trễ", "Phát thiếu", "Chưa rõ", "Không phát", "16/11", "22/11"):
        assert words in drawing
    assert 'alt="Biểu đồ cột: mỗi cột là một ngày' in page
    assert "Cả kỳ có 4 lượt: 1 đã phát, 0 phát thiếu, 0 phát trễ, 1 không phát, 2 chưa rõ." in page


def test_the_colours_of_the_chart_are_those_of_the_style_sheet():
    sheet = (Path(__file__).parents[2] / "web" / "static" / "app.css").read_text("utf-8")
    names = {"complete": "good", "late": "late", "partial": "warn", "unknown": "none", "missed": "bad"}
    assert {f"--{names[kind]}: {colour};" in sheet for kind, colour in COLOURS.items()} == {True}


def test_the_picture_shows_the_figures_of_its_page_whoever_made_it(as_person, clock):
    client = as_person("supervisor")
    [kept, before] = [
        client.get("/bao-cao/bieu-do.svg", query_string={"luc": str(int(at.timestamp() * 1000))}).text
        for at in (NOW, NOW - timedelta(hours=1, minutes=30))
    ]
    assert kept != before  # at 08:30 nothing of 09:00 was due
    client.get("/bao-cao")
    clock.at = NOW + timedelta(hours=9)  # 17:15 is due now, and not on the page that was shown before
    again = client.get("/bao-cao/bieu-do.svg", query_string={"luc": str(int(NOW.timestamp() * 1000))}).text
    assert again == kept
    assert client.get("/bao-cao/bieu-do.svg?luc=99999999999999").status_code == 200
    assert client.get("/bao-cao/bieu-do.svg?luc=²").status_code == 200


def test_the_chart_library_leaves_no_import_hook_behind_that_others_stumble_over():
    assert "pygal" in sys.modules
    assert all(hasattr(hook, "find_spec") for hook in sys.meta_path)


@pytest.mark.parametrize("highest", [0, 1, 6, 7, 12, 13, 61, 1020, 31_620])
def test_the_axis_has_few_whole_steps_that_reach_the_highest_column(highest):
    steps = _steps(highest)
    assert len(steps) <= 7
    assert steps[0] == 0
    assert steps[-1] >= max(highest, 1)
    assert all(isinstance(step, int) for step in steps)


def test_the_files_are_named_after_what_they_report(as_person):
    client = as_person("supervisor")
    for form, media_type in (("csv", "text/csv"), ("json", "application/json"), ("xlsx", "application/vnd.openxml")):
        answer = client.get(f"/bao-cao/tep.{form}?tu=2026-11-20&den=2026-11-22&don-vi=X1")
        assert answer.content_type.startswith(media_type)
        name = f"bao-cao-phat-thanh_X1_2026-11-20_2026-11-22.{form}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "no-store" in answer.headers["Cache-Control"]
    one_day = client.get("/bao-cao/tep.csv").headers["Content-Disposition"]
    assert one_day == 'attachment; filename="bao-cao-phat-thanh_H1_2026-11-22.csv"'
    assert client.get("/bao-cao/tep.docx").status_code == 404


def test_page_and_files_say_the_same_and_run_nothing(as_person, web_database):
    with web_database.writing() as session:
        session.query(Bulletin).where(Bulletin.code == "BT1").update({"title": '=HYPERLINK("http://x","Vệ sinh")'})
        session.query(Unit).where(Unit.code == "X1").update({"name": "<b>Xã</b>"})
    client = as_person("supervisor")
    told = json.loads(client.get("/bao-cao/tep.json").data)
    assert told["totals"] == {
        "planned": 4, "complete": 1, "partial": 0, "late": 0, "missed": 1, "cancelled": 0, "unknown": 2,
        "minutes_planned": 4.0, "minutes_sounded": 1.0,
    }  # fmt: skip
    assert told["reasons"] == {"no_audio": 1}
    data = client.get("/bao-cao/tep.csv").data
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["Tên"] for row in rows if row["Loại"] == "Bản tin"] == ['\'=HYPERLINK("http://x","Vệ sinh")']
    assert {row["Mã"]: row["Chưa rõ"] for row in rows if row["Loại"] == "Trạm"} == {"S1": "1", "S2": "1"}
    book = load_workbook(io.BytesIO(client.get("/bao-cao/tep.xlsx").data))
    cells = next(iter(book["Bản tin"].iter_rows(min_row=2)))
    assert [cell.data_type for cell in cells] == ["s", "s", *"n" * 9]
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "<b>Xã</b>" not in client.get("/bao-cao").text


def test_figures_lead_to_the_airings_behind_them(as_person, district):
    client = as_person("supervisor")
    page = client.get("/bao-cao").text
    [link] = re.findall(r'class="figure figure-missed" href="([^"]*)"', page)
    listed = client.get(link.replace("&amp;", "&")).text
    assert "1 lượt" in text(listed)
    assert f'href="/luot-phat/{district.airings["missed"]}"' in listed
    assert "không phát : trạm chưa tải được âm thanh" in text(listed)
    assert district.airings["complete"] not in listed
    for kind, number in (("den-gio", 4), ("complete", 1), ("unknown", 2), ("cancelled", 0), ("", 4)):
        assert f"22/11/2026: {number} lượt" in text(client.get(f"/bao-cao/luot-phat?ket-qua={kind}").text)


def test_the_list_is_narrowed_by_station_bulletin_and_reason(as_person, district):
    client = as_person("supervisor")

    def listed(**args: str) -> set[str]:
        page = client.get("/bao-cao/luot-phat", query_string={k.replace("_", "-"): v for k, v in args.items()}).text
        return {name for name, number in district.airings.items() if number in page}

    assert listed() == {"complete", "missed", "unknown", "silent"}  # not yet due and of another district: not here
    assert listed(tram="S2") == {"silent"}
    assert listed(tram="S1", ket_qua="unknown") == {"unknown"}
    assert listed(ly_do="no_audio") == {"missed"}
    assert listed(ban_tin="BT1", don_vi="X1") == {"complete", "missed", "unknown"}
    assert listed(ban_tin="BT9") == listed(tram="S9") == listed(tu="2026-11-21", den="2026-11-21") == set()
    assert "mọi lý do" in client.get("/bao-cao/luot-phat?ly-do=no_audio&ket-qua=missed").text
    assert client.get("/bao-cao/luot-phat?trang=99999").status_code == 200


def test_the_heat_map_shows_each_station_on_each_day_and_leads_to_its_trouble(as_person, district):
    page = as_person("supervisor").get("/bao-cao?tu=2026-11-16&den=2026-11-22").text
    heat = page.split('<table class="heat few">')[1].split("</table>")[0]
    assert heat.count("không có lịch") == 2 * 6
    assert [text(row).split(" ", 3)[:3] for row in heat.split("<tbody>")[1].split("<tr>")[1:]] == [
        ["", "Trạm", "An"],
        ["", "Trạm", "Bình"],
    ]
    [missed] = re.findall(r'class="h-missed"><a href="([^"]*)" title="([^"]*)"', heat)
    assert missed[0].endswith("tram=S1&amp;tu=2026-11-22&amp;den=2026-11-22")
    assert missed[1] == "Trạm An Bình, Chủ nhật, 22/11/2026: 1/3 không phát"
    assert "?1" in text(heat)


def test_stations_in_need_stand_first_and_many_are_one_click_away(as_person, web_database):
    with web_database.writing() as session:
        commune = session.query(Unit).where(Unit.code == "X2").one()
        for number in range(40):
            station = Station(code=f"N{number:02}", name=f"Trạm thôn {number:02}", created_at=NOW)
            session.add_all([station, StationUnit(station=station, unit=commune)])
    client = as_person("supervisor")
    page = client.get("/bao-cao").text
    table = page.split('aria-labelledby="stations-title"')[1]
    assert table.index("Trạm An Bình") < table.index("Trạm Bình Minh") < table.index("Trạm thôn 00")
    assert "Trạm thôn 39" not in page
    assert "Hiện cả 42 trạm" in page
    assert "Trạm thôn 39" in client.get("/bao-cao?tat-ca=1").text
    found = client.get("/bao-cao?tim=thon 39").text
    assert "Trạm thôn 39" in found
    assert "Trạm thôn 38" not in found
    assert "1 / 4 lượt" in text(found)  # searching narrows the tables, never the figures
    assert "Không có trạm nào khớp" in client.get("/bao-cao?tim=không có đâu").text


def counts(**numbers: int) -> Counts:
    return Counts(planned=sum(n for kind, n in numbers.items() if kind != "cancelled"), **numbers)


@pytest.mark.parametrize(
    ("told", "kind", "number", "heavy"),
    [
        (counts(), "", 0, False),
        (counts(complete=6), "complete", 6, False),
        (counts(complete=5, missed=1), "missed", 1, False),
        (counts(complete=3, missed=3), "missed", 3, True),
        (counts(complete=4, late=1, partial=1), "partial", 1, False),
        (counts(complete=4, unknown=2), "unknown", 2, False),
        (counts(complete=4, cancelled=2), "complete", 4, False),
        (counts(cancelled=2), "cancelled", 2, False),
    ],
)
def test_a_square_shows_the_gravest_outcome_and_how_many_ended_so(told, kind, number, heavy):
    shown = square(told)
    assert (shown.kind, shown.number, shown.heavy) == (kind, number, heavy)


@pytest.mark.parametrize(
    ("last", "number", "step"),
    [
        (date(2026, 1, 1), 1, "giờ"),
        (date(2026, 1, 31), 31, "ngày"),
        (date(2026, 3, 31), 14, "tuần"),
        (date(2026, 12, 31), 12, "tháng"),
        (date(2027, 2, 4), 14, "tháng"),
    ],
)
def test_columns_are_days_weeks_or_months_and_cover_the_period_without_gap_or_overlap(last, number, step):
    columns = spans(date(2026, 1, 1), last)
    assert (len(columns), step_of(columns)) == (number, step)
    assert (columns[0].first, columns[-1].last) == (date(2026, 1, 1), last)
    assert all(after.first == before.last + timedelta(days=1) for before, after in pairwise(columns))


def test_a_week_of_the_heat_map_is_the_sum_of_its_days():
    days = {date(2026, 1, day): counts(complete=1, missed=int(day == 9)) for day in range(1, 32)}
    columns = spans(date(2026, 1, 1), date(2026, 3, 31))
    row = squares(StationCounts(days=days), columns)
    assert [each.counts.planned for each in row[:6]] == [4, 8, 7, 7, 6, 0]  # Thursday to Sunday, then whole weeks
    assert [each.kind for each in row[:6]] == ["complete", "missed", "complete", "complete", "complete", ""]
    assert sum(each.counts.of(OutcomeKind.MISSED) for each in row) == 1


def test_the_local_day_of_the_page_is_that_of_its_people(as_person, clock):
    clock.at = NOW - timedelta(hours=9)  # 01:00 on the 22nd, 18:00 of the 21st in UTC
    assert local_day(clock.at) == SUNDAY
    seen = text(as_person("supervisor").get("/bao-cao").text)
    assert "Chủ nhật, 22/11/2026" in seen
    assert "chưa có lượt phát nào đến giờ" in seen
