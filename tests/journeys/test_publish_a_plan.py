"""Journeys: the next plan is written on pages, seen for whom it touches, published (1.1, R12)."""

from collections.abc import Callable

from surehand.competency.models import PlanVersion
from surehand.readiness.queries import state_at
from surehand.readiness.rules import State
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import World
from tests.readiness.test_plan_pages import STRICTER

WORDS = "Writes what the person did, said, chose and felt, in their own words."


def test_a_criterion_and_a_requirement_are_changed_compared_and_published_with_notice(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Daniela, a care worker who works on her own
    world.pass_all("dan")
    world.sign_off("dan")

    # When the workforce lead begins a draft from the plan in force
    helen = visit("helen").goes_to("/plan/").clicks("Change the plan")
    helen.presses("Begin the draft").heading("What shall the next version say?")

    # And says a criterion better; an empty answer is told at its field
    helen.clicks("C04").clicks("Change C04.1")
    helen.fills("What is judged", "").presses("Save").sees("Enter what is judged")
    helen.fills("What is judged", WORDS).presses("Save").sees("C04.1 reworded")

    # And makes being ready for an inspector a gate for care workers
    helen.clicks("The next version").clicks("C20").clicks("Gate from day 29 Senior care worker")
    helen.page.get_by_label("Senior care worker").uncheck()
    helen.page.get_by_label("Care worker", exact=True).check()
    helen.page.get_by_label("Gate from the start").check()
    helen.presses("Save").sees("C20 is raised for care workers in residential care")

    # Then the draft is compared with the plan, each line leading to where it is changed
    helen.clicks("The next version").sees("It makes 2 changes so far.")
    helen.clicks("See what it changes").heading("What does the draft change?")
    helen.sees(f"is now “{WORDS}”")
    helen.clicks("C20 is raised").heading("C20")

    # And before it is published she sees that Daniela would not be ready, and from when
    helen.clicks("The next version").clicks("See whom it touches, and publish")
    helen.heading("Whom does the next version touch?").sees("Daniela Popescu")
    helen.sees("C20, a gate from 17 December 2026")
    assert PlanVersion.objects.count() == 1
    helen.presses("Publish this version").sees("Version 2 is published")

    # And the history says who changed what
    helen.clicks("History").heading("How has the plan changed?")
    helen.sees("C04: C04.1 reworded").sees("Helen Marsh")
    version = PlanVersion.objects.get(number=2)
    assert state_at(world.posts["dan"], at=version.applies_from) is State.NOT_READY


def test_the_same_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    helen = visit("helen").goes_to("/plan/")
    keyboard = helen.page.keyboard

    def words(on: dict[str, str]) -> str:
        return " ".join(on["text"].split())

    def enter(text: str, *, then: str) -> None:
        tab_to(helen, lambda on: words(on).startswith(text), most=200)
        keyboard.press("Enter")
        helen.page.wait_for_url(then)
        helen.checked()

    enter("Change the plan", then="**/draft/begin/")
    enter("Begin the draft", then="**/draft/")
    enter("C04", then="**/C04/")
    enter("Change C04.1", then="**/criteria/1/")
    tab_to(helen, lambda on: on["name"] == "text")
    keyboard.press("Control+a")
    keyboard.type(WORDS)
    enter("Save", then="**/C04/#criteria")
    helen.sees("C04.1 reworded")
    # Criteria are put in order by buttons
    tab_to(helen, lambda on: words(on) == "Down C04.2")
    keyboard.press("Enter")
    helen.page.wait_for_url("**#criterion-C04.2-down")
    helen.checked()
    enter("The next version", then="**/draft/")
    enter("C20", then="**/C20/")
    enter("To develop Care worker in residential care", then="**/needs/?who=CW&setting=R")
    tab_to(helen, lambda on: on["name"] == "level")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    assert helen.page.evaluate(FOCUSED)["text"] == "Gate from the start"
    enter("Save", then="**/C20/#who")
    helen.sees("C20 is raised for care workers in residential care")
    enter("The next version", then="**/draft/")
    enter("See what it changes", then="**/compare/?to=draft")
    helen.sees("C20 is raised")
    helen.page.go_back()
    enter("See whom it touches, and publish", then="**/draft/publish/")
    enter("Publish this version", then="**/versions/2/")
    helen.sees("Version 2 is published")
    enter("History", then="**/plan/versions/")
    helen.sees("C04: C04.1 reworded")


def test_a_plan_comes_in_as_a_file_and_its_faults_are_told(
    world: World, visit: Callable[..., Visit]
) -> None:
    helen = visit("helen").goes_to("/plan/draft/begin/")
    for text, says in (
        (STRICTER.replace("    level: crit", "    level: vital", 1), "“level” is “vital”"),
        (STRICTER, "It makes 1 change so far."),
    ):
        helen.page.get_by_label("A file of your own").check()
        helen.page.get_by_label("Plan document").set_input_files(
            {"name": "plan.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
        )
        helen.presses("Begin the draft").sees(says)
    # Thrown away only after a question
    helen.clicks("Discard the draft").sees("C20 is raised for")
    helen.presses("Discard the draft").sees("The draft is discarded.")
