"""A file whose columns are not known waits here until somebody has matched them to ours.

Until then all of its cells wait with it, for a day at most; once its columns are matched, only what
is kept stays.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db import transaction

from surehand.evidence import clock
from surehand.evidence.refusal import NotPossible
from surehand.imports import run
from surehand.imports.kind import By, Kind
from surehand.imports.mapping import ColumnMap, Profile, likeness, profiles
from surehand.imports.models import PendingImport
from surehand.imports.reading import FIRST_ROWS, File, ImportProblem, Row, Sheet, table_of, trimmed

Stage = PendingImport.Stage


def is_table(file: File) -> bool:
    """Whether some sheet has columns and rows, so that there is something to match."""
    for sheet in range(len(file.sheets)):
        first = file.first_rows(sheet)
        if len(first) > 1 and any(len([c for c in row.cells if c]) > 1 for row in first):
            return True
    return False


@transaction.atomic
def keep_unmatched(
    kind: Kind, file: File, *, by: By, found: run.Fit | None = None
) -> PendingImport:
    """Keep all of a file until its columns are matched; `found`: as a mapping reads it, but for
    words it does not know. Raises ImportProblem, and keeps nothing, where a row cannot be read."""
    run.forget_expired()
    pending = PendingImport.objects.create(
        import_kind=kind.name,
        layout=kind.layouts[0].name,
        stage=Stage.COLUMNS,
        digest=file.digest,
        by=by.actor.pseudonym,
        signed_in=by.actor.signed_in,
        expires_at=clock.now() + run.PENDING_FOR,
    )
    for sheet, name in enumerate(file.sheets, 1):
        count = run.keep_parts(pending, run.batched(file.rows(sheet - 1)), sheet=sheet)
        if count > kind.max_rows + FIRST_ROWS:
            raise ImportProblem(f"The file has more than {kind.max_rows:,} rows. Split it.")
        if count:
            pending.sheets.append([sheet, name])
            pending.rows = max(pending.rows, count)
    if found and found.mapping:
        pending.matching = {
            "sheet": found.sheet + 1,
            "header_row": found.header_row,
            "rules": found.mapping.as_json(),
            "name": found.mapping_name,
        }
    else:
        pending.matching = _likely(pending, kind)
    pending.save()
    return pending


def _likely(pending: PendingImport, kind: Kind) -> dict[str, Any]:
    """The sheet and the row that most look like the first line of such a table."""
    columns = kind.layouts[0].columns

    def weight(at: tuple[int, Row]) -> tuple[int, int]:
        cells = trimmed(at[1].cells)
        return likeness(columns, cells), len([c for c in cells if c])

    seen = [(sheet, row) for sheet, _ in pending.sheets for row in first_rows(pending, sheet)]
    sheet, row = max(seen, key=weight)  # of the equal, the first
    return {"sheet": sheet, "header_row": row.number}


def first_rows(pending: PendingImport, sheet: int) -> list[Row]:
    """The rows among which the line that names the columns is chosen."""
    return next(run.part_batches(pending, sheet=sheet), [])[:FIRST_ROWS]


def table(pending: PendingImport, sheet: int, header_row: int) -> Sheet:
    """The table that begins at a row of a sheet."""
    found = table_of(_rows(pending, sheet), header_row=header_row, twice=True)
    return Sheet(found.header, run.without_sums(found.rows, len(found.header), []))


def _rows(pending: PendingImport, sheet: int) -> Iterator[Row]:
    return chain.from_iterable(run.part_batches(pending, sheet=sheet))


def seen(pending: PendingImport, sheet: int, header_row: int) -> list[Profile]:
    """What stands in each column, worked out once and kept beside the file."""
    key = f"{sheet}-{header_row}"
    if pending.summary.get("seen") != key:
        found = profiles(table(pending, sheet, header_row))
        pending.summary = {"seen": key, "profiles": [profile.as_json() for profile in found]}
        pending.save(update_fields=["summary"])
    return [Profile.from_json(said) for said in pending.summary["profiles"]]


def apply(pending: PendingImport, *, by: By) -> None:
    """Read the file as matched and keep only that. Done already, it does nothing.

    Raises ImportProblem where a row cannot be read, NotPossible where nothing was matched.
    """
    kind = run.check_waiting(pending, by=by)
    said = pending.matching
    if not said:
        return
    if "rules" not in said:
        raise NotPossible("Match the columns of this file first.")
    found = run.Fit(
        layout=kind.layouts[0],
        sheet=said["sheet"],
        header_row=said["header_row"],
        mapping=ColumnMap.from_json(said["rules"]),
        mapping_name=said["name"],
    )
    held = run.held_from(kind, found, bytes(pending.digest), lambda: _rows(pending, found.sheet))
    with transaction.atomic():
        pending.rows = run.keep_parts(pending, held.batches(), sheet=0)
        pending.parts.exclude(sheet=0).delete()
        pending.columns = [column.name for column in held.columns]
        pending.remarks = held.remarks
        pending.mapping_digest = held.mapping_digest
        pending.matching, pending.summary, pending.sheets = {}, {}, []
        pending.save(
            update_fields=[
                *("rows", "columns", "remarks", "mapping_digest", "matching", "summary", "sheets")
            ]
        )
