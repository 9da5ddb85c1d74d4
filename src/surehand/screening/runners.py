"""The same screening on threads of this machine or on Apache Spark, from the same manifest.

Partitions are taken some at a time. What is found in them is written whole, beside the output, so
that a run that was stopped goes on where it was; in order, as they are done, they are put together.
The output is the same to the byte whatever the engine, the workers, the rows at a time, or how
often it was stopped.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .noticing import screen
from .partitions import Partition, by_service, read_manifest, read_partitions
from .ruleset import Ruleset
from .tables import RECORDS, SCREENED, ScreeningProblem, conform

ROWS_AT_ONCE = 10_000
"""Records in memory for each worker, unless one service has more."""
_ROW_GROUP = 32_768

NO_SPARK = (
    "Apache Spark is not here; install surehand with the extra `spark`, and Java 17 or newer."
)


@dataclass(frozen=True)
class Batch:
    """Some partitions, screened together, and where what is found in them is put."""

    directory: Path
    partitions: tuple[Partition, ...]
    part: Path

    def screened(self, ruleset: Ruleset, names: pa.Table | None, salt: bytes) -> None:
        """Screen it. The part is there whole or not at all."""
        found = screen(
            read_partitions(self.directory, self.partitions), ruleset, names=names, salt=salt
        )
        waiting = self.part.with_name(f"{self.part.name}.{uuid4().hex}")
        with pa.OSFile(str(waiting), "wb") as file, pa.ipc.new_file(file, found.schema) as part:
            part.write_table(found)
        os.replace(waiting, self.part)


Engine = Callable[[Sequence[Batch], Callable[[Batch], None]], Iterator[Batch]]
"""Does the work for every batch, in any order, and tells each as it is done."""


def threads(workers: int | None = None) -> Engine:
    """As many threads as given, else as the machine has cores."""

    def engine(batches: Sequence[Batch], work: Callable[[Batch], None]) -> Iterator[Batch]:
        with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
            doing = {pool.submit(work, batch): batch for batch in batches}
            try:
                for one in as_completed(doing):
                    one.result()
                    yield doing[one]
            finally:
                pool.shutdown(cancel_futures=True)

    return engine


def spark(session: Any = None) -> Engine:
    """The executors of a Spark session, else of one made here from the settings of Spark.

    Executors need surehand installed, and to see the manifest's files and the output under the same
    paths. Raises ScreeningProblem where there is no Spark.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ScreeningProblem(NO_SPARK) from None

    def engine(batches: Sequence[Batch], work: Callable[[Batch], None]) -> Iterator[Batch]:
        try:
            using = session or SparkSession.builder.appName("surehand").getOrCreate()
        except Exception as problem:
            if "JAVA" not in repr(problem).upper():
                raise
            raise ScreeningProblem(NO_SPARK) from None
        try:
            using.sparkContext.parallelize(batches, len(batches)).foreach(work)
        finally:
            if session is None:
                using.stop()
        yield from batches

    return engine


@dataclass(frozen=True)
class _Screening:
    """What is done for a batch; sent to wherever it is done."""

    ruleset: Ruleset
    names: pa.Table | None
    salt: bytes

    def __call__(self, batch: Batch) -> None:
        batch.screened(self.ruleset, self.names, self.salt)


def run(
    manifest: Path,
    ruleset: Ruleset,
    out: Path,
    *,
    names: pa.Table | None = None,
    salt: bytes = b"",
    engine: Engine | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> int:
    """Screen every partition of a manifest into one Parquet file like SCREENED, by service,
    recorded_at, record_id. Answers how many records there were. Raises ScreeningProblem."""
    # Arrow's own allocator keeps what a batch no longer needs; the system's takes it back.
    pa.set_memory_pool(pa.system_memory_pool())
    listed = read_manifest(manifest)
    parts = out.with_name(f"{out.name}.parts")
    parts.mkdir(exist_ok=True)
    given = sha256(ruleset.version.encode() + repr(listed.sizes).encode())
    if names is not None:
        for column in names.columns:
            given.update(repr(column.to_pylist()).encode())
    batches = []
    for some in _packed(listed.partitions, rows_at_once):
        one = given.copy()
        one.update(repr(some).encode())
        batches.append(Batch(listed.directory, some, parts / f"{one.hexdigest()[:32]}.arrow"))
    waiting = [batch for batch in batches if not batch.part.exists()]
    # The longest first, so that no worker is left with it at the end.
    waiting.sort(key=lambda batch: -sum(one.rows for one in batch.partitions))
    done = (engine or threads())(waiting, _Screening(ruleset, names, salt)) if waiting else iter(())
    count = _put_together(_in_order(batches, waiting, done), out)
    shutil.rmtree(parts)
    return count


def _packed(partitions: Iterable[Partition], rows: int) -> Iterable[tuple[Partition, ...]]:
    """Small services together: each call costs some milliseconds whatever its size."""
    some: list[Partition] = []
    for partition in partitions:
        if some and sum(one.rows for one in some) + partition.rows > rows:
            yield tuple(some)
            some = []
        some.append(partition)
    if some:
        yield tuple(some)


def _in_order(
    batches: Iterable[Batch], waiting: Iterable[Batch], done: Iterator[Batch]
) -> Iterator[Path]:
    """The parts in order, each once it is there: written while others are still screened."""
    left = {batch.part for batch in waiting}
    for batch in batches:
        while batch.part in left:
            left.remove(next(done).part)
        yield batch.part
    for _ in done:  # so that the engine ends
        pass


def _put_together(parts: Iterable[Path], out: Path) -> int:
    """All parts in one file, its row groups of one size whatever the parts were."""
    count, held = 0, SCREENED.empty_table()
    waiting = out.with_name(f"{out.name}.{uuid4().hex}")
    try:
        with pq.ParquetWriter(waiting, SCREENED, compression="zstd") as writer:
            for part in parts:
                with pa.memory_map(str(part)) as file:
                    table = pa.ipc.open_file(file).read_all()
                count += len(table)
                held = pa.concat_tables([held, table])
                while len(held) >= _ROW_GROUP:
                    writer.write_table(held.slice(0, _ROW_GROUP).combine_chunks())
                    held = held.slice(_ROW_GROUP)
            if len(held):
                writer.write_table(held.combine_chunks())
        os.replace(waiting, out)
    finally:
        waiting.unlink(missing_ok=True)
    return count


def screen_on_threads(
    records: pa.Table,
    ruleset: Ruleset,
    *,
    names: pa.Table | None = None,
    salt: bytes = b"",
    workers: int | None = None,
) -> pa.Table:
    """As `screen`, of records in memory, on threads."""
    records = conform(records, RECORDS, called="records")
    workers = workers or os.cpu_count() or 1
    some: list[pa.Table] = []
    packed: list[pa.Table] = []
    share = min(ROWS_AT_ONCE, len(records) // workers)
    for _, rows in by_service(records):
        some.append(rows)
        if sum(map(len, some)) >= share:
            packed.append(pa.concat_tables(some))
            some = []
    if some:
        packed.append(pa.concat_tables(some))
    if len(packed) <= 1 or workers == 1 or _twice(records):
        return screen(records, ruleset, names=names, salt=salt)
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda rows: screen(rows, ruleset, names=names, salt=salt), packed)
        return pa.concat_tables(found).combine_chunks()


def _twice(records: pa.Table) -> bool:
    """Whether a record is there more than once, which `screen` refuses in a sentence."""
    return bool(pc.count_distinct(records["record_id"]).as_py() != len(records))
