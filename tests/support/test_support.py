"""Support: who may give it and finish it, and the pages on which they do."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people import actions as people
from surehand.people.access import COMMAND_LINE, AccessRole
from surehand.support import actions
from surehand.support.models import SupportAction, SupportDone, SupportWords
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]
TODAY = NOW.date()


def coach(world: World, name: str = "dan", *, owner: str = "sam", days: int = 7) -> SupportAction:
    return actions.give_support(
        by=world.by("ruth"),
        person=world.people[name],
        service=world.alder.pk,
        new=actions.NewSupport("coaching", world.people[owner], TODAY + timedelta(days=days)),
        note="Beside her at supper.",
    )


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ruth", True),
        ("tessa", True),
        ("helen", True),
        ("cal", False),
        ("quinn", False),
        ("nadia", False),
        ("paul", False),
        ("queenie", False),
        ("ada", False),
        ("dan", False),
    ],
)
def test_r14_who_gives_support(world: World, signed_in: SignedIn, name: str, allowed: bool) -> None:
    new = actions.NewSupport("refresher", world.people["sam"], TODAY)
    if allowed:
        assert actions.give_support(
            by=world.by(name), person=world.people["eve"], service=world.alder.pk, new=new
        )
    else:
        with pytest.raises(NotPermitted, match="You may not give support"):
            actions.give_support(
                by=world.by(name), person=world.people["eve"], service=world.alder.pk, new=new
            )
    page = signed_in(name).get(f"/people/{world.people['eve'].pseudonym}/add-support/?service=ALD")
    assert page.status_code == (200 if allowed else 403)


def test_r14_nobody_gives_or_finishes_support_for_themselves(world: World) -> None:
    with pytest.raises(NotPermitted, match="about yourself"):
        coach(world, "ruth")
    action = coach(world, "tessa")
    with pytest.raises(NotPermitted, match="about yourself"):
        actions.finish_support(
            by=world.by("tessa"), action=action, service=world.alder.pk, outcome="helped", note="x"
        )


def test_r14_nobody_is_the_one_who_gives_them_support(world: World) -> None:
    world.add_person("dan2", "D Hart", role=AccessRole.CARE_WORKER)
    people.merge(by=COMMAND_LINE, person=world.people["dan2"], into=world.people["dan"])
    for owner in ("dan", "dan2"):
        with pytest.raises(NotPossible, match="cannot give support to themselves"):
            coach(world, "dan", owner=owner)


def test_r14_the_owner_recorded_twice_says_how_it_went(world: World) -> None:
    action = coach(world, owner="cal")
    world.add_person("cal2", "C Reed", role=AccessRole.CARE_WORKER)
    people.merge(by=COMMAND_LINE, person=world.people["cal2"], into=world.people["cal"])
    assert actions.finish_support(
        by=world.by("cal2"), action=action, service=world.alder.pk, outcome="helped", note=""
    )


def test_the_owner_says_how_it_went_once(world: World, signed_in: SignedIn) -> None:
    action = coach(world)
    sam = signed_in("sam")  # a care worker's access, and the owner
    listed = sam.get("/support/").text
    assert "Yours to give" in listed
    assert "Coaching: Daniela Popescu" in listed
    page = sam.post(
        f"/support/{action.entry}/", {"outcome": "helped", "note": "She did it all."}, follow=True
    )
    assert "recorded as finished" in page.text
    assert SupportDone.objects.get().by == world.people["sam"]
    shown = signed_in("ruth").get(f"/support/{action.entry}/").text
    assert "It helped: ready for a re-check." in shown
    assert "She did it all." in shown
    with pytest.raises(NotPossible, match="already ended"):
        actions.finish_support(
            by=world.by("sam"), action=action, service=world.alder.pk, outcome="helped", note=""
        )


@pytest.mark.parametrize(
    ("name", "status", "refusal"),
    [
        ("ruth", 200, ""),
        ("tessa", 200, ""),
        ("helen", 200, ""),
        ("cal", 200, "You may not give support and refreshers here."),
        ("queenie", 200, "You may not give support and refreshers here."),
        ("dan", 200, "You cannot give support and refreshers when it is about yourself."),
        ("eve", 403, ""),
        ("quinn", 403, ""),
        ("ada", 403, ""),
    ],
)
def test_r14_who_may_read_and_finish_it(
    world: World, signed_in: SignedIn, name: str, status: int, refusal: str
) -> None:
    action = coach(world)
    page = signed_in(name).get(f"/support/{action.entry}/")
    assert page.status_code == status
    assert refusal in page.text
    if status == 200:
        assert ("disabled" in page.text.split("<main", 1)[1]) == bool(refusal)


def test_support_is_due_today_or_later(world: World) -> None:
    with pytest.raises(NotPossible, match="already passed"):
        coach(world, days=-1)


def test_the_list_says_what_is_overdue(world: World, signed_in: SignedIn) -> None:
    coach(world, days=1)
    with evidence.clock.at(NOW + timedelta(days=3)):
        text = signed_in("ruth").get("/support/").text
    assert "1 support action for people at Alder House. 1 is overdue." in text
    assert "2 days overdue" in text


def test_nothing_open_says_what_comes(world: World, signed_in: SignedIn) -> None:
    assert "No support is open." in signed_in("ruth").get("/support/").text


def test_adding_support_from_the_page(world: World, signed_in: SignedIn) -> None:
    ruth = signed_in("ruth")
    address = f"/people/{world.people['dan'].pseudonym}/add-support/?service=ALD"
    data = {
        "what": "coaching",
        "competency": "C04",
        "owner": world.people["sam"].pk,
        "due_day": "25",
        "due_month": "11",
        "due_year": "2026",
        "note": "Walk through a note.",
    }
    missing = ruth.post(address, {**data, "owner": ""})
    assert missing.status_code == 400
    assert "Choose who gives it" in missing.text
    assert "Walk through a note." in missing.text
    page = ruth.post(address, data, follow=True)
    assert "Coaching for Daniela Popescu with Samuel Tetteh, by 25 November 2026." in page.text
    # Words stand beside the facts, never in them (R1).
    action = SupportAction.objects.get()
    assert SupportWords.objects.get(entry=action.entry).text == "Walk through a note."


def test_the_list_does_not_ask_more_of_the_database_for_more_actions(
    world: World, signed_in: SignedIn, django_assert_max_num_queries: Callable
) -> None:
    ruth = signed_in("ruth")
    coach(world)
    with django_assert_max_num_queries(40) as few:
        ruth.get("/support/")
    for name in ("dan", "eve", "sam", "cal", "tessa"):
        for days in (3, 5):
            coach(world, name, owner="tessa" if name != "tessa" else "cal", days=days)
    with django_assert_max_num_queries(len(few)):
        ruth.get("/support/")


def test_r14_a_merged_person_is_oneself(world: World) -> None:
    world.add_person("tessa2", "T Boyd", role=AccessRole.CARE_WORKER)
    people.merge(by=COMMAND_LINE, person=world.people["tessa2"], into=world.people["tessa"])
    with pytest.raises(NotPermitted, match="about yourself"):
        actions.give_support(
            by=world.by("tessa"),
            person=world.people["tessa2"],
            service=world.alder.pk,
            new=actions.NewSupport("coaching", world.people["sam"], TODAY),
        )
