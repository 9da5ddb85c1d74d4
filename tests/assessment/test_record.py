"""Assessments as recorded: the outcome follows from the criteria (R7)."""

from datetime import timedelta

import pytest

from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.readiness import queries
from surehand.readiness.rules import State
from tests.provider import NOW, World


def test_r5_from_checks_to_sign_off(world: World) -> None:
    post = world.posts["dan"]
    assert queries.state_at(post, at=NOW) is State.NOT_READY
    world.pass_all("dan")
    assert queries.state_at(post, at=NOW) is State.AWAITING_SIGN_OFF
    world.sign_off("dan")
    assert queries.state_at(post, at=NOW) is State.INDEPENDENT
    world.fail("dan", "C04")
    assert queries.state_at(post, at=NOW) is State.NOT_READY


def test_r14_nobody_assesses_themselves(world: World) -> None:
    with pytest.raises(NotPermitted, match="about yourself"):
        world.assess("cal", "C04", by="cal")


def test_r11_at_most_14_days_late(world: World) -> None:
    world.assess("dan", "C04", happened_at=NOW - timedelta(days=14))
    with pytest.raises(NotPossible, match="at most 14 days late"):
        world.assess("dan", "C04", happened_at=NOW - timedelta(days=14, minutes=1))


def test_r7_a_critical_criterion_missed_is_further_support(world: World) -> None:
    assert world.fail("dan", "C04").outcome == "further_support"
