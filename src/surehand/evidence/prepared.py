"""Queries and inserts whose SQL is put together once in a process.

For what every action asks and writes, Django spends several times as long on putting the SQL
together as the database on running it. A `prepared` query is written as any other; only its values
change.
"""

import json
from collections.abc import Callable, Collection, Iterator
from functools import wraps
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import InsertQuery

Value = int | Collection[int] | None


class Given(Expression):
    """Stands in a query for a whole number, or for several of them, given when it is run.

    Several are one parameter, so that the SQL is the same however many there are.
    """

    def __init__(self, name: str, *, several: bool) -> None:
        super().__init__()
        self.name = name
        self.several = several

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return ("(SELECT value FROM json_each(%s))" if self.several else "%s"), [self]

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return ("(SELECT unnest(%s::bigint[]))" if self.several else "%s"), [self]


class _Statement:
    """The SQL of one query on one kind of database, and how to make values of its rows."""

    def __init__(self, query: QuerySet[Any, Any]) -> None:
        self.model = query.model if query._fields is None else None  # type: ignore[attr-defined]
        compiler = query.query.get_compiler(connection=connection)
        self.sql, self.parameters = compiler.as_sql()
        chosen = [column for column, *_ in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(chosen)

    def rows(self, values: dict[str, Value]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                self.sql,
                [_written(values[p.name]) if isinstance(p, Given) else p for p in self.parameters],
            )
            found = cursor.fetchall()
        rows = list(self._converted(found)) if self.converters else found
        if self.model is None:
            return rows
        names = [field.attname for field in self.model._meta.concrete_fields]
        return [self.model.from_db(connection.alias, names, row) for row in rows]

    def _converted(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        converters = list(self.converters.items())
        for row in rows:
            made = list(row)
            for place, (steps, expression) in converters:
                for step in steps:
                    made[place] = step(made[place], expression, connection)
            yield tuple(made)


def _written(value: Value) -> Any:
    if value is None or isinstance(value, int):
        return value
    return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))


def prepared(query: Callable[..., QuerySet[Any, Any]]) -> Callable[..., list[Any]]:
    """Make a function that answers a QuerySet, of tuples (`values_list`) or of whole rows, one that
    answers what is in it.

    Its arguments are keywords: whole numbers, collections of them, or None. The function is called
    once for each way of leaving arguments None, with a stand-in for each that is not: it may ask
    whether one is None and filter by it, and nothing else. Each call is one statement.
    """
    statements: dict[tuple[Any, ...], _Statement] = {}

    @wraps(query)
    def run(**values: Value) -> list[Any]:
        several = {
            name: not isinstance(value, int) for name, value in values.items() if value is not None
        }
        shape = (connection.vendor, *sorted(several.items()))
        if (statement := statements.get(shape)) is None:
            given = {
                name: Given(name, several=several[name]) if name in several else None
                for name in values
            }
            statement = statements[shape] = _Statement(query(**given))
        return statement.rows(values)

    return run


_inserts: dict[tuple[str, type[Model], bool], tuple[str, list[Field[Any, Any]]]] = {}


def insert_one(row: Model) -> None:
    """Insert a new row, as `save(force_insert=True)` does. Raises IntegrityError as it does."""
    shape = (connection.vendor, type(row), row.pk is None)
    if (made := _inserts.get(shape)) is None:
        meta = row._meta
        fields = [f for f in meta.local_concrete_fields if row.pk is not None or f is not meta.pk]
        query = InsertQuery(type(row))
        query.insert_values(fields, [row])
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = [meta.pk]
        [(sql, _)] = compiler.as_sql()
        made = _inserts[shape] = sql, fields
    sql, fields = made
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [f.get_db_prep_save(f.pre_save(row, add=True), connection) for f in fields]
        )
        [row.pk] = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias
