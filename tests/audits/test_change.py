"""The life of a change request: which step may follow which, and on which day."""

from datetime import date, timedelta

import pytest

from surehand.audits.change import MEANS, NEXT, WRITTEN, problem, release_problem
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
        (said("released", release="24.2, says Joyce"), "no names"),
        (said("released", on=TOMORROW), "has not happened yet"),
        (said("declined", on=YESTERDAY, last=TODAY), "before 18 November 2026"),
        (said("released", WRITTEN), "does not follow"),
        (said("sent", "closed"), "does not follow"),
        (said("sent", "declined"), ""),
    ],
)
def test_a_step_follows_or_says_why_not(step: str, refused: str) -> None:
    assert (refused in step) if refused else step == ""


@pytest.mark.parametrize(
    "release",
    ["24.2", "2027.03-rc1", "R12", "v4.2.1+build.7", "Version 8", "2027 H1", "24.2a", "4-2", "7"],
)
def test_r1_a_release_is_its_number(release: str) -> None:
    assert release_problem(release) == ""
    assert release_problem(f" {release} ") == ""


@pytest.mark.parametrize(
    "release",
    ["Joyce", "Joyce 2", "2 Joyce", "485 777 3456", "4857773456", "24..2", "24.", "-1", "٤.٢",
     "24.2\nv3", "1" * 39 + "!", "the one for Room 12", "rc"],
)  # fmt: skip
def test_r1_nothing_else_is_kept_as_one(release: str) -> None:
    assert "24.2, 2027.03-rc1 or R12" in release_problem(release)
