"""`surehand import`: files in, from the command line."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from surehand.cli.main import main, print_json, with_refusals


@main.command("import")
@click.argument("kind")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--mapping", default="", metavar="NAME", help="Read it with this saved layout.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--setting", "settings", multiple=True, metavar="WORKPLACE=R|N|H|S")
@click.option("--json", "as_json", is_flag=True)
@with_refusals
def import_files(
    kind: str,
    files: tuple[str, ...],
    mapping: str,
    dry_run: bool,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Bring in FILES of one KIND: services, people, attendance, attempts, rota, asc-wds, accounts,
    records or alerts. A layout saved in the pages is recognised by its columns; --mapping names
    one.

    Refused rows are written beside each file, as NAME.refused.csv. The same file twice changes
    nothing. Exit code 1 when a file or a row was refused.

    Example: surehand import people people.csv --dry-run
    """
    choices = dict(pair.split("=", 1) for pair in settings if "=" in pair)
    results = [_import_one(kind, Path(name), mapping, dry_run, choices) for name in files]
    if as_json:
        print_json(results)
    else:
        for result in results:
            _tell(result, dry_run)
    if any(result["refused"] or "problem" in result for result in results):
        raise click.exceptions.Exit(1)


def _import_one(
    kind: str, path: Path, mapping: str, dry_run: bool, choices: dict[str, str]
) -> dict[str, Any]:
    from surehand.imports import run
    from surehand.imports.reading import ImportProblem
    from surehand.people.access import COMMAND_LINE

    result: dict[str, Any] = {"file": str(path), "refused": 0}
    try:
        with _progress(path) as tell:
            shown = run.preview(
                kind,
                path,
                path.name,
                by=COMMAND_LINE,
                choices=choices,
                mapping=mapping,
                tell=tell,
            )
    except ImportProblem as problem:
        return {**result, "problem": str(problem)}
    if not dry_run:
        run.commit(shown, by=COMMAND_LINE)
    result |= {
        "added": shown.added,
        "changed": shown.changed,
        "unchanged": shown.unchanged,
        "refused": shown.refused,
        "notes": shown.notes,
        "problems": [asdict(p) for p in shown.problems],
    }
    if shown.refused:
        refused_path = path.with_suffix(".refused.csv")
        refused_path.write_text(shown.refused_file(), encoding="utf-8")
        result["refused_file"] = str(refused_path)
    return result


@contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None]]:
    """Says on a terminal how many rows of a large file are read."""
    said = False

    def tell(rows: int) -> None:
        nonlocal said
        if sys.stderr.isatty():
            said = True
            click.echo(f"\r{path}: {rows:,} rows read", err=True, nl=False)

    yield tell
    if said:
        click.echo("", err=True)


def _tell(result: dict[str, Any], dry_run: bool) -> None:
    if "problem" in result:
        click.echo(f"{result['file']}: {result['problem']}", err=True)
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{result['file']}: {result['added']} {would}added, {result['changed']} {would}changed, "
        f"{result['unchanged']} unchanged, {result['refused']} refused"
    )
    for note in result["notes"]:
        click.echo(f"  {note}")
    for problem in result["problems"][:20]:
        where = f"row {problem['row']}" + (f", {problem['column']}" if problem["column"] else "")
        click.echo(f"  {where}: {problem['sentence']}", err=True)
    if "refused_file" in result:
        click.echo(f"  The refused rows are in {result['refused_file']}", err=True)
