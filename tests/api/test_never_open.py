"""The gate never opens by failure: a database that is locked, gone, broken or slow answers 503,
soon, with `cleared: false`; and it answers again once the database does."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from surehand import evidence
from surehand.api import middleware
from tests.api.conftest import SECRET, asking, reference, token
from tests.conftest import Database
from tests.provider import NOW, World, small_provider
from tests.readiness.test_rota import independent

PATIENCE_MS = 300


@pytest.fixture
def world(template_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The small provider in a database of its own, committed; somebody is cleared."""
    monkeypatch.setattr(middleware, "PATIENCE_MS", PATIENCE_MS)
    built = small_provider()
    with evidence.clock.at(NOW):
        independent(built, "sam")
        token(built)
        yield built


def ask(person: str) -> HttpResponse:
    return asking()("readiness", person_id=person, service_id="ALD")


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody else holds everything and does not let go."""
    if connection.vendor == "sqlite":
        import pysqlite3

        other = pysqlite3.connect(database.name, isolation_level=None)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.close()
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.close()
    else:
        import psycopg

        settings = connection.settings_dict
        with psycopg.connect(
            dbname=database.name,
            user=settings["USER"],
            password=settings["PASSWORD"],
            host=settings["HOST"],
            port=settings["PORT"] or None,
        ) as other:
            other.execute(
                "LOCK TABLE readiness_readinessspan, api_apitoken IN ACCESS EXCLUSIVE MODE"
            )
            yield
            other.rollback()


@contextmanager
def cut_off(database: Database) -> Iterator[None]:
    """The connection is cut in the middle of everything."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.close()
        yield
        connection.connection = None
    else:
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        yield


@contextmanager
def gone(database: Database) -> Iterator[None]:
    """There is no database to reach."""
    connection.close()
    usual = dict(connection.settings_dict)
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = str(Path(database.name).parent / "nowhere" / "x.sqlite3")
    else:
        connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict.update(usual)


@contextmanager
def without_its_tables(database: Database) -> Iterator[None]:
    """Another database than ours: nothing in it is known."""
    connection.close()
    usual = dict(connection.settings_dict)
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = str(Path(database.name).parent / "empty.sqlite3")
    else:
        connection.settings_dict["NAME"] = "postgres"
    yield
    connection.close()
    connection.settings_dict.update(usual)


FAILURES: list[Callable[[Database], Any]] = [locked, cut_off, gone, without_its_tables]


@pytest.mark.parametrize("failure", FAILURES)
def test_the_database_fails_and_the_gate_does_not_open(
    world: World, template_database: Database, failure: Callable[[Database], Any]
) -> None:
    sam = reference(world, "sam")
    assert json.loads(ask(sam).content)["cleared"] is True
    with failure(template_database):
        began = time.monotonic()
        response = ask(sam)
        took = time.monotonic() - began
        found = json.loads(response.content)
        assert (response.status_code, found["cleared"]) == (503, False), found
        assert response["Content-Type"] == "application/problem+json"
        assert response["Retry-After"]
        assert took < 60  # it waited, but for no more than its patience and a slow machine
    # It answers again by itself.
    assert json.loads(ask(sam).content)["cleared"] is True


def test_the_patience_of_the_gate_is_not_that_of_others(
    world: World, template_database: Database
) -> None:
    """A long import keeps its time after the gate was asked on the same connection."""
    ask(reference(world, "sam"))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout")
            assert cursor.fetchone() == (20_000,)
        else:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


def test_an_error_of_our_own_opens_nothing(
    world: World, template_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("a mistake in the program")

    monkeypatch.setattr("surehand.readiness.gate.ask", broken)
    client = Client(headers={"authorization": f"Bearer {SECRET}"}, raise_request_exception=False)
    response = client.get("/api/v1/readiness?person_id=P1&service_id=ALD")
    assert response.status_code == 500
    assert json.loads(response.content)["cleared"] is False
    assert "mistake" not in response.content.decode()
