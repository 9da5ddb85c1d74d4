"""Guards in the database: facts and entries refuse every UPDATE, DELETE, REPLACE and TRUNCATE.

They hold against mistakes and against anybody with the application's own access. Nothing stops a
person who owns the file or the server: that is what outside checkpoints are for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# Imported by the SQLite backend before Django has loaded any app: no models at the top.
PREFIX = "surehand_guard_"

_lifted: ContextVar[bool] = ContextVar("lifted", default=False)


def are_lifted() -> bool:
    """Whether the schema may be changed just now."""
    return _lifted.get()


@contextmanager
def lifted() -> Iterator[None]:
    """Allow the schema to be changed inside the block. For the `migrate` command alone.

    The triggers stay where they are: even a migration does not change a fact.
    """
    token = _lifted.set(True)
    try:
        yield
    finally:
        _lifted.reset(token)


def guarded_tables() -> list[str]:
    """The table of every fact, of the entries and of the checkpoints."""
    from django.apps import apps

    from .kinds import LEDGER, Fact

    return sorted(
        {
            model._meta.db_table
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed
            and not model._meta.proxy
            and (
                model._meta.label in LEDGER
                # The rows behind a fact's many-to-many field are part of the fact.
                or issubclass(_owner(model), Fact)
            )
        }
    )


def _owner(model: Any) -> type:
    """The model whose many-to-many field Django made this table for; else the model itself."""
    return model._meta.auto_created or model


def install(*, using: str = "default", tables: Sequence[str] | None = None) -> None:
    """Put every guard in place that is missing or altered, and drop those of tables gone."""
    from django.db import connections, transaction

    connection = connections[using]
    forms = _forms(connection)
    with lifted(), transaction.atomic(using=using), connection.cursor() as cursor:
        forms.prepare(cursor)
        found, expected = _compared(connection, cursor, tables)
        for name, sql in found.items():
            if expected.get(name) != sql and (tables is None or name in expected):
                cursor.execute(forms.drop(name))
        for name, sql in expected.items():
            if found.get(name) != sql:
                for statement in forms.make(name, sql):
                    cursor.execute(statement)


def missing(*, using: str = "default", tables: Sequence[str] | None = None) -> list[str]:
    """One sentence for each guard that is not in place as it should be; for `doctor`."""
    from django.db import connections

    connection = connections[using]
    with connection.cursor() as cursor:
        found, expected = _compared(connection, cursor, tables)
    return [
        f"The guard {name} is {'altered' if name in found else 'missing'}; run `surehand migrate`."
        for name, sql in expected.items()
        if found.get(name) != sql
    ]


def _forms(connection: Any) -> Any:
    if connection.vendor == "sqlite":
        from .sqlite import triggers

        return triggers
    from . import postgresql

    return postgresql


def _compared(
    connection: Any, cursor: Any, tables: Sequence[str] | None
) -> tuple[dict[str, str], dict[str, str]]:
    forms = _forms(connection)
    existing = set(connection.introspection.table_names(cursor))
    expected: dict[str, str] = {}
    for table in guarded_tables() if tables is None else tables:
        if table in existing:
            expected |= forms.wanted(cursor, table)
    return forms.present(cursor), expected


def grant(*, role: str, using: str = "default") -> None:
    """Give the application's PostgreSQL role what it needs and no more.

    On guarded tables SELECT and INSERT; on the others also UPDATE and DELETE. Run it as the owner
    of the tables after every `migrate`; the application then signs in as `role`.
    """
    from django.db import connections, transaction

    from . import postgresql

    connection = connections[using]
    if connection.vendor != "postgresql":
        raise ValueError("SQLite has no roles; the guards are in the file and the connection.")
    with transaction.atomic(using=using), connection.cursor() as cursor:
        postgresql.grant(cursor, role=role, guarded=guarded_tables())
