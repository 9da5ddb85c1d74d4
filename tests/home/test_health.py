"""What machines ask, and what the log says of a request and of an error: nothing about a person."""

import json
import logging
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from surehand.config.logs import OneLine
from surehand.evidence import guards
from surehand.home import problems
from surehand.home.middleware import LogMiddleware
from tests.provider import World


def test_it_is_well(world: World) -> None:
    said = Client().get("/health/")
    assert (said.status_code, said.content) == (200, b"Well.\n")
    assert said.headers["Cache-Control"] == "no-store"


def test_a_database_of_an_older_version_is_not_well(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'readiness' AND name NOT LIKE '0001%'"
        )
    said = Client().get("/health/")
    assert said.status_code == 503
    assert b"surehand migrate" in said.content


def test_a_database_that_does_not_answer_is_not_well(world: World) -> None:
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE evidence_head RENAME TO gone")
    said = Client().get("/health/")
    assert (said.status_code, said.content) == (503, b"The database does not answer.\n")


def test_figures_are_for_whoever_holds_the_token(world: World, settings: Any) -> None:
    token = "t" * 40
    assert Client().get("/metrics/").status_code == 404
    settings.METRICS_TOKEN = token
    assert Client().get("/metrics/").status_code == 404
    assert Client(headers={"authorization": "Bearer x"}).get("/metrics/").status_code == 404
    holder = Client(headers={"authorization": f"Bearer {token}"})
    holder.get("/health/")
    said = holder.get("/metrics/").content.decode()
    assert "surehand_entries " in said
    assert 'surehand_tasks{state="ready"}' in said
    assert 'page="health"' in said


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(OneLine())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Any:
    handler = Kept()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_logged_by_its_page_and_found_by_its_reference(
    signed_in: Any, kept: Kept
) -> None:
    answer = signed_in("ruth").get("/people/?q=Dan+Okoro", headers={"X-Request-ID": "from-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-proxy-1"
    line = next(json.loads(each) for each in kept.lines if '"surehand.requests"' in each)
    assert (line["page"], line["status"], line["reference"]) == ("people", 200, "from-proxy-1")
    assert "Okoro" not in "".join(kept.lines)
    odd = signed_in("ruth").get("/", headers={"X-Request-ID": "a b<script>"})
    assert odd.headers["X-Request-ID"].isalnum()


def test_an_error_is_logged_without_what_it_quotes(kept: Kept) -> None:
    try:
        try:
            raise ValueError("Key (email)=(dan@example.org) already exists")
        except ValueError as first:
            raise RuntimeError("about Dan Okoro") from first
    except RuntimeError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/people/?q=Dan")
    line = json.loads(kept.lines[-1])
    assert [each["type"] for each in line["error"]] == [
        "builtins.RuntimeError",
        "builtins.ValueError",
    ]
    assert "test_health.py" in line["error"][0]["where"][0]
    assert "Dan" not in kept.lines[-1]
    assert "dan@" not in kept.lines[-1]


def test_the_page_of_an_error_carries_the_reference() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        return problems.broken(request)

    request = RequestFactory().get("/", headers={"X-Request-ID": "abcdef123456"})
    request.resolver_match = None
    assert b"abcdef123456" in LogMiddleware(broken)(request).content
