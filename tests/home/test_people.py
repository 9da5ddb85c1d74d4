"""The list of people, what is held about oneself, and the pages for what goes wrong."""

import re
from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from surehand.home import problems
from surehand.people.models import Identity
from tests.provider import World

SignedIn = Callable[[str], Client]


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_who_works_here_and_how_ready(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    found = text(signed_in("ruth"), "/people/")
    assert "Daniela Popescu" in found
    assert "Awaiting sign-off" in found
    assert "Rose Nkemelu" not in found  # works at Quayside Court


def test_filters_are_in_the_address(world: World, signed_in: SignedIn) -> None:
    world.pass_all("dan")
    ruth = signed_in("ruth")
    awaiting = text(ruth, "/people/?state=awaiting_sign_off")
    assert "Daniela Popescu" in awaiting
    assert "Samuel Tetteh" not in awaiting
    agency = text(ruth, "/people/?employment=agency")
    assert "Eve O’Brien" in agency
    assert "Daniela Popescu" not in agency
    assert "Nobody matches." in text(ruth, "/people/?role=CW&state=restricted")


def test_one_hit_leads_straight_to_the_person(world: World, signed_in: SignedIn) -> None:
    dan = world.people["dan"]
    reference = Identity.objects.get(person=dan).reference
    for query in ("daniela", "popescu dan", reference):
        response = signed_in("ruth").get("/people/", {"q": query})
        assert response.status_code == 302
        assert response["Location"] == f"/people/{dan.pseudonym}/"
    assert "Nobody matches." in text(signed_in("ruth"), "/people/?q=rose")
    found = signed_in("helen").get("/people/", {"q": "rose"})
    assert found.status_code == 302


@pytest.mark.parametrize("query", ["lukasz", "Łukasz", "wojcik", "oneill", "O'Neill", "o’neill"])
def test_a_name_is_found_as_it_can_be_typed(world: World, signed_in: SignedIn, query: str) -> None:
    lukasz = world.add_person("lukasz", "Łukasz Wójcik-O’Neill", sign_in=False)
    world.add_post("lukasz", world.alder, "CW")
    response = signed_in("ruth").get("/people/", {"q": query})
    assert response.headers.get("Location") == f"/people/{lukasz.pseudonym}/"
    assert "Łukasz Wójcik" in text(signed_in("ada"), f"/settings/?q={query}")


def test_provider_wide_search_finds_people_without_a_post(
    world: World, signed_in: SignedIn
) -> None:
    response = signed_in("helen").get("/people/", {"q": "nadia"})
    assert response["Location"] == f"/people/{world.people['nadia'].pseudonym}/"
    assert "No post at this moment" in text(signed_in("helen"), response["Location"])


def test_the_list_can_be_carried_away(world: World, signed_in: SignedIn) -> None:
    response = signed_in("ruth").get("/people/?format=csv&role=SC")
    assert response.status_code == 200
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("person_id,name,service")
    assert {line.split(",")[1] for line in lines[1:]} == {"Callum Whitfield", "Samuel Tetteh"}
    assert signed_in("ruth").get("/people/?format=exe").status_code == 404


@pytest.mark.parametrize("name", ["dan", "ada"])
def test_people_are_for_those_who_may_read(world: World, signed_in: SignedIn, name: str) -> None:
    assert signed_in(name).get("/people/").status_code == 403
    assert signed_in("quinn").get("/people/?service=ALD").status_code == 403


def test_what_is_held_about_me(world: World, signed_in: SignedIn) -> None:
    world.fail("dan", "C07", note="Needed the nurse to say who to tell.")
    found = text(signed_in("dan"), "/held-about-me/")
    assert "Daniela Popescu" in found
    assert "Needed the nurse to say who to tell." in found
    assert "Care worker, Alder House" in found
    assert "Needed the nurse" not in text(signed_in("sam"), "/held-about-me/")


def test_everybody_can_sign_out_from_every_page(world: World, signed_in: SignedIn) -> None:
    assert "Sign out when you hand it over" in text(signed_in("dan"), "/")


def test_pages_for_what_goes_wrong(world: World, signed_in: SignedIn) -> None:
    missing = signed_in("ruth").get("/no-such-page/")
    assert missing.status_code == 404
    assert "This page is not here" in missing.content.decode()
    stranger = signed_in("ruth").get("/people/ffffffffffffffffffffffffffffffff/")
    assert stranger.status_code == 404
    then = signed_in("ruth").get("/audits/causes/7/?at_date=2026-11-02&at_time=09:00")
    assert then.status_code == 404
    said = then.content.decode()
    assert "not here at that moment" in said
    assert re.search(r'href="/audits/causes/7/"[^>]*>\s*See it as it is now', said)


def test_a_form_left_open_too_long_is_told_so(world: World) -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "a@example.org"})
    assert response.status_code == 403
    assert "open too long" in response.content.decode()


def test_the_page_for_our_own_mistakes_needs_no_database() -> None:
    # Without the `db` fixture any statement would fail this test.
    response = problems.broken(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "may not have been recorded" in response.content.decode()
