"""What is held about people beside the ledger: how it is found, erased, and how long it is kept.

Facts and entries hold pseudonyms and stay. Every model that is not a fact or a span says in
`personal` how it finds what it holds about a person, or in a sentence why it holds nothing; every
copy and draft says in `kept` for how long it is kept and why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

A_YEAR = 365


@dataclass(frozen=True)
class Whom:
    """One human to be found: every record of them, and what they are called."""

    people: frozenset[int]
    pseudonyms: frozenset[str]
    called: tuple[str, ...]  # full names, references, addresses

    @cached_property
    def marks(self) -> re.Pattern[str] | None:
        """What finds them in a text: whole names, references and addresses, in any case."""
        found = [r"\s+".join(map(re.escape, text.split())) for text in self.called if text.strip()]
        if not found:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(found, key=len)[::-1])})(?!\w)", re.I)

    def in_text(self, text: str) -> bool:
        return self.marks is not None and self.marks.search(text) is not None

    def entries(self) -> QuerySet[Any]:
        """The seqs of the entries about them."""
        from .models import Subject

        named = Subject.objects.filter(pseudonym__in=self.pseudonyms, acted=False)
        return named.values("entry")


Find = Callable[["type[Model]", Whom], "QuerySet[Any]"]
Older = Callable[["type[Model]", datetime], "QuerySet[Any]"]
Erase = Callable[["QuerySet[Any]"], int]


def delete(rows: QuerySet[Any]) -> int:
    """Delete the rows; how many they were."""
    count = rows.count()
    if count:
        rows.delete()
    return count


def falling_with(model: type[Model]) -> Iterator[tuple[type[Model], str, bool]]:
    """The tables that point at rows of this one: which, by what field, and whether their rows fall
    with them or only lose sight of them."""
    from django.db.models import CASCADE, SET_NULL, ForeignObjectRel

    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete in {CASCADE, SET_NULL}:
            yield relation.related_model, relation.field.name, relation.on_delete is CASCADE


def delete_many(rows: QuerySet[Any]) -> int:
    """Delete the rows and what falls with them; how many they were.

    A few statements and no row read, however many there are.
    """
    for model, field, falls in falling_with(rows.model):
        theirs = model._default_manager.filter(**{f"{field}__in": rows.values("pk")})
        if falls:
            delete_many(theirs)
        else:
            theirs.update(**{field: None})
    return int(rows._raw_delete(rows.db))


def tables_of(model: type[Model]) -> set[str]:
    """The tables that lose rows when rows of this one are deleted."""
    found = {model._meta.db_table}
    for other, _, falls in falling_with(model):
        found |= tables_of(other) if falls else set()
    return found


def without_salt(rows: QuerySet[Any]) -> int:
    """Keep the rows' digests and take their salts: what they stood for can be guessed no more."""
    return rows.filter(salt__isnull=False).update(salt=None)


@dataclass(frozen=True)
class Personal:
    """How a table finds what it holds about a person (`what`, in words) and erases it."""

    what: str
    find: Find
    erase: Erase = delete


@dataclass(frozen=True)
class Kept:
    """For how long a table is kept: `days` unless an administrator says otherwise, between `least`
    and `most`; `what` it is and `why` that long, in words. `older` finds what was written before a
    moment. What comes and goes every day is not `evidenced` by an entry. A table kept for more than
    one time tells them apart by `part`."""

    what: str
    why: str
    days: int
    least: int
    most: int
    older: Older
    erase: Erase = delete
    evidenced: bool = True
    part: str = ""

    @property
    def fixed(self) -> bool:
        return self.least == self.most


def _about(model: type[Model], whom: Whom) -> QuerySet[Any]:
    return model._default_manager.filter(entry__in=whom.entries())


def by_entry(model: type[Model], moment: datetime) -> QuerySet[Any]:
    """The rows written with the entries recorded by `moment`."""
    from .queries import seq_at

    return model._default_manager.filter(entry__lte=seq_at(moment=moment))


WORDS = Personal("What was written", find=_about)
WORDS_KEPT = Kept(
    "What was written beside an entry",
    "So that a decision can be understood for as long as it may be questioned.",
    days=6 * A_YEAR,
    least=A_YEAR,
    most=15 * A_YEAR,
    older=by_entry,
)


def committed(entry: int) -> list[tuple[str, bytes, bytes]]:
    """All that is kept of what an entry committed to: what it is, its content and salt."""
    from django.apps import apps

    found: list[tuple[str, bytes, bytes]] = []
    for model in apps.get_models():
        if read := getattr(model, "committed", None):
            found += read(entry)
    return found


def holding() -> Iterator[tuple[type[Model], Personal]]:
    """Every table that may hold something about a person, and how it finds it."""
    from django.apps import apps

    for model in apps.get_models():
        personal = getattr(model, "personal", None)
        if isinstance(personal, Personal):
            yield model, personal


def keeping() -> Iterator[tuple[type[Model], Kept]]:
    """Every table that is kept for some time; more than once, where its rows differ."""
    from django.apps import apps

    for model in apps.get_models():
        kept = getattr(model, "kept", None)
        for each in kept if isinstance(kept, tuple) else (kept,):
            if isinstance(each, Kept):
                yield model, each
