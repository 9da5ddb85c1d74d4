"""Sign-off: exactly what is signed, who may sign, and how long it lives (R8, R14)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.competency.actions import publish_plan
from surehand.competency.plan_document import starter_text
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.models import Merge
from surehand.readiness import actions, queries
from surehand.readiness.models import SignOff
from surehand.readiness.rules import State
from tests.provider import NOW, World, on


@pytest.fixture
def sign_in(client: Client, world: World) -> Callable[[str], Client]:
    def as_(name: str) -> Client:
        client.force_login(world.people[name].sign_in)
        return client

    return as_


def state(world: World, name: str, at: Any = None) -> State | None:
    return queries.state_at(world.posts[name], at=at or evidence.clock.now())


def shown_on(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="statement-(\d+)" value="([0-9a-f]{64})"', page))


def test_r8_a_gap_ends_it_and_a_later_pass_does_not_bring_it_back(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    with on(date(2026, 11, 19)):
        world.fail("dan", "C04")
        assert state(world, "dan") is State.NOT_READY
    with on(date(2026, 11, 20)):
        world.assess("dan", "C04")
        assert state(world, "dan") is State.AWAITING_SIGN_OFF


def test_r8_renewal_before_expiry_keeps_it(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    gates = {line.check.competency.code for line in queries.evidence_at(world.posts["dan"], at=NOW)}
    with on(date(2027, 5, 10)):
        for code in gates:
            world.assess("dan", code)
    assert state(world, "dan", NOW + timedelta(days=380)) is State.INDEPENDENT
    assert state(world, "dan", NOW + timedelta(days=900)) is State.NOT_READY


def test_r8_a_restriction_ends_it_even_when_lifted(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    with on(date(2026, 11, 19)):
        restriction = actions.restrict(
            by=world.by("ruth"), person=world.people["dan"], service=None, reason="Unsafe notes."
        )
        assert state(world, "dan") is State.RESTRICTED
    with on(date(2026, 11, 20)):
        actions.lift(by=world.by("ruth"), restriction=restriction, reason="It was a mistake.")
        assert state(world, "dan") is State.AWAITING_SIGN_OFF


def test_r8_a_new_post_needs_its_own(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    old = world.posts["dan"]
    new = world.add_post("dan", world.alder, "CW", responsibilities="alr")
    assert queries.state_at(old, at=NOW) is State.INDEPENDENT
    assert queries.state_at(new, at=NOW) is State.AWAITING_SIGN_OFF


def test_r8_it_carries_over_a_plan_version_whose_gates_are_met(world: World) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    renamed = starter_text().replace("Starter training assurance plan", "Our plan", 1)
    with on(date(2026, 11, 20)):
        publish_plan(by=world.by("helen"), text=renamed)
    assert state(world, "dan", NOW + timedelta(days=10)) is State.INDEPENDENT


def test_r8_the_signer_signs_exactly_what_was_shown(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    world.pass_all("dan")
    client = sign_in("helen")
    shown = shown_on(client.get("/sign-off/?service=ALD").content.decode())
    with evidence.clock.at(NOW + timedelta(minutes=5)):
        world.assess("dan", "C04")
        post = str(world.posts["dan"].pk)
        answer = client.post(
            "/sign-off/?service=ALD", {"post": post, f"statement-{post}": shown[post]}
        )
    assert answer.status_code == 409
    assert "changed after you opened this page" in answer.content.decode()
    assert not SignOff.objects.exists()


def test_r14_the_assessor_is_told_before_signing(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    world.pass_all("dan", by="helen")
    client = sign_in("helen")
    page = client.get("/sign-off/?service=ALD").content.decode()
    sentence = "You assessed Daniela Popescu yourself, so another workforce lead must sign this off"
    assert sentence in page
    shown = shown_on(page)
    post = str(world.posts["dan"].pk)
    answer = client.post("/sign-off/?service=ALD", {"post": post, f"statement-{post}": shown[post]})
    assert sentence in answer.content.decode()
    assert sentence not in sign_in("wendy").get("/sign-off/?service=ALD").content.decode()


def test_r14_merged_people_are_one_signer(world: World) -> None:
    world.pass_all("dan", by="helen")
    with evidence.act("person.merged", by=world.by("ada").actor) as act:
        act.record(Merge(person=world.people["wendy"], into=world.people["helen"]))
    world.sign_off("dan", by="wendy")  # nobody else could sign
    assert SignOff.objects.get().signer_assessed


@pytest.mark.parametrize("name", ["ruth", "cal", "dan", "ada", "queenie", "nadia"])
def test_r14_only_the_workforce_lead_signs(
    world: World, sign_in: Callable[[str], Client], name: str
) -> None:
    assert sign_in(name).get("/sign-off/?service=ALD").status_code == 403
    world.pass_all("dan")
    with pytest.raises(NotPermitted):
        world.sign_off("dan", by=name)


def test_in_bulk_all_or_none(world: World, sign_in: Callable[[str], Client]) -> None:
    world.pass_all("dan")
    world.pass_all("sam")
    client = sign_in("helen")
    page = client.get("/sign-off/?service=ALD").content.decode()
    assert "2 people at Alder House have passed every check they need." in page
    assert "Sign off all 2" in page
    assert "checks of" in page  # what others miss
    shown = shown_on(page)
    answer = client.post(
        "/sign-off/?service=ALD",
        {"all": list(shown), **{f"statement-{post}": seen for post, seen in shown.items()}},
        follow=True,
    )
    said = answer.content.decode()
    entry = SignOff.objects.values_list("entry", flat=True).distinct().get()
    assert "Signed off for independent live use: Daniela Popescu, Samuel Tetteh." in said
    assert f"Recorded as entry {entry:,}." in said
    assert "Nobody waits for your sign-off here." in said


def test_a_post_that_is_over_is_not_left_out_silently(world: World) -> None:
    world.pass_all("dan")
    shown = {
        s.post.pk: s.fingerprint() for s in queries.statements([world.posts["dan"].pk], at=NOW)
    }
    with pytest.raises(NotPossible, match="no such post now"):
        actions.sign_off(by=world.by("helen"), shown={**shown, 999_999: ""})
    assert not SignOff.objects.exists()


def test_nothing_chosen(world: World, sign_in: Callable[[str], Client]) -> None:
    answer = sign_in("helen").post("/sign-off/?service=ALD", {})
    assert "Choose at least one person to sign off." in answer.content.decode()


def test_statements_do_not_grow_with_people(
    world: World, sign_in: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    world.pass_all("dan")
    client = sign_in("helen")
    client.get("/sign-off/?service=ALD")
    with django_assert_max_num_queries(60) as few:
        client.get("/sign-off/?service=ALD")
    for n in range(3):
        world.add_person(f"new{n}", f"New Person{n}", sign_in=False)
        world.add_post(f"new{n}", world.alder, "CW")
        world.pass_all(f"new{n}")
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get("/sign-off/?service=ALD")
