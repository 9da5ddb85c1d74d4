"""The guards of one table on SQLite, as triggers.

`INSERT OR REPLACE` deletes the row in its way without firing a DELETE trigger, so an insert is
refused beforehand whenever a row with any of its unique keys exists, its rowid included.
"""

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ..guards import PREFIX


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def present(cursor: Any) -> dict[str, str]:
    """The guards now in the database: name and the SQL that made them."""
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, %s) = %s",
        [len(PREFIX), PREFIX],
    )
    return dict(cursor.fetchall())


def wanted(cursor: Any, table: str) -> dict[str, str]:
    """The guards this table should have: name and the SQL that makes them."""
    sentence = f"'{table}: what is recorded is never changed or deleted'"
    refuse = f"SELECT RAISE(ABORT, {sentence})"
    on = _quoted(table)
    taken = " OR ".join(_taken(cursor, table))
    forms = {
        "update": f"BEFORE UPDATE ON {on} BEGIN {refuse}; END",
        "delete": f"BEFORE DELETE ON {on} BEGIN {refuse}; END",
        "insert": f"BEFORE INSERT ON {on} WHEN {taken} BEGIN {refuse}; END",
        # Before an insert, SQLite writes -1 for a rowid not yet chosen: keep that number free.
        "rowid": f"AFTER INSERT ON {on} WHEN NEW.rowid < 1 BEGIN {refuse}; END",
    }
    return {
        f"{PREFIX}{table}_{form}": f"CREATE TRIGGER {_quoted(f'{PREFIX}{table}_{form}')} {body}"
        for form, body in forms.items()
    }


def _taken(cursor: Any, table: str) -> list[str]:
    """One condition per unique key of the table: that a row with the new row's key exists."""
    on = _quoted(table)
    conditions = [f"EXISTS (SELECT 1 FROM {on} WHERE rowid = NEW.rowid)"]
    cursor.execute(
        "SELECT i.name, i.partial, m.sql FROM pragma_index_list(%s) AS i"
        " LEFT JOIN sqlite_master AS m ON m.type = 'index' AND m.name = i.name"
        ' WHERE i."unique" = 1 ORDER BY i.name',
        [table],
    )
    for index, partial, sql in cursor.fetchall():
        cursor.execute(
            "SELECT name, coll FROM pragma_index_xinfo(%s) WHERE key = 1 ORDER BY seqno", [index]
        )
        columns = cursor.fetchall()
        if any(name is None for name, _ in columns):
            raise ImproperlyConfigured(
                f"{index}: a fact cannot be guarded behind a unique key made of expressions."
            )
        same = " AND ".join(
            f"{_quoted(name)} = NEW.{_quoted(name)} COLLATE {coll}" for name, coll in columns
        )
        if partial:
            # The key binds only rows that meet its condition: both the old row and the new.
            condition = re.split(r"\bWHERE\b", sql, maxsplit=1, flags=re.IGNORECASE)[1].strip()
            cursor.execute("SELECT name FROM pragma_table_info(%s) ORDER BY cid", [table])
            new = ", ".join(
                f"NEW.{_quoted(name)} AS {_quoted(name)}" for (name,) in cursor.fetchall()
            )
            conditions.append(
                f"(EXISTS (SELECT 1 FROM (SELECT {new}) AS {on} WHERE {condition})"
                f" AND EXISTS (SELECT 1 FROM {on} WHERE {same} AND ({condition})))"
            )
        else:
            conditions.append(f"EXISTS (SELECT 1 FROM {on} WHERE {same})")
    return conditions


def prepare(cursor: Any) -> None:
    """SQLite needs nothing beforehand."""


def make(name: str, sql: str) -> list[str]:
    """The SQL that makes one guard."""
    return [sql]


def drop(name: str) -> str:
    """The SQL that takes one guard away."""
    return f"DROP TRIGGER {_quoted(name)}"
