"""Settings: administrators alone, nothing about competence, nothing about oneself (R14)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions
from surehand.people.access import AccessRole, Action, By, Grant
from surehand.people.models import AccessGrant, GoLive, Person
from surehand.people.queries import access_of, go_live_dates, same_human
from surehand.readiness.queries import state_at
from surehand.readiness.rules import State
from tests.provider import World

SignedIn = Callable[[str], Client]
OTHERS = ["helen", "nadia", "paul", "queenie", "ruth", "cal", "tessa", "dan"]


def day(on: date | None) -> dict[str, str]:
    said = (str(on.day), str(on.month), str(on.year)) if on else ("", "", "")
    return dict(zip(("on_day", "on_month", "on_year"), said, strict=True))


@pytest.mark.parametrize("name", OTHERS)
def test_only_administrators_see_and_change_settings(
    world: World, signed_in: SignedIn, name: str
) -> None:
    browser = signed_in(name)
    dan = world.people["dan"].pseudonym
    before = evidence.last_seq()
    for address in ("/settings/", "/settings/services/ALD/", f"/settings/people/{dan}/"):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"role": "administrator"}).status_code == 403
    for address in (f"/settings/people/{dan}/sign-in/", f"/settings/people/{dan}/merge/"):
        assert browser.post(address, {"email": "x@example.org"}).status_code == 403
    assert evidence.last_seq() == before


@pytest.mark.parametrize("role", [r for r in AccessRole if r is not AccessRole.ADMINISTRATOR])
def test_settings_actions_are_refused_to_every_other_access_role(
    world: World, role: AccessRole
) -> None:
    dan, eve = world.people["dan"], world.people["eve"]
    by = By(
        person=world.people["wendy"].pk,
        pseudonym=world.people["wendy"].pseudonym,
        signed_in="password",
        grants=(Grant(role, None), Grant(role, world.alder.pk)),
    )
    grant = AccessGrant.objects.filter(person=dan).get()
    for refused in (
        lambda: actions.add_person(by=by, reference="x", name="X", pseudonym="a" * 32),
        lambda: actions.grant_access(by=by, person=dan, role=AccessRole.VISITOR, service=None),
        lambda: actions.end_access(by=by, grant=grant),
        lambda: actions.let_sign_in(by=by, person=dan, email="d@example.org", password=None),
        lambda: actions.merge(by=by, person=dan, into=eve),
        lambda: actions.set_go_live(by=by, service=world.alder, on=None),
        lambda: actions.name_provider(by=by, name="Other"),
    ):
        with pytest.raises(NotPermitted):
            refused()


def test_administrators_record_nothing_about_competence(world: World) -> None:
    by = world.by("ada")
    brings_in = {action for action in Action if action.name.startswith("IMPORT_")}
    competence = set(Action) - brings_in - {Action.SETTINGS, Action.SCREENING_WORDS}
    assert not any(by.may(action, where) for action in competence for where in (None, 1, 2))


def test_a_new_go_live_date_moves_what_follows_from_it(world: World, signed_in: SignedIn) -> None:
    # Everything critical is passed; what is core is a gate since day 29 after go-live.
    core = ("C05", "C09", "C12", "C13L", "C15", "C16", "C17", "C18")
    world.pass_all("dan", but=core)
    now = evidence.clock.now()
    assert state_at(world.posts["dan"], at=now) is State.NOT_READY
    ada = signed_in("ada")
    said = ada.post("/settings/services/ALD/", day(date(2027, 1, 11)), follow=True)
    assert "goes live on 11 January 2027" in said.text
    assert GoLive.objects.order_by("entry").last().on == date(2027, 1, 11)  # type: ignore[union-attr]
    assert state_at(world.posts["dan"], at=now) is State.AWAITING_SIGN_OFF
    with pytest.raises(NotPossible, match="already"):
        actions.set_go_live(by=world.by("ada"), service=world.alder, on=date(2027, 1, 11))


def test_a_date_is_taken_back_only_when_that_is_said(world: World, signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    assert ada.post("/settings/services/ALD/", day(None)).status_code == 422
    assert go_live_dates()[world.alder.pk] is not None
    ada.post("/settings/services/ALD/", {**day(None), "undecided": "on"})
    assert go_live_dates()[world.alder.pk] is None


def test_a_date_that_does_not_exist_is_refused_in_words(world: World, signed_in: SignedIn) -> None:
    said = signed_in("ada").post(
        "/settings/services/ALD/", {"on_day": "31", "on_month": "2", "on_year": "2027"}
    )
    assert said.status_code == 422
    assert "Enter a real date" in said.text


def test_access_is_given_and_ended(world: World, signed_in: SignedIn) -> None:
    ada, sam = signed_in("ada"), world.people["sam"]
    address = f"/settings/people/{sam.pseudonym}/"
    assert "Choose the service" in ada.post(address, {"role": "assessor", "service": ""}).text
    ada.post(address, {"role": "assessor", "service": "ALD"})
    now = evidence.clock.now()
    by = access_of(sam, at=now, signed_in="password")
    assert by.may(Action.ASSESS, world.alder.pk)
    assert not by.may(Action.ASSESS, world.quayside.pk)
    grant = AccessGrant.objects.filter(person=sam, role="assessor").get()
    ada.post(f"/settings/access/{grant.entry}/end/")
    assert not access_of(sam, at=now, signed_in="password").may_anywhere(Action.ASSESS)


def test_nobody_changes_their_own_access(world: World, signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    address = f"/settings/people/{world.people['ada'].pseudonym}/"
    assert "Nobody changes their own access" in ada.get(address).text
    assert ada.post(address, {"role": "workforce_lead", "service": ""}).status_code == 403
    assert not world.by("ada").may_anywhere(Action.SIGN_OFF)


def test_two_records_of_one_human_are_merged(world: World, signed_in: SignedIn) -> None:
    dan, eve = world.people["dan"], world.people["eve"]
    address = f"/settings/people/{dan.pseudonym}/merge/"
    ada = signed_in("ada")
    assert ada.post(address, {"reference": "nobody"}).status_code == 422
    ada.post(address, {"reference": eve.identity.reference})
    assert same_human(dan.pk) == {dan.pk, eve.pk}


def test_records_that_are_one_already_are_not_merged_round_in_a_circle(world: World) -> None:
    dan, eve, cal = (world.people[name] for name in ("dan", "eve", "cal"))
    by = world.by("ada")
    actions.merge(by=by, person=dan, into=eve)
    actions.merge(by=by, person=eve, into=cal)
    for person, into in ((cal, dan), (eve, dan), (cal, cal)):
        with pytest.raises(NotPossible, match="already one"):
            actions.merge(by=by, person=person, into=into)
    assert same_human(dan.pk) == {dan.pk, eve.pk, cal.pk}


def test_head_office_is_added_and_the_organisation_named(world: World, signed_in: SignedIn) -> None:
    ada = signed_in("ada")
    ada.post("/settings/people/add/", {"name": "Iris Low", "reference": "H-9"})
    assert Person.objects.filter(identity__name="Iris Low").exists()
    assert "Elm Care" in ada.post("/settings/", {"name": "Elm Care"}, follow=True).text
    assert "Iris Low" in ada.get("/settings/?q=iris").text


def test_the_settings_page_asks_the_database_a_fixed_number_of_times(
    world: World, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    ada = signed_in("ada")
    ada.get("/settings/")
    for number in range(2):
        with django_assert_max_num_queries(20):
            assert ada.get("/settings/").status_code == 200
        for extra in range(8):
            world.add_person(f"n{number}{extra}", f"Ned {extra}", role=AccessRole.CARE_WORKER)
