"""Narrow rows by the hundred thousand, written past the ORM: spans, shifts, commitments. Never
facts: those go through their act.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models


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
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})", rows
        )


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
    if connection.vendor == "sqlite" and moment.tzinfo is UTC:  # as Django writes it, in no time
        return moment.isoformat(" ")[:-6]
    return connection.ops.adapt_datetimefield_value(moment)
