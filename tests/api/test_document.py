"""The API against its own OpenAPI document, by Schemathesis.

A dozen made-up questions for each operation in an ordinary run; SUREHAND_TRIALS says how many for a
long one.
"""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from surehand import evidence
from surehand.api.v1 import api
from tests.api.conftest import SECRET, token
from tests.provider import NOW, World, kept
from tests.readiness.test_rota import TONIGHT, independent, permit

TRIALS = int(os.environ.get("SUREHAND_TRIALS", "12"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
application = get_wsgi_application()


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A server ends each request by closing old connections; here the test's own is rolled back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def made(world: World) -> World:
    return kept(_made, world)


def _made(world: World) -> World:
    """Everything there is to be said of somebody."""
    token(world)
    independent(world, "sam")
    permit(world, "dan", "sam")
    world.add_shift("sam", TONIGHT)
    world.add_shift("dan", TONIGHT)
    world.add_shift("eve", TONIGHT + timedelta(days=1))
    return world


schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
OPERATIONS = [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_it_answers_as_its_document_says(made: World, operation: Any) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=TRIALS, deadline=None, suppress_health_check=list(HealthCheck))
    def asked(case: schemathesis.Case) -> None:
        cache.clear()
        case.headers["Authorization"] = f"Bearer {SECRET}"
        if "service_id" in case.query and len(case.query["service_id"]) % 2:
            case.query["service_id"] = "ALD"  # something is found as often as not
        with evidence.clock.at(NOW):
            case.call_and_validate(app=application, checks=CHECKS)

    asked()


def test_the_document_is_complete(world: World) -> None:
    found = json.loads(Client().get("/api/v1/openapi.json").content)
    assert found["openapi"].startswith("3.1")
    assert set(found["paths"]) == {
        f"/api/v1/{name}"
        for name in ("readiness", "matrix", "rota-check", "checkpoints", "records", "alerts")
    }
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            assert operation["security"], f"{method} {path} asks for no token"
            assert set(operation["responses"]) >= {"200", "401", "403", "422", "503"}
            for status, said in operation["responses"].items():
                kind = "application/json" if status == "200" else "application/problem+json"
                assert list(said["content"]) == [kind]
