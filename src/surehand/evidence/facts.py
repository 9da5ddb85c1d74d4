"""A fact row as canonical bytes, so that its entry can answer for it.

Each entry states, per table, how many facts it recorded, their columns, and the Merkle root over
the rows in the order of their keys. A fact changed behind the guards no longer fits its entry.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from . import canonical, tree


def columns(model: type[models.Model]) -> list[str]:
    """The columns of a fact that its entry answers for: all of them, by name."""
    return sorted(field.attname for field in model._meta.concrete_fields)


def leaf(fact: models.Model, names: Iterable[str]) -> bytes:
    """The leaf hash of a row. Raises TypeError for a value that has no one written form."""
    return tree.leaf(
        canonical.dumps([_written(fact._meta.get_field(name), fact) for name in names])
    )


def _written(field: Any, fact: models.Model) -> Any:
    """One value as a row read back from the database has it, whichever form it was given in."""
    value = getattr(fact, field.attname)
    if value is None:
        return None
    while field.remote_field:
        field = field.target_field
    value = field.to_python(value)
    if isinstance(field, models.DecimalField):
        return str(value.quantize(Decimal(1).scaleb(-field.decimal_places)))
    return _plain(value)


def _plain(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int():
            # Keys and counts stay below 2^53; anything larger is written out.
            return int(value) if abs(value) <= 2**53 else str(int(value))
        case float() | Decimal() | UUID():
            return str(value)
        case str():
            return str.__str__(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value // timedelta(microseconds=1))
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
    raise TypeError(f"A fact cannot hold a {type(value).__name__}.")


class Recorded:
    """The facts of one act, gathered while it is open."""

    def __init__(self) -> None:
        self._rows: dict[type[models.Model], list[tuple[Any, bytes]]] = {}
        self._columns: dict[type[models.Model], list[str]] = {}

    def add(self, fact: models.Model) -> None:
        """Take in one fact that has just been inserted."""
        model = type(fact)
        names = self._columns.setdefault(model, columns(model))
        self._rows.setdefault(model, []).append((fact.pk, leaf(fact, names)))

    def statement(self) -> list[dict[str, Any]]:
        """What the entry says of its facts, per table."""
        return sorted(
            (
                {
                    "table": model._meta.label,
                    "count": len(rows),
                    "columns": self._columns[model],
                    "root": tree.root_of(hashed for _, hashed in sorted(rows)).hex(),
                }
                for model, rows in self._rows.items()
            ),
            key=lambda said: str(said["table"]),
        )


def by_entry(
    model: type[models.Model], said: dict[int, tuple[int, tuple[str, ...], str]], *, upto: int
) -> Iterator[str]:
    """One sentence for each entry up to `upto` whose facts in this table are not as it says.

    `said` gives, per seq, the count, columns and root the entry states for the table.
    """
    label = model._meta.label
    known = set(columns(model))
    left = dict(said)
    hashes: list[bytes] = []
    seq: int | None = None

    def settle(seq: int) -> Iterator[str]:
        stated = left.pop(seq, None)
        if stated is None:
            yield f"{label}: a fact names entry {seq}, which does not record it."
        elif stated[0] != len(hashes) or stated[2] != tree.root_of(hashes).hex():
            yield f"{label}: the facts of entry {seq} are not as they were recorded."

    rows = model._base_manager.filter(entry__lte=upto).order_by("entry", "pk")
    for fact in rows.iterator(chunk_size=2000):
        if fact.entry != seq:  # type: ignore[attr-defined]
            if seq is not None:
                yield from settle(seq)
            seq, hashes = fact.entry, []  # type: ignore[attr-defined]
        names = said[seq][1] if seq in said else ()
        if unknown := set(names) - known:
            yield f"{label}: entry {seq} speaks of columns gone: {', '.join(sorted(unknown))}."
            names = ()
        hashes.append(leaf(fact, names))
    if seq is not None:
        yield from settle(seq)
    for lost in left:
        yield f"{label}: the facts of entry {lost} are missing."
