"""Reads Parquet: its columns by name, a nested value as JSON text.

What the file says of its own size is checked before any of it is unpacked. Text stays the
dictionary it is packed as, so that one long text said a million times is in memory once.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from surehand.imports.reading import MAX_COLUMNS, MIB, ImportProblem

MAX_UNPACKED = 2048 * MIB
_MOST_ROWS = 5_000_000
_MOST_IN_LISTS = 20_000_000
_LONGEST = 1024 * 1024
_AT_ONCE = 1_000

_DAMAGED = (
    "The Parquet file cannot be opened: it is damaged or cut short. Save it again, or as CSV."
)


def parquet_rows(source: Path | bytes) -> Callable[[], Iterator[tuple[int, list[str]]]]:
    """What reads header (row 0) and rows, numbered from 1. Raises ImportProblem."""
    names = list(_open(source).schema_arrow.names)
    if len(names) > MAX_COLUMNS:
        raise ImportProblem(f"The file has more than {MAX_COLUMNS} columns.")

    def rows() -> Iterator[tuple[int, list[str]]]:
        from surehand.imports.json_lines import nested_text

        yield 0, [nested_text(name) for name in names]
        number = 0
        for columns in _batches(source):
            for cells in zip(*columns, strict=True):
                number += 1
                yield number, list(cells)

    return rows


def _open(source: Path | bytes) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    raw = pa.BufferReader(source) if isinstance(source, bytes) else str(source)
    try:
        with parquet.ParquetFile(raw, pre_buffer=False) as seen:
            schema = seen.schema_arrow
            _check_size(seen.metadata)
        text = [f.name for f in schema if pa.types.is_string(f.type) or _is_large(pa, f.type)]
        raw = pa.BufferReader(source) if isinstance(source, bytes) else str(source)
        return parquet.ParquetFile(
            raw, pre_buffer=False, buffer_size=MIB, read_dictionary=text or None
        )
    except (pa.ArrowException, OSError, ValueError, KeyError, UnicodeDecodeError, MemoryError):
        raise ImportProblem(_DAMAGED) from None


def _is_large(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_large_string(kind))


def _check_size(metadata: Any) -> None:
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(min(metadata.num_row_groups, 100_000))
        for column in range(min(metadata.num_columns, 10 * MAX_COLUMNS))
    ]
    if (
        sum(max(0, chunk.total_uncompressed_size) for chunk in chunks) > MAX_UNPACKED
        or metadata.num_rows > _MOST_ROWS
        or sum(chunk.num_values for chunk in chunks) > _MOST_IN_LISTS + 20 * metadata.num_rows
    ):
        raise ImportProblem(
            f"The file unpacks to more than {MAX_UNPACKED // MIB} MB. Split it, or save it as CSV."
        )


def _batches(source: Path | bytes) -> Iterator[list[list[str]]]:
    """The columns of some thousand rows at a time, as text."""
    import pyarrow as pa

    file = _open(source)
    try:
        with file:
            for batch in file.iter_batches(batch_size=_AT_ONCE, use_threads=False):
                yield [_texts(pa, column) for column in batch.columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, MemoryError):
        raise ImportProblem(_DAMAGED) from None


def _texts(pa: Any, column: Any) -> list[str]:
    from surehand.imports.json_lines import nested_text

    if pa.types.is_dictionary(column.type):
        said = [_checked(nested_text(value)) for value in column.dictionary.to_pylist()]
        places = column.indices.to_pylist()
        if any(at is not None and not 0 <= at < len(said) for at in places):
            raise ValueError("a place outside its dictionary")  # a damaged file can say anything
        return ["" if at is None else said[at] for at in places]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return [_checked(nested_text(_plain(value))) for value in column.to_pylist()]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat(timespec="seconds")
    return value


def _checked(text: str) -> str:
    if len(text) > _LONGEST:
        raise ImportProblem("A cell is longer than 1 MB, so the file cannot be taken in.")
    return text
