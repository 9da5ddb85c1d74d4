"""What a kind of file looks like: its columns, and what each cell may say.

A `Column` reads one cell into a value or raises ValueError with a sentence; `read_lines` turns a
sheet into typed lines and problems. Dates are ISO or DD/MM/YYYY; times without an offset are
London's (R16).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

from surehand.imports.reading import MAX_CELL, ImportProblem, Row, Sheet, column_name, shown
from surehand.timeline import moment, parse_local

Parser = Callable[[str], Any]


@dataclass(frozen=True)
class Column:
    """One column of a file.

    `needed`: the file must have it. `filled`: each of its cells must say something. `kept`: its
    cells are read; a column that is known and not kept is never stored, not even in a file of
    refused rows.
    """

    name: str
    what: str
    parse: Parser
    needed: bool = False
    filled: bool = False
    kept: bool = True
    example: str = ""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """Why a row is refused. `column` is empty where the row as a whole is meant."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row as read. `values` holds only the columns the file has; empty cells are None."""

    row: int
    text: tuple[str, ...]  # the kept cells, in the order of `Lines.columns`
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lines:
    """A file as read: only the columns that are kept."""

    columns: tuple[str, ...]
    good: tuple[Line, ...]
    bad: tuple[Line, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]  # columns of the file that mean nothing here
    dropped: tuple[str, ...]  # columns known and deliberately not kept
    digest: bytes


def read_lines(
    sheet: Sheet, columns: Sequence[Column], *, kind: str, max_rows: int = 200_000
) -> Lines:
    """Every row of `sheet`, typed, or with the reasons why it is refused.

    Raises ImportProblem for a file whose header lacks a needed column or that has no rows.
    """
    names = [column_name(h) for h in sheet.header]
    by_name = {column_name(c.name): c for c in columns}
    missing = [c.name for c in columns if c.needed and column_name(c.name) not in names]
    if missing:
        found = ", ".join(shown(h, 25) for h in sheet.header[:12] if h) or "nothing"
        raise ImportProblem(
            f"The {kind} file needs the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}. Its first line has: {found}"
            f"{' …' if len(sheet.header) > 12 else ''}."
        )
    at = [
        (position, by_name[name])
        for position, name in enumerate(names)
        if name in by_name and by_name[name].kept
    ]
    good: list[Line] = []
    bad: list[Line] = []
    problems: list[Problem] = []
    for row in sheet.rows:
        if len(good) + len(bad) >= max_rows:
            raise ImportProblem(f"The file has more than {max_rows:,} rows. Split it.")
        line, wrong = _line(row, at, len(names))
        problems.extend(wrong)
        (bad if wrong else good).append(line)
    if not good and not bad:
        raise ImportProblem("The file has a first line and no rows under it.")
    return Lines(
        columns=tuple(c.name for _, c in at),
        good=tuple(good),
        bad=tuple(bad),
        problems=tuple(problems),
        unknown=tuple(
            shown(h) for h, n in zip(sheet.header, names, strict=True) if h and n not in by_name
        ),
        dropped=tuple(c.name for c in columns if not c.kept and column_name(c.name) in names),
        digest=sheet.digest,
    )


def _line(row: Row, at: list[tuple[int, Column]], width: int) -> tuple[Line, list[Problem]]:
    cells = row.cells
    values: dict[str, Any] = {}
    text: list[str] = []
    problems: list[Problem] = []
    for position, column in at:
        cell = cells[position] if position < len(cells) else ""
        text.append(cell if len(cell) <= MAX_CELL else cell[:200])
        if not cell:
            values[column.name] = None
            if column.filled:
                problems.append(Problem(row.number, column.name, f"{column.name} is empty."))
            continue
        try:
            values[column.name] = column.parse(cell)
        except ValueError as why:
            problems.append(Problem(row.number, column.name, str(why)))
    if any(cells[width:]):
        problems.append(
            Problem(
                row.number,
                "",
                "The row has more cells than the first line has columns. "
                "Put cells that hold a comma in quotation marks.",
            )
        )
    return Line(row.number, tuple(text), values), problems


# --- What a cell may say ------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def text(most: int) -> Parser:
    """Words of at most `most` characters, white space made single."""

    def parse(cell: str) -> str:
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


@lru_cache(maxsize=4096)
def day(cell: str) -> date:
    """A date, as 2026-03-03 or 03/03/2026 (day first); a midnight after it is let pass."""
    bare = re.sub(r"[T ]00:00(:00(\.0+)?)?$", "", cell)
    try:
        if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", bare, re.ASCII):
            result = date(int(found[3]), int(found[2]), int(found[1]))
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare, re.ASCII):
            result = date.fromisoformat(bare)
        else:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"“{shown(cell)}” is not a date. Write it as 2026-03-03 or 03/03/2026."
        ) from None
    if not 1930 <= result.year <= 2100:
        raise ValueError(f"The year of “{shown(cell)}” cannot be right.")
    return result


def local_time(edge: Literal["start", "end"]) -> Parser:
    """A moment in UTC; without an offset London is meant, and `edge` settles the hour that comes
    twice in October (R16).
    """

    def parse(cell: str) -> datetime:
        found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})[T ,]+(\S.*)", cell, re.ASCII)
        given = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}T{found[4]}" if found else cell
        given = re.sub(r"([T ])(\d:)", r"\g<1>0\2", given)
        wrong = f"“{shown(cell)}” is not a date and time. Write it as 2026-03-03T07:00."
        if len(given) <= 10:
            raise ValueError(wrong)
        try:
            when = datetime.fromisoformat(given)
        except ValueError:
            raise ValueError(wrong) from None
        if not 1990 <= when.year <= 2100:
            raise ValueError(f"The year of “{shown(cell)}” cannot be right.")
        return moment(parse_local(when, edge=edge))

    return parse


def yes_no(cell: str) -> bool:
    """Yes or no, as people write it."""
    said = cell.casefold()
    if said in {"yes", "y", "true", "1"}:
        return True
    if said in {"no", "n", "false", "0"}:
        return False
    raise ValueError(f"“{shown(cell)}” is neither yes nor no.")


def choice(names: Mapping[str, str], *, what: str, titles: Iterable[str]) -> Parser:
    """One of a list. `names` maps what may be written, folded as `folded`, to the value."""
    titles = list(titles)

    def parse(cell: str) -> str:
        value = names.get(folded(cell))
        if value is None:
            raise ValueError(f"There is no {what} “{shown(cell)}”.{did_you_mean(cell, titles)}")
        return value

    return parse


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
