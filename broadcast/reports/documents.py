"""A report as a file: JSON, CSV and XLSX."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from broadcast.errors import Invalid
from broadcast.reports.figures import Counts, Report, report
from broadcast.reports.words import COUNTS, reason_in_words
from broadcast.unit import unit_by_code

Row = list[Any]


def write_report(
    session: Session, unit_code: str, from_on: date, until_on: date, form: str, *, as_of: datetime, zone: ZoneInfo
) -> bytes:
    """The report of a unit as the bytes of a `json`, `csv` or `xlsx` file. Raises Invalid for another form."""
    made = report(session, unit_by_code(session, unit_code), from_on, until_on, as_of=as_of, zone=zone)
    return render(made, form, zone)


def render(made: Report, form: str, zone: ZoneInfo) -> bytes:
    """The bytes of a file in the named form."""
    if form == "json":
        return (json.dumps(made.as_json(zone), ensure_ascii=False, indent=1) + "\n").encode()
    if form == "csv":
        return _csv(made)
    if form == "xlsx":
        return _xlsx(made, zone)
    raise Invalid(f"Không có dạng báo cáo “{form}”; các dạng có: json, csv, xlsx.")


def _numbers(counts: Counts) -> Row:
    return [counts.as_json()[name] for name in COUNTS]


def _rows(made: Report) -> Iterator[Row]:
    """One table that a spreadsheet can filter: the whole, then each station, then each bulletin."""
    yield ["Loại", "Mã", "Tên", "Đơn vị", *COUNTS.values()]
    yield ["Toàn đơn vị", made.unit, made.unit_name, made.unit, *_numbers(made.totals)]
    for station in made.stations:
        yield ["Trạm", station.code, station.name, station.unit, *_numbers(station)]
    for bulletin in made.bulletins:
        yield ["Bản tin", bulletin.code, bulletin.title, "", *_numbers(bulletin)]
    for code, number in sorted(made.reasons.items(), key=lambda item: (-item[1], item[0])):
        yield ["Lý do", code, reason_in_words(code), "", number]


def _csv(made: Report) -> bytes:
    """UTF-8 with a byte order mark, without which the offices' spreadsheet shows broken Vietnamese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_harmless(cell) for cell in row] for row in _rows(made))
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: Any) -> Any:
    """A title that begins like a formula stays a title."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _xlsx(made: Report, zone: ZoneInfo) -> bytes:
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)  # a new workbook has one
    first.title = "Tổng hợp"
    _overview(first, made, zone)
    _table(book.create_sheet("Trạm"), ["Mã trạm", "Tên trạm", "Đơn vị"], [
        [row.code, row.name, row.unit_name, *_numbers(row)] for row in made.stations
    ])  # fmt: skip
    _table(book.create_sheet("Bản tin"), ["Mã bản tin", "Tiêu đề"], [
        [row.code, row.title, *_numbers(row)] for row in made.bulletins
    ])  # fmt: skip
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _overview(sheet: Worksheet, made: Report, zone: ZoneInfo) -> None:
    lines: list[Row] = [
        ["BÁO CÁO KẾT QUẢ PHÁT THANH"],
        ["Đơn vị", made.unit_name],
        ["Từ ngày", f"{made.from_on:%d/%m/%Y}"],
        ["Đến ngày", f"{made.until_on:%d/%m/%Y}"],
        ["Số liệu tính đến", f"{made.as_of.astimezone(zone):%H:%M %d/%m/%Y}"],
        [],
        *[[words, value] for words, value in zip(COUNTS.values(), _numbers(made.totals), strict=True)],
        [],
        ["Lý do phát thiếu, không phát hoặc huỷ", "Số lượt"],
        *[[reason_in_words(code), number] for code, number in made.reasons.most_common()],
    ]
    _fill(sheet, lines)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 42
    sheet.column_dimensions["B"].width = 28


def _table(sheet: Worksheet, names: Row, rows: list[Row]) -> None:
    _fill(sheet, [[*names, *COUNTS.values()], *rows])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE7F0")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column in range(1, sheet.max_column + 1):
        longest = max((len(str(cell.value or "")) for cell in sheet[get_column_letter(column)]), default=8)
        sheet.column_dimensions[get_column_letter(column)].width = min(48, max(10, longest + 2))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _fill(sheet: Worksheet, rows: list[Row]) -> None:
    """Text stays text: a title that begins with “=” is not a formula, characters no cell can hold are left out."""
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row=number, column=column)
            if isinstance(value, str):
                cell.value = "".join(sign for sign in value if sign >= " " or sign in "\t\n")
                cell.data_type = "s"
            else:
                cell.value = value
