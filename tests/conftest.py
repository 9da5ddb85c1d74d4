"""Databases for tests.

Guarded tables cannot be emptied, so an ordinary test asks for `db` and is rolled back, and a test
that needs real commits, threads, processes or a live server asks for `template_database`: its own
copy of a migrated database.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from surehand import evidence
from surehand.people.signing_in import session as signing_in
from tests.provider import NOW, World, small_provider

_force_login = Client.force_login


def _force_login_with_two_factors(self: Client, user: Any, backend: str | None = None) -> None:
    """Django's shortcut begins a session past the sign-in page; the product's own mark says that it
    was begun with two factors, just now. Tests of signing in itself use the pages.

    A session is written anew once a minute and ends after half an hour, both by the machine's own
    clock. This one lasts a day: how long a test takes changes nothing.
    """
    _force_login(self, user, backend)
    session = self.session
    signing_in.mark(session, how="password+code", at=evidence.clock.now())
    session.save()
    Session.objects.filter(pk=session.session_key).update(
        expire_date=timezone.now() + timedelta(days=1)
    )


Client.force_login = _force_login_with_two_factors  # type: ignore[method-assign]


TRIALS = int(os.environ.get("SUREHAND_TRIALS", "0"))


def trials(default: int) -> int:
    """How often to try: a few by default, as many as SUREHAND_TRIALS says."""
    return TRIALS or default


# How fast something is, benchmarks say; a busy machine must not make a property fail.
hypothesis.settings.register_profile(
    "surehand",
    max_examples=trials(34),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("surehand")


@dataclass(frozen=True)
class Database:
    """A database of the test's own: its name, and the environment that leads a process to it."""

    name: str
    environment: dict[str, str]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--with-database",
        action="store_true",
        help="only the tests that meet a database: what the others show is the same on every one",
    )


# What is in memory once the tests are collected is there to the end: looking through it again and
# again for what could go took a tenth of the time of the tests, and a quarter of collecting them.
gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # pytest-django makes a test database only for tests that are marked as using one.
    for item in items:
        if "template" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)
    if config.getoption("--with-database"):
        meet = {
            item
            for item in items
            if item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
        }
        config.hook.pytest_deselected(items=[item for item in items if item not in meet])
        items[:] = [item for item in items if item in meet]


@pytest.fixture(autouse=True)
def own_checkpoint_key(settings: Any, tmp_path: Path) -> None:
    """No test signs with a real key."""
    settings.CHECKPOINT_KEY = tmp_path / "keys" / "checkpoint.key"
    settings.ERASURES = tmp_path / "keys" / "erasures"


@pytest.fixture(scope="session")
def template(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """What databases are copied from: a file on SQLite, a database on PostgreSQL."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            path = tmp_path_factory.mktemp("template") / "template.sqlite3"
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(path)])
            return str(path)
        return str(connection.settings_dict["NAME"])


@pytest.fixture
def template_database(template: str, django_db_blocker: Any, tmp_path: Path) -> Iterator[Database]:
    """A migrated database with no rows but those of migrations; commits are real."""
    with django_db_blocker.unblock():
        make = _sqlite if connection.vendor == "sqlite" else _postgresql
        with make(template, tmp_path) as database, connected_to(NAME=database.name):
            yield database


@contextmanager
def _sqlite(template: str, folder: Path) -> Iterator[Database]:
    path = folder / "surehand.sqlite3"
    shutil.copyfile(template, path)
    yield Database(str(path), {"SUREHAND_SQLITE": str(path)})


@contextmanager
def _postgresql(template: str, folder: Path) -> Iterator[Database]:
    name = f"{template}_{uuid4().hex[:8]}"
    connection.close()
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        url = os.environ["DATABASE_URL"]
        yield Database(name, {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"})
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def connected_to(**where: str) -> Iterator[None]:
    """Every thread's default connection leads to the database of this NAME, HOST and PORT."""
    usual, usual_settings = connections["default"], connections.settings["default"]
    connections.settings["default"] = {**usual_settings, **where}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"], connections.settings["default"] = usual, usual_settings


@pytest.fixture
def in_thread(template_database: Database) -> Callable[..., Callable[[], Any]]:
    """Wrap what a thread runs, so that its connection is closed at the end."""

    def wrap(work: Callable[..., Any], *args: Any) -> Callable[[], Any]:
        def run() -> Any:
            try:
                return work(*args)
            finally:
                connections.close_all()

        return run

    return wrap


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The small provider of `tests/provider.py`; the clock stands at its NOW."""
    built = small_provider()
    with evidence.clock.at(NOW):
        yield built


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    """signed_in("ruth") – a browser in which Ruth is signed in."""

    def begin(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name].sign_in)
        return client

    return begin
