"""Whatever is handed in as records, alerts or accounts: a preview or one refusing sentence, never a
traceback; what is brought in is brought in whole. SUREHAND_TRIALS=100000 tries that many."""

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from surehand.imports import run
from surehand.imports.reading import ImportProblem
from surehand.people.access import COMMAND_LINE
from surehand.people.models import EcmAccount
from surehand.records.models import KeptAside, LiveRecord, RaisedAlert, RecordText
from tests.conftest import trials
from tests.imports.test_reading import workbook

from .conftest import HEADER, NOTE

COLUMNS = [*HEADER.strip().split(","), "version", "change_type", "fields", "responds_to"]
ALERT = ["alert_id", "service_id", "subject_id", "alert_type", "raised_at", "acknowledged_by"]
ACCOUNT = ["account_id", "person_id", "from_date", "to_date", "shared"]
ROWS = {
    "records": [*NOTE.strip().split(","), "1", "create", '{"mood": "low"}', "A1"],
    "alerts": ["A1", "ALDER", "RES1", "bed_exit", "2026-03-09T02:10", "ade.o"],
    "accounts": ["ade.o", "P1", "2026-01-05", "", "no"],
}
NAMES = {"records": COLUMNS, "alerts": ALERT, "accounts": ACCOUNT}
ODD = st.sampled_from(
    [
        *("", "\x00", "\ud800", "\u202e", "=1+1", "9" * 400, "1e999", "-1", "NaN", "{", "[[", '"'),
        *("2026-03-29T01:30", "0001-01-01T00:00", "9999-12-31T23:59", "46000.5", "\n", "ﬀ" * 90),
        *('{"mood": {"mood": []}}', '{"a": "\\ud800"}', '{"a":' + "[" * 2000, "x" * 101_000),
    ]
) | st.text(max_size=8)  # fmt: skip
FUZZ = settings(
    max_examples=min(trials(20), 100_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """A kind, a name and a file of it in one of four formats, with cells and bytes gone wrong."""
    kind = draw(st.sampled_from([*ROWS]))
    header, rows = list(NAMES[kind]), [list(ROWS[kind]) for _ in range(draw(st.integers(0, 4)))]
    for row in rows:
        row[0] = draw(st.sampled_from([row[0], "new"]))
        for _ in range(draw(st.integers(0, 3))):
            row[draw(st.integers(0, len(row) - 1))] = draw(ODD)
    if draw(st.booleans()):
        header[draw(st.integers(0, len(header) - 1))] = draw(ODD)
    ending = draw(st.sampled_from(["csv", "xlsx", "ndjson", "parquet"]))
    content = bytearray(_WRITE[ending](header, rows))
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        at = draw(st.integers(0, 10_000)) * len(content) // 10_000  # a workbook’s length varies
        content[at : at + draw(st.integers(0, 12))] = draw(st.binary(max_size=6))
    return kind, f"f.{ending}", bytes(content)


def _text(cell: str) -> str:
    return cell.encode("utf-8", "replace").decode()


def _csv(header: list[str], rows: list[list[str]]) -> bytes:
    lines = (
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (header, *rows)
    )
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _xlsx(header: list[str], rows: list[list[str]]) -> bytes:
    """As `workbook`, which takes thirty times as long: only the sheet is written anew."""
    lines = (
        f'<row r="{r}">'
        + "".join(
            f'<c r="{chr(64 + c)}{r}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(_text(cell).translate(_NOT_IN_XML))}</t></is></c>"
            for c, cell in enumerate(row, 1)
        )
        + "</row>"
        for r, row in enumerate((header, *rows), 1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in _parts().items():
            book.writestr(name, content)
        book.writestr(_SHEET, f"<worksheet {_XMLNS}><sheetData>{''.join(lines)}</sheetData>"
                              "</worksheet>")  # fmt: skip
    return out.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"
_XMLNS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_NOT_IN_XML = {code: "?" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}


@cache
def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook(["a"]))) as book:
        return {name: book.read(name) for name in book.namelist() if name != _SHEET}


def _ndjson(header: list[str], rows: list[list[str]]) -> bytes:
    return "\n".join(json.dumps(dict(zip(header, row, strict=True))) for row in rows).encode()


def _parquet(header: list[str], rows: list[list[str]]) -> bytes:
    columns = zip(*rows, strict=True) if rows else [[] for _ in header]
    out = io.BytesIO()
    arrays = [pa.array([_text(cell) for cell in column], pa.string()) for column in columns]
    parquet.write_table(pa.table(arrays, names=[_text(name) for name in header]), out)
    return out.getvalue()


_WRITE: dict[str, Any] = {"csv": _csv, "xlsx": _xlsx, "ndjson": _ndjson, "parquet": _parquet}


@pytest.fixture
def known(home: None, take: Callable[..., run.Preview]) -> None:
    """Some of what the files say is known already."""
    for kind, row in ROWS.items():
        take(kind, _csv(NAMES[kind], [row]))


@pytest.mark.usefixtures("known")
@FUZZ
@given(file=files())
def test_anything_is_brought_in_whole_or_refused_in_a_sentence(
    file: tuple[str, str, bytes],
) -> None:
    with transaction.atomic():  # each file meets the same database
        _bring_in(*file)
        transaction.set_rollback(True)


def _bring_in(kind: str, name: str, content: bytes) -> None:
    before = _counts()
    try:
        shown = run.preview(kind, content, name, by=COMMAND_LINE)
    except ImportProblem as problem:
        assert str(problem).endswith((".", "…", "?"))  # noqa: PT017
        assert _counts() == before
        return
    assert all(problem.sentence.endswith((".", "…", "?")) for problem in shown.problems)
    assert _counts() == before
    done = run.commit(shown, by=COMMAND_LINE)
    rows = (shown.added, shown.changed)
    assert (done is not None) == any(rows)
    if done:
        assert (done.added, done.changed) == rows
    records, texts, *_ = _counts()
    assert records == texts
    again = run.preview(kind, content, name, by=COMMAND_LINE)
    assert (again.added, again.changed) == (0, 0), [line.text for _, line in again.first]


_COUNTS = "SELECT " + ", ".join(
    f"(SELECT count(*) FROM {model._meta.db_table})"
    for model in (LiveRecord, RecordText, RaisedAlert, KeptAside, EcmAccount)
)


def _counts() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        found: tuple[int, ...] = cursor.fetchone()
        return found
