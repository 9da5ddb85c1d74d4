"""How long to wait for the database: an answer that must come soon, or be a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import Error, connection

_now: ContextVar[int | None] = ContextVar("patience", default=None)


def milliseconds_now() -> int | None:
    """How long a connection made now may wait; None: as long as is usual."""
    return _now.get()


@contextmanager
def at_most(*, milliseconds: int) -> Iterator[None]:
    """Connecting and every statement inside end within so long, or raise OperationalError.

    On PostgreSQL that is any statement, whatever it waits for; SQLite only ever waits for a lock.
    A connection that cannot be set back is closed, so that the next request gets a new one.
    """
    token = _now.set(milliseconds)
    try:
        _wait(milliseconds, milliseconds)
        yield
    finally:
        _now.reset(token)
        if connection.connection is not None:
            try:
                _wait(0, int(connection.settings_dict["OPTIONS"].get("timeout", 0) * 1000))
            except Error:
                connection.close()


def _wait(statement: int, lock: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET statement_timeout = {statement:d}")
        else:
            cursor.execute(f"PRAGMA busy_timeout = {lock:d}")
