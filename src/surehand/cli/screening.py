"""`surehand screen`: what is noticed in records, with no database."""

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from surehand.cli.main import main, print_json, refused

if TYPE_CHECKING:
    import pyarrow as pa

    from surehand.ecm.profile import Profile

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@main.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--profile", "profile_name", required=True, metavar="P",
    help="A shipped ECM profile by its code, or your own as a document.",
)  # fmt: skip
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="Written here: .parquet, .ndjson or .csv.",
)  # fmt: skip
@click.option(
    "--setting", type=click.Choice(["R", "N", "H", "S"]), help="Where a profile has several."
)
@click.option("--names", type=FILE, help="The people supported: service_id, subject_id, name.")
@click.option("--words", type=FILE, help="Your own words and cues, as a document.")
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True,
    help="Spark works from a manifest that `surehand partition` wrote.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1), help="Threads; as many as there are cores otherwise."
)
@click.option("--json", "as_json", is_flag=True)
def screen(
    files: tuple[Path, ...],
    profile_name: str,
    output: Path,
    setting: str | None,
    names: Path | None,
    words: Path | None,
    engine: str,
    workers: int | None,
    as_json: bool,
) -> None:
    """Notice early warnings in records. Nothing but the output is written, and no database is used.

    Files are CSV, NDJSON or Parquet, with the columns of records or of alerts. All that is known of
    a service must be given at once: wording is compared, and incidents and alerts are looked for in
    the other records. Of more records than memory holds, give the manifest.json that `surehand
    partition` wrote; a run that was stopped then goes on where it was.

    Example: surehand screen records.csv alerts.csv --profile home-care -o noticed.parquet
    """
    from collections import Counter

    from surehand.documents import DocumentProblem
    from surehand.ecm.screening_rules import ruleset_of
    from surehand.screening import ScreeningProblem, with_own_words
    from surehand.screening.files import read_names, read_records, write_screened
    from surehand.screening.runners import run, screen_on_threads, spark, threads

    manifest = files[0] if len(files) == 1 and files[0].suffix == ".json" else None
    if engine == "spark" and manifest is None:
        raise refused("Spark works from a manifest; write one with `surehand partition`.")
    if manifest and output.suffix != ".parquet":
        raise refused("From a manifest the output is Parquet; give a name that ends in .parquet.")
    try:
        profile = _profile(profile_name)
        chosen = setting or profile.settings[0]
        if chosen not in profile.settings:
            raise refused(
                f"Profile {profile.code} is for {', '.join(profile.settings)}, not for {chosen}."
            )
        own = with_own_words(words.read_text("utf-8")) if words else None
        ruleset, people = ruleset_of(profile, chosen, own), read_names(names) if names else None
        salt = secrets.token_bytes(16)
        if manifest:
            doing = spark() if engine == "spark" else threads(workers)
            run(manifest, ruleset, output, names=people, salt=salt, engine=doing)
            codes: Iterable[pa.ChunkedArray] = _codes(output)
        else:
            found = screen_on_threads(
                read_records(list(files)), ruleset, names=people, salt=salt, workers=workers
            )
            write_screened(found, output)
            codes = [found["reasons"]]
    except UnicodeDecodeError:
        raise refused(f"{words} is not a text file; save it as UTF-8.") from None
    except (ScreeningProblem, DocumentProblem) as problem:
        raise refused(str(problem)) from None
    except OSError as problem:
        raise refused(f"{output} cannot be written: {problem.strerror}.") from None
    many, seen = 0, Counter[str]()
    for reasons in codes:
        many += len(reasons)
        seen.update(reasons.combine_chunks().flatten().field("code").to_pylist())
    if as_json:
        print_json(
            {
                "records": many,
                "setting": chosen,
                "ruleset_version": ruleset.version if many else None,
                "noticed": dict(sorted(seen.items())),
            }
        )
        return
    click.echo(f"{many:,} records read for setting {chosen}; written to {output}")
    for code, times in sorted(seen.items()):
        click.echo(f"{code}\t{times}")


def _codes(output: Path) -> "Iterator[pa.ChunkedArray]":
    """The reasons of a written file, a row group at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(output) as file:
        for number in range(file.num_row_groups):
            yield pa.table(file.read_row_group(number, columns=["reasons"]))["reasons"]


@main.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--into", "directory", type=click.Path(file_okay=False, path_type=Path),
    help="Where a file for each service and the manifest are written.",
)  # fmt: skip
@click.option(
    "--list", "manifest", type=click.Path(dir_okay=False, path_type=Path),
    help="Write only this manifest: the Parquet files hold one service in each row group.",
)  # fmt: skip
def partition(files: tuple[Path, ...], directory: Path | None, manifest: Path | None) -> None:
    """Cut records by service for `surehand screen`, with a manifest that says which is where.

    Example: surehand partition records.csv alerts.csv --into cut
    """
    from surehand.screening import ScreeningProblem
    from surehand.screening.files import read_records
    from surehand.screening.partitions import read_manifest, split, write_manifest

    if (directory is None) == (manifest is None):
        raise click.UsageError("Give one of --into and --list.")
    try:
        if directory is not None:
            written = split(read_records(list(files)), directory)
        else:
            written = write_manifest(files, manifest or Path())
        listed = read_manifest(written)
    except ScreeningProblem as problem:
        raise refused(str(problem)) from None
    except OSError as problem:
        raise refused(f"{problem.filename} cannot be written: {problem.strerror}.") from None
    rows = sum(one.rows for one in listed.partitions)
    click.echo(
        f"{rows:,} records of {len(listed.partitions):,} services; the manifest is {written}"
    )


def _profile(name: str) -> "Profile":
    """A shipped profile by its code, else the document there. Raises DocumentProblem."""
    from surehand.documents import DocumentProblem
    from surehand.ecm import profile as profiles

    if name in profiles.STARTERS:
        return profiles.starter(name)
    try:
        return profiles.load(Path(name).read_text("utf-8"))
    except OSError:
        raise DocumentProblem(
            [
                f"No profile “{name}” is shipped, and there is no such file; there is: "
                f"{', '.join(profiles.STARTERS)}."
            ]
        ) from None
    except UnicodeDecodeError:
        raise DocumentProblem([f"{name} is not a text file; save it as UTF-8."]) from None
