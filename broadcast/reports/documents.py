"""A report as a file: JSON, CSV and XLSX."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from broadcast.errors import Invalid
from broadcast.reports.figures import Counts, Report, report
from broadcast.reports.words import COUNTS, ENDED, reason_in_words
from broadcast.unit import unit_by_code

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Row = list[Any]

# Spreadsheets take a cell that begins so for a formula, full-width signs and leading blanks included. Where the list
# separator of the office is a semicolon, a comma-separated line is cut there: what follows one begins a cell too.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])")
_NO_CELL_HOLDS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def write_report(
    session: Session, unit_code: str, from_on: date, until_on: date, form: str, *, as_of: datetime, zone: ZoneInfo
) -> bytes:
    """The report of a unit as the bytes of a `json`, `csv` or `xlsx` file. Raises Invalid for another form."""
    _check_form(form)
    made = report(session, unit_by_code(session, unit_code), from_on, until_on, as_of=as_of, zone=zone)
    return render(made, form, zone)


def render(made: Report, form: str, zone: ZoneInfo) -> bytes:
    """The bytes of a file in the named form."""
    _check_form(form)
    if form == "json":
        return (json.dumps(made.as_json(zone), ensure_ascii=False, indent=1) + "\n").encode()
    if form == "csv":
        return _csv(made)
    return _xlsx(made, zone)


def _check_form(form: str) -> None:
    if form not in MEDIA_TYPES:
        raise Invalid(f"Không có dạng báo cáo “{form}”; các dạng có: {', '.join(MEDIA_TYPES)}.")


def _numbers(counts: Counts) -> Row:
    numbers = counts.as_json()
    return [numbers[name] for name in COUNTS]


def _reasons(made: Report) -> Iterator[tuple[str, str, str, int]]:
    """(outcome in words, code, reason in words, number), the most frequent first in each outcome."""
    for kind, reasons in made.reasons.items():
        for code, number in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
            yield ENDED[kind], code, reason_in_words(kind, code), number


def _rows(made: Report) -> Iterator[Row]:
    """One table to filter: the whole, then each day, station and bulletin; reasons count in a column of their own."""
    yield ["Loại", "Mã", "Tên", "Đơn vị", *COUNTS.values(), "Số lượt theo lý do"]
    yield ["Toàn đơn vị", made.unit, made.unit_name, made.unit, *_numbers(made.totals), ""]
    for day, counts in made.days.items():
        yield ["Ngày", day.isoformat(), f"{day:%d/%m/%Y}", made.unit, *_numbers(counts), ""]
    for station in made.stations:
        yield ["Trạm", station.code, station.name, station.unit, *_numbers(station), ""]
    for bulletin in made.bulletins:
        yield ["Bản tin", bulletin.code, bulletin.title, "", *_numbers(bulletin), ""]
    for ended, code, words, number in _reasons(made):
        yield [f"Lý do {ended.lower()}", code, words, "", *([""] * len(COUNTS)), number]


def _csv(made: Report) -> bytes:
    """UTF-8 with a byte order mark, without which the offices' spreadsheet shows broken Vietnamese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([harmless(cell) for cell in row] for row in _rows(made))
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; all else as it is."""
    return _FORMULA.sub(r"\1'", _NO_CELL_HOLDS.sub("", cell)) if isinstance(cell, str) else cell


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
    _table(book.create_sheet("Ngày"), ["Ngày"], [[day, *_numbers(counts)] for day, counts in made.days.items()])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _overview(sheet: Worksheet, made: Report, zone: ZoneInfo) -> None:
    """What an office copies into its own report: whole numbers beside words."""
    lines: list[Row] = [
        ["BÁO CÁO KẾT QUẢ PHÁT THANH"],
        ["Đơn vị", made.unit_name],
        ["Từ ngày", made.from_on],
        ["Đến ngày", made.until_on],
        ["Số liệu tính đến", made.as_of.astimezone(zone).replace(tzinfo=None, microsecond=0)],
        [],
        *([words, value] for words, value in zip(COUNTS.values(), _numbers(made.totals), strict=True)),
        [],
        ["Lý do không phát, phát thiếu hoặc đã huỷ", "Số lượt"],
        *([f"{ended}: {words}", number] for ended, _, words, number in _reasons(made)),
    ]
    _fill(sheet, lines)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.cell(row=len(COUNTS) + 8, column=1).font = Font(bold=True)
    sheet.column_dimensions["A"].width = 62
    sheet.column_dimensions["B"].width = 28
    for row in range(2, len(lines) + 1):
        sheet.cell(row=row, column=2).alignment = Alignment(horizontal="right")
    _on_paper(sheet)


def _table(sheet: Worksheet, names: Row, rows: list[Row]) -> None:
    _fill(sheet, [[*names, *COUNTS.values()], *rows])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE7F0")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column in range(1, sheet.max_column + 1):
        longest = max(len(str(row[column - 1])) for row in rows) if rows and column <= len(names) else 0
        sheet.column_dimensions[get_column_letter(column)].width = min(48, max(12, longest + 2))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    _on_paper(sheet)


def _on_paper(sheet: Worksheet) -> None:
    """A4 across, as wide as the page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _fill(sheet: Worksheet, rows: list[Row]) -> None:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row=number, column=column)
            assert isinstance(cell, Cell)  # nothing is merged in these sheets
            _write(cell, value)


def _write(cell: Cell, value: Any) -> None:
    """Text stays text, now and when somebody edits the cell: a title that begins with “=” is no formula."""
    if isinstance(value, str):
        text = _NO_CELL_HOLDS.sub("", value)
        cell.value = text
        if text:
            cell.data_type = "s"
        cell.quotePrefix = _FORMULA.match(text) is not None
        return
    cell.value = value
    if isinstance(value, datetime):
        cell.number_format = "HH:MM DD/MM/YYYY"
    elif isinstance(value, date):
        cell.number_format = "DD/MM/YYYY"
