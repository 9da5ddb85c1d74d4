"""A consistent copy of the whole database while it is in use, and putting one back.

On SQLite the copy is an ordinary database file; on PostgreSQL it is an archive of `pg_dump`. Keys
and secrets are not in it: they are kept outside the database, and so apart from its copies.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from .refusal import NotPossible

SQLITE = b"SQLite format 3\x00"
ARCHIVE = b"PGDMP"


def backup(file: Path) -> None:
    """Write a copy of the database, as it is at one moment, to `file`.

    Nobody has to stop. The file is there whole or not at all, on disk, and for its owner alone to
    read. Raises NotPossible where it exists already or cannot be written.
    """
    if file.exists():
        raise NotPossible(
            f"{file} is there already. Choose a new name; a copy is never overwritten."
        )
    try:
        handle, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    except OSError as problem:
        raise NotPossible(f"{file} cannot be written: {problem.strerror}.") from problem
    os.close(handle)
    draft = Path(name)
    try:
        if connection.vendor == "sqlite":
            _copy_sqlite(draft)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", name)
        _on_disk(draft)
        os.link(draft, file)
        _on_disk(file.absolute().parent)
    except FileExistsError:
        raise NotPossible(f"{file} is there already. Choose a new name.") from None
    except (OSError, DatabaseError) as problem:
        raise NotPossible(
            f"The copy could not be written: {problem}. Nothing is left of it."
        ) from (problem)
    finally:
        # A copy cut short by a full disk may leave SQLite's journal of it behind.
        for left in (draft, draft.with_name(f"{draft.name}-journal")):
            left.unlink(missing_ok=True)


def restore(file: Path, *, replace: bool = False) -> None:
    """Put the copy in `file` in the place of the database, whole or not at all.

    `replace` must be said where the database holds something. Raises NotPossible, with nothing
    changed, where the file is no such copy, is damaged, or comes from a newer version.
    """
    vendor = _vendor(file)
    if vendor != connection.vendor:
        raise NotPossible(
            f"{file} is a copy of a {_NAMES[vendor]} database, and this installation uses "
            f"{_NAMES[connection.vendor]}."
        )
    if not replace and "evidence_head" in connection.introspection.table_names():
        raise NotPossible(
            "There is a database here already, and restoring would put the copy in its place. "
            "Take a copy of it first, then say --replace."
        )
    if vendor == "sqlite":
        _put_back_sqlite(file)
    else:
        _put_back_archive(file)


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _vendor(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            start = opened.read(16)
    except OSError as problem:
        raise NotPossible(f"{file} cannot be read: {problem.strerror}.") from problem
    if start == SQLITE:
        return "sqlite"
    if start.startswith(ARCHIVE):
        return "postgresql"
    raise NotPossible(f"{file} is not a copy made by `surehand backup`.")


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- SQLite --------------------------------------------------------------------------------------


def _copy_sqlite(draft: Path) -> None:
    # One reading transaction: writers go on meanwhile. Pages that were emptied are left out, so
    # what was erased is not in the copy.
    draft.unlink()  # VACUUM INTO wants to make the file itself
    old = os.umask(0o077)
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(draft)])
    finally:
        os.umask(old)


def _put_back_sqlite(file: Path) -> None:
    try:
        with closing(sqlite.connect(f"file:{file.absolute()}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise NotPossible(f"{file} is damaged: {found}.")
            _check_known(copy.execute("SELECT app, name FROM django_migrations").fetchall(), file)
            # One transaction of the database written to: it is the old one until it is the new.
            connection.ensure_connection()
            copy.backup(connection.connection)
    except sqlite.Error as problem:
        raise NotPossible(f"{file} could not be put back: {problem}. Nothing was changed.") from (
            problem
        )
    finally:
        connection.close()


# --- PostgreSQL ----------------------------------------------------------------------------------


def _put_back_archive(file: Path) -> None:
    _check_known(_migrations_in(file), file)
    connection.close()
    with tempfile.TemporaryDirectory() as folder:
        # Unpacked whole before anything is touched: a damaged archive must not end half way.
        script = f"{folder}/copy.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", "--file", script, str(file))
        # Everything that is here goes, also tables that the copy does not know.
        anew = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1"]
        _run("psql", *options, "--command", anew, "--file", script)


def _migrations_in(file: Path) -> list[tuple[str, str]]:
    """The migrations a copy has had: application and name."""
    said = _run(
        "pg_restore", "--data-only", "--table", "django_migrations", "--file", "-", str(file)
    )
    rows = [line.split("\t") for line in said.splitlines() if line.count("\t") == 3]
    return [(cells[1], cells[2]) for cells in rows]


def _run(tool: str, *arguments: str) -> str:
    """What one of PostgreSQL's own programs says. Raises NotPossible with what it complains of."""
    if not shutil.which(tool):
        raise NotPossible(f"{tool} is not here. Install PostgreSQL's client programs.")
    done = subprocess.run(
        [tool, *arguments],
        env={**os.environ, **_environment(connection.settings_dict)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        complaint = " ".join(done.stderr.split()[:60])
        raise NotPossible(f"{tool} did not finish, and nothing was changed: {complaint or '–'}")
    return done.stdout


def _environment(database: dict[str, Any]) -> dict[str, str]:
    """Where the database is, for PostgreSQL's programs; a password is never on a command line."""
    said = {
        "PGDATABASE": database["NAME"],
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGHOST": database["HOST"],
        "PGPORT": database["PORT"],
        "PGSSLMODE": database["OPTIONS"].get("sslmode"),
    }
    return {name: str(value) for name, value in said.items() if value}


def _check_known(migrations: list[tuple[str, str]], file: Path) -> None:
    if not migrations:
        raise NotPossible(f"{file} is not a copy of a Surehand database.")
    known = set(MigrationLoader(None).disk_migrations)
    if set(migrations) - known:
        raise NotPossible(
            f"{file} was made by a newer version of Surehand. Install that version, then restore."
        )
