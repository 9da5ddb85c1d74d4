"""Tokens: made by an administrator, shown once, kept as a hash, revoked at once."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.api.actions import create_token, revoke_token
from surehand.api.models import ApiToken, ApiTokenDetails
from surehand.api.scopes import Scope
from surehand.evidence.queries import entry
from surehand.evidence.refusal import NotPermitted, NotPossible
from tests.api.conftest import asking, reference, token
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]


def status(world: World, secret: str, what: str = "readiness", service: str = "ALD") -> int:
    query = {"service_id": service}
    if what == "readiness":
        query["person_id"] = reference(world, "dan")
    return int(asking(secret)(what, **query).status_code)


def test_a_token_is_made_shown_once_used_and_revoked(world: World, signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    page = ada.get("/settings/tokens/").content.decode()
    assert "No program may ask yet." in page
    response = ada.post(
        "/settings/tokens/",
        {
            "name": "Care records", "scopes": ["readiness"], "service": "ALD",
            "until_day": 18, "until_month": 11, "until_year": 2027,
        },
    )  # fmt: skip
    found = re.search(r"surehand_[\w-]{43}", response.content.decode())
    assert found
    secret = found.group()
    assert response["Cache-Control"] == "no-store"
    assert status(world, secret) == 200
    page = ada.get("/settings/tokens/").content.decode()
    assert secret not in page
    assert "18 November 2026, 08:12" in page  # last used
    said = entry(seq=evidence.last_seq())
    assert said
    assert said["kind"] == "token.created"
    assert said["state"] == {"scopes": ["readiness"], "service": "ALD", "until": "2027-11-18"}
    made = ApiToken.objects.get()
    assert secret not in str(said) + str(vars(made)) + str(vars(made.details))
    ada.post(f"/settings/tokens/{made.entry}/revoke/")
    assert status(world, secret) == 401
    assert "Revoked on 18 November 2026" in ada.get("/settings/tokens/").content.decode()


def test_a_token_opens_what_it_is_for_and_nothing_else(world: World) -> None:
    token(world, Scope.READINESS, service=world.alder, secret="one")
    token(world, Scope.MATRIX, Scope.ROTA_CHECK, secret="two")
    assert status(world, "one") == 200
    assert status(world, "one", "matrix") == 403
    assert status(world, "one", service="QUA") == 403
    assert status(world, "two") == 403
    assert status(world, "two", "matrix") == 200
    assert status(world, "two", "rota-check", service="QUA") == 200
    assert asking("two")("checkpoints").status_code == 403
    assert status(world, "three") == 401
    assert status(world, "") == 401
    assert Client().get("/api/v1/readiness").status_code == 401
    assert Client().get("/api/v1/openapi.json").status_code == 200


def test_a_session_is_no_token(world: World, signed_in: SignedIn) -> None:
    for name in ("ruth", "helen", "ada"):
        response = signed_in(name).get("/api/v1/readiness?person_id=P1&service_id=ALD")
        assert response.status_code == 401


def test_r16_its_last_day_is_included(world: World) -> None:
    token(world, until=date(2026, 11, 19), secret="short")
    with evidence.clock.at(NOW + timedelta(hours=39)):
        assert status(world, "short") == 200  # 19 November, 23:12
    with evidence.clock.at(NOW + timedelta(hours=40)):
        assert status(world, "short") == 401


@pytest.mark.parametrize("until", [date(2026, 11, 17), date(2027, 11, 19)])
def test_it_lasts_a_year_at_most(world: World, until: date) -> None:
    with pytest.raises(NotPossible, match="from today to 18 November 2027"):
        token(world, until=until)


@pytest.mark.parametrize("name", ["ruth", "helen", "nadia", "queenie", "paul", "tessa", "dan"])
def test_only_an_administrator_makes_or_revokes_one(world: World, name: str) -> None:
    made = token(world)
    with pytest.raises(NotPermitted):
        create_token(
            by=world.by(name),
            name="Mine",
            scopes=[Scope.READINESS],
            service=None,
            until=date(2026, 12, 1),
            secret="mine",
        )
    with pytest.raises(NotPermitted):
        revoke_token(by=world.by(name), token=made)


def test_it_is_revoked_once_and_is_for_something(world: World) -> None:
    made = token(world)
    revoke_token(by=world.by("ada"), token=made)
    with pytest.raises(NotPossible, match="already revoked"):
        revoke_token(by=world.by("ada"), token=ApiToken.objects.get(pk=made.pk))
    with pytest.raises(NotPossible, match="Choose what"):
        create_token(
            by=world.by("ada"), name="x", scopes=[], service=None, until=date(2026, 12, 1),
            secret="x",
        )  # fmt: skip


def test_last_used_is_kept_by_the_hour(world: World) -> None:
    token(world)
    details = ApiTokenDetails.objects.get()
    for minutes, noted in ((0, 0), (59, 0), (61, 61)):
        with evidence.clock.at(NOW + timedelta(minutes=minutes)):
            status(world, "surehand_test")
        details.refresh_from_db()
        assert details.last_used_at == NOW + timedelta(minutes=noted)
