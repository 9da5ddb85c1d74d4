"""NDJSON and Parquet are read row by row, nested values as JSON text, or refused in a sentence."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from surehand.imports.parquet import _texts
from surehand.imports.reading import ImportProblem, Row, open_file

FORMATS = ("csv", "ndjson", "parquet")


def rows(content: bytes, name: str) -> list[Row]:
    return list(open_file(content, name, formats=FORMATS).rows())


def packed(columns: dict[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def test_each_line_is_a_row_and_every_name_a_column() -> None:
    content = (
        b'\xef\xbb\xbf{"a": "x", "n": 1.0, "yes": true}\n\n{"a": null, "fields": {"m": ["low"]}}\n'
    )
    assert rows(content, "f.ndjson") == [
        Row(0, ("a", "n", "yes", "fields")),
        Row(1, ("x", "1", "yes", "")),
        Row(3, ("", "", "", '{"m": ["low"]}')),
    ]


def test_a_parquet_file_says_the_same_as_its_values() -> None:
    when = datetime(2026, 3, 9, 7, 40, tzinfo=UTC)
    content = packed(
        {
            "a": ["x", None, "é"],
            "at": pa.array([when, None, when], pa.timestamp("ns", tz="Europe/London")),
            "local": pa.array([datetime(2026, 6, 9, 7, 40)] * 3, pa.timestamp("us")),  # noqa: DTZ001
            "fields": [{"mood": "low"}, None, {"mood": None}],
        }
    )
    assert rows(content, "f.bin") == [
        Row(0, ("a", "at", "local", "fields")),
        Row(1, ("x", "2026-03-09T07:40:00+00:00", "2026-06-09T07:40:00", '{"mood": "low"}')),
        Row(2, ("", "", "2026-06-09T07:40:00", "")),
        Row(3, ("é", "2026-03-09T07:40:00+00:00", "2026-06-09T07:40:00", '{"mood": null}')),
    ]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b'{"a": 1}\n[1]\n', "f.ndjson", "Line 2 is not a JSON object"),
        (b'{"a": 1}\n{"a": NaN}\n', "f.ndjson", "Line 2 is not a JSON object"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "f.ndjson", "letters that are not UTF-8"),
        (b'{"a":' + b"[" * 50_000, "f.ndjson", "Line 1 is not a JSON object"),
        (b'{"a": "' + b"x" * 2_000_000 + b'"}', "f.jsonl", "Line 1 is longer than 1 MB"),
        (json.dumps({str(n): n for n in range(600)}).encode(), "f", "more than 500 columns"),
        (b'[\n  {"a": 1}]', "f.json", "one object on each line"),
        (b"PAR1nonsense", "f.parquet", "damaged or cut short"),
        (b"nonsense", "f.parquet", "damaged or is none"),
        (packed({"a": ["x"] * 50})[:-20], "f.parquet", "damaged or cut short"),
        (packed({"a": ["x" * 2_000_000]}), "f.parquet", "longer than 1 MB"),
        (packed({"a": pa.nulls(6_000_000)}), "f.parquet", "unpacks to more than"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, name: str, why: str) -> None:
    with pytest.raises(ImportProblem, match=why):
        rows(content, name)


def test_one_long_text_said_often_is_in_memory_once() -> None:
    said = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), ["y" * 500_000])
    content = packed({"a": said})
    assert len(content) < 200_000
    cells = {id(row.cells[0]) for row in rows(content, "f.parquet")[1:1_001]}
    assert len(cells) == 1


def test_half_a_letter_is_replaced() -> None:
    assert rows(b'{"a": "x\\ud800"}', "f.ndjson")[1].cells == ("x?",)


def test_a_kind_that_does_not_take_them_says_what_it_takes() -> None:
    with pytest.raises(ImportProblem, match="reads CSV or XLSX files"):
        open_file(b'{"a": 1}\n', "f.csv")


@pytest.mark.parametrize("place", [1, -1])
def test_a_place_outside_a_dictionary_is_damage(place: int) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, place]), ["ALDER"], safe=False)
    with pytest.raises(ValueError, match="outside its dictionary"):
        _texts(pa, column)
