"""Change requests: who asks, who says what became of them, and that they name nobody (2.4)."""

from datetime import date

import pytest

from surehand import evidence
from surehand.audits.change_actions import request_change, step_change
from surehand.audits.change_queries import requests
from surehand.audits.models import Cause, ChangeRequest
from surehand.evidence.refusal import NotPermitted, NotPossible
from tests.audits.test_cause_actions import gaps_of, say
from tests.provider import NOW, World
from tests.records.live import somebody

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock() -> object:
    with evidence.clock.at(NOW):
        yield


@pytest.fixture
def cause(world: World) -> Cause:
    return say(world, gaps_of(world, "dan", "sam"), "workflow")


def ask(world: World, cause: Cause, by: str = "ruth", **more: str) -> ChangeRequest:
    given = {"wording": "Show “Declined” on the first screen.", "record_type": "note"} | more
    return request_change(by=world.by(by), cause=cause, **given)  # type: ignore[arg-type]


def test_a_change_request_lives_until_it_is_closed(world: World, cause: Cause) -> None:
    request = ask(world, cause, section="food")
    assert request.profile == "residential-nursing 1.0"
    for by, state, on, release in (
        ("ruth", "sent", TODAY, ""),
        ("queenie", "planned", date(2026, 12, 8), ""),
        ("queenie", "released", TODAY, "4.2"),
        ("ruth", "closed", TODAY, ""),
    ):
        step_change(by=world.by(by), request=request, state=state, on=on, release=release)
        with pytest.raises(NotPossible, match=r"recorded already|does not follow"):
            step_change(by=world.by(by), request=request, state=state, on=on, release=release)
    (found,) = requests([world.alder.pk], at=NOW)
    assert (found.state, found.release, found.gaps) == ("closed", "4.2", 2)
    with pytest.raises(NotPossible, match="does not follow"):
        step_change(by=world.by("ruth"), request=request, state="sent", on=TODAY)
    # As known before it was released
    (before,) = requests([world.alder.pk], at=NOW, known=found.steps[1].entry)
    assert (before.state, before.release) == ("planned", "")


@pytest.mark.parametrize("name", ["quinn", "tessa", "queenie", "helen", "ada", "dan"])
def test_who_says_the_cause_asks_for_the_change(world: World, cause: Cause, name: str) -> None:
    with pytest.raises(NotPermitted):
        ask(world, cause, by=name)


@pytest.mark.parametrize("name", ["quinn", "tessa", "helen", "ada", "dan"])
def test_only_its_manager_and_the_quality_lead_say_what_became_of_it(
    world: World, cause: Cause, name: str
) -> None:
    request = ask(world, cause)
    with pytest.raises(NotPermitted, match="registered manager or a quality lead"):
        step_change(by=world.by(name), request=request, state="sent", on=TODAY)


def test_it_names_neither_staff_nor_people_supported(world: World, cause: Cause) -> None:
    somebody(world.alder, "Joyce Hartley")
    for name in ("Daniela Popescu", "joyce  hartley’s"):
        with pytest.raises(NotPossible, match="This names"):
            ask(world, cause, wording=f"As {name} said, show the field.")
    request = ask(world, cause, wording="Joyce may be anybody.")
    with pytest.raises(NotPossible, match="This names Daniela Popescu"):
        step_change(
            by=world.by("ruth"),
            request=request,
            state="sent",
            on=TODAY,
            words="Daniela Popescu wrote to them.",
        )


def test_it_follows_workflow_design_alone_and_once(world: World, cause: Cause) -> None:
    for wrong in ({"record_type": "poem"}, {"section": "attic"}, {"wording": " "}):
        with pytest.raises(NotPossible):
            ask(world, cause, **wrong)
    ask(world, cause)
    with pytest.raises(NotPossible, match="recorded already"):
        ask(world, cause)
    corrected = say(
        world, list(cause.gaps.values_list("gap_id", flat=True)), "training", corrects=cause
    )
    cause.refresh_from_db()
    with pytest.raises(NotPossible, match="was corrected"):
        ask(world, cause, section="food")
    with pytest.raises(NotPossible, match="the cause here is training"):
        ask(world, corrected)
