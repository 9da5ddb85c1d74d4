"""Narrow rows by the hundred thousand, written and looked up past the ORM: spans, shifts,
commitments, records. Never facts: those go through their act.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import connection, models

# Rows in one statement of SQLite, which then binds and begins once for all of them.
_TOGETHER = 100
_PAGES = 64 * 1024  # KiB


@contextmanager
def many() -> Iterator[None]:
    """For a file of any size: SQLite keeps up to 64 MiB of pages meanwhile, so that those of the
    indexes, which rows come to in any order, are not written and read again for each batch."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    database = connection.connection
    before = database.execute("PRAGMA cache_size").fetchone()[0]
    database.execute(f"PRAGMA cache_size = -{_PAGES}")
    try:
        yield
    finally:
        database.execute(f"PRAGMA cache_size = {before}")


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows whose values are as the database takes them (`moment_value` for moments)."""
    rows = list(rows)
    if not rows:
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        # OR FAIL keeps no journal of each statement; what fails undoes the whole transaction.
        into = f"INSERT OR FAIL INTO {quote(model._meta.db_table)} ({names}) VALUES "
        whole = len(rows) // _TOGETHER * _TOGETHER
        if whole:
            together = ", ".join([f"({places})"] * _TOGETHER)
            cursor.executemany(
                into + together,
                [
                    tuple(chain.from_iterable(rows[at : at + _TOGETHER]))
                    for at in range(0, whole, _TOGETHER)
                ],
            )
        if whole < len(rows):
            cursor.executemany(f"{into}({places})", rows[whole:])


def among(
    model: type[models.Model], columns: Sequence[str], by: int, values: Iterable[str]
) -> list[tuple[Any, ...]]:
    """These columns of the rows whose column number `by` of them says one of many values: what an
    index on it finds in one statement, however many."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    wanted = list(values)
    many: Any = wanted
    one_of = "= ANY(%s)"
    if connection.vendor == "sqlite":
        one_of, many = "IN (SELECT value FROM json_each(%s))", json.dumps(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names} FROM {quote(model._meta.db_table)} "
            f"WHERE {quote(columns[by])} {one_of}",
            [many],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that no row of this table has or had, for rows about to be inserted; inside the
    act that inserts them, so that nobody else is given the same."""
    table, column = model._meta.db_table, str(model._meta.pk.column)
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [quote(table), column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute(
            f"SELECT max(coalesce((SELECT max({quote(column)}) FROM {quote(table)}), 0), "
            "coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0))",
            [table],
        )
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def moment_value(moment: datetime) -> Any:
    """A moment as the database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def written_moments() -> Callable[[str], Any]:
    """`moment_value` for many moments in UTC that are written already, as `isoformat` does."""
    if connection.vendor != "sqlite":
        return lambda written: written
    return lambda written: written[:-6].replace("T", " ")  # as Django writes it, in no time
