"""Records from files, and what was noticed into files: CSV, NDJSON, Parquet, by their names.

Columns as in the interfaces: those of records, or those of alerts, which become `raised-alert`
records. Times are ISO 8601; without an offset London's are meant. Every refusal is a sentence.
"""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from surehand.timeline import moment, parse_local

from .ruleset import RAISED
from .tables import MOMENT, NAMES, OPTIONAL, RECORDS, ScreeningProblem, conform

ALERTS = ("alert_id", "service_id", "subject_id", "alert_type", "raised_at")
KINDS = (".csv", ".ndjson", ".parquet")


def read_records(paths: list[Path]) -> pa.Table:
    """All records and alerts of some files in one table like RECORDS. Raises ScreeningProblem."""
    tables: list[pa.Table] = []
    answered: dict[str, str] = {}
    for path in paths:
        table = _read(path)
        if "alert_id" in table.column_names and "record_id" not in table.column_names:
            answered |= _answered(table)
            table = _alerts(table, path)
        tables.append(_typed(table, RECORDS, path))
    records = pa.concat_tables(tables)
    if answered:
        ids, responds = records["record_id"].to_pylist(), records["responds_to"].to_pylist()
        responds = [to or answered.get(one, "") for one, to in zip(ids, responds, strict=True)]
        place = RECORDS.get_field_index("responds_to")
        records = records.set_column(place, RECORDS.field(place), pa.array(responds, pa.string()))
    return records


def read_names(path: Path) -> pa.Table:
    """The people supported, in a table like NAMES. Raises ScreeningProblem."""
    return _typed(_read(path), NAMES, path)


def write_screened(screened: pa.Table, path: Path) -> None:
    """The rows in their order. In CSV the reasons are JSON. Raises ScreeningProblem."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ScreeningProblem(_other_kind(path))
    if kind == ".parquet":
        pyarrow.parquet.write_table(screened, path, compression="zstd")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind == ".ndjson":
            for row in screened.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        writer = csv.DictWriter(file, screened.column_names)
        writer.writeheader()
        for row in screened.to_pylist():
            writer.writerow(row | {"reasons": json.dumps(row["reasons"], ensure_ascii=False)})


def _other_kind(path: Path) -> str:
    return f"{path} is of no kind known here; use a name that ends in {', '.join(KINDS)}."


def _read(path: Path) -> pa.Table:
    reader: Callable[[Path], pa.Table] | None = {
        ".csv": _read_csv,
        ".ndjson": _read_ndjson,
        ".jsonl": _read_ndjson,
        ".parquet": pyarrow.parquet.read_table,
    }.get(path.suffix.lower())
    if reader is None:
        raise ScreeningProblem(_other_kind(path))
    try:
        return reader(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        why = " ".join(str(problem).split())[:200]
        raise ScreeningProblem(f"{path} cannot be read: {why}. Export it again.") from None


def _read_csv(path: Path) -> pa.Table:
    with path.open("rb") as file:
        first = file.readline(100_000).removeprefix(b"\xef\xbb\xbf")
    delimiter = max(",;\t", key=lambda one: first.count(one.encode()))
    names = next(csv.reader([first.decode("cp1252", "replace").strip()], delimiter=delimiter), [])
    for encoding in ("utf-8", "cp1252"):
        try:
            return pyarrow.csv.read_csv(
                path,
                read_options=pyarrow.csv.ReadOptions(encoding=encoding),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid as problem:
            if encoding == "cp1252" or "UTF8" not in str(problem):
                raise
    raise AssertionError("unreachable")


def _read_ndjson(path: Path) -> pa.Table:
    names = dict.fromkeys((*RECORDS.names, *ALERTS, "response_record_id", "name"))
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    seen: set[str] = set()
    for number, row in _lines(path):
        if not isinstance(row, dict):
            raise ScreeningProblem(f"{path}, line {number} is not a JSON object; mend that line.")
        seen.update(row)
        for name in names:
            columns[name].append(_text(row.get(name)))
    return pa.table(
        {name: pa.array(values, pa.string()) for name, values in columns.items() if name in seen}
    )


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except (ValueError, RecursionError):
                    raise ScreeningProblem(
                        f"{path}, line {number} is not JSON; mend that line."
                    ) from None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _alerts(table: pa.Table, path: Path) -> pa.Table:
    """Alerts as records of the type raised-alert."""
    _refuse_without(table, ALERTS, path)
    many = len(table)
    return pa.table(
        {
            "record_id": table["alert_id"],
            "service_id": table["service_id"],
            "subject_id": table["subject_id"],
            "author_id": pa.repeat("", many),
            "record_type": pa.repeat(RAISED, many),
            "section": table["alert_type"],
            "occurred_at": table["raised_at"],
            "recorded_at": table["raised_at"],
            "text": pa.repeat("", many),
        }
    )


def _answered(table: pa.Table) -> dict[str, str]:
    """The alert that each response record answers, by the record's id."""
    if not {"alert_id", "response_record_id"} <= set(table.column_names):
        return {}
    pairs = zip(table["response_record_id"].to_pylist(), table["alert_id"].to_pylist(), strict=True)
    return {record: alert for record, alert in pairs if record}


def _refuse_without(table: pa.Table, names: tuple[str, ...], path: Path) -> None:
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise ScreeningProblem(
            f"{path} has no column {', '.join(missing)}; add it, or rename the one that holds it."
        )


def _typed(table: pa.Table, schema: pa.Schema, path: Path) -> pa.Table:
    """The columns of the schema, with times read from text."""
    _refuse_without(table, tuple(n for n in schema.names if n not in OPTIONAL), path)
    for name in ("occurred_at", "recorded_at"):
        if name in schema.names and pa.types.is_string(table[name].type):
            place = table.column_names.index(name)
            times = pa.array(_moments(table[name].to_pylist(), name, path), MOMENT)
            table = table.set_column(place, name, times)
    if "version" in schema.names and "version" in table.column_names:
        place = table.column_names.index("version")
        if pa.types.is_string(table["version"].type):
            numbers = [int(v) if v and v.isdigit() else 1 for v in table["version"].to_pylist()]
            table = table.set_column(place, "version", pa.array(numbers, pa.int32()))
    try:
        return conform(table, schema, called=f"rows of {path}")
    except ScreeningProblem as problem:
        raise ScreeningProblem(str(problem)) from None


def _moments(written: list[str | None], name: str, path: Path) -> list[datetime]:
    found = []
    for number, one in enumerate(written, 1):
        try:
            time = datetime.fromisoformat(one or "")
            found.append(
                time.astimezone(UTC)
                if time.tzinfo is not None
                else moment(parse_local(one or "", edge="start"))
            )
        except ValueError:
            raise ScreeningProblem(
                f"{path}, row {number} has “{(one or '')[:40]}” as {name}, which is no time; "
                "write it like 2026-03-02T09:05."
            ) from None
    return found
