"""“Was she cleared at 07:00 on 3 March, and on what evidence?”, and the story behind a cell."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from surehand import evidence
from tests.provider import NOW, World, on


@pytest.fixture
def sign_in(client: Client, world: World) -> Callable[[str], Client]:
    def as_(name: str) -> Client:
        client.force_login(world.people[name].sign_in)
        return client

    return as_


def ask(world: World, moment: str) -> str:
    return f"/readiness/?service=ALD&person={world.people['dan'].pseudonym}&{moment}"


def test_cleared_at_a_moment_and_on_what_evidence(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    with on(date(2026, 11, 10)):
        world.pass_all("dan")
        world.sign_off("dan")
    with on(date(2026, 11, 12)):
        world.fail("dan", "C04")
    client = sign_in("ruth")
    then = client.get(ask(world, "at_date=2026-11-11&at_time=07:00")).content.decode()
    assert "Yes. Daniela Popescu could use the live system alone at 11 November 2026, 07:00" in then
    assert "C04 Daily note" in then
    assert "Callum Whitfield" in then
    now = client.get(ask(world, "")).content.decode()
    assert "No. Daniela Popescu is not ready" in now


def test_r3_known_then_differs_from_true_then(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    with on(date(2026, 11, 10)):
        world.pass_all("dan")
        world.sign_off("dan")
    world.fail("dan", "C04", happened_at=NOW - timedelta(days=3))
    client = sign_in("ruth")
    moment = "at_date=2026-11-16&at_time=07:00"
    assert "was not ready" in client.get(ask(world, moment)).content.decode()
    known = client.get(ask(world, f"{moment}&known=then")).content.decode()
    assert "could use the live system alone" in known
    seq = evidence.seq_at(moment=NOW - timedelta(days=2))
    assert f"What was known then: up to entry {seq:,}." in known


def test_r4_no_post_no_live_use(world: World, sign_in: Callable[[str], Client]) -> None:
    page = sign_in("helen").get(f"/readiness/?service=QUA&person={world.people['dan'].pseudonym}")
    assert "No. Daniela Popescu has no post here" in page.content.decode()


def test_the_cell_tells_its_story(world: World, sign_in: Callable[[str], Client]) -> None:
    world.assess("dan", "C04", happened_at=NOW - timedelta(days=3))
    address = f"/matrix/{world.people['dan'].pseudonym}/C04/"
    page = sign_in("ruth").get(address).content.decode()
    assert "Has Daniela Popescu shown “Daily note”?" in page
    assert "Yes. It lasts until 14 November 2027." in page
    assert "judged by Callum Whitfield" in page
    assert "Recorded late, on 18 November 2026." in page
    assert "plan version 1" in page
    known = sign_in("ruth").get(address + "?at_date=2026-11-16&known=then").content.decode()
    assert "Not yet. No check of it has been passed." in known
    assert sign_in("ruth").get(address.replace("C04", "C99")).status_code == 404


def test_one_sees_ones_own_story_and_nobody_elses(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    own = f"/matrix/{world.people['dan'].pseudonym}/C04/"
    other = f"/matrix/{world.people['sam'].pseudonym}/C04/"
    client = sign_in("dan")
    assert client.get(own).status_code == 200
    assert client.get(other).status_code == 403
    assert client.get(ask(world, "")).status_code == 403
    assert sign_in("quinn").get(other).status_code == 403


def test_words_are_told_where_they_were_written(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    world.fail("dan", "C04", note="She looked for the page twice.")
    world.add_post("dan", world.quayside, "CW")
    address = f"/matrix/{world.people['dan'].pseudonym}/C04/"
    for name, told in (("ruth", True), ("dan", True), ("helen", True), ("quinn", False)):
        page = sign_in(name).get(address)
        assert page.status_code == 200
        assert ("looked for the page twice" in page.content.decode()) is told
