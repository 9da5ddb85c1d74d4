"""A token, and somebody who asks with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from surehand.api.actions import create_token
from surehand.api.scopes import Scope
from surehand.people.models import Service
from tests.provider import World

SECRET = "surehand_test"


def token(
    world: World,
    *scopes: Scope,
    service: Service | None = None,
    secret: str = SECRET,
    until: date = date(2027, 11, 18),
) -> Any:
    return create_token(
        by=world.by("ada"),
        name="Care records",
        scopes=scopes or tuple(Scope),
        service=service,
        until=until,
        secret=secret,
    )


@pytest.fixture(autouse=True)
def counts_from_nought() -> None:
    """How often tables were asked for is kept in the memory of the process."""
    cache.clear()


Get = Callable[..., HttpResponse]


@pytest.fixture
def get(world: World) -> Get:
    """get("readiness", person_id="P001", service_id="ALD") – with a token for everything."""
    token(world)
    return asking()


def asking(secret: str = SECRET) -> Get:
    client = Client(headers={"authorization": f"Bearer {secret}"})

    def ask(what: str, **query: Any) -> HttpResponse:
        return client.get(f"/api/v1/{what}", query)  # type: ignore[return-value]

    return ask


def reference(world: World, name: str) -> str:
    return str(world.people[name].identity.reference)
