"""The SQLite connection: current SQLite, durable writes, and no changing of the schema.

The system's SQLite may have the WAL-reset corruption bug, so Django's backend is loaded with
`pysqlite3` in the place of `sqlite3`.
"""

import sys
from typing import Any

import pysqlite3
from django.core.exceptions import ImproperlyConfigured

from ..guards import are_lifted
from ..patience import milliseconds_now

_BACKEND = "django.db.backends.sqlite3.base"
if _BACKEND in sys.modules and sys.modules[_BACKEND].Database is not pysqlite3.dbapi2:
    raise ImproperlyConfigured(
        "Django's own SQLite backend was loaded first; use surehand.evidence.sqlite alone."
    )
_standard = {name: sys.modules.get(name) for name in ("sqlite3", "sqlite3.dbapi2")}
sys.modules["sqlite3"], sys.modules["sqlite3.dbapi2"] = pysqlite3, pysqlite3.dbapi2
try:
    from django.db.backends.sqlite3 import base
finally:
    for _name, _module in _standard.items():
        if _module is None:
            del sys.modules[_name]
        else:
            sys.modules[_name] = _module

BUSY_SECONDS = 20

_SCHEMA_CHANGES = frozenset(
    {
        pysqlite3.SQLITE_ALTER_TABLE,
        pysqlite3.SQLITE_CREATE_TRIGGER,
        pysqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        pysqlite3.SQLITE_DROP_INDEX,
        pysqlite3.SQLITE_DROP_TABLE,
        pysqlite3.SQLITE_DROP_TRIGGER,
    }
)
_PRAGMAS = frozenset({"writable_schema", "schema_version", "trusted_schema"})


def _authorise(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Deny what could take a guard away, except while `migrate` has lifted the guards."""
    if action in _SCHEMA_CHANGES and not are_lifted():
        return pysqlite3.SQLITE_DENY
    if action == pysqlite3.SQLITE_PRAGMA and second and str(first).lower() in _PRAGMAS:
        return pysqlite3.SQLITE_DENY
    return pysqlite3.SQLITE_OK


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits its turn to write and loses nothing it has acknowledged."""

    def get_connection_params(self) -> dict[str, Any]:
        options = self.settings_dict["OPTIONS"]
        # The lock is taken when a transaction begins, so that none fails half way for want of it.
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", BUSY_SECONDS)
        parameters: dict[str, Any] = super().get_connection_params()
        if (milliseconds := milliseconds_now()) is not None:
            parameters["timeout"] = milliseconds / 1000
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # What is deleted is overwritten, not only forgotten.
        connection.execute("PRAGMA secure_delete = ON")
        connection.set_authorizer(_authorise)
        return connection
