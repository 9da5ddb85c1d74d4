"""The guards of one table on PostgreSQL, as triggers, and the application role's grants.

Triggers are ENABLE ALWAYS, so that `session_replication_role` does not switch them off. The one
for statements also refuses TRUNCATE and changes that touch no row; the one for rows also refuses
changes that arrive through a parent table.
"""

from typing import Any

from .guards import PREFIX

FUNCTION = f"{PREFIX}refuse"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parts(name: str) -> tuple[str, str]:
    """Which table a guard stands on and of which form it is."""
    table, _, form = name.removeprefix(PREFIX).rpartition("_")
    return table, form


def prepare(cursor: Any) -> None:
    """Make the function that refuses."""
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '%: what is recorded is never changed or deleted', TG_TABLE_NAME"
        " USING ERRCODE = 'restrict_violation'; END $$"
    )


def present(cursor: Any) -> dict[str, str]:
    """The guards now in the database: name and what they do."""
    cursor.execute(
        "SELECT c.relname, t.tgname, t.tgtype, t.tgenabled, p.proname, p.prosrc"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND starts_with(t.tgname, %s)"
        " AND c.relnamespace = current_schema()::regnamespace",
        [PREFIX],
    )
    return {
        f"{PREFIX}{table}_{name.removeprefix(PREFIX)}": _meaning(kind, enabled, function, source)
        for table, name, kind, enabled, function, source in cursor.fetchall()
    }


# pg_trigger.tgtype bits: 1 row, 2 before, 8 delete, 16 update, 32 truncate.
_FORMS = {
    "rows": (1 | 2 | 8 | 16, "UPDATE OR DELETE", "ROW"),
    "statements": (2 | 8 | 16 | 32, "UPDATE OR DELETE OR TRUNCATE", "STATEMENT"),
}


def _meaning(kind: int, enabled: str | bytes, function: str, source: str) -> str:
    if isinstance(enabled, bytes):
        enabled = enabled.decode()
    refuses = "RAISE EXCEPTION" in source.upper() and "RETURN" not in source.upper()
    return f"{kind} {enabled} {function} {'refuses' if refuses else 'does not refuse'}"


def wanted(cursor: Any, table: str) -> dict[str, str]:
    """The guards this table should have: name and what they do."""
    return {
        f"{PREFIX}{table}_{form}": f"{kind} A {FUNCTION} refuses"
        for form, (kind, _, _) in _FORMS.items()
    }


def make(name: str, sql: str) -> list[str]:
    """The SQL that makes one guard."""
    table, form = _parts(name)
    _, events, level = _FORMS[form]
    return [
        f"CREATE TRIGGER {PREFIX}{form} BEFORE {events} ON {_quoted(table)}"
        f" FOR EACH {level} EXECUTE FUNCTION {FUNCTION}()",
        f"ALTER TABLE {_quoted(table)} ENABLE ALWAYS TRIGGER {PREFIX}{form}",
    ]


def drop(name: str) -> str:
    """The SQL that takes one guard away."""
    table, form = _parts(name)
    return f"DROP TRIGGER {PREFIX}{form} ON {_quoted(table)}"


def grant(cursor: Any, *, role: str, guarded: list[str]) -> None:
    """Grant the application's role what `guards.grant` says."""
    to = _quoted(role)
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {to}")
    cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {to}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {to}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {to}")
    for table in guarded:
        cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {_quoted(table)} FROM {to}")
