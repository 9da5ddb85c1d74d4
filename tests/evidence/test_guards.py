"""Facts, entries and checkpoints refuse every change, whoever sends which SQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from surehand.evidence import SYSTEM, act, guards
from surehand.evidence.models import Checkpoint, Entry
from tests.conftest import Database
from tests.evidence.sample import MODELS, Keyed, Sample

sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own tricks")
postgresql_only = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="PostgreSQL's own tricks"
)

# {t} table, {key} its key, {c} another column, {cols} all columns
ANYWHERE = [
    "UPDATE {t} SET {c} = {c}",
    "UPDATE {t} SET entry = 99",
    "UPDATE {t} SET {c} = {c} WHERE {key} IN (SELECT {key} FROM {t})",
    "UPDATE {t} SET {key} = {key}",
    "UPDATE {t} SET {c} = s.{c} FROM {t} AS s WHERE s.{key} = {t}.{key}",
    "UPDATE {t} SET {c} = {c} RETURNING {key}",
    "WITH old AS (SELECT {key} FROM {t}) UPDATE {t} SET {c} = {c}",
    "DELETE FROM {t}",
    "DELETE FROM {t} WHERE {key} IS NOT NULL",
    "DELETE FROM {t} RETURNING *",
    "WITH old AS (SELECT {key} FROM {t}) DELETE FROM {t} WHERE {key} IN (SELECT {key} FROM old)",
    "INSERT INTO {t} SELECT * FROM {t} WHERE true"
    " ON CONFLICT ({key}) DO UPDATE SET {c} = excluded.{c}",
]
SQLITE = [
    "UPDATE OR REPLACE {t} SET {c} = {c}",
    "UPDATE OR IGNORE {t} SET {c} = {c}",
    "UPDATE OR FAIL {t} SET {c} = {c}",
    "UPDATE OR ROLLBACK {t} SET {c} = {c}",
    "UPDATE {t} SET rowid = rowid + 100",
    "DELETE FROM {t} WHERE rowid = 1",
    "REPLACE INTO {t} SELECT * FROM {t}",
    "INSERT OR REPLACE INTO {t} SELECT * FROM {t}",
    "INSERT OR REPLACE INTO {t} (rowid, {cols}) SELECT rowid, {cols} FROM {t}",
    "INSERT OR IGNORE INTO {t} SELECT * FROM {t}",
    "INSERT INTO {t} SELECT * FROM {t} WHERE true ON CONFLICT DO UPDATE SET {c} = excluded.{c}",
    "INSERT OR REPLACE INTO {t} ({cols}) SELECT {cols} FROM {t} ORDER BY 1 DESC",
    "UPDATE main.{t} SET {c} = {c}",
]
POSTGRESQL = [
    "TRUNCATE {t}",
    "TRUNCATE {t} CASCADE",
    "TRUNCATE ONLY {t} RESTART IDENTITY CASCADE",
    "DELETE FROM ONLY {t}",
    "DELETE FROM {t} USING {t} AS s WHERE s.{key} = {t}.{key}",
    "MERGE INTO {t} USING {t} AS s ON s.{key} = {t}.{key} WHEN MATCHED THEN DELETE",
    "MERGE INTO {t} USING {t} AS s ON s.{key} = {t}.{key} WHEN MATCHED THEN UPDATE SET {c} = s.{c}",
    "UPDATE {t} SET {c} = {c} WHERE false",
    "DELETE FROM {t} WHERE false",
]


def attacks() -> list[str]:
    """SQL that would change or remove rows, or pretend to, were there no guards."""
    return ANYWHERE + (SQLITE if connection.vendor == "sqlite" else POSTGRESQL)


def filled(attack: str, table: str, columns: list[str], key: str) -> str:
    other = next(name for name in columns if name not in {key, "entry"})
    return attack.format(
        t=f'"{table}"',
        key=f'"{key}"',
        c=f'"{other}"',
        cols=", ".join(f'"{name}"' for name in columns),
    )


def described(model: type[models.Model]) -> tuple[str, list[str], str]:
    names = [field.column for field in model._meta.concrete_fields]
    assert model._meta.pk is not None
    return model._meta.db_table, names, model._meta.pk.column


def rows(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return sorted(
            (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))
            for row in cursor.fetchall()
        )


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("model", [*MODELS, Entry, Checkpoint])
@pytest.mark.usefixtures("samples")
def test_no_sql_changes_what_is_recorded(model: type[models.Model]) -> None:
    table, columns, key = described(model)
    before = rows(table)
    assert before
    assert len(attacks()) >= 15
    let_in = [
        sql
        for attack in attacks()
        if not refused(sql := filled(attack, table, columns, key)) or rows(table) != before
    ]
    assert let_in == []


def test_without_the_guards_each_of_these_attacks_succeeds(samples: list[str]) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            for table in samples:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    table, columns, key = described(Keyed)
    for attack in attacks():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(filled(attack, table, columns, key))
            transaction.set_rollback(True)


@sqlite_only
@pytest.mark.parametrize("model", [*MODELS, Entry, Checkpoint])
@pytest.mark.usefixtures("samples")
def test_nor_through_another_program_that_opens_the_file(
    model: type[models.Model], template_database: Database
) -> None:
    table, columns, key = described(model)
    before = rows(table)
    other = sqlite3.connect(template_database.name, isolation_level=None)
    other.execute("PRAGMA foreign_keys = OFF")
    other.execute("PRAGMA ignore_check_constraints = ON")
    other.execute("PRAGMA recursive_triggers = OFF")
    for attack in attacks():
        with pytest.raises(sqlite3.Error):
            other.execute(filled(attack, table, columns, key)).fetchall()
    other.close()
    assert rows(table) == before


@sqlite_only
@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    "values",
    [
        {"id": "3"},
        {"id": "'3'"},
        {"id": "3.0"},
        {"id": "-1"},
        {"id": "0"},
        {"id": "NULL", "code": "'free'"},
        {"id": "900", "code": "'free'"},
        {"id": "900", "left": "'2'", "right": "5", "slot": "8"},
        {"id": "900", "slot": "7"},
    ],
)
def test_replace_is_refused_by_every_unique_key(values: dict[str, str]) -> None:
    with act("sample.recorded", by=SYSTEM) as opened:
        # Nothing refers to this one, so that no foreign key protects it.
        free = opened.record(Sample(code="free", left=2, right=5, slot=7))
    assert free.pk == 3
    before = rows("evidence_tests_sample")
    fair = {
        "id": "900",
        "code": "'new'",
        "left": "NULL",
        "right": "NULL",
        "slot": "900",
        "open": "1",
        "share": "1",
        "more": "'{}'",
        "entry": "1",
        "happened_at": "'2026-03-03'",
        "recorded_at": "'2026-03-03'",
    }

    def replace(said: dict[str, str]) -> bool:
        names = ", ".join(f'"{name}"' for name in said)
        return refused(
            f"INSERT OR REPLACE INTO evidence_tests_sample ({names})"
            f" VALUES ({', '.join(said.values())})"
        )

    assert replace(fair | values)
    assert rows("evidence_tests_sample") == before
    # A key with a condition binds only the rows that meet it.
    assert not replace(fair | {"slot": "7", "open": "0"})
    assert len(rows("evidence_tests_sample")) == len(before) + 1


@sqlite_only
@pytest.mark.usefixtures("samples")
def test_a_row_is_not_replaced_by_its_hidden_rowid_or_its_one_to_one_key() -> None:
    before = rows("evidence_tests_keyed")
    columns = "key, sample_id, entry, happened_at, recorded_at"
    for values in (
        "(rowid, " + columns + ") VALUES (1, 'new', NULL, 1, '2026', '2026')",
        "(" + columns + ") SELECT 'new', sample_id, 1, '2026', '2026' FROM evidence_tests_keyed",
        "(rowid, " + columns + ") VALUES (-1, 'new', NULL, 1, '2026', '2026')",
    ):
        assert refused(f"INSERT OR REPLACE INTO evidence_tests_keyed {values}")
    assert rows("evidence_tests_keyed") == before
    # Nulls do not collide, and honest rows enter.
    with act("sample.recorded", by=SYSTEM) as opened:
        opened.record_all([Keyed(key=key, sample=None) for key in ("x", "y", "z")])
    assert Keyed.objects.count() == len(before) + 3


@sqlite_only
@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    "sql",
    [
        "DROP TRIGGER surehand_guard_evidence_entry_update",
        "DROP TRIGGER main.surehand_guard_evidence_entry_delete",
        "DROP TABLE evidence_entry",
        "DROP TABLE evidence_tests_sample",
        "ALTER TABLE evidence_entry RENAME TO elsewhere",
        "ALTER TABLE evidence_entry RENAME COLUMN content TO contents",
        "ALTER TABLE evidence_entry DROP COLUMN kind",
        "ALTER TABLE evidence_entry ADD COLUMN more text",
        "DROP INDEX sample_pair",
        "DROP INDEX sample_one_open_per_slot",
        "PRAGMA writable_schema = 1",
        "PRAGMA main.writable_schema = ON",
        "PRAGMA schema_version = 1",
        "DELETE FROM sqlite_master WHERE type = 'trigger'",
        "UPDATE sqlite_master SET sql = '' WHERE type = 'trigger'",
        "CREATE TRIGGER mute BEFORE INSERT ON evidence_entry BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TEMP TRIGGER mute BEFORE INSERT ON evidence_entry BEGIN SELECT RAISE(IGNORE); END",
    ],
)
def test_no_ddl_takes_a_guard_away(sql: str) -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute(sql)
    assert guards.missing() == []


@sqlite_only
@pytest.mark.usefixtures("samples")
def test_nor_through_a_second_attachment_of_the_file(template_database: Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ATTACH %s AS again", [template_database.name])
        for sql in (
            "DROP TRIGGER again.surehand_guard_evidence_entry_update",
            "DROP TABLE again.evidence_entry",
            "PRAGMA again.writable_schema = 1",
            "UPDATE again.evidence_entry SET kind = 'x'",
            "DELETE FROM again.evidence_entry",
        ):
            with pytest.raises(DatabaseError):
                cursor.execute(sql)
        cursor.execute("DETACH again")
    assert guards.missing() == []


@pytest.mark.django_db
def test_every_fact_has_its_guards() -> None:
    assert {"evidence_entry", "evidence_checkpoint"} <= set(guards.guarded_tables())
    assert guards.missing() == []


@sqlite_only
def test_every_fact_of_the_product_refuses_change(template_database: Database) -> None:
    """A row of any sort is put in each guarded table, past all checks, and attacked."""
    connection.close()
    other = sqlite3.connect(template_database.name, isolation_level=None)
    other.execute("PRAGMA foreign_keys = OFF")
    other.execute("PRAGMA ignore_check_constraints = ON")
    tried = 0
    for table in guards.guarded_tables():
        columns = [row[1] for row in other.execute(f'PRAGMA table_info("{table}")')]
        key = next(r[1] for r in other.execute(f'PRAGMA table_info("{table}")') if r[5])
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("1" for _ in columns)
        other.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})')
        before = other.execute(f'SELECT * FROM "{table}"').fetchall()
        for attack in attacks_on(columns):
            with pytest.raises(sqlite3.Error):
                other.execute(filled(attack, table, columns, key)).fetchall()
            tried += 1
        assert other.execute(f'SELECT * FROM "{table}"').fetchall() == before
    other.close()
    print(f"{tried} attacks on {len(guards.guarded_tables())} tables")


def attacks_on(columns: list[str]) -> list[str]:
    found = [a for a in attacks() if "entry = 99" not in a or "entry" in columns]
    assert len(found) >= 15
    return found


DDL = [
    "ALTER TABLE {t} DISABLE TRIGGER ALL",
    "ALTER TABLE {t} DISABLE TRIGGER USER",
    "ALTER TABLE {t} ADD COLUMN more text",
    "ALTER TABLE {t} DROP COLUMN {c}",
    "ALTER TABLE {t} RENAME TO elsewhere",
    "DROP TRIGGER surehand_guard_rows ON {t}",
    "DROP TABLE {t} CASCADE",
    "CREATE RULE hush AS ON INSERT TO {t} DO INSTEAD NOTHING",
    "CREATE TRIGGER hush BEFORE INSERT ON {t} FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
]


@postgresql_only
def test_every_fact_of_the_product_refuses_change_on_a_server(app_role: str) -> None:
    """The same as the application's role, with what the schema itself can be attacked by; a row of
    any sort is put in each guarded table, past all checks, by its owner."""
    tried = 0
    for model in fact_models():
        table, columns, key = described(model)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                drop_checks(cursor, table)
                cursor.execute(some_row(model))
                cursor.execute("SET LOCAL session_replication_role = origin")
            before = rows(table)
            with as_role(app_role):
                for attack in [*attacks_on(columns), *DDL]:
                    sql = filled(attack, table, columns, key)
                    assert refused(sql), sql
                    tried += 1
            assert rows(table) == before
            assert before
            transaction.set_rollback(True)
    assert guards.missing() == []
    print(f"{tried} attacks on {len(fact_models())} tables")


def fact_models() -> list[type[models.Model]]:
    guarded = set(guards.guarded_tables())
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.db_table in guarded]


def drop_checks(cursor: Any, table: str) -> None:
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')


SOMETHING = {
    "boolean": "true",
    "bytea": "'x'",
    "jsonb": "'{}'",
    "date": "'2026-03-03'",
    "timestamp with time zone": "'2026-03-03T09:00Z'",
    "uuid": "'00000000-0000-0000-0000-000000000001'",
}


def some_row(model: type[models.Model]) -> str:
    """SQL that puts a row in the table of this model, with something in each column."""
    kinds = {f.column: str(f.db_type(connection)) for f in model._meta.concrete_fields}
    values = ", ".join(SOMETHING.get(kind, "'9'") for kind in kinds.values())
    names = ", ".join(f'"{name}"' for name in kinds)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})'
    )


@sqlite_only
@pytest.mark.usefixtures("template_database")
def test_a_table_remade_by_a_migration_is_guarded_again() -> None:
    with act("sample.recorded", by=SYSTEM):
        pass
    with guards.lifted(), connection.schema_editor() as editor:
        editor._remake_table(Entry)
        editor._remake_table(Checkpoint)
    assert len(guards.missing()) == 8
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    assert refused("UPDATE evidence_entry SET kind = kind")


@pytest.mark.usefixtures("samples")
def test_a_guard_altered_or_switched_off_is_told_and_mended(samples: list[str]) -> None:
    table = samples[0]
    if connection.vendor == "sqlite":
        weaken = [
            f"DROP TRIGGER surehand_guard_{table}_update",
            f"CREATE TRIGGER surehand_guard_{table}_update BEFORE UPDATE ON {table}"
            " BEGIN SELECT 1; END",
        ]
    else:
        weaken = [f"ALTER TABLE {table} DISABLE TRIGGER surehand_guard_rows"]
    with guards.lifted(), connection.cursor() as cursor:
        for sql in weaken:
            cursor.execute(sql)
    assert ["altered" in line for line in guards.missing(tables=samples)] == [True]
    guards.install(tables=samples)
    assert guards.missing(tables=samples) == []


@contextmanager
def as_role(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture
def app_role(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    role = "surehand_test_app"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            cursor.execute(f'CREATE ROLE "{role}"')
        guards.grant(role=role)
        for table in samples:  # samples are no installed app's
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{role}"')
    yield role
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{role}"')


@postgresql_only
def test_the_application_role_can_work_and_cannot_undo(app_role: str) -> None:
    with as_role(app_role):
        with act("sample.recorded", by=SYSTEM) as opened:
            opened.record(Sample(code="as the role", slot=60))
        for model in (*MODELS, Entry, Checkpoint):
            table, columns, key = described(model)
            before = rows(table)
            for attack in [
                *attacks(),
                "ALTER TABLE {t} DISABLE TRIGGER ALL",
                "ALTER TABLE {t} ADD COLUMN more text",
                "DROP TRIGGER surehand_guard_rows ON {t}",
                "DROP TABLE {t} CASCADE",
                "DROP FUNCTION surehand_guard_refuse() CASCADE",
                "CREATE RULE hush AS ON INSERT TO {t} DO INSTEAD NOTHING",
                "CREATE TRIGGER hush BEFORE INSERT ON {t} FOR EACH ROW"
                " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "CREATE OR REPLACE FUNCTION surehand_guard_refuse() RETURNS trigger"
                " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "SELECT * FROM {t} FOR UPDATE",
            ]:
                sql = filled(attack, table, columns, key)
                assert refused(sql), sql
            assert rows(table) == before
    assert guards.missing() == []


@postgresql_only
@pytest.mark.usefixtures("samples")
def test_replica_mode_and_parent_tables_do_not_open_a_way() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    try:
        for sql in ("UPDATE evidence_entry SET kind = 'x'", "TRUNCATE evidence_checkpoint"):
            assert refused(sql)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET session_replication_role")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parent (entry bigint)")
        cursor.execute("ALTER TABLE evidence_tests_sample ALTER entry DROP NOT NULL")
        cursor.execute("ALTER TABLE evidence_tests_sample INHERIT parent")
    assert refused("UPDATE parent SET entry = 5")
    assert refused("DELETE FROM parent")
