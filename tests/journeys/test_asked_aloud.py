"""Journeys: somebody on shift is asked a spot check on a phone, and an exercise is seen in the
vendor's training system; the first by keyboard alone too."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand.practice.models import Attempt, SpotCheck
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import NOW, World


def test_whom_would_you_call(world: World, visit: Callable[..., Visit]) -> None:
    # Given Daniela on shift, and her team leader beside her with a phone
    world.add_shift("dan", NOW - timedelta(hours=2))
    tessa = visit("tessa", phone=True).goes_to("/practice/spot-checks/")
    tessa.sees("Nobody was asked in this time.").clicks("Ask somebody")
    tessa.heading("Whom do you ask?").clicks("Daniela Popescu")

    # When she chooses the question, and forgets one of its points
    tessa.page.get_by_label("Or choose the question").select_option("At 3 am")
    tessa.heading("It is 3 am").sees("it is kept nowhere").checked().shot("spot-check-ask")
    ticked = (("If a life", "Shown"), ("Shift lead", "Shown"), ("On-call", "With help"))
    for point, shown in ticked:
        tessa.group(point).get_by_role("radio", name=shown, exact=True).tap()
    tessa.presses("Save").sees("There is a problem").sees("Say whether point 4 was shown")
    tessa.group("Registered manager").get_by_role("radio", name="Not shown").tap()
    tessa.fills("A note", "Knew the first two by heart.").presses("Save")

    # Then it is kept, and Daniela reads the same on her own page
    tessa.sees("It is no check: it makes nobody ready.").sees("3 of 4 points shown")
    tessa.checked().shot("spot-check")
    dan = visit("dan", phone=True).goes_to(f"/people/{world.people['dan'].pseudonym}/")
    dan.checked().clicks("At 3 am").sees("Knew the first two by heart.")
    dan.page.set_viewport_size({"width": 320, "height": 640})
    dan.checked()


def test_by_keyboard_alone(world: World, visit: Callable[..., Visit]) -> None:
    cal = visit("cal")
    cal.goes_to(f"/practice/spot-checks/ask/{world.people['dan'].pseudonym}/?question=Q04")
    for _ in range(3):
        tab_to(cal, lambda on: on["type"] == "radio")
        cal.page.keyboard.press("Space")
    tab_to(cal, lambda on: on["text"] == "Save")
    cal.page.keyboard.press("Enter")
    cal.page.wait_for_url("**/practice/spot-checks/*/")
    cal.checked().sees("3 of 3 points shown, without help.")
    assert set(SpotCheck.objects.get().shown.values()) == {"shown"}


def test_an_exercise_in_the_vendors_system(world: World, visit: Callable[..., Visit]) -> None:
    # Given an assessor who watched Daniela in the vendor's own training system
    cal = visit("cal").goes_to("/assess/").clicks("Vendor’s training system")
    cal.heading("Whom did you see practise there?").checked()
    cal.page.get_by_label("Who", exact=True).select_option("Daniela Popescu")
    cal.page.wait_for_url("**person=**")
    cal.page.get_by_label("Scenario").select_option("Another title of the vendor’s")

    # When he says what it is called there and how it ended
    cal.heading("What did Daniela Popescu do there?").checked().shot("elsewhere")
    cal.fills("Its title there", "Bed alarm exercise")
    cal.page.get_by_label("What is it about?").select_option("C13")
    cal.page.get_by_role("radio", name="Passed there", exact=True).check()
    cal.presses("Save").sees("Say how many minutes it took")
    cal.fills("How many minutes did it take?", "7").presses("Save")

    # Then it is in the log, marked as such, and is no assessment
    cal.sees("Kept in the log. It is no assessment.").heading("Bed alarm exercise").checked()
    expect(cal.page.get_by_text("In the vendor’s training system").first).to_be_visible()
    assert Attempt.objects.get().where == "vendor"
