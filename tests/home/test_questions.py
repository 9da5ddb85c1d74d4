"""The page of questions: counted beside the live shifts worked, and who asks on after passing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from surehand import evidence
from surehand.home.questions import counted
from surehand.readiness import actions as readiness
from surehand.readiness.queries import live_shifts
from surehand.support import actions
from tests.provider import NOW, World

SignedIn = Callable[[str], Client]


def ask(world: World, name: str, category: str, *, days: float) -> None:
    with evidence.clock.at(NOW - timedelta(days=days)):
        actions.ask(
            by=world.by(name),
            happened_at=None,
            key=uuid4(),
            service=world.posts[name].service,
            category=category,
        )


def shifts(world: World, number: int, *, since: float = 10) -> None:
    for each in range(number):
        world.add_shift("dan", NOW - timedelta(days=since) + timedelta(minutes=each))


def test_live_shifts_are_those_in_which_the_system_was_used(world: World) -> None:
    shifts(world, 3)
    world.add_shift("dan", NOW - timedelta(days=80))  # before the go-live
    world.add_shift("sam", NOW - timedelta(days=2), no_live_use=True)
    world.add_shift("dan", NOW + timedelta(hours=2))  # still to come
    world.add_shift("rose", NOW - timedelta(days=2))  # elsewhere
    marked = world.add_shift("sam", NOW + timedelta(hours=1))
    readiness.mark_no_live_use(by=world.by("ruth"), shift=marked)
    both = {"since": NOW - timedelta(days=91), "until": NOW}
    assert live_shifts(world.alder.pk, **both) == 3
    later = {"since": NOW, "until": NOW + timedelta(days=1)}
    assert live_shifts(world.alder.pk, **later) == 1


def test_counted_by_competency_kind_and_theme_per_100_shifts(world: World) -> None:
    shifts(world, 40)
    for name in ("dan", "sam", "eve"):
        ask(world, name, "medicines", days=3)
    ask(world, "dan", "alert", days=2)
    ask(world, "dan", "alert", days=60)  # before this period
    found = counted(world.alder, at=NOW, days=28)
    assert [(r.what[:3], r.questions, r.rate) for r in found.by_competency] == [
        ("C11", 3, "7.5"),
        ("C13", 1, "2.5"),
    ]
    assert [(r.what, r.questions) for r in found.by_category] == [("Medicines", 3), ("Alert", 1)]
    assert [(r.what, r.questions) for r in found.by_theme] == [
        ("No theme", 3),
        ("T10 Alert response not recorded", 1),
    ]


def test_no_rate_of_few_shifts_nor_of_questions_before_go_live(
    world: World, signed_in: SignedIn
) -> None:
    shifts(world, 19)
    ask(world, "dan", "alert", days=3)
    page = signed_in("ruth").get("/questions/").text
    assert "too few, under 20, to say how often" in page
    assert "per 100 shifts." not in page
    shifts(world, 11, since=8)
    ask(world, "dan", "alert", days=70)  # Alder went live 65 days ago
    found = counted(world.alder, at=NOW, days=91)
    assert found.by_category[0].questions == 2
    assert found.by_category[0].rate == "3.3"


def test_g13_asked_on_after_passing_is_a_prompt(world: World, signed_in: SignedIn) -> None:
    with evidence.clock.at(NOW - timedelta(days=20)):
        world.assess("dan", "C11")
    for days in (3, 2, 1):
        ask(world, "dan", "medicines", days=days)
        ask(world, "sam", "medicines", days=days)  # never passed it
    page = signed_in("tessa").get("/questions/").text
    assert "a prompt to look at it together, not a verdict" in page.lower()
    assert "Passed on 29 October 2026, and asked 3 times in the last 14 days." in page
    assert "Samuel Tetteh: Medicines prompt" not in page


@pytest.mark.parametrize("days", ["7", "28", "91", "", "nonsense", "-1"])
def test_the_period_is_in_the_address(world: World, signed_in: SignedIn, days: str) -> None:
    ask(world, "dan", "alert", days=10)
    page = signed_in("ruth").get(f"/questions/?days={days}").text
    assert ("No questions in this time." in page) == (days == "7")
