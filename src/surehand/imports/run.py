"""Files in: preview what a file would do, then do it in one act (R2).

A preview writes nothing. A commit compares again under the ledger's lock, writes the good rows in
bulk with one evidence entry, and leaves the refused ones to be corrected. The same file twice
changes nothing and makes no entry.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from surehand import evidence
from surehand.evidence import clock
from surehand.evidence.refusal import NotPossible
from surehand.imports.kind import Batch, By, Comparison, Kind, Layout, find
from surehand.imports.models import ImportRun, PendingImport, RefusedRows, RowCommitment
from surehand.imports.reading import ImportProblem, Row, Sheet, csv_text, read
from surehand.imports.table import Line, Lines, Problem, read_lines
from surehand.timeline import instant, london_date

PENDING_FOR = timedelta(hours=24)
REFUSED_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Preview:
    """What a file would do to the database, with the reasons for every row that is refused."""

    kind: Kind
    layout: Layout
    lines: Lines
    choices: Mapping[str, str]
    comparison: Comparison

    @property
    def added(self) -> int:
        return len(self.comparison.added)

    @property
    def changed(self) -> int:
        return len(self.comparison.changed)

    @property
    def unchanged(self) -> int:
        return len(self.comparison.unchanged)

    @property
    def refused(self) -> int:
        return len(self.refused_lines)

    @cached_property
    def problems(self) -> list[Problem]:
        return sorted({*self.lines.problems, *self.comparison.problems})

    @cached_property
    def refused_lines(self) -> list[Line]:
        rows = {p.row for p in self.problems}
        lines = [line for line in (*self.lines.good, *self.lines.bad) if line.row in rows]
        return sorted(lines, key=lambda line: line.row)

    @cached_property
    def notes(self) -> list[str]:
        notes = list(self.comparison.notes)
        if self.lines.dropped:
            notes.append(f"Read and not kept: {_some(self.lines.dropped)}.")
        if self.lines.unknown:
            notes.append(f"Columns not known here, and not kept: {_some(self.lines.unknown)}.")
        return notes

    @property
    def does_something(self) -> bool:
        return bool(self.comparison.added or self.comparison.changed)

    def refused_file(self) -> str:
        """The refused rows as CSV, with the columns that are kept and what is wrong."""
        why: dict[int, list[str]] = {}
        for problem in self.problems:
            why.setdefault(problem.row, []).append(problem.sentence)
        return csv_text(
            [*self.lines.columns, "problem"],
            ([*line.text, " ".join(why[line.row])] for line in self.refused_lines),
        )


def preview(
    kind: Kind | str,
    source: Path | bytes,
    filename: str,
    *,
    by: By,
    choices: Mapping[str, str] | None = None,
) -> Preview:
    """What the file would do; nothing is written.

    Raises ImportProblem when the file cannot be read at all, NotPermitted when `by` may not import
    this kind. `choices` answers the kind's questions (the setting of an ASC-WDS workplace).
    """
    kind = find(kind) if isinstance(kind, str) else kind
    kind.check(by)
    sheet = read(source, filename, formats=kind.formats)
    layout = kind.layout_for(sheet.header)
    lines = read_lines(sheet, layout.columns, kind=kind.name, max_rows=kind.max_rows)
    return _compared(kind, layout, lines, by=by, choices=choices or {})


def commit(shown: Preview, *, by: By) -> ImportRun | None:
    """Do what the preview showed, in one act with one entry; None when nothing is left to do.

    Compares again first, since others may have written meanwhile.
    """
    kind, layout = shown.kind, shown.layout
    kind.check(by)
    if not shown.does_something:
        return None
    try:
        with evidence.act(f"{kind.name.replace('-', '_')}.imported", by=by.actor) as act:
            now = _compared(kind, layout, shown.lines, by=by, choices=shown.choices)
            if not now.does_something:
                raise _NothingToDo
            about = layout.write(act, now.comparison)
            written = sorted(
                (*now.comparison.added, *now.comparison.changed), key=lambda line: line.row
            )
            leaves = [leaf(now.lines, line) for line in written]
            _, salts = act.commit_all(leaves)
            file = act.commit(shown.lines.digest)
            act.state(
                layout=layout.name,
                added=now.added,
                changed=now.changed,
                unchanged=now.unchanged,
                refused=now.refused,
            )
            RowCommitment.objects.bulk_create(
                [
                    RowCommitment(
                        entry=act.seq,
                        position=position,
                        row=line.row,
                        about=about.get(line.row, ""),
                        digest=sha256(salt + content).digest(),
                        salt=salt,
                    )
                    for position, (line, content, salt) in enumerate(
                        zip(written, leaves, salts, strict=True)
                    )
                ],
                batch_size=2000,
            )
            run = ImportRun.objects.create(
                import_kind=kind.name,
                layout=layout.name,
                entry=act.seq,
                at=act.recorded_at,
                by=by.actor.pseudonym,
                added=now.added,
                changed=now.changed,
                unchanged=now.unchanged,
                refused=now.refused,
                file_digest=shown.lines.digest,
                file_salt=file.salt,
            )
    except _NothingToDo:
        return None
    return run


class _NothingToDo(Exception):
    """Rolls the act back, so that no entry is made."""


def leaf(lines: Lines, line: Line) -> bytes:
    """The bytes a row is committed to by: its kept cells by column, as canonical JSON."""
    cells = dict(zip(lines.columns, line.text, strict=True))
    return json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _compared(
    kind: Kind, layout: Layout, lines: Lines, *, by: By, choices: Mapping[str, str]
) -> Preview:
    today = london_date(instant(clock.now()))
    comparison = layout.compare(Batch(lines=lines, by=by, today=today, choices=choices))
    return Preview(kind, layout, lines, choices, comparison)


def _some(names: tuple[str, ...]) -> str:
    rest = len(names) - 12
    return ", ".join(names[:12]) + (f" and {rest} more" if rest > 0 else "")


# --- A preview that waits for a yes -------------------------------------------------------------


@transaction.atomic
def keep(shown: Preview, *, by: By) -> PendingImport:
    """Keep what was read, without the columns that are not needed, until it is confirmed."""
    now = clock.now()
    PendingImport.objects.filter(expires_at__lte=now).delete()
    RefusedRows.objects.filter(expires_at__lte=now).delete()
    lines = shown.lines
    too_wide = {p.row for p in lines.problems if not p.column}
    content = {
        "layout": shown.layout.name,
        "columns": lines.columns,
        "unknown": lines.unknown,
        "dropped": lines.dropped,
        "digest": lines.digest.hex(),
        "rows": [
            (line.row, [*line.text, "…"] if line.row in too_wide else line.text)
            for line in sorted((*lines.good, *lines.bad), key=lambda line: line.row)
        ],
    }
    return PendingImport.objects.create(
        import_kind=shown.kind.name,
        content=zlib.compress(json.dumps(content).encode()),
        choices=dict(shown.choices),
        by=by.actor.pseudonym,
        expires_at=now + PENDING_FOR,
    )


def kept(pending: PendingImport, *, by: By) -> Preview:
    """The preview of a file that was kept, compared with the database as it is now.

    Raises NotPossible when it has expired or is somebody else's.
    """
    if pending.by != by.actor.pseudonym or pending.expires_at <= clock.now():
        raise NotPossible("This import is no longer waiting. Upload the file again.")
    kind = find(pending.import_kind)
    kind.check(by)
    content = json.loads(zlib.decompress(bytes(pending.content)))
    layout = kind.layout(content["layout"])
    rows = (Row(number, tuple(cells)) for number, cells in content["rows"])
    sheet = Sheet(tuple(content["columns"]), rows, bytes.fromhex(content["digest"]))
    read_again = read_lines(sheet, layout.columns, kind=kind.name, max_rows=kind.max_rows)
    lines = Lines(
        columns=read_again.columns,
        good=read_again.good,
        bad=read_again.bad,
        problems=read_again.problems,
        unknown=tuple(content["unknown"]),
        dropped=tuple(content["dropped"]),
        digest=read_again.digest,
    )
    return _compared(kind, layout, lines, by=by, choices=pending.choices)


def confirm(pending: PendingImport, *, by: By) -> tuple[ImportRun | None, RefusedRows | None]:
    """Commit a kept file and drop it; the refused rows stay some days for download."""
    shown = kept(pending, by=by)
    with transaction.atomic():
        run = commit(shown, by=by)
        refused = None
        if shown.refused:
            refused = RefusedRows.objects.create(
                run=run,
                text=shown.refused_file(),
                by=by.actor.pseudonym,
                expires_at=clock.now() + REFUSED_FOR,
            )
        pending.delete()
    return run, refused


__all__ = ["ImportProblem", "Preview", "commit", "confirm", "keep", "kept", "preview"]
