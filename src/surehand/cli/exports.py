"""`surehand export`: tables to carry away. A new kind is one line in KINDS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from surehand.cli.main import MOMENT, main, refused, with_refusals

if TYPE_CHECKING:
    from surehand.people.models import Service
    from surehand.ui.export import Export

Table = Callable[["Sequence[Service]", datetime], "Export"]


@dataclass(frozen=True)
class ExportKind:
    """One kind of table: its header and rows for some services as at a moment.

    `one_service`: it is of a single service. `csv`: how its CSV is written, where that is not as
    every table's is; such a table is CSV alone.
    """

    table: Table
    one_service: bool = False
    csv: "Callable[[Export], bytes] | None" = None


def _matrix(services: "Sequence[Service]", at: datetime) -> "Export":
    from surehand.people.queries import references_of
    from surehand.readiness.matrix import matrix
    from surehand.readiness.matrix_pages import matrix_export

    found = matrix(services=[services[0].pk], as_at=at)
    references = references_of(row.post.person_id for row in found.rows)
    return matrix_export(found, service=services[0], rows=found.rows, references=references)


def _courses(services: "Sequence[Service]", at: datetime) -> "Export":
    from surehand.support.course_pages import courses_export, courses_of_service

    found = courses_of_service(services[0], at=at, known=None)
    return courses_export(found, service=services[0], at=at)


def _training(services: "Sequence[Service]", at: datetime) -> "Export":
    from surehand.readiness.training_export import training_export

    return training_export(services, at=at)


def _training_csv(table: "Export") -> bytes:
    from surehand.readiness.training_export import to_csv

    return to_csv(table)


def _log(services: "Sequence[Service]", at: datetime) -> "Export":
    from surehand.practice.log_pages import log_of_services

    return log_of_services(services, at=at)


KINDS: dict[str, ExportKind] = {
    "matrix": ExportKind(_matrix, one_service=True),
    "courses": ExportKind(_courses, one_service=True),
    "competency-log": ExportKind(_log),
    "asc-wds-training": ExportKind(_training, csv=_training_csv),
}


@main.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--service", metavar="S", help="The service, by its service_id.")
@click.option("--as-at", type=MOMENT, help="Another moment than now.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="CSV, XLSX or JSON."
)
@with_refusals
def export(kind: str, service: str | None, as_at: datetime | None, output: Path | None) -> None:
    """Write a table to a file, by its ending; without -o, CSV to the terminal.

    asc-wds-training is confirmed competence as Skills for Care's bulk upload takes it: CSV alone,
    of every service unless one is named. competency-log is every go at a practice scenario.

    Example: surehand export matrix --service ALD --as-at 2026-03-03T07:00 -o matrix.xlsx

    Example: surehand export asc-wds-training -o training.csv
    """
    from surehand import evidence

    form = output.suffix.lstrip(".").lower() if output else "csv"
    chosen = KINDS[kind]
    services = _services(service, only_one=chosen.one_service)
    table = chosen.table(services, as_at or evidence.clock.now())
    content = _content(kind, chosen, table, form)
    if output is None:
        click.echo(content.decode("utf-8-sig"), nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as problem:
        raise refused(f"{output} could not be written: {problem.strerror}.") from None
    click.echo(f"{len(table.rows)} rows written to {output}.", err=True)


def _content(kind: str, chosen: ExportKind, table: "Export", form: str) -> bytes:
    from surehand.ui.export import to_bytes

    if chosen.csv is not None and form == "csv":
        return chosen.csv(table)
    if chosen.csv is not None:
        raise refused(f"{kind} can be exported as csv, not as {form or 'that'}.")
    try:
        return to_bytes(table, form)
    except ValueError as problem:
        raise refused(str(problem)) from None


def _services(code: str | None, *, only_one: bool) -> "list[Service]":
    """The service named, else all of them; a table of one service asks which."""
    from surehand.people.models import Service

    services = list(Service.objects.select_related("details").order_by("code"))
    found = [s for s in services if code in {None, s.code}]
    if code is not None and not found:
        raise refused(f"There is no service {code}.")
    if only_one and len(found) != 1:
        named = ", ".join(s.code for s in services) or "there is none"
        raise refused(f"Say which service with --service: {named}.")
    return found
