"""Reads a file somebody hands in: bytes to a header and rows of text, or one clear sentence.

Nothing in the file is run or trusted: a cell that looks like a formula is text, a workbook is
unpacked under a limit before anything parses it, and what cannot be read is refused (measures.md,
"bad input"). CSV is streamed, so memory does not grow with the file.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO

from surehand.evidence.refusal import NotPossible

MIB = 1024 * 1024
MAX_CSV = 200 * MIB
MAX_WORKBOOK = 20 * MIB
MAX_UNPACKED = 64 * MIB
MAX_CELLS = 3_000_000
MAX_COLUMNS = 500
MAX_CELL = 100_000

_BLOCK = 1 << 16
_FORMULA = ("=", "+", "-", "@")


class ImportProblem(NotPossible):
    """The file as a whole cannot be taken in; says in one sentence what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of text. `number` is its row in the file as a spreadsheet counts, header = 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A file that could be opened. `rows` can be read once."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    digest: bytes  # SHA-256 of the file's bytes


def read(source: Path | bytes, filename: str, *, formats: Sequence[str] = ("csv", "xlsx")) -> Sheet:
    """Open a CSV, XLSX or (where `formats` allows it) iCalendar file.

    Raises ImportProblem, at once or while rows are read, when it cannot be understood.
    """
    with _opened(source) as file:
        start = file.read(2048)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ImportProblem("The file is empty. Choose the file that holds your rows.")
    found = _format(start, filename)
    if found not in formats:
        allowed = " or ".join(f.upper() for f in formats)
        raise ImportProblem(f"This import reads {allowed} files. Save the file as {allowed}.")
    if found == "xlsx":
        rows = _workbook_rows(source)
    elif found == "ics":
        from surehand.imports.calendar import calendar_rows

        rows = calendar_rows(_text(source, MAX_WORKBOOK)[1].read())
    else:
        rows = _csv_rows(source)
    header, body = _header(rows)
    return Sheet(header, body, _digest(source))


def _format(start: bytes, filename: str) -> str:
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportProblem(
            "The workbook is locked with a password or in the old .xls format. "
            "Save it as .xlsx without a password, or as CSV."
        )
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
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper() == b"BEGIN:VCALENDAR":
        return "ics"
    if b"\x00" in start:
        raise ImportProblem(_NOT_TEXT)
    return "csv"


_NOT_TEXT = "The file holds bytes that are not text. Save your rows as “CSV UTF-8” or XLSX."


def _opened(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _digest(source: Path | bytes) -> bytes:
    digest = sha256()
    with _opened(source) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def _header(rows: Iterator[tuple[int, list[str]]]) -> tuple[tuple[str, ...], Iterator[Row]]:
    for _, cells in rows:
        if any(cells):
            break
    else:
        raise ImportProblem("The file is empty. Choose the file that holds your rows.")
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise ImportProblem(f"The first line has more than {MAX_COLUMNS} columns.")
    header = tuple(cells)
    seen: set[str] = set()
    for name in header:
        if name and column_name(name) in seen:
            raise ImportProblem(f"Two columns are called “{shown(name)}”. Rename or remove one.")
        seen.add(column_name(name))
    return header, (Row(number, tuple(cells)) for number, cells in rows if any(cells))


def column_name(text: str) -> str:
    """A column's name as compared: “Person ID”, “person-id” and “PERSON_ID” are one."""
    return re.sub(r"[\s_\-]+", "_", text.strip()).casefold()


def shown(text: str, most: int = 40) -> str:
    """Text from a file, short enough for a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


# --- CSV ---------------------------------------------------------------------------------------


def _text(source: Path | bytes, most: int) -> tuple[str, IO[str]]:
    """The file as text and its encoding: UTF-8, else Windows-1252. Reads it once to be sure."""
    size = 0
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    windows = codecs.getincrementaldecoder("cp1252")()
    with _opened(source) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > most:
                raise ImportProblem(f"The file is larger than {most // MIB} MB. Split it.")
            if b"\x00" in block:
                raise ImportProblem(_NOT_TEXT)
            if utf8:
                try:
                    utf8.decode(block)
                    continue
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
    encoding = "utf-8-sig" if utf8 else "cp1252"
    return encoding, io.TextIOWrapper(_opened(source), encoding=encoding, newline="")


def _csv_rows(source: Path | bytes) -> Iterator[tuple[int, list[str]]]:
    encoding, text = _text(source, MAX_CSV)
    with text:
        # Every line may be blank: then there is no header, and `_header` says so.
        first = text.readline(MAX_CELL)
        while first and not first.strip():
            first = text.readline(MAX_CELL)
    with io.TextIOWrapper(_opened(source), encoding=encoding, newline="") as text:
        reader = csv.reader(
            text,
            delimiter=_delimiter(first),
            strict=True,  # a quotation mark left open would swallow every row after it
        )
        yield from _safely(reader)


def _safely(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise ImportProblem(
                f"Row {number} cannot be read: a quotation mark is out of place or never closed, "
                "or a cell is far too long."
            ) from None
        yield number, [_cell(c) for c in cells]


def _delimiter(line: str) -> str:
    """Comma, semicolon or tab: the one that cuts the header into the most columns."""
    return max(",;\t", key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))


def _cell(text: str) -> str:
    """A cell's text, trimmed. An apostrophe that guards a formula (as `csv_text` writes) goes."""
    text = text.replace("\x00", "").strip().strip("\ufeff")
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def csv_text(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """CSV that no spreadsheet will run: a cell that begins like a formula is guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for cells in (header, *rows):
        writer.writerow([f"'{c}" if c.startswith(_FORMULA) else c for c in cells])
    return out.getvalue()


# --- XLSX --------------------------------------------------------------------------------------

_POSITION = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})([0-9]{1,10})["']""", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")


def _workbook_rows(source: Path | bytes) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, PasswordError, load_workbook

    damaged = "The workbook cannot be opened: it is damaged or not an .xlsx file. Save it as CSV."
    try:
        with _opened(source) as file:
            safe = _unpacked(file)
        sheet = load_workbook(safe).get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except PasswordError:
        raise ImportProblem("The workbook is locked with a password. Save it without.") from None
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        raise ImportProblem(damaged) from None
    except (NotImplementedError, RuntimeError, IndexError, KeyError):
        raise ImportProblem(damaged) from None
    return ((number, [_cell_text(c) for c in row]) for number, row in enumerate(cells, 1))


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """The workbook's own parts, unpacked under a limit and stored again: what the parser sees is
    what was measured here, whatever the archive says about itself.
    """
    if file.seek(0, io.SEEK_END) > MAX_WORKBOOK:
        raise ImportProblem(
            f"The workbook is larger than {MAX_WORKBOOK // MIB} MB. Save it as CSV or split it."
        )
    too_much = ImportProblem(
        f"The workbook unpacks to more than {MAX_UNPACKED // MIB} MB. Save it as CSV or split it."
    )
    out = io.BytesIO()
    left = MAX_UNPACKED
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as stored:
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
    out.seek(0)
    return out


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
            "The first sheet is far larger than its rows. Delete the empty rows and columns "
            "after them, or save it as CSV."
        )


def _cell_text(value: object) -> str:
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
