"""A column mapping: how a file of somebody else's layout becomes one of ours.

Pure: a mapping and a sheet make a sheet. A mapping says for each of our columns which columns of
the file it is read from (several are joined by a space: first name and surname, date and time), or
one value for every row; what their words mean in ours; and whether 03/04 is in April or in March.
It holds no cell of anybody's file but words that somebody gave a meaning to, such as job titles.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, Literal

from surehand.imports.reading import Row, Sheet, column_name, trimmed
from surehand.imports.table import TOO_WIDE, Column, LocalTime, folded, written_time

Order = Literal["", "DMY", "MDY"]

# Columns with more different words than this are not offered word by word.
MOST_WORDS = 200
_LONGEST_WORD = 80
_JOINED_AT_MOST = 3


@dataclass(frozen=True)
class Source:
    """Where one of our columns comes from.

    `columns` of the file, joined by a space, or else `value` for every row. `words`: what theirs
    mean, by their word as compared; one that means nothing here leaves its rows out. `order`: of
    the day and the month in dates like 03/04/2026. `fill_down`: an empty cell says what stands
    above it (a merged cell is full only at its top).
    """

    columns: tuple[str, ...] = ()
    value: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    order: Order = ""
    fill_down: bool = False


@dataclass
class Noted:
    """Numbers of the rows of which something is said beside their cells, as they are read."""

    overnight: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class ColumnMap:
    """`header`: the names of the columns the file has, by which the next such file is recognised;
    `sources`: by the name of our column."""

    header: tuple[str, ...]
    sources: Mapping[str, Source]

    def knows(self, header: Sequence[str]) -> bool:
        """Whether a file with this first line is one this mapping was made for."""
        return signature(header) == signature(self.header)

    def reads(self, header: Sequence[str]) -> bool:
        """Whether a file with this first line has every column this mapping reads."""
        there = {column_name(n) for n in named(header)}
        return all(column_name(c) in there for s in self.sources.values() for c in s.columns)

    def applied(self, sheet: Sheet, columns: Sequence[Column], noted: Noted | None = None) -> Sheet:
        """The sheet in our columns, in the order of `columns`; row numbers stay the file's.

        Where one date is joined to the time something begins and to the time it ends, an earlier
        time ends on the next day.
        """
        ours = [c for c in columns if c.name in self.sources]
        return Sheet(tuple(c.name for c in ours), self._rows(sheet, ours, noted or Noted()))

    def _one_date(self, ours: Sequence[Column]) -> tuple[int, int] | None:
        """Where a beginning and an end stand among `ours`, if both are joined to one date."""
        edges = {c.parse.edge: n for n, c in enumerate(ours) if isinstance(c.parse, LocalTime)}
        if edges.keys() != {"start", "end"}:
            return None
        begins, ends = (self.sources[ours[edges[edge]].name].columns for edge in ("start", "end"))
        joined = len(begins) > 1 and len(ends) > 1 and begins[0] == ends[0]
        return (edges["start"], edges["end"]) if joined else None

    def _rows(self, sheet: Sheet, ours: Sequence[Column], noted: Noted) -> Iterator[Row]:
        at = {column_name(name): n for n, name in enumerate(named(sheet.header))}
        width = len(sheet.header)
        plan = []
        for column in ours:
            source = self.sources[column.name]
            positions = [at[column_name(c)] for c in source.columns if column_name(c) in at]
            plan.append((source, positions, column.is_date or column.is_time))
        own = [p for source, positions, _ in plan if not source.fill_down for p in positions]
        above: dict[int, str] = {}
        one_date = self._one_date(ours)
        for row in sheet.rows:
            cells = row.cells
            out = []
            meant = True
            for n, (source, positions, timed) in enumerate(plan):
                parts = [cells[p] for p in positions if p < len(cells) and cells[p]]
                text = _joined(parts, timed) if positions else source.value
                if source.fill_down:
                    text = above[n] = text or above.get(n, "")
                if source.words and text:
                    text = source.words.get(folded(text), text)
                    meant = meant and bool(text)
                out.append(in_order(text, source.order) if timed else text)
            if own and not any(cells[p] for p in own if p < len(cells)):
                continue  # only the label of the rows below it
            if not meant:
                noted.left_out.append(row.number)
                continue
            if one_date and (later := _next_day(out[one_date[0]], out[one_date[1]])):
                out[one_date[1]] = later
                noted.overnight.append(row.number)
            if any(cells[width:]):
                out.append(TOO_WIDE)
            yield Row(row.number, tuple(out))

    def unknown_words(self, sheet: Sheet, columns: Sequence[Column]) -> dict[str, Counter[str]]:
        """By our column, the words of a sheet, with their counts, that nobody gave a meaning to."""
        asked = [c for c in columns if c.name in self.sources and c.choices()]
        seen: dict[str, Counter[str]] = {c.name: Counter() for c in asked}
        ours = self.applied(sheet, asked)
        for row in ours.rows:
            for name, cell in zip(ours.header, row.cells, strict=False):
                if cell and (cell in seen[name] or len(seen[name]) < MOST_WORDS):
                    seen[name][cell] += 1
        by_name = {c.name: c for c in asked}
        return {
            name: unknown
            for name, words in seen.items()
            if (
                unknown := Counter(
                    {w: n for w, n in words.items() if not meaning(by_name[name], w)[1]}
                )
            )
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "v": 1,
            "header": list(self.header),
            "columns": {
                name: {
                    key: value
                    for key, value in (
                        ("from", list(source.columns)),
                        ("value", source.value),
                        ("words", dict(source.words)),
                        ("order", source.order),
                        ("fill_down", source.fill_down),
                    )
                    if value
                }
                for name, source in self.sources.items()
            },
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "ColumnMap":
        return cls(
            header=tuple(said["header"]),
            sources={
                name: Source(
                    columns=tuple(source.get("from", ())),
                    value=source.get("value", ""),
                    words=source.get("words", {}),
                    order=source.get("order", ""),
                    fill_down=source.get("fill_down", False),
                )
                for name, source in said["columns"].items()
            },
        )

    def digest(self) -> bytes:
        """SHA-256 of the mapping, for the entry of an import that used it."""
        return sha256(json.dumps(self.as_json(), sort_keys=True).encode()).digest()


def signature(header: Sequence[str]) -> tuple[str, ...]:
    """The columns of a first line as compared, in no order of the file's."""
    return tuple(sorted(column_name(name) for name in named(header)))


def named(header: Sequence[str]) -> tuple[str, ...]:
    """A name of its own for each column: “Column C” where it has none, “Name (2)” at the second."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for n, cell in enumerate(trimmed(header)):
        name = " ".join(cell.split())[:60] or f"Column {_letter(n)}"
        seen[column_name(name)] += 1
        times = seen[column_name(name)]
        names.append(name if times == 1 else f"{name} ({times})")
        seen[column_name(names[-1])] += times > 1
    return tuple(names)


def _letter(position: int) -> str:
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# --- Dates and times ----------------------------------------------------------------------------

_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)(.*)", re.ASCII | re.DOTALL)
_MIDNIGHT = re.compile(r"[T ]00:00(:00)?$")
_HOURS = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\.?$", re.ASCII | re.IGNORECASE)


def _joined(parts: Sequence[str], timed: bool) -> str:
    if timed and len(parts) > 1:
        parts = [_MIDNIGHT.sub("", parts[0]), *parts[1:]]
    return " ".join(parts)


def _next_day(begins: str, ends: str) -> str:
    """An end that comes before its beginning, a day later; else empty."""
    begin, end = written_time(begins), written_time(ends)
    if not (begin and end) or begin.tzinfo or end.tzinfo or end >= begin:
        return ""
    return (end + timedelta(days=1)).isoformat(" ", "minutes")


def in_order(cell: str, order: Order) -> str:
    """A date, or date and time, written as 03/04/26, as ISO; what is not so written stays. Twelve
    o'clock and after it come as 24 hours."""
    cell = _HOURS.sub(_hours, cell)
    found = _DATE.fullmatch(cell) if order else None
    if not found:
        return cell
    first, second, year, rest = found.groups()
    day, month = (first, second) if order == "DMY" else (second, first)
    if len(year) == 2:
        year = f"20{year}"
    return f"{year}-{month:0>2}-{day:0>2}{rest}"


def _hours(found: re.Match[str]) -> str:
    hours, minutes, half = int(found[1]), found[2] or "00", found[3].lower()
    if not 1 <= hours <= 12:
        return found[0]
    return f"{hours % 12 + 12 * (half == 'p'):02}:{minutes}"


# --- Looking at a file ---------------------------------------------------------------------------


@dataclass
class Profile:
    """What stands in one column of a file. `words`: each with how many cells say it; None where
    they are too many or too long to be a choice."""

    name: str
    samples: list[str] = field(default_factory=list)
    filled: int = 0
    rows: int = 0
    words: Counter[str] | None = field(default_factory=Counter)
    day_first: int = 0  # dates that can only be day first, such as 13/02/2026
    month_first: int = 0
    either: int = 0

    def see(self, cell: str) -> None:
        self.rows += 1
        if not cell:
            return
        self.filled += 1
        if len(self.samples) < 3 and cell not in self.samples:
            self.samples.append(cell)
        if self.words is not None:
            self.words[cell] += 1
            if len(self.words) > MOST_WORDS or len(cell) > _LONGEST_WORD:
                self.words = None
        if found := _DATE.match(cell):
            first, second = int(found[1]), int(found[2])
            self.day_first += first > 12
            self.month_first += second > 12
            self.either += first <= 12 and second <= 12

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "words": None if self.words is None else dict(self.words)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Profile":
        return cls(**{**said, "words": None if said["words"] is None else Counter(said["words"])})

    @property
    def has_gaps(self) -> bool:
        """Whether it looks as if merged cells had been taken apart."""
        return 0 < self.filled <= self.rows // 2


def profiles(sheet: Sheet) -> list[Profile]:
    """What stands in each column of a sheet."""
    found = [Profile(name) for name in named(sheet.header)]
    for row in sheet.rows:
        for position, profile in enumerate(found):
            profile.see(row.cells[position] if position < len(row.cells) else "")
    return found


def evident_order(seen: Iterable[Profile]) -> tuple[Order, bool]:
    """The order of day and month as the dates of a file show it, and whether it must be asked: in
    03/04/2026 nobody can see it."""
    seen = list(seen)
    day, month = sum(p.day_first for p in seen), sum(p.month_first for p in seen)
    if day and month:
        return "", True
    if day or month:
        return ("DMY" if day else "MDY"), True
    return "", any(p.either for p in seen)


def guesses(columns: Sequence[Column], header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each of our columns the file's columns it is probably read from: of the same name, of one
    of its other names, or of nearly the same. No column of the file is guessed twice, except where
    it is joined: the date to the beginning and to the end of a shift."""
    names = {folded(name): name for name in reversed(named(header))}
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    alone: set[str] = set()

    def take(column: Column, *theirs: str) -> None:
        found[column.name] = theirs
        taken.update(theirs)
        alone.update(theirs if len(theirs) == 1 else ())

    kept = [c for c in columns if c.kept]
    for column in kept:
        if folded(column.name) in names:
            take(column, names[folded(column.name)])
    for column in kept:
        if column.name in found:
            continue
        for other in column.also:
            parts = [names.get(folded(part)) for part in other.split("+")]
            if all(parts) and (len(parts) > 1 or parts[0] not in alone):
                take(column, *(part for part in parts if part))
                break
    for column in kept:
        left = {fold: name for fold, name in names.items() if name not in taken}
        near = get_close_matches(folded(column.name), list(left), n=1, cutoff=0.8)
        if column.name not in found and near:
            take(column, left[near[0]])
    return found


def likeness(columns: Sequence[Column], header: Sequence[str]) -> int:
    """How many of our columns a row of a file seems to name: to find its first line."""
    return len(guesses(columns, header)) if len([c for c in header if c]) > 1 else 0


def meaning(column: Column, word: str) -> tuple[str, bool]:
    """What a word of the file means in a column that is a choice, and whether it is read so without
    being told; ("", False) where nobody can know."""
    options = column.choices()
    by_fold = {folded(v): v for v in options}
    try:
        read = column.parse(word)
    except ValueError:
        read = None
    if read is not None and (not isinstance(read, str) or folded(read) in by_fold):
        return (by_fold.get(folded(read), word) if isinstance(read, str) else word), True
    by_title = {folded(t): v for v, t in options.items()}
    bare = {title.removeprefix("the"): v for title, v in by_title.items()}  # “Laurels”
    for known in (by_title, column.heard, bare):
        if known.get(folded(word)) in options:
            return known[folded(word)], False
    near = get_close_matches(folded(word), [*by_title], n=1, cutoff=0.85)
    begun = [title for title in by_title if len(word) > 3 and title.startswith(folded(word))]
    near = near or (begun if len(begun) == 1 else [])  # “Perm” is permanent
    first = word.casefold().split()  # “Agency – Brightcare” is agency, “Care worker, nights” one
    led = [t for n in range(len(first)) if (t := folded(" ".join(first[: n + 1]))) in by_title]
    near = near or led[-1:]
    return (by_title[near[0]] if near else ""), False
