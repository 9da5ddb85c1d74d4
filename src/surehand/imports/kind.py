"""A kind of file: its layouts, who may import it, and the two functions its part gives.

The part that owns the rows compares lines with the database (reading only, a constant number of
statements) and writes what the comparison found (in bulk, inside one act). `imports` knows neither.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from surehand.evidence.actor import Actor
from surehand.evidence.refusal import NotPossible
from surehand.imports.reading import MAX_CSV, column_name, trimmed
from surehand.imports.table import Column, Line, Lines, Problem


class By(Protocol):
    """Who imports. What they may do is for the kind to judge."""

    @property
    def actor(self) -> Actor: ...


@dataclass(frozen=True)
class Batch:
    """What a kind compares with the database: all rows of a file, or the next of them."""

    lines: Lines
    by: Any
    today: date  # in London
    choices: Mapping[str, str]  # answers to `Question`s, by key
    # What the batches of one file tell each other; empty at the first.
    shared: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Something the file does not say and the person importing must choose."""

    key: str
    text: str
    options: Mapping[str, str]
    answer: str = ""


@dataclass
class Comparison:
    """What a file would do. Every good line is in exactly one of the lists or has a problem."""

    added: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    unchanged: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    change: Any = None  # for the kind's `write`

    def refuse(self, line: Line, column: str, sentence: str) -> None:
        self.problems.append(Problem(line.row, column, sentence))


@dataclass(frozen=True)
class Layout:
    """One way a kind's file may look. `header`, where given, must match exactly and in order."""

    name: str
    columns: tuple[Column, ...]
    compare: Callable[[Batch], Comparison]
    # Writes and returns whom each row is about: row number → pseudonym.
    write: Callable[[Any, Comparison], Mapping[int, str]]
    header: Callable[[Sequence[str]], bool] | None = None
    # Rows do not explain one another, so `compare` and `write` may take them batch by batch, and
    # memory does not grow with the file. `finish` answers the notes to be made at the end.
    in_batches: bool = False
    finish: Callable[[Batch], list[str]] | None = None

    def takes(self, header: Sequence[str]) -> bool:
        """Whether a file with this first line is of this layout as it is."""
        names = [column_name(h) for h in header]
        if self.header:
            return self.header(names)
        return {column_name(c.name) for c in self.columns if c.needed} <= set(names)


@dataclass(frozen=True)
class Kind:
    name: str
    title: str
    what: str
    check: Callable[[Any], None]  # raises NotPermitted unless one may import this kind at all
    layouts: tuple[Layout, ...]
    formats: tuple[str, ...] = ("csv", "xlsx")
    max_rows: int = 200_000
    max_bytes: int = MAX_CSV
    unrecognised: str = ""  # the refusal where no layout's header matches
    after: tuple[tuple[str, str], ...] = ()  # pages to look at after such a file: words, URL name

    @property
    def mappable(self) -> bool:
        """Whether a file in another layout may be matched to this one."""
        return len(self.layouts) == 1 and self.layouts[0].header is None

    def layout_for(self, header: Sequence[str]) -> Layout | None:
        """The layout a first line is of."""
        header = trimmed(header)
        return next((layout for layout in self.layouts if layout.takes(header)), None)

    def layout(self, name: str) -> Layout:
        return next(layout for layout in self.layouts if layout.name == name)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of file this installation takes, by name (settings.IMPORT_KINDS)."""
    return {name: import_string(path) for name, path in settings.IMPORT_KINDS.items()}


def find(name: str) -> Kind:
    """The kind called `name`. Raises NotPossible, with the names there are."""
    try:
        return kinds()[name]
    except KeyError:
        raise NotPossible(
            f"There is no kind of file “{name}”. There are: {', '.join(kinds())}."
        ) from None
