"""`surehand screen`: what is noticed in records, with no database."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from surehand.cli.main import main, print_json, refused

if TYPE_CHECKING:
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
@click.option("--engine", type=click.Choice(["local"]), default="local", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def screen(
    files: tuple[Path, ...],
    profile_name: str,
    output: Path,
    setting: str | None,
    names: Path | None,
    words: Path | None,
    engine: str,
    as_json: bool,
) -> None:
    """Notice early warnings in records. Nothing but the output is written, and no database is used.

    Files are CSV, NDJSON or Parquet, with the columns of records or of alerts. All that is known of
    a service must be given at once: wording is compared, and incidents and alerts are looked for in
    the other records.

    Example: surehand screen records.csv alerts.csv --profile home-care -o noticed.parquet
    """
    from collections import Counter

    from surehand.documents import DocumentProblem
    from surehand.ecm.screening_rules import ruleset_of
    from surehand.screening import ScreeningProblem, with_own_words
    from surehand.screening import screen as screened
    from surehand.screening.files import read_names, read_records, write_screened

    try:
        profile = _profile(profile_name)
        chosen = setting or profile.settings[0]
        if chosen not in profile.settings:
            raise refused(
                f"Profile {profile.code} is for {', '.join(profile.settings)}, not for {chosen}."
            )
        own = with_own_words(words.read_text("utf-8")) if words else None
        found = screened(
            read_records(list(files)),
            ruleset_of(profile, chosen, own),
            names=read_names(names) if names else None,
            salt=secrets.token_bytes(16),
        )
        write_screened(found, output)
    except UnicodeDecodeError:
        raise refused(f"{words} is not a text file; save it as UTF-8.") from None
    except (ScreeningProblem, DocumentProblem) as problem:
        raise refused(str(problem)) from None
    except OSError as problem:
        raise refused(f"{output} cannot be written: {problem.strerror}.") from None
    flat = found["reasons"].combine_chunks().flatten()
    seen = Counter(flat.field("code").to_pylist())
    if as_json:
        print_json(
            {
                "records": len(found),
                "setting": chosen,
                "ruleset_version": found["ruleset_version"][0].as_py() if len(found) else None,
                "noticed": dict(sorted(seen.items())),
            }
        )
        return
    click.echo(f"{len(found):,} records read for setting {chosen}; written to {output}")
    for code, many in sorted(seen.items()):
        click.echo(f"{code}\t{many}")


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
