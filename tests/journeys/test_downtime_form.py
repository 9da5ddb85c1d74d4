"""Journey: the system goes down in practice; what stands on paper is entered once it is back."""

from collections.abc import Callable

from surehand.practice.models import AttemptEnd
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import World


def test_paper_first_and_then_the_record_by_keyboard(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Tessa, whose screen says that there is no connection
    tessa = visit("tessa").goes_to("/practice/scenarios/S25/")
    keyboard = tessa.page.keyboard

    def enter(text: str) -> None:
        tab_to(tessa, lambda on: on["text"].startswith(text))
        with tessa.page.expect_navigation():
            keyboard.press("Enter")
        tessa.checked()

    enter("Practise")
    enter("Wait until something happens")
    tessa.heading("Downtime form").sees("Nothing can be read or written in it.")

    # When she fetches the pack, and writes down that she looked in
    enter("Fetch the downtime pack")
    tessa.sees("Write here by hand")
    tab_to(tessa, lambda on: on["name"] == "about")
    keyboard.press("Space")
    tab_to(tessa, lambda on: on["name"] == "checked")
    keyboard.press("Space")
    enter("Write it down")
    tessa.sees("Looked in, safe")

    # Then the rest of the system is out of reach until it is back
    tessa.page.goto(tessa.page.url.replace("/paper/", "/notes/"))
    tessa.checked().heading("Downtime form")
    enter("Wait until something happens")
    enter("Look in on both now")
    enter("Wait until something happens")
    enter("Wait until something happens")
    tessa.sees("The system is back.")

    # When she enters the line as it stands there, it is not called wrong
    enter("Enter it")
    enter("Daily note")
    page = tessa.page
    for legend in ("Mood", "Support given", "Outcome"):
        tessa.group(legend).get_by_role("radio").first.focus()
        keyboard.press("Space")
    tessa.fills("What the person chose", "To sleep").fills("What happened", "Asleep.")
    tessa.group("Where does it belong?").get_by_role("radio", name="Sleep").focus()
    keyboard.press("Space")
    page.locator("[name=time]").fill("19:40")
    page.locator("[name=late]").focus()
    keyboard.press("Space")
    enter("Save and go on")
    tessa.sees("Saved.").does_not_see("it happened between")
    page.goto(page.url.partition("/see/")[0] + "/paper/")
    tessa.checked().sees("Entered")
    enter("I have finished")
    enter("Yes, show me how it went")
    tessa.sees("You went to paper at once.")
    assert AttemptEnd.objects.get().marks["entry"] == "not_met"
