"""The life of a change request: which step may follow which, and on which day."""

from datetime import date, timedelta

import pytest

from surehand.audits.change import MEANS, NEXT, WRITTEN, problem
from surehand.audits.models import ChangeRequestStep

TODAY = date(2026, 11, 18)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def said(state: str, after: str = "sent", **more: object) -> str:
    given = {"on": TODAY, "last": YESTERDAY, "today": TODAY, "release": "4.2"} | more
    return problem(state, after, **given)  # type: ignore[arg-type]


def test_every_state_has_its_place_in_the_life() -> None:
    states = set(ChangeRequestStep.State.values)
    assert set(NEXT) == states | {WRITTEN}
    assert {after for found in NEXT.values() for after in found} == states == set(MEANS)


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        (said("planned", on=TOMORROW), ""),
        (said("planned", on=YESTERDAY), "for a day to come"),
        (said("released"), ""),
        (said("released", release=" "), "with which release"),
        (said("released", on=TOMORROW), "has not happened yet"),
        (said("declined", on=YESTERDAY, last=TODAY), "before 18 November 2026"),
        (said("released", WRITTEN), "does not follow"),
        (said("sent", "closed"), "does not follow"),
        (said("sent", "declined"), ""),
    ],
)
def test_a_step_follows_or_says_why_not(step: str, refused: str) -> None:
    assert (refused in step) if refused else step == ""
