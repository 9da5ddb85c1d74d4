"""A table as a file: CSV, XLSX or JSON, the same from a page and from the command line.

Text that a spreadsheet would take for a formula is neutralised: whoever opens the file must not run
what somebody typed into a name.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from surehand.ui.formats import iso

Value = str | int | float | date | datetime | None

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True)
class Export:
    """A table to be carried away: `name` names the file, without an ending."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def to_bytes(table: Export, kind: str) -> bytes:
    """The file's content; `kind` is a key of FORMATS. Raises ValueError, with a sentence."""
    if kind == "csv":
        return _csv(table)
    if kind == "xlsx":
        return workbook([table])
    if kind == "json":
        return _json(table)
    raise ValueError(f"A table can be exported as {', '.join(FORMATS)}, not as {kind or 'that'}.")


def response(table: Export, kind: str) -> HttpResponse:
    """The file as a download. Raises ValueError for a kind there is not."""
    return HttpResponse(
        to_bytes(table, kind),
        content_type=FORMATS[kind],
        headers={"Content-Disposition": f'attachment; filename="{table.name}.{kind}"'},
    )


def _plain(value: Value) -> Any:
    return iso(value) if isinstance(value, date) else value


def _safe(value: Value) -> Any:
    """A spreadsheet reads text that begins with one of these as a formula."""
    plain = _plain(value)
    if isinstance(plain, str) and plain.lstrip()[:1] in {"=", "+", "-", "@"}:
        return "'" + plain
    if isinstance(plain, str) and plain[:1] in {"\t", "\r", "\n"}:
        return "'" + plain
    return plain


def _csv(table: Export) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_safe(column) for column in table.columns])
    writer.writerows([_safe(value) for value in row] for row in table.rows)
    # The mark tells spreadsheets that this is UTF-8.
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def workbook(tables: Sequence[Export]) -> bytes:
    """An XLSX with a sheet for each table, called by its name."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for number, table in enumerate(tables, start=1):
            # A sheet's name has at most 31 letters and is there once.
            name = table.name[:28] if len(tables) > 1 else table.name[:31]
            _sheet(book.add_worksheet(f"{number} {name}" if len(tables) > 1 else name), table, head)
    return out.getvalue()


def _sheet(sheet: Any, table: Export, head: Any) -> None:
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, _safe(column), head)
    for line, row in enumerate(table.rows, start=1):
        for at, value in enumerate(row):
            safe = _safe(value)
            if isinstance(safe, str):
                sheet.write_string(line, at, safe)
            elif safe is not None:
                sheet.write_number(line, at, safe)
    sheet.autofit()


def _json(table: Export) -> bytes:
    rows = [
        {column: _plain(value) for column, value in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]
    return (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode()
