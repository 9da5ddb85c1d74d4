"""Files in: preview what a file would do, then do it in one act (R2).

A preview writes nothing. A commit compares again under the ledger's lock, writes the good rows in
bulk with one evidence entry, and leaves the refused ones to be corrected. The same file twice
changes nothing and makes no entry. A layout that allows it is taken batch by batch, so that memory
does not grow with the file.
"""

import csv
import gc
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from surehand import evidence
from surehand.evidence import clock
from surehand.evidence.refusal import NotPossible
from surehand.evidence.rows import insert, many
from surehand.imports.kind import Batch, By, Comparison, Kind, Layout, Question, find
from surehand.imports.mapping import ColumnMap, Noted
from surehand.imports.models import (
    ColumnMapping,
    ImportRun,
    PendingImport,
    PendingPart,
    RefusedRows,
    RowCommitment,
)
from surehand.imports.reading import (
    File,
    ImportProblem,
    Row,
    Sheet,
    column_name,
    guarded,
    is_total,
    open_file,
    table_of,
)
from surehand.imports.table import Column, Line, Lines, Problem, columns_of, read_lines
from surehand.timeline import instant, london_date

PENDING_FOR = timedelta(hours=24)
REFUSED_FOR = timedelta(days=7)

# Rows compared and written together, and at most so much text.
BATCH = 5_000
_BATCH_TEXT = 2 * 1024 * 1024
# After so many batches what is left of them in cycles is collected.
_COLLECTED = 20
# Told one by one; the file of refused rows has them all.
_PROBLEMS = 10_000
_SHOWN_PROBLEMS = 100
_FIRST = 10
# The last column of a file of refused rows; passed over when that file comes back.
PROBLEM = "problem"

T = TypeVar("T")
Tell = Callable[[int], None]  # how many rows are done


def _nobody(rows: int) -> None:
    pass


@dataclass(frozen=True)
class Held:
    """A file whose columns are known: what is kept of its rows, as often as asked for."""

    kind: Kind
    layout: Layout
    columns: tuple[Column, ...]
    digest: bytes
    remarks: list[str]  # may grow while rows are read
    batches: Callable[[], Iterator[list[Row]]]
    mapping_digest: bytes = b""
    rows: int = 0  # 0 while nobody has counted them


class RefusedFile:
    """The refused rows as CSV, compressed as it grows."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._packed = zlib.compressobj()
        self._parts: list[bytes] = []
        self._write([*columns, PROBLEM])

    def add(self, lines: Iterable[Line], problems: Iterable[Problem]) -> None:
        why: dict[int, list[str]] = {}
        for problem in problems:
            why.setdefault(problem.row, []).append(problem.sentence)
        for line in lines:
            self._write([*line.text, " ".join(why[line.row])])

    def _write(self, cells: Iterable[str]) -> None:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
        self._parts.append(self._packed.compress(out.getvalue().encode()))

    def content(self) -> bytes:
        """All of it, compressed. Nothing is lost by asking twice."""
        return b"".join([*self._parts, self._packed.copy().flush()])


@dataclass
class Preview:
    """What a file would do to the database, with the reasons for every row that is refused.

    `lines` and `comparison` are of the whole file, or of its last batch.
    """

    held: Held
    choices: Mapping[str, str]
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    rows: int = 0
    problems: list[Problem] = field(default_factory=list)  # the first, by row
    first: list[tuple[str, Line]] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)  # what the kind noted
    lines: Lines = field(init=False)
    comparison: Comparison = field(init=False)
    refused_rows: RefusedFile = field(init=False)

    def __post_init__(self) -> None:
        self.refused_rows = RefusedFile([column.name for column in self.held.columns])

    @property
    def kind(self) -> Kind:
        return self.held.kind

    @property
    def questions(self) -> list[Question]:
        return self.comparison.questions

    @property
    def notes(self) -> list[str]:
        return [*self.compared, *self.held.remarks]

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed)

    def take(self, lines: Lines, comparison: Comparison) -> None:
        """Count the next batch, or all of the file."""
        self.lines, self.comparison = lines, comparison
        self.rows += len(lines.good) + len(lines.bad)
        self.added += len(comparison.added)
        self.changed += len(comparison.changed)
        self.unchanged += len(comparison.unchanged)
        self.compared.extend(comparison.notes)
        problems = sorted({*lines.problems, *comparison.problems})
        rows = {p.row for p in problems}
        refused = [line for line in (*lines.good, *lines.bad) if line.row in rows]
        self.refused += len(refused)
        self.refused_rows.add(sorted(refused, key=lambda line: line.row), problems)
        self.problems.extend(problems[: _PROBLEMS - len(self.problems)])
        does = [("Add", line) for line in comparison.added[:_FIRST]]
        does += [("Change", line) for line in comparison.changed[:_FIRST]]
        self.first.extend(does[: _FIRST - len(self.first)])

    def refused_file(self) -> str:
        """The refused rows as CSV, with the columns that are kept and what is wrong."""
        return zlib.decompress(self.refused_rows.content()).decode()


# --- From a file to rows -------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """Where the table of a file stands and how it is read."""

    layout: Layout
    sheet: int
    header_row: int
    mapping: ColumnMap | None = None
    mapping_name: str = ""


def fit(
    kind: Kind, file: File, mappings: Iterable[ColumnMapping] = (), *, forced: bool = False
) -> Fit | None:
    """The first row, of any sheet, that is the first line of a layout or that a saved mapping was
    made for; `forced`: that has all the columns such a mapping reads. None where there is none.
    """
    saved = [(m.name, ColumnMap.from_json(m.rules)) for m in mappings]
    for sheet in range(len(file.sheets)):
        for row in file.first_rows(sheet):
            for name, rules in saved:
                if rules.knows(row.cells) or (forced and rules.reads(row.cells)):
                    return Fit(kind.layouts[0], sheet, row.number, rules, name)
            layout = None if forced else kind.layout_for(row.cells)
            if layout:
                return Fit(layout, sheet, row.number)
    return None


def held(kind: Kind, file: File, found: Fit) -> Held:
    """The rows of a file as `found` says. Raises ImportProblem, also while they are read."""
    return held_from(kind, found, file.digest, lambda: file.rows(found.sheet))


def held_from(kind: Kind, found: Fit, digest: bytes, source: Callable[[], Iterator[Row]]) -> Held:
    """The rows of `source` as `found` says. Raises ImportProblem, also while they are read."""
    layout = found.layout
    remarks: list[str] = []
    if found.mapping:
        remarks.append(f"Read with the layout “{found.mapping_name}”.")

    def table() -> Sheet:
        return table_of(source(), header_row=found.header_row, twice=found.mapping is not None)

    first = table()
    header = first.header
    if found.mapping:
        header = found.mapping.applied(first, layout.columns).header
    columns = columns_of(header, layout.columns, kind=kind.name)
    if found.mapping is None:
        remarks += column_remarks(columns.unknown, columns.dropped)
    if found.header_row > 1:
        remarks.append(f"Row {found.header_row} was taken as the line that names the columns.")
    before = len(remarks)

    def batches() -> Iterator[list[Row]]:
        sheet = table()
        sums: list[int] = []
        noted = Noted()
        sheet = Sheet(sheet.header, without_sums(sheet.rows, len(sheet.header), sums))
        if found.mapping:
            sheet = found.mapping.applied(sheet, layout.columns, noted)
        del remarks[before:]
        yield from in_batches((columns.cells(row) for row in sheet.rows), kind)
        if sums:
            remarks.append(f"Left out because they only sum up: {_rows_named(sums)}.")
        if noted.left_out:
            remarks.append(f"Left out, as the layout says: {_rows_named(noted.left_out)}.")
        if noted.overnight:
            remarks.append(
                f"Taken to end on the next day, because they end at an earlier time than they "
                f"begin: {_rows_named(noted.overnight)}."
            )

    return Held(
        kind=kind,
        layout=layout,
        columns=tuple(c for _, c in columns.kept),
        digest=digest,
        remarks=remarks,
        batches=batches,
        mapping_digest=found.mapping.digest() if found.mapping else b"",
    )


def without_sums(rows: Iterable[Row], width: int, sums: list[int]) -> Iterator[Row]:
    """The rows that are not only sums of those above them; the numbers of those go to `sums`."""
    for row in rows:
        if is_total(row.cells, width):
            sums.append(row.number)
        else:
            yield row


def _rows_named(numbers: Sequence[int]) -> str:
    """“row 66”, “rows 7, 8, 14, 15, 21 and 51 more”."""
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:5]))}{more}"


def column_remarks(unknown: Sequence[str], dropped: Sequence[str]) -> list[str]:
    remarks = []
    if dropped:
        remarks.append(f"Read and not kept: {_some(dropped)}.")
    unknown = [name for name in unknown if column_name(name) != PROBLEM]
    if unknown:
        remarks.append(f"Columns not known here, and not kept: {_some(unknown)}.")
    return remarks


def _some(names: Sequence[str]) -> str:
    rest = len(names) - 12
    return ", ".join(names[:12]) + (f" and {rest} more" if rest > 0 else "")


def in_batches(rows: Iterable[Row], kind: Kind) -> Iterator[list[Row]]:
    """Rows in lists of a bearable size. Raises ImportProblem for more rows than `kind` takes."""
    count = 0
    for batch in batched(rows):
        count += len(batch)
        if count > kind.max_rows:
            raise ImportProblem(f"The file has more than {kind.max_rows:,} rows. Split it.")
        yield batch
    if not count:
        raise ImportProblem("The file has a first line and no rows under it.")


def batched(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in lists of a bearable size."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len("".join(row.cells))
        if len(batch) >= BATCH or size >= _BATCH_TEXT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def preview(
    kind: Kind | str,
    source: Path | bytes,
    filename: str,
    *,
    by: By,
    choices: Mapping[str, str] | None = None,
    mapping: str = "",
    tell: Tell = _nobody,
) -> Preview:
    """What the file would do; nothing is written.

    Raises ImportProblem when the file cannot be read at all, NotPermitted when `by` may not import
    this kind. `choices` answers the kind's questions (the setting of an ASC-WDS workplace);
    `mapping` names the saved column mapping to read it with, else one made for such a file is used.
    """
    kind = find(kind) if isinstance(kind, str) else kind
    kind.check(by)
    file = open_file(source, filename, formats=kind.formats, most=kind.max_bytes)
    return compared(opened(kind, file, mapping=mapping), by=by, choices=choices or {}, tell=tell)


def opened(kind: Kind, file: File, *, mapping: str = "") -> Held:
    """A file with its columns. Raises ImportProblem where they do not fit."""
    saved = ColumnMapping.objects.filter(import_kind=kind.name)
    if mapping:
        saved = saved.filter(name=mapping)
        if not saved:
            raise NotPossible(f"There is no layout “{mapping}” for {kind.name} files.")
    found = fit(kind, file, saved, forced=bool(mapping))
    if found is None:
        if mapping:
            raise ImportProblem(f"The file lacks columns that the layout “{mapping}” reads.")
        first = table_of(file.rows())
        if kind.unrecognised:
            raise ImportProblem(kind.unrecognised)
        try:
            columns_of(first.header, kind.layouts[0].columns, kind=kind.name)
        except ImportProblem as why:
            raise ImportProblem(
                f"{why} Bring a file in another layout in by the pages, under Imports, once."
            ) from None
        raise ImportProblem("The first line of the file is not one that is known here.")
    return held(kind, file, found)


def compared(file: Held, *, by: By, choices: Mapping[str, str], tell: Tell = _nobody) -> Preview:
    """What a file would do, compared with the database as it is."""
    shown = Preview(file, choices)
    for lines, comparison in _comparisons(file, by=by, choices=choices):
        shown.take(lines, comparison)
        tell(shown.rows)
    return shown


def _comparisons(
    file: Held, *, by: By, choices: Mapping[str, str]
) -> Iterator[tuple[Lines, Comparison]]:
    today = london_date(instant(clock.now()))
    shared: dict[str, Any] = {}
    batches: Iterator[Iterable[Row]] = iter(file.batches())
    if not file.layout.in_batches:
        batches = iter([chain.from_iterable(batches)])
    last: tuple[Batch, Lines, Comparison] | None = None
    for rows in uncollected(batches):
        if last:
            yield last[1:]
        lines = read_lines(rows, file.columns)
        batch = Batch(lines=lines, by=by, today=today, choices=choices, shared=shared)
        last = batch, lines, file.layout.compare(batch)
        for remark in settings.IMPORT_REMARKS:
            last[2].notes.extend(import_string(remark)(last[2], batch))
    if last:
        if file.layout.finish:
            last[2].notes.extend(file.layout.finish(last[0]))
        yield last[1:]


def uncollected(batches: Iterator[T]) -> Iterator[T]:
    """Each batch, without the collector of cycles while it is worked on: many thousand objects come
    and go with it, none of them in a cycle, and to look through them takes a fifth of the time."""
    if not gc.isenabled():
        yield from batches
        return
    try:
        gc.disable()
        for number, batch in enumerate(batches, 1):
            yield batch
            if number % _COLLECTED == 0:
                gc.collect(1)  # what was made since
    finally:
        gc.enable()


# --- Commit --------------------------------------------------------------------------------------


def commit(shown: Preview, *, by: By) -> ImportRun | None:
    """Write what the file holds, in one act; None, and nothing written, if it changes nothing.

    The comparison is made again under the ledger's lock, so that nothing is done twice however many
    commit the same file at once. Raises NotPermitted or NotPossible, and then writes nothing.
    """
    if not shown.does_something:
        shown.held.kind.check(by)
        return None
    return _commit(shown.held, by=by, choices=shown.choices)[0]


def _commit(
    file: Held, *, by: By, choices: Mapping[str, str], tell: Tell = _nobody
) -> tuple[ImportRun | None, Preview]:
    kind, layout = file.kind, file.layout
    kind.check(by)
    now = Preview(file, choices)
    try:
        with many(), evidence.act(f"{kind.name.replace('-', '_')}.imported", by=by.actor) as act:
            rows = evidence.CommittedRows()
            for lines, comparison in _comparisons(file, by=by, choices=choices):
                now.take(lines, comparison)
                written = sorted(
                    (*comparison.added, *comparison.changed), key=lambda line: line.row
                )
                if written:
                    about = layout.write(act, comparison)
                    _commit_rows(act, rows, lines, written, about)
                tell(now.rows)
            if not now.does_something:
                raise _NothingToDo
            act.commit_rows(rows)
            digest = act.commit(file.digest)
            if file.mapping_digest:
                act.state(mapping=file.mapping_digest.hex())
            act.state(
                layout=layout.name,
                added=now.added,
                changed=now.changed,
                unchanged=now.unchanged,
                refused=now.refused,
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
                file_digest=file.digest,
                file_salt=digest.salt,
                mapping_digest=file.mapping_digest,
            )
    except _NothingToDo:
        return None, now
    return run, now


def bring_in_rows(
    kind: Kind, columns: Sequence[str], rows: Sequence[Row], *, by: By, digest: bytes
) -> tuple[ImportRun | None, Preview]:
    """Commit rows that come from no file: at most a batch of them, `digest` for all. Answers what
    was done to each of them. Raises NotPermitted."""
    by_name = {column.name: column for column in kind.layouts[0].columns}
    held = Held(
        kind=kind,
        layout=kind.layouts[0],
        columns=tuple(by_name[name] for name in columns),
        digest=digest,
        remarks=[],
        batches=lambda: iter([list(rows)]),
        rows=len(rows),
    )
    return _commit(held, by=by, choices={})


class _NothingToDo(Exception):
    """Rolls the act back, so that no entry is made."""


def _commit_rows(
    act: Any,
    rows: "evidence.CommittedRows",
    lines: Lines,
    written: Sequence[Line],
    about: Mapping[int, str],
) -> None:
    """Commit to the rows written and keep their salts; there may be a million."""
    first = rows.count
    made = rows.add(leaves(lines.columns, written))
    insert(
        RowCommitment,
        ("entry", "position", "row", "about", "digest", "salt"),
        (
            (act.seq, first + n, line.row, about.get(line.row, ""), each.digest, each.salt)
            for n, (line, each) in enumerate(zip(written, made, strict=True))
        ),
    )


def leaves(columns: tuple[str, ...], lines: Iterable[Line]) -> Iterator[bytes]:
    """The bytes each row is committed to by: its kept cells by column, as canonical JSON."""
    names = sorted(columns)
    form = ",".join(f"{encode_basestring(name).replace('%', '%%')}:%s" for name in names)
    form = f"{{{form}}}"
    cells = list(zip(*[line.text for line in lines], strict=True))
    by_name = [cells[columns.index(name)] for name in names]
    said = zip(*[map(encode_basestring, column) for column in by_name], strict=True)
    return ((form % row).encode() for row in said)


# --- A file that waits for a yes ----------------------------------------------------------------


def keep(shown: Preview, *, by: By) -> PendingImport:
    """Keep what was read, without the columns that are not needed, until it is confirmed."""
    return keep_held(shown.held, by=by, choices=shown.choices)


@transaction.atomic
def keep_held(file: Held, *, by: By, choices: Mapping[str, str] | None = None) -> PendingImport:
    """Keep the rows of a file until it is confirmed. Raises ImportProblem, and keeps nothing,
    where one cannot be read."""
    forget_expired()
    pending = PendingImport.objects.create(
        import_kind=file.kind.name,
        layout=file.layout.name,
        columns=[column.name for column in file.columns],
        digest=file.digest,
        mapping_digest=file.mapping_digest,
        choices=dict(choices or {}),
        by=by.actor.pseudonym,
        signed_in=by.actor.signed_in,
        expires_at=clock.now() + PENDING_FOR,
    )
    pending.rows = keep_parts(pending, file.batches())
    pending.remarks = file.remarks
    pending.save(update_fields=["rows", "remarks"])
    return pending


def forget_expired() -> None:
    """What nobody confirmed in time is gone."""
    now = clock.now()
    PendingImport.objects.filter(expires_at__lte=now).exclude(
        stage=PendingImport.Stage.WRITING
    ).delete()
    RefusedRows.objects.filter(expires_at__lte=now).delete()


def keep_parts(pending: PendingImport, batches: Iterable[list[Row]], *, sheet: int = 0) -> int:
    """Write rows as the parts of a file that waits. Answers how many there were."""
    count = 0
    for position, batch in enumerate(batches):
        PendingPart.objects.create(
            pending=pending, sheet=sheet, position=position, content=packed(batch)
        )
        count += len(batch)
    return count


def packed(rows: Iterable[Row]) -> bytes:
    content = json.dumps([(row.number, row.cells) for row in rows], ensure_ascii=False)
    return zlib.compress(content.encode("utf-8", "surrogatepass"), 1)


def unpacked(content: bytes) -> list[Row]:
    text = zlib.decompress(content).decode("utf-8", "surrogatepass")
    return [Row(number, tuple(cells)) for number, cells in json.loads(text)]


_GONE = "This import is no longer waiting. Upload the file again."


def part_batches(pending: PendingImport, *, sheet: int = 0) -> Iterator[list[Row]]:
    """The rows that wait, part by part: one is in memory at a time."""
    parts = PendingPart.objects.filter(pending=pending, sheet=sheet)
    for pk in list(parts.values_list("pk", flat=True)):
        content = PendingPart.objects.filter(pk=pk).values_list("content", flat=True).first()
        if not content:  # cancelled meanwhile, or its key is gone
            raise NotPossible(_GONE)
        yield unpacked(content)


def check_waiting(pending: PendingImport, *, by: By) -> Kind:
    """Raises NotPossible when it has expired or is somebody else's."""
    if pending.by != by.actor.pseudonym or pending.expires_at <= clock.now():
        raise NotPossible(_GONE)
    kind = find(pending.import_kind)
    kind.check(by)
    return kind


def held_of(pending: PendingImport, *, by: By) -> Held:
    """The file that waits. Raises NotPossible when it has expired or is somebody else's."""
    kind = check_waiting(pending, by=by)
    layout = kind.layout(pending.layout)
    by_name = {column.name: column for column in layout.columns}
    return Held(
        kind=kind,
        layout=layout,
        columns=tuple(by_name[name] for name in pending.columns),
        digest=bytes(pending.digest),
        remarks=list(pending.remarks),
        batches=lambda: part_batches(pending),
        mapping_digest=bytes(pending.mapping_digest),
        rows=pending.rows,
    )


def summary(shown: Preview) -> dict[str, Any]:
    """A preview in short, as a page shows it and a worker leaves it."""
    return {
        **{name: getattr(shown, name) for name in ("rows", "added", "changed", "unchanged")},
        "refused": shown.refused,
        "notes": shown.notes,
        "questions": [
            {"key": q.key, "text": q.text, "options": dict(q.options), "answer": q.answer}
            for q in shown.questions
        ],
        "first": [[does, line.row, [_short(c) for c in line.text]] for does, line in shown.first],
        "problems": [[p.row, p.column, p.sentence] for p in shown.problems[:_SHOWN_PROBLEMS]],
        "more_problems": max(0, len(shown.problems) - _SHOWN_PROBLEMS),
    }


def _short(cell: str) -> str:
    return cell if len(cell) <= 60 else cell[:59] + "…"


def kept(pending: PendingImport, *, by: By, tell: Tell = _nobody) -> Preview:
    """The preview of a file that waits, compared with the database as it is now."""
    return compared(held_of(pending, by=by), by=by, choices=pending.choices, tell=tell)


def confirm(pending: PendingImport, *, by: By) -> tuple[ImportRun | None, RefusedRows | None]:
    """Commit a file that waits and drop it; the refused rows stay some days for download."""
    with transaction.atomic():
        done = bring_in(pending, by=by)
        pending.delete()
    return done


def bring_in(
    pending: PendingImport, *, by: By, tell: Tell = _nobody
) -> tuple[ImportRun | None, RefusedRows | None]:
    """Commit a file that waits; call it in a transaction that also says it is done."""
    run, now = _commit(held_of(pending, by=by), by=by, choices=pending.choices, tell=tell)
    refused = None
    if now.refused:
        refused = RefusedRows.objects.create(
            run=run,
            content=now.refused_rows.content(),
            by=by.actor.pseudonym,
            expires_at=clock.now() + REFUSED_FOR,
        )
    return run, refused


__all__ = ["ImportProblem", "Preview", "commit", "confirm", "keep", "kept", "preview"]
