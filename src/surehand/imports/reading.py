"""Reads a file somebody hands in: bytes to a header and rows of text, or one clear sentence.

Nothing in the file is run or trusted: a cell that looks like a formula is text, a workbook is
unpacked under a limit before anything parses it, and what cannot be read is refused (measures.md,
"bad input"). CSV is streamed, so memory does not grow with the file.
"""

import codecs
import csv
import io
import re
import tempfile
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from surehand.evidence.refusal import NotPossible

MIB = 1024 * 1024
MAX_CSV = 200 * MIB
MAX_WORKBOOK = 20 * MIB
MAX_UNPACKED = 64 * MIB
MAX_CELLS = 1_500_000
MAX_CALENDAR = 4 * MIB
MAX_COLUMNS = 500
MAX_CELL = 100_000

# Among so many rows the first line of the table is looked for: exports put titles above it.
FIRST_ROWS = 30

_BLOCK = 1 << 16
_FORMULA = ("=", "+", "-", "@")


_Read = Callable[[int], Iterator[tuple[int, list[str]]]]  # a sheet’s rows, by its position


class ImportProblem(NotPossible):
    """The file as a whole cannot be taken in; says in one sentence what to do."""


class Row(NamedTuple):
    """One row of text. `number` is its row in the file as a spreadsheet counts, header = 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The table of a file: its first line and the rows under it, which can be read once."""

    header: tuple[str, ...]
    rows: Iterator[Row]


@dataclass(frozen=True)
class File:
    """A file that could be opened. Its sheets (a CSV has one) can be read any number of times."""

    digest: bytes  # SHA-256 of the file's bytes
    sheets: tuple[str, ...]  # their names
    _read: _Read

    def rows(self, sheet: int = 0) -> Iterator[Row]:
        """The rows that say something. Raises ImportProblem where one cannot be read."""
        return (Row(number, tuple(cells)) for number, cells in self._read(sheet) if any(cells))

    def first_rows(self, sheet: int = 0) -> list[Row]:
        """Where the first line of the table is looked for."""
        return list(islice(self.rows(sheet), FIRST_ROWS))


def open_file(
    source: Path | bytes,
    filename: str,
    *,
    formats: Sequence[str] = ("csv", "xlsx"),
    most: int = MAX_CSV,
) -> File:
    """Open a CSV, XLSX or (where `formats` allows it) iCalendar, NDJSON or Parquet file of at most
    `most` bytes.

    Raises ImportProblem, at once or while rows are read, when it cannot be understood.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > most:
        raise _too_large(most)
    with opened(source) as file:
        start = file.read(2048)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ImportProblem(_EMPTY)
    found = _format(start, filename)
    if found not in formats:
        allowed = " or ".join(f.upper() for f in formats)
        raise ImportProblem(f"This import reads {allowed} files. Save the file as {allowed}.")
    if found == "xlsx":
        names, read = _workbook(source)
    elif found == "ics":
        from surehand.imports.calendar import calendar_rows

        names, text = ("",), _text(source, _encoding(source, MAX_CALENDAR)).read()
        calendar = list(calendar_rows(text))

        def read(sheet: int) -> Iterator[tuple[int, list[str]]]:
            return iter(calendar)
    elif found in {"ndjson", "parquet"}:
        from surehand.imports.json_lines import json_lines
        from surehand.imports.parquet import parquet_rows

        names = ("",)
        table = json_lines(source) if found == "ndjson" else parquet_rows(source)

        def read(sheet: int) -> Iterator[tuple[int, list[str]]]:
            return table()
    else:
        names, read = ("",), _csv(source, most)
    return File(_digest(source), names, _unchanged(source, read))


def _unchanged(source: Path | bytes, read: _Read) -> _Read:
    """Reads only while the file is the one that was opened: it is read once to be shown and again
    to be brought in."""
    if isinstance(source, bytes):
        return read
    stood = source.stat()

    def checked(sheet: int) -> Iterator[tuple[int, list[str]]]:
        now = source.stat()
        if (now.st_mtime_ns, now.st_size) != (stood.st_mtime_ns, stood.st_size):
            raise ImportProblem("The file changed while it was being read. Import it again.")
        return read(sheet)

    return checked


def table_of(rows: Iterable[Row], *, header_row: int = 0, twice: bool = False) -> Sheet:
    """The table whose first line is row `header_row`, or else the first row there is.

    Raises ImportProblem for a first line that is missing, far too wide, or, unless `twice`, names
    a column twice.
    """
    rows = iter(rows)
    first = next((row for row in rows if row.number >= header_row), None)
    if first is None:
        raise ImportProblem(_EMPTY)
    header = trimmed(first.cells)
    if len(header) > MAX_COLUMNS:
        raise ImportProblem(f"The first line has more than {MAX_COLUMNS} columns.")
    seen: set[str] = set()
    for name in header:
        if name and column_name(name) in seen and not twice:
            raise ImportProblem(f"Two columns are called “{shown(name)}”. Rename or remove one.")
        seen.add(column_name(name))
    return Sheet(header, rows)


def trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """Cells without the empty ones after the last that says something."""
    cells = list(cells)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


_TOTAL = re.compile(r"(grand |sub-?)?totals?\b|sum\b", re.IGNORECASE)


def is_total(cells: Sequence[str], width: int) -> bool:
    """Whether a row only sums up what stands above it: it says “total” and little else."""
    empty = cells[:width].count("")
    if width <= 3 or (min(width, len(cells)) - empty) * 2 > width:
        return False
    first = next((cell for cell in cells[:width] if cell), "")
    return _TOTAL.match(first) is not None and len(first) <= 40


def _format(start: bytes, filename: str) -> str:
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportProblem(
            "The workbook is locked with a password or in the old .xls format. "
            "Save it as .xlsx without a password, or as CSV."
        )
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")):
        raise ImportProblem(
            "This is not a table but a document or picture, whatever its name ends with. "
            "Save your rows as CSV or XLSX."
        )
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ImportProblem(
            "The file is saved as Unicode text (UTF-16). Save it as “CSV UTF-8” instead."
        )
    ending = filename.lower().rsplit(".", 1)[-1]
    if ending in {"xlsx", "xlsm"}:
        raise ImportProblem("The workbook cannot be opened: it is damaged or not an .xlsx file.")
    if ending == "parquet":
        raise ImportProblem("The Parquet file cannot be opened: it is damaged or is none.")
    if re.match(rb"\[\s*\{", start.lstrip(b"\xef\xbb\xbf \t\r\n")):
        raise ImportProblem(
            "This is a JSON list. Save it as NDJSON – one object on each line – or as CSV."
        )
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" or ending in {"ndjson", "jsonl"}:
        return "ndjson"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper() == b"BEGIN:VCALENDAR":
        return "ics"
    if b"\x00" in start:
        raise ImportProblem(_NOT_TEXT)
    return "csv"


_EMPTY = "The file is empty. Choose the file that holds your rows."
_NOT_TEXT = "The file holds bytes that are not text. Save your rows as “CSV UTF-8” or XLSX."


def opened(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _digest(source: Path | bytes) -> bytes:
    digest = sha256()
    with opened(source) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def column_name(text: str) -> str:
    """A column's name as compared: “Person ID”, “person-id” and “PERSON_ID” are one."""
    return re.sub(r"[\s_\-]+", "_", text.strip()).casefold()


def shown(text: str, most: int = 40) -> str:
    """Text from a file, short enough for a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


# --- CSV ---------------------------------------------------------------------------------------


def _too_large(most: int) -> ImportProblem:
    return ImportProblem(f"The file is larger than {most // MIB} MB. Split it.")


def _encoding(source: Path | bytes, most: int) -> str:
    """UTF-8, else Windows-1252. Reads the file once to be sure."""
    size = 0
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    windows = codecs.getincrementaldecoder("cp1252")()
    with opened(source) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > most:
                raise _too_large(most)
            if b"\x00" in block:
                raise ImportProblem(_NOT_TEXT)
            if utf8:
                try:
                    utf8.decode(block)
                except UnicodeDecodeError:
                    utf8 = None
        if utf8:
            try:
                utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                utf8 = None
        if utf8 is None:
            file.seek(0)
            try:
                while block := file.read(_BLOCK):
                    windows.decode(block)
            except UnicodeDecodeError:
                raise ImportProblem(
                    "The file’s letters cannot be read. Save it as “CSV UTF-8”."
                ) from None
    return "utf-8-sig" if utf8 else "cp1252"


def _text(source: Path | bytes, encoding: str) -> IO[str]:
    return io.TextIOWrapper(opened(source), encoding=encoding, newline="")


def _csv(source: Path | bytes, most: int) -> _Read:
    encoding = _encoding(source, most)
    with _text(source, encoding) as text:
        lines = (text.readline(MAX_CELL) for _ in range(FIRST_ROWS))
        delimiter = _delimiter([line for line in lines if line.strip()])

    def read(sheet: int) -> Iterator[tuple[int, list[str]]]:
        with _text(source, encoding) as text:
            # Strict: a quotation mark left open would swallow every row after it.
            yield from _safely(csv.reader(text, delimiter=delimiter, strict=True))

    return read


def _safely(reader: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, _cells(cells)
    except csv.Error:
        raise ImportProblem(
            f"Row {number + 1} cannot be read: a quotation mark is out of place or never closed, "
            "or a cell is far too long."
        ) from None


def _delimiter(lines: list[str]) -> str:
    """Comma, semicolon or tab: the one that cuts the most lines into equally many columns."""

    def cut(mark: str) -> tuple[int, int]:
        counts = Counter(len(next(csv.reader([line], delimiter=mark), [])) for line in lines)
        return max(((times * (n > 1), n) for n, times in counts.items()), default=(0, 0))

    return max(",;\t", key=cut)


def _cells(texts: list[str]) -> list[str]:
    """`_cell` of each. Most rows need no more than trimming, and are seen to at once."""
    cells = [text.strip() for text in texts]
    row = "\n".join(cells)
    if row.isascii() and "\x00" not in row and row[:1] != "'" and "\n'" not in row:
        return cells
    return [_cell(text) for text in texts]


def _cell(text: str) -> str:
    """A cell's text, trimmed. An apostrophe that guards a formula (as `csv_text` writes) goes."""
    text = text.replace("\x00", "").strip().strip("\ufeff")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def guarded(cell: str) -> str:
    """A cell that no spreadsheet will run: one that begins like a formula gets an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_text(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """CSV that no spreadsheet will run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for cells in (header, *rows):
        writer.writerow([guarded(cell) for cell in cells])
    return out.getvalue()


# --- XLSX --------------------------------------------------------------------------------------

_POSITION = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})([0-9]{1,10})["']""", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")


_DAMAGED = "The workbook cannot be opened: it is damaged or not an .xlsx file. Save it as CSV."


def _workbook(
    source: Path | bytes,
) -> tuple[tuple[str, ...], _Read]:
    """The names of the sheets that are not hidden, and what reads one of them.

    A formula is never worked out: the value that was last saved beside it is read.
    """
    from python_calamine import (
        CalamineError,
        CalamineSheet,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
        load_workbook,
    )

    wrong = (
        *(CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
        *(NotImplementedError, RuntimeError, IndexError, KeyError),
    )
    try:
        with opened(source) as file, tempfile.NamedTemporaryFile(suffix=".xlsx") as safe:
            _unpack(file, safe)
            workbook = load_workbook(safe.name)
    except PasswordError:
        raise ImportProblem("The workbook is locked with a password. Save it without.") from None
    except wrong:
        raise ImportProblem(_DAMAGED) from None
    tables = [s for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    seen = [s for s in tables if s.visible == SheetVisibleEnum.Visible] or tables
    if not seen:
        raise ImportProblem(_DAMAGED)
    names = tuple(s.name for s in seen)
    last: list[tuple[int, CalamineSheet]] = []  # to look at its first rows and then read them all

    def read(sheet: int) -> Iterator[tuple[int, list[str]]]:
        try:
            if not last or last[0][0] != sheet:
                last[:] = [(sheet, workbook.get_sheet_by_name(names[sheet]))]
            rows = last[0][1].iter_rows()
        except wrong:
            raise ImportProblem(_DAMAGED) from None
        return ((number, [cell_text(c) for c in row]) for number, row in enumerate(rows, 1))

    return names, read


def _unpack(file: IO[bytes], safe: IO[bytes]) -> None:
    """Write the workbook's own parts, unpacked under a limit and stored again, to `safe`: what the
    parser sees is what was measured here, whatever the archive says about itself.
    """
    if file.seek(0, io.SEEK_END) > MAX_WORKBOOK:
        raise ImportProblem(
            f"The workbook is larger than {MAX_WORKBOOK // MIB} MB. Save it as CSV or split it."
        )
    too_much = ImportProblem(
        f"The workbook unpacks to more than {MAX_UNPACKED // MIB} MB. Save it as CSV or split it."
    )
    left = MAX_UNPACKED
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(safe, "w", zipfile.ZIP_STORED) as stored:
        names = [i for i in packed.infolist() if i.filename.lower().endswith((".xml", ".rels"))]
        if len(names) > 2000 or sum(i.file_size for i in names) > MAX_UNPACKED:
            raise too_much
        for name in names:
            content = packed.read(name)  # at most its declared size, checked above
            left -= len(content)
            if left < 0:
                raise too_much
            if "worksheets/" in name.filename.lower():
                _check_extent(content)
            stored.writestr(name.filename, content)
    safe.flush()


def _check_extent(content: bytes) -> None:
    """A sheet is parsed as a full rectangle: refuse one small in bytes and vast in extent."""
    columns, last, positions = 1, 1, 0
    for letters, digits in _POSITION.findall(content):
        positions += bool(letters)
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        columns, last = max(columns, column), max(last, int(digits))
    if sum(1 for _ in _CELL.finditer(content)) > positions:
        raise ImportProblem("The workbook leaves out the positions of its cells. Save it as CSV.")
    if columns * last > MAX_CELLS:
        raise ImportProblem(
            "A sheet is far larger than its rows. Delete the empty rows and columns "
            "after them, or save it as CSV."
        )


def cell_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(sep="T", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else _cell(str(value))
