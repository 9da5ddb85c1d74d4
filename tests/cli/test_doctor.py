"""`doctor`, `verify` and `serve`: what is wrong is said in sentences, with exit code 1."""

import json
import socket
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection  # noqa: F401  (for the skip below)

from surehand.cli.__main__ import main
from surehand.people.models import Person
from surehand.readiness.models import ReadinessSpan
from tests.conftest import Database
from tests.provider import World


def surehand(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def line(said: Result, name: str) -> str:
    return next(found for found in said.stdout.splitlines() if f"  {name}: " in found)


def test_all_is_well(world: World, settings: Any) -> None:
    said = surehand("doctor")
    assert said.exit_code == 0, said.output
    assert "WRONG" not in said.stdout


def test_a_tampered_span_is_found_and_rebuilt(world: World) -> None:
    ReadinessSpan.objects.filter(post=world.posts["dan"]).update(state=0)
    said = surehand("doctor")
    assert said.exit_code == 1
    assert line(said, "readiness").startswith("WRONG")
    assert "surehand doctor --rebuild" in line(said, "readiness")
    assert surehand("doctor", "--rebuild").exit_code == 0
    assert surehand("doctor").exit_code == 0


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's file, opened from outside")
def test_a_missing_guard_is_found(template_database: Database) -> None:
    with closing(sqlite3.connect(template_database.name)) as outside:
        outside.execute("DROP TRIGGER surehand_guard_people_person_update")
    said = surehand("doctor")
    assert said.exit_code == 1
    assert line(said, "guards").startswith("WRONG")


def test_verify_says_what_is_proven(world: World) -> None:
    said = surehand("verify", "--ledger")
    assert said.exit_code == 0
    assert "Not proven" in said.stdout
    report = json.loads(surehand("verify", "--ledger", "--json").stdout)
    assert report["ok"]
    assert report["problems"] == []


@pytest.mark.parametrize(
    ("host", "unsafe", "sentence"),
    [
        ("127.0.0.1", {"DEBUG": True}, "Debugging is on"),
        ("0.0.0.0", {"DEMO": True, "SESSION_COOKIE_SECURE": True}, "Demo mode"),
        ("0.0.0.0", {"SESSION_COOKIE_SECURE": False}, "SUREHAND_TLS=1"),
        ("127.0.0.1", {"ALLOWED_HOSTS": ["*"]}, "SUREHAND_HOSTS"),
        ("127.0.0.1", {"ALLOWED_HOSTS": ["surehand.example.org"], "DEMO": True}, "Demo mode"),
        (
            "127.0.0.1",
            {"ALLOWED_HOSTS": ["surehand.example.org"], "SESSION_COOKIE_SECURE": False},
            "SUREHAND_TLS=1",
        ),
        (
            "10.0.0.5",
            {"ALLOWED_HOSTS": ["localhost"], "SESSION_COOKIE_SECURE": True},
            "refuse every visitor",
        ),
        ("127.0.0.1", {"CSRF_TRUSTED_ORIGINS": ["http://surehand.example.org"]}, "https://"),
        ("127.0.0.1", {"METRICS_TOKEN": "short"}, "SUREHAND_METRICS_TOKEN"),
        ("127.0.0.1", {"SECRET_KEY": "short"}, "SECRET_KEY"),
    ],
)
def test_unsafe_settings_are_not_served(
    settings: Any, host: str, unsafe: dict[str, Any], sentence: str
) -> None:
    for name, value in unsafe.items():
        setattr(settings, name, value)
    said = surehand("serve", "--host", host)
    assert said.exit_code == 1
    assert sentence in said.stderr


def test_a_port_that_is_in_use_is_said(settings: Any) -> None:
    settings.DEMO = False
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = surehand("serve", "--port", str(port))
    assert said.exit_code == 1
    assert f"Something else is at port {port} already" in said.stderr
    assert said.stdout == ""


def test_create_the_first_administrator_in_an_empty_database(db: None) -> None:
    said = surehand(
        "createadmin", "ann@example.org", "--name", "Ann Lee", "--password", "calm-otters-write"
    )
    assert said.exit_code == 0, said.output
    assert Person.objects.get().grants.get().role == "administrator"
