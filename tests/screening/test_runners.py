"""The engine, the workers, the rows at a time and a stop half-way change no byte of the output."""

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.cli.__main__ import main
from surehand.screening import ScreeningProblem, screen
from surehand.screening.partitions import read_manifest, split, write_manifest
from surehand.screening.runners import Batch, run, screen_on_threads, spark, threads
from tests.screening.records import rules
from tests.screening.test_properties import CORPUS, FOUND, written

Cut = tuple[Path, Path, bytes]


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    """A directory, the manifest in it, and what one thread finds."""
    place = tmp_path_factory.mktemp("cut")
    manifest = split(CORPUS, place)
    assert run(manifest, rules(), place / "one.parquet", engine=threads(1)) == len(CORPUS)
    return place, manifest, (place / "one.parquet").read_bytes()


def test_what_is_found_apart_is_what_is_found_together(cut: Cut) -> None:
    found = pq.read_table(cut[0] / "one.parquet")
    assert found.to_pylist() == screen(CORPUS, rules()).to_pylist()


@settings(max_examples=8)
@given(st.randoms(use_true_random=False), st.integers(1, 3), st.integers(1, 120))
def test_order_workers_and_rows_at_once_change_no_byte(
    cut: Cut, dice: random.Random, workers: int, rows: int
) -> None:
    place, manifest, found = cut

    def any_order(batches: Sequence[Batch], work: Callable[[Batch], None]) -> Iterator[Batch]:
        mixed = list(batches)
        dice.shuffle(mixed)
        yield from threads(workers)(mixed, work)

    run(manifest, rules(), place / "any.parquet", engine=any_order, rows_at_once=rows)
    assert (place / "any.parquet").read_bytes() == found


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_in_memory_change_no_byte(workers: int) -> None:
    assert written(screen_on_threads(CORPUS, rules(), workers=workers)) == FOUND


def test_a_run_that_was_stopped_goes_on_where_it_was(cut: Cut) -> None:
    place, manifest, found = cut
    done: list[Path] = []

    def stops(batches: Sequence[Batch], work: Callable[[Batch], None]) -> Iterator[Batch]:
        work(batches[0])
        yield batches[0]
        batches[1].part.with_name("half").write_bytes(b"half a part")
        raise KeyboardInterrupt

    def goes_on(batches: Sequence[Batch], work: Callable[[Batch], None]) -> Iterator[Batch]:
        done.extend(batch.part for batch in batches)
        yield from threads(1)(batches, work)

    out = place / "again.parquet"
    with pytest.raises(KeyboardInterrupt):
        run(manifest, rules(), out, engine=stops, rows_at_once=1)
    assert not out.exists()
    run(manifest, rules(), out, engine=goes_on, rows_at_once=1)
    assert len(done) == len(read_manifest(manifest).partitions) - 1
    assert out.read_bytes() == found
    assert not out.with_name("again.parquet.parts").exists()


def test_what_was_found_by_other_rules_is_not_taken_for_these(cut: Cut) -> None:
    place, manifest, found = cut

    def stops(batches: Sequence[Batch], work: Callable[[Batch], None]) -> Iterator[Batch]:
        yield from threads(1)(batches, work)
        raise KeyboardInterrupt

    out = place / "other.parquet"
    with pytest.raises(KeyboardInterrupt):
        run(manifest, rules("N"), out, engine=stops)
    run(manifest, rules(), out)
    assert out.read_bytes() == found


def test_spark_changes_no_byte(cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed (the extra `spark`)")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("there is no Java")
    if os.environ.get("SUREHAND_SPARK") != "1":
        pytest.skip("starts a Java machine, half a minute; SUREHAND_SPARK=1 runs it")
    place, manifest, found = cut
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    run(manifest, rules(), place / "spark.parquet", engine=spark(), rows_at_once=1)
    assert (place / "spark.parquet").read_bytes() == found


class TestManifest:
    def test_files_with_a_service_in_each_row_group_are_listed_as_they_are(
        self, tmp_path: Path, cut: Cut
    ) -> None:
        one = tmp_path / "all.parquet"
        with pq.ParquetWriter(one, CORPUS.schema) as writer:
            for service in sorted(set(CORPUS["service_id"].to_pylist()), reverse=True):
                rows = CORPUS.filter(pa.compute.field("service_id") == service)
                writer.write_table(rows.slice(0, 20))
                writer.write_table(rows.slice(20))
        run(write_manifest([one], tmp_path / "m.json"), rules(), tmp_path / "out.parquet")
        assert (tmp_path / "out.parquet").read_bytes() == cut[2]

    def test_a_row_group_of_several_services_is_refused(self, tmp_path: Path) -> None:
        pq.write_table(CORPUS, tmp_path / "all.parquet")
        with pytest.raises(ScreeningProblem, match="one service's records alone"):
            write_manifest([tmp_path / "all.parquet"], tmp_path / "m.json")

    def test_a_file_that_changed_is_refused(self, tmp_path: Path) -> None:
        manifest = split(CORPUS, tmp_path)
        (tmp_path / "000001.parquet").write_bytes(b"other")
        with pytest.raises(ScreeningProblem, match="write the manifest again"):
            run(manifest, rules(), tmp_path / "out.parquet")

    @pytest.mark.parametrize("said", ["", "[]", "{}", '{"format": "surehand-partitions-1"}'])
    def test_what_is_no_manifest_is_refused(self, tmp_path: Path, said: str) -> None:
        (tmp_path / "m.json").write_text(said)
        with pytest.raises(ScreeningProblem, match="no manifest of partitions"):
            read_manifest(tmp_path / "m.json")

    def test_no_records_are_an_output_of_no_rows(self, tmp_path: Path) -> None:
        manifest = split(CORPUS.slice(0, 0), tmp_path)
        assert run(manifest, rules(), tmp_path / "out.parquet") == 0
        assert len(pq.read_table(tmp_path / "out.parquet")) == 0


class TestCommand:
    def run(self, *arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*map(str, arguments)])
        return done.exit_code, done.output

    def test_records_are_cut_and_screened_from_the_manifest(self, tmp_path: Path, cut: Cut) -> None:
        pq.write_table(CORPUS, tmp_path / "records.parquet")
        code, said = self.run("partition", tmp_path / "records.parquet", "--into", tmp_path / "cut")
        assert code == 0, said
        assert f"{len(CORPUS)} records of 3 services" in said
        out = tmp_path / "noticed.parquet"
        code, said = self.run(
            "screen", tmp_path / "cut/manifest.json", "--profile", "residential-nursing",
            "--workers", "2", "-o", out,
        )  # fmt: skip
        assert code == 0, said
        assert f"{len(CORPUS)} records read" in said
        assert "late_entry" in said
        assert out.read_bytes() == cut[2]

    def test_spark_without_a_manifest_is_refused(self, tmp_path: Path) -> None:
        pq.write_table(CORPUS, tmp_path / "records.parquet")
        code, said = self.run(
            "screen", tmp_path / "records.parquet", "--profile", "home-care", "--engine", "spark",
            "-o", tmp_path / "out.parquet",
        )  # fmt: skip
        assert (code, "works from a manifest" in said) == (1, True)
