from collections.abc import Callable

import pytest
from django.test import Client

from tests.provider import World


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    """signed_in("ruth"): a browser in which this person has signed in."""

    def begin(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name].sign_in)
        return client

    return begin
