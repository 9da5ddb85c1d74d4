"""What a kind of file looks like: its columns, and what each cell may say.

A `Column` reads one cell into a value or raises ValueError with a sentence; `read_lines` turns
rows into typed lines and problems. Dates are ISO, DD/MM/YYYY or the number a spreadsheet keeps for
one; times without an offset are London's (R16).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from surehand.imports.reading import MAX_CELL, ImportProblem, Row, column_name, shown
from surehand.timeline import moment, parse_local

Parser = Callable[[str], Any]


@dataclass(frozen=True)
class Column:
    """One column of a file.

    `needed`: the file must have it. `filled`: each of its cells must say something. `kept`: its
    cells are read; a column that is known and not kept is never stored, not even in a file of
    refused rows. `options`: what may be written, with its title, where that is a short list; asked
    when somebody matches the words of their own file to it. `also`: other names of the column, the
    likeliest first. `heard`: what others call an option, folded as `folded`; only ever a guess.
    `called`: what it is called on a page, where its name alone does not say it.
    """

    name: str
    what: str
    parse: Parser
    needed: bool = False
    filled: bool = False
    kept: bool = True
    example: str = ""
    options: Callable[[], Mapping[str, str]] | None = None
    also: tuple[str, ...] = ()
    heard: Mapping[str, str] = field(default_factory=dict)
    called: str = ""

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.called or self.name.replace("_", " ").capitalize()

    @property
    def is_date(self) -> bool:
        return self.parse is day

    @property
    def is_time(self) -> bool:
        return isinstance(self.parse, LocalTime)

    def choices(self) -> Mapping[str, str]:
        """What may be written and its title; nothing where anything may be."""
        if self.options:
            return self.options()
        if self.parse is yes_no:
            return {"yes": "yes", "no": "no"}
        return {t: t for t in self.parse.titles} if isinstance(self.parse, Choice) else {}


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """Why a row is refused. `column` is empty where the row as a whole is meant."""

    row: int
    column: str
    sentence: str


class Line(NamedTuple):
    """One row as read. `values` holds only the columns the file has; empty cells are None."""

    row: int
    text: tuple[str, ...]  # the kept cells, in the order of `Lines.columns`
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Lines:
    """Rows as read: only the columns that are kept."""

    columns: tuple[str, ...]
    good: tuple[Line, ...]
    bad: tuple[Line, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Columns:
    """What a file's first line says, beside the columns of a layout."""

    kept: tuple[tuple[int, Column], ...]  # with its position in the file
    unknown: tuple[str, ...]  # columns of the file that mean nothing here
    dropped: tuple[str, ...]  # columns known and deliberately not kept
    width: int

    def cells(self, row: Row) -> Row:
        """The cells of a row that are kept, and “…” after them where it has more cells than the
        first line has columns."""
        cells = row.cells
        if len(cells) == self.width:
            kept = self._pick(cells)
            return row if kept is cells else Row(row.number, kept)
        kept = self._pick((*cells, *[""] * (self.width - len(cells))))
        return Row(row.number, (*kept, TOO_WIDE) if any(cells[self.width :]) else kept)

    @cached_property
    def _pick(self) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
        """The kept cells of a row that is wide enough."""
        at = [at for at, _ in self.kept]
        if at == list(range(self.width)):
            return lambda cells: cells[: self.width]
        pick = itemgetter(*at) if at else None
        if pick is None or len(at) == 1:
            return lambda cells: tuple([cells[n] for n in at])
        return pick


TOO_WIDE = "…"


def columns_of(header: Sequence[str], columns: Sequence[Column], *, kind: str) -> Columns:
    """Which of `columns` the first line names. Raises ImportProblem where it lacks a needed one."""
    names = [column_name(h) for h in header]
    by_name = {column_name(c.name): c for c in columns}
    missing = [c.name for c in columns if c.needed and column_name(c.name) not in names]
    if missing:
        found = ", ".join(shown(h, 25) for h in header[:12] if h) or "nothing"
        raise ImportProblem(
            f"The {kind} file needs the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}. Its first line has: {found}"
            f"{' …' if len(header) > 12 else ''}."
        )
    return Columns(
        kept=tuple(
            (position, by_name[name])
            for position, name in enumerate(names)
            if name in by_name and by_name[name].kept
        ),
        unknown=tuple(
            shown(h) for h, n in zip(header, names, strict=True) if h and n not in by_name
        ),
        dropped=tuple(c.name for c in columns if not c.kept and column_name(c.name) in names),
        width=len(header),
    )


def read_lines(rows: Iterable[Row], columns: Sequence[Column]) -> Lines:
    """Rows of kept cells (`Columns.cells`), typed, or with the reasons why they are refused."""
    rows = list(rows)
    names = [column.name for column in columns]
    numbers = [row.number for row in rows]
    wrong: dict[int, list[Problem]] = {}  # by the row’s place among these
    cells = list(zip(*[row.cells for row in rows], strict=False))  # those of rows too wide are left
    read = [
        _values(column, said, numbers, wrong) for column, said in zip(columns, cells, strict=False)
    ]
    for n, row in enumerate(rows):
        if len(row.cells) > len(columns):
            wrong.setdefault(n, []).append(Problem(row.number, "", _TOO_WIDE))
    texts = [row.cells[: len(columns)] for row in rows]
    values = [dict(zip(names, said, strict=True)) for said in zip(*read, strict=True)]
    lines = list(map(Line, numbers, texts, values))
    if not wrong:
        return Lines(tuple(names), tuple(lines), (), ())
    good = [line for n, line in enumerate(lines) if n not in wrong]
    bad = [
        Line(
            line.row, tuple([c if len(c) <= MAX_CELL else c[:200] for c in line.text]), line.values
        )
        for line in (lines[n] for n in sorted(wrong))
    ]
    problems = chain.from_iterable(wrong[n] for n in sorted(wrong))
    return Lines(tuple(names), tuple(good), tuple(bad), tuple(problems))


_TOO_WIDE = (
    "The row has more cells than the first line has columns. "
    "Put cells that hold a comma in quotation marks."
)


def _values(
    column: Column,
    cells: Sequence[str],
    numbers: Sequence[int],
    wrong: dict[int, list[Problem]],
) -> list[Any]:
    """What the cells of one column say; None for an empty one, and for one that is wrong. Columns
    say the same again and again: each cell is read once."""
    said: dict[str, Any] = dict.fromkeys(cells)
    why: dict[str, str] = {}
    for cell in said:
        if cell:
            try:
                said[cell] = column.parse(cell)
            except ValueError as problem:
                why[cell] = str(problem)
        elif column.filled:
            why[cell] = f"{column.name} is empty."
    if why:
        for n, cell in enumerate(cells):
            if cell in why:
                wrong.setdefault(n, []).append(Problem(numbers[n], column.name, why[cell]))
    return list(map(said.__getitem__, cells))


# --- What a cell may say ------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def text(most: int) -> Parser:
    """Words of at most `most` characters, white space made single."""

    def parse(cell: str) -> str:
        if cell.isprintable() and "  " not in cell and cell == cell.strip() and len(cell) <= most:
            return cell
        words = " ".join(cell.split())
        if _CONTROL.search(words):
            raise ValueError(
                f"“{shown(_CONTROL.sub('?', words))}” holds characters nobody can see."
            )
        if len(words) > most:
            raise ValueError(f"“{shown(words)}” is longer than {most} characters.")
        return words

    return parse


identifier = text(50)


def email(cell: str) -> str:
    """An email address."""
    if len(cell) > 254 or not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+", cell):
        raise ValueError(f"“{shown(cell)}” is not an email address.")
    return text(254)(cell)


_SERIAL = re.compile(r"[1-9]\d{4}(\.\d+)?", re.ASCII)
_SERIAL_FROM = datetime(1899, 12, 30)  # noqa: DTZ001


def spreadsheet_time(cell: str) -> datetime | None:
    """The local date and time a spreadsheet means by a number such as 46083.3125, to the second."""
    if not _SERIAL.fullmatch(cell):
        return None
    return _SERIAL_FROM + timedelta(seconds=round(float(cell) * 86_400))


@lru_cache(maxsize=4096)
def day(cell: str) -> date:
    """A date, as 2026-03-03 or 03/03/2026 (day first); a midnight after it is let pass."""
    bare = re.sub(r"[T ]00:00(:00(\.0+)?)?$", "", cell)
    try:
        serial = spreadsheet_time(bare)
        if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", bare, re.ASCII):
            result = date(int(found[3]), int(found[2]), int(found[1]))
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare, re.ASCII):
            result = date.fromisoformat(bare)
        elif serial and serial == datetime(serial.year, serial.month, serial.day):  # noqa: DTZ001
            result = serial.date()
        else:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"“{shown(cell)}” is not a date. Write it as 2026-03-03 or 03/03/2026."
        ) from None
    if not 1930 <= result.year <= 2100:
        raise ValueError(f"The year of “{shown(cell)}” cannot be right.")
    return result


@dataclass(frozen=True)
class LocalTime:
    """Reads a moment in UTC; without an offset London is meant, and `edge` settles the hour that
    comes twice in October (R16).
    """

    edge: Literal["start", "end"]

    def __call__(self, cell: str) -> datetime:
        if len(cell) in {16, 19} and cell[4] == "-" and cell[13] == ":":  # to the minute or second
            ahead = _ahead(cell[:13], self.edge)
            try:
                if ahead is not None:
                    return datetime.fromisoformat(f"{cell}+00:00") - ahead
            except ValueError:
                pass  # said below
        return _moment(cell, self.edge)


local_time = LocalTime


@lru_cache(maxsize=4096)
def _ahead(hour: str, edge: Literal["start", "end"]) -> timedelta | None:
    """By how much London is ahead of UTC in an hour such as 2026-03-03T07; None for what is none,
    or none that can be right."""
    try:
        when = datetime.fromisoformat(f"{hour}:00+00:00")
        return when - _moment(f"{hour}:00", edge)
    except ValueError:
        return None


# The same moments come again and again in a rota: shifts begin when shifts begin.
@lru_cache(maxsize=16_384)
def _moment(cell: str, edge: Literal["start", "end"]) -> datetime:
    when = written_time(cell)
    if when is None:
        raise ValueError(f"“{shown(cell)}” is not a date and time. Write it as 2026-03-03T07:00.")
    if not 1990 <= when.year <= 2100:
        raise ValueError(f"The year of “{shown(cell)}” cannot be right.")
    return moment(parse_local(when, edge=edge))


def written_time(cell: str) -> datetime | None:
    """The date and time as a cell writes them, with an offset only where it has one; None where it
    is not both."""
    if cell[4:5] == "-" and len(cell) >= 16:  # as most programs write it
        with suppress(ValueError):
            return datetime.fromisoformat(cell)
    found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})[T ,]+(\S.*)", cell, re.ASCII)
    given = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}T{found[4]}" if found else cell
    given = re.sub(r"([T ])(\d:)", r"\g<1>0\2", given)
    if serial := spreadsheet_time(cell):
        given = serial.isoformat()
    if len(given) <= 10:
        return None
    try:
        return datetime.fromisoformat(given)
    except ValueError:
        return None


def yes_no(cell: str) -> bool:
    """Yes or no, as people write it."""
    said = cell.casefold()
    if said in {"yes", "y", "true", "1"}:
        return True
    if said in {"no", "n", "false", "0"}:
        return False
    raise ValueError(f"“{shown(cell)}” is neither yes nor no.")


@dataclass(frozen=True)
class Choice:
    """Reads one of a list. `names` maps what may be written, folded as `folded`, to the value."""

    names: Mapping[str, str]
    what: str
    titles: tuple[str, ...]

    def __call__(self, cell: str) -> str:
        value = self.names.get(folded(cell))
        if value is None:
            hint = did_you_mean(cell, self.titles)
            raise ValueError(f"There is no {self.what} “{shown(cell)}”.{hint}")
        return value


def choice(names: Mapping[str, str], *, what: str, titles: Iterable[str]) -> Choice:
    """One of a list. `names` maps what may be written, folded as `folded`, to the value."""
    return Choice(names, what, tuple(titles))


def folded(words: str) -> str:
    """Text as compared: no case, spaces, hyphens or punctuation."""
    return "".join(letter for letter in words.casefold() if letter.isalnum())


def did_you_mean(cell: str, titles: Sequence[str]) -> str:
    """What to write instead: the nearest title, or the list while it is short."""
    by_fold = {folded(t): t for t in titles}
    near = get_close_matches(folded(cell[:60]), list(by_fold), n=1, cutoff=0.6)
    if near:
        return f" Did you mean “{by_fold[near[0]]}”?"
    return f" Write one of: {', '.join(titles)}." if 0 < len(titles) <= 12 else ""
