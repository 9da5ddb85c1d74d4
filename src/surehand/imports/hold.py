"""Whose turn it is to work on a file that waits, and how far they are.

While an import is written its transaction holds the only write lock there is on SQLite, so neither
a lease nor progress can be a row there. On SQLite, where everything runs on one machine, a file in
the data folder is locked by whoever works, and says how far they are; on PostgreSQL a connection
beside the transaction holds an advisory lock and writes progress into the row. Both locks end with
the process that holds them, however it ends: what it left is for anybody to take up.
"""

import fcntl
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from surehand.imports.models import PendingImport

# A number of our own for advisory locks, so that nobody else's are taken for them.
_OURS = 0x5E4D


@contextmanager
def taken(pending: int) -> Iterator[Callable[[int], None] | None]:
    """Work on file number `pending` alone: yields what to call with the rows done so far, or None
    while somebody else works on it."""
    with (_file if connection.vendor == "sqlite" else _advisory)(pending) as tell:
        yield tell


def is_taken(pending: int) -> bool:
    """Whether somebody works on it now."""
    if connection.vendor == "sqlite":
        with _file(pending) as tell:
            return tell is None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_OURS, pending],
        )
        return cursor.fetchone() is not None


def progress(pending: int) -> int:
    """How many rows are done."""
    if connection.vendor == "sqlite":
        try:
            return int(_path(pending).read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0
    row = PendingImport.objects.filter(pk=pending).values_list("done_rows", flat=True)
    return row.first() or 0


def _path(pending: int) -> Path:
    database = zlib.crc32(str(connection.settings_dict["NAME"]).encode())
    return Path(settings.DATA) / "work" / f"import-{database:08x}-{pending}"


@contextmanager
def _file(pending: int) -> Iterator[Callable[[int], None] | None]:
    path = _path(pending)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if not path.exists() or path.stat().st_ino != os.fstat(descriptor).st_ino:
            yield None  # whoever had it has just finished
            return
        yield lambda rows: _write(descriptor, rows)
        path.unlink()
    finally:
        os.close(descriptor)


def _write(descriptor: int, rows: int) -> None:
    os.pwrite(descriptor, str(rows).encode(), 0)


@contextmanager
def _advisory(pending: int) -> Iterator[Callable[[int], None] | None]:
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_OURS, pending])
            if not cursor.fetchone()[0]:
                yield None
                return

            def tell(rows: int) -> None:
                cursor.execute(
                    "UPDATE imports_pendingimport SET done_rows = %s WHERE id = %s",
                    [rows, pending],
                )

            try:
                yield tell
            finally:
                # Closing would free it too, a moment later.
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_OURS, pending])
    finally:
        beside.close()
