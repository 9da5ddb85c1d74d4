"""Records cut by service: which file holds which service's records, said in a manifest.

A partition is all that is known of one service in the window. Services have nothing to do with one
another, so partitions may be screened in any order, anywhere, and many at a time.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .tables import MOMENT, RECORDS, ScreeningProblem, conform

FORMAT = "surehand-partitions-1"


@dataclass(frozen=True)
class Piece:
    """Some row groups of a Parquet file; `file` is relative to the manifest."""

    file: str
    row_groups: tuple[int, ...]


@dataclass(frozen=True)
class Partition:
    """A service's records; `since` and `until` are the first and last time of recording, UTC."""

    service_id: str
    rows: int
    since: str
    until: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Manifest:
    """The partitions in the order of their services' bytes; `sizes`: the bytes of each file."""

    directory: Path
    sizes: dict[str, int]
    partitions: tuple[Partition, ...]


def split(records: pa.Table, directory: Path) -> Path:
    """Write a Parquet file for each service, and the manifest; answers where that is."""
    directory.mkdir(parents=True, exist_ok=True)
    records = conform(records, RECORDS, called="records")
    files = []
    for number, (_, rows) in enumerate(by_service(records)):
        path = directory / f"{number:06}.parquet"
        pq.write_table(rows.sort_by("recorded_at"), path, compression="zstd")
        files.append(path)
    return write_manifest(files, directory / "manifest.json")


def by_service(records: pa.Table) -> Iterable[tuple[str, pa.Table]]:
    """The rows of each service, by the bytes of its id."""
    if len(records) == 0:
        return
    encoded = pc.dictionary_encode(records["service_id"].combine_chunks())
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    ids = encoded.dictionary.to_pylist()
    rank = np.empty(len(ids), np.int64)
    in_order = sorted(range(len(ids)), key=lambda number: ids[number].encode())
    rank[in_order] = np.arange(len(ids))
    of_row = rank[encoded.indices.to_numpy(zero_copy_only=False)]
    order = np.argsort(of_row, kind="stable")
    cuts = [0, *(np.flatnonzero(np.diff(of_row[order])) + 1).tolist(), len(order)]
    for place, (begin, end) in enumerate(pairwise(cuts)):
        yield ids[in_order[place]], records.take(pa.array(order[begin:end]))


def write_manifest(files: Iterable[Path], manifest: Path) -> Path:
    """List Parquet files of which each row group holds one service's records alone. Raises
    ScreeningProblem where one holds several, or does not say."""
    root = manifest.parent
    found: dict[str, list[tuple[Piece, int, str, str]]] = {}
    sizes: dict[str, int] = {}
    for path in files:
        name = Path(os.path.relpath(path, root)).as_posix()
        sizes[name] = path.stat().st_size
        for service, groups, rows, since, until in _services_in(path):
            found.setdefault(service, []).append((Piece(name, groups), rows, since, until))
    partitions = [
        Partition(
            service_id=service,
            rows=sum(rows for _, rows, _, _ in held),
            since=min(since for _, _, since, _ in held),
            until=max(until for _, _, _, until in held),
            pieces=tuple(piece for piece, _, _, _ in held),
        )
        for service, held in sorted(found.items(), key=lambda item: item[0].encode())
    ]
    content = {
        "format": FORMAT,
        "files": sizes,
        "partitions": [asdict(partition) for partition in partitions],
    }
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return manifest


def _services_in(path: Path) -> Iterable[tuple[str, tuple[int, ...], int, str, str]]:
    """The services of a file: their row groups, rows, first and last time."""
    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as problem:
        why = " ".join(str(problem).split())[:200]
        raise ScreeningProblem(f"{path} cannot be read: {why}. Write it again.") from None
    names = metadata.schema.to_arrow_schema().names
    if missing := {"service_id", "recorded_at"} - set(names):
        raise ScreeningProblem(f"{path} has no column {', '.join(sorted(missing))}; add it.")
    found: dict[str, tuple[list[int], int, str, str]] = {}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.num_rows == 0:
            continue
        columns = [group.column(k) for k in range(group.num_columns)]
        service, recorded = (
            next(c.statistics for c in columns if c.path_in_schema == name)
            for name in ("service_id", "recorded_at")
        )
        if (
            service is None or not service.has_min_max or service.min != service.max
            or recorded is None or not recorded.has_min_max
        ):  # fmt: skip
            raise ScreeningProblem(
                f"Row group {number} of {path} does not hold one service's records alone; have "
                "`surehand partition` split it."
            )
        groups, rows, since, until = found.get(service.min, ([], 0, "~", ""))
        found[service.min] = (
            [*groups, number],
            rows + group.num_rows,
            min(since, _written(recorded.min)),
            max(until, _written(recorded.max)),
        )
    for service_id, (groups, rows, since, until) in found.items():
        yield service_id, tuple(groups), rows, since, until


def _written(time: object) -> str:
    return str(pa.scalar(time).cast(MOMENT).cast(pa.string()).as_py())


def read_manifest(path: Path) -> Manifest:
    """Raises ScreeningProblem for what is no manifest, or where a file is gone or changed."""
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError
        partitions = tuple(
            Partition(
                **{name: one[name] for name in ("service_id", "rows", "since", "until")},
                pieces=tuple(
                    Piece(piece["file"], tuple(piece["row_groups"])) for piece in one["pieces"]
                ),
            )
            for one in content["partitions"]
        )
        sizes = {str(name): int(size) for name, size in content["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ScreeningProblem(
            f"{path} is no manifest of partitions; write one with `surehand partition`."
        ) from None
    for name, size in sizes.items():
        file = path.parent / name
        if not file.is_file() or file.stat().st_size != size:
            raise ScreeningProblem(
                f"{file} is not there, or not as it was when {path.name} was written; write the "
                "manifest again."
            )
    return Manifest(path.parent, sizes, partitions)


def read_partitions(directory: Path, partitions: Iterable[Partition]) -> pa.Table:
    """The records of some partitions."""
    groups: dict[str, list[int]] = {}
    for partition in partitions:
        for piece in partition.pieces:
            groups.setdefault(piece.file, []).extend(piece.row_groups)
    tables = []
    for name, numbers in groups.items():
        with pq.ParquetFile(directory / name, pre_buffer=False) as file:
            there = [column for column in RECORDS.names if column in file.schema_arrow.names]
            table = file.read_row_groups(sorted(numbers), columns=there, use_threads=False)
        tables.append(conform(table, RECORDS, called=f"rows of {name}"))
    return pa.concat_tables(tables) if tables else RECORDS.empty_table()
