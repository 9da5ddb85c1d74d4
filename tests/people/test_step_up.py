"""Asking again before what weighs most (sign-off, access, merging), with nothing lost."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.evidence.models import Entry
from surehand.people.models import AccessGrant, SignIn
from surehand.people.signing_in import actions, totp
from surehand.readiness import queries
from surehand.readiness.models import SignOff
from tests.provider import NOW, World

SECRET = b"otters and herons"
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def helen(world: World, signed_in: Callable[[str], Client]) -> Client:
    """Helen, who signed in with an app twenty minutes ago."""
    code = totp.code_of(SECRET, totp.step_at(NOW))
    sign_in = SignIn.objects.get(person=world.people["helen"])
    actions.add_code_app(by=world.by("helen"), sign_in=sign_in, secret=SECRET, code=code)
    return signed_in("helen")


def code() -> dict[str, str]:
    return {"code": totp.code_of(SECRET, totp.step_at(evidence.clock.now()))}


def signature(world: World) -> dict[str, Any]:
    post = world.posts["dan"].pk
    statement = queries.statements([post], at=evidence.clock.now())[0]
    return {"post": post, f"statement-{post}": statement.fingerprint()}


def test_it_is_asked_before_the_form_is_shown_and_leads_back(world: World, helen: Client) -> None:
    with evidence.clock.at(LATER):
        asked = helen.get("/sign-off/?service=ALD").headers["Location"]
        assert asked == "/sign-in/confirm/?next=%2Fsign-off%2F%3Fservice%3DALD"
        assert helen.post(asked, {"code": "000000"}).status_code == 400
        assert helen.post(asked, code()).headers["Location"] == "/sign-off/?service=ALD"
        assert helen.get("/sign-off/?service=ALD").status_code == 200


def test_what_was_sent_too_late_is_kept_and_done_after_the_confirmation(
    world: World, helen: Client
) -> None:
    world.pass_all("dan", by="cal")
    with evidence.clock.at(LATER):
        asked = helen.post("/sign-off/?service=ALD", signature(world)).headers["Location"]
        assert not SignOff.objects.exists()
        back = helen.post(asked, code()).headers["Location"]
        said = helen.get(back, follow=True)
        assert "Signed off for independent live use: Daniela Popescu" in said.text
        assert SignOff.objects.count() == 1
        helen.get(back)
        assert SignOff.objects.count() == 1
    entry = json.loads(bytes(Entry.objects.filter(kind="post.signed_off").latest("seq").content))
    assert entry["signed_in"] == "password+code"
    assert entry["state"]["confirmed"] == {"at": "2026-11-18T08:32:00.000000Z", "how": "code"}


def test_what_was_given_up_is_not_done_later(world: World, helen: Client) -> None:
    world.pass_all("dan", by="cal")
    with evidence.clock.at(LATER):
        helen.post("/sign-off/?service=ALD", signature(world))
        # Helen cancels, confirms for something else, and comes by the page again
        elsewhere = helen.get("/sign-in/mine/app/").headers["Location"]
        helen.get(elsewhere)
        helen.post(elsewhere, code())
        assert helen.get("/sign-off/?service=ALD").status_code == 200
        assert not SignOff.objects.exists()


def test_an_address_of_another_site_is_not_gone_to(world: World, helen: Client) -> None:
    with evidence.clock.at(LATER):
        said = helen.post("/sign-in/confirm/?next=https://evil.example/", code())
        assert said.headers["Location"] == "/"


@pytest.mark.parametrize("path", ["", "sign-in/", "sign-in/link/", "merge/", "sign-in/switch/"])
def test_giving_access_and_merging_are_asked_about(
    world: World, signed_in: Callable[[str], Client], path: str
) -> None:
    ada, dan = signed_in("ada"), world.people["dan"]
    before = evidence.last_seq()
    with evidence.clock.at(LATER):
        data = {"role": "visitor", "service": "", "email": "x@example.org", "on": "no"}
        said = ada.post(
            f"/settings/people/{dan.pseudonym}/{path}",
            {**data, "reference": world.people["eve"].identity.reference},
        )
        assert said.headers["Location"].startswith("/sign-in/confirm/")
        assert ada.get(f"/settings/people/{dan.pseudonym}/").status_code == 200
    assert evidence.last_seq() == before


def test_access_given_is_kept_through_the_confirmation(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    ada, dan = signed_in("ada"), world.people["dan"]
    actions_of = SignIn.objects.get(person=world.people["ada"])
    actions.add_code_app(
        by=world.by("ada"),
        sign_in=actions_of,
        secret=SECRET,
        code=totp.code_of(SECRET, totp.step_at(NOW)),
    )
    with evidence.clock.at(LATER):
        address = f"/settings/people/{dan.pseudonym}/"
        asked = ada.post(address, {"role": "visitor", "service": ""}).headers["Location"]
        back = ada.post(asked, code()).headers["Location"]
        assert ada.get(back).headers["Location"] == address
        assert "is now visitor" in ada.get(address).text
    assert AccessGrant.objects.filter(person=dan, role="visitor").count() == 1
