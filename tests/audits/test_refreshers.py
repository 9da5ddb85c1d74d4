"""Refreshers (2.5): who plans and records them, for whom, and that being there proves nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from surehand import evidence
from surehand.audits.models import Refresher, RefresherGiven
from surehand.audits.refresher_actions import give_refresher, plan_refresher
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.readiness.queries import states_at
from surehand.support.models import SupportAction, SupportDone
from surehand.timeline import instant, london_date
from surehand.ui.formats import local
from tests.provider import NOW, World

TODAY = london_date(instant(NOW))


def planned(world: World, *names: str, by: str = "ruth", **more: Any) -> Refresher:
    asked: dict[str, Any] = {
        "theme": "T01",
        "owner": world.people["tessa"],
        "due": TODAY + timedelta(days=7),
        **more,
    }
    return plan_refresher(
        by=world.by(by),
        service=world.alder,
        people=[world.people[name] for name in names or ("sam", "dan")],
        **asked,
    )


def given(world: World, refresher: Refresher, *names: str, by: str = "tessa", **more: Any) -> Any:
    return give_refresher(
        by=world.by(by),
        refresher=refresher,
        people=[world.people[name] for name in names],
        **{"on": TODAY, "minutes": 15, **more},
    )


def test_each_person_gets_a_support_action_born_of_it(world: World) -> None:
    refresher = planned(world, words="Rewrite five “aware”s.")
    support = SupportAction.objects.filter(because=refresher.entry)
    assert {a.person for a in support} == {world.people["sam"], world.people["dan"]}
    assert {(a.what, a.owner, a.due) for a in support} == {
        ("refresher", world.people["tessa"], TODAY + timedelta(days=7))
    }


def test_however_many_are_like_it_it_is_looked_up_once(world: World) -> None:
    def asks(name: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            planned(world, name)
        return len(statements)

    asks("cal")
    assert len({asks(name) for name in ("sam", "eve", "dan")}) == 1


def test_r14_whoever_gives_it_is_not_among_those_it_is_for(world: World) -> None:
    with pytest.raises(NotPossible, match="to give it, or leave them out"):
        planned(world, "dan", "tessa")


def test_one_form_sent_twice_is_one_refresher(world: World) -> None:
    planned(world)
    with pytest.raises(NotPossible, match="recorded already"):
        planned(world)
    planned(world, "sam")
    given(world, planned(world, "dan"), "dan")
    planned(world, "dan")
    assert Refresher.objects.count() == 4


def test_it_is_given_in_sessions_until_everybody_was_there(world: World) -> None:
    refresher = planned(world)
    given(world, refresher, "sam")
    done = SupportDone.objects.get()
    assert (done.action.person, done.outcome) == (world.people["sam"], "given")
    with pytest.raises(NotPossible, match="not waiting"):
        given(world, refresher, "sam")
    given(world, refresher, "dan", on=TODAY - timedelta(days=14))
    assert RefresherGiven.objects.count() == 2
    assert not SupportAction.objects.filter(because=refresher.entry, done=None).exists()


def test_being_there_makes_nobody_ready(world: World) -> None:
    post = world.posts["sam"].pk
    before = states_at([post], at=NOW)[post].state
    competency = world.check("C08").competency
    refresher = planned(world, competency=competency)
    given(world, refresher, "sam", "dan")
    assert states_at([post], at=NOW)[post].state == before


@pytest.mark.parametrize("by", ["sam", "cal", "queenie", "paul", "nadia", "ada"])
def test_only_who_gives_support_there_plans_one(world: World, by: str) -> None:
    with pytest.raises(NotPermitted):
        planned(world, "dan", by=by)
    refresher = planned(world, "dan", by="helen")
    with pytest.raises(NotPermitted):
        given(world, refresher, "dan", by=by)
    given(world, refresher, "dan", by="ruth")


def test_r14_nobody_plans_or_records_their_own(world: World) -> None:
    with pytest.raises(NotPermitted):
        planned(world, "sam", "ruth", by="ruth")
    refresher = planned(world, "sam", "tessa", by="ruth", owner=world.people["cal"])
    with pytest.raises(NotPermitted):
        given(world, refresher, "sam", "tessa", by="tessa")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"theme": "T99"}, "Choose a training theme"),
        ({"due": TODAY - timedelta(days=1)}, "already passed"),
        ({"words": "x" * 1001}, "Shorten it"),
    ],
)
def test_what_cannot_be_planned_is_said(world: World, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotPossible, match=sentence):
        planned(world, **more)
    assert not Refresher.objects.exists()


def test_a_check_is_one_of_its_theme_and_people_are_of_the_service(world: World) -> None:
    with pytest.raises(NotPossible, match="is not checked by C04"):
        planned(world, competency=world.check("C04").competency)
    with pytest.raises(NotPossible, match="with a post at this service"):
        planned(world, "queenie")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"on": TODAY + timedelta(days=1)}, "before it took place"),
        ({"on": TODAY - timedelta(days=15)}, "more than 14 days ago"),
        ({"minutes": 0}, "how many minutes"),
    ],
)
def test_what_cannot_be_recorded_is_said(world: World, more: dict[str, Any], sentence: str) -> None:
    refresher = planned(world)
    with pytest.raises(NotPossible, match=sentence):
        given(world, refresher, "sam", **more)
    with pytest.raises(NotPossible, match="Choose who was there"):
        given(world, refresher)
    assert not SupportDone.objects.exists()


def test_what_is_recorded_is_in_the_ledger_without_names(world: World) -> None:
    refresher = planned(world)
    given(world, refresher, "sam")
    entry = evidence.queries.entry(seq=evidence.last_seq())
    assert entry is not None
    assert entry["kind"] == "refresher.given"
    assert entry["state"]["theme"] == "T01"
    assert world.people["sam"].pseudonym in entry["subjects"]


def test_its_page_is_as_at_a_moment_and_records_only_now(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    with evidence.clock.at(NOW - timedelta(days=3)):
        refresher = planned(world)
    with evidence.clock.at(NOW - timedelta(days=1)):
        given(world, refresher, "sam", on=TODAY - timedelta(days=1))
    client, href = signed_in("tessa"), f"/audits/refreshers/{refresher.pk}/"

    def page(days: int) -> str:
        at = local(NOW - timedelta(days=days))
        answer = client.get(f"{href}?at_date={at:%Y-%m-%d}&at_time=12:00&known=then")
        return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)

    now, then = client.get(href).content.decode(), page(2)
    assert "There on 17 November 2026" in now
    assert 'name="minutes"' in now
    assert then.count("Waiting for it") == 2
    assert "There on" not in then
    assert 'name="minutes"' not in then
    assert "Go back to now to record something" in then
    assert page(4) == "404"
