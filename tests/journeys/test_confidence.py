"""Journey: how sure she is, before and after her check, and what her manager makes of it."""

from collections.abc import Callable
from datetime import date, timedelta

from surehand import evidence
from surehand.assessment import actions as assessment
from tests.journeys.conftest import Clock, Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.provider import NOW, World


def test_said_in_three_taps_and_talked_about(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela, who is to be checked on sensor alerts
    assessment.request_check(
        by=world.by("ruth"),
        person=world.people["dan"],
        service=world.alder,
        competency=world.check("C13").competency,
        due=date(2026, 11, 20),
    )
    dan = visit("dan", phone=True).goes_to("/")

    # When she taps three times
    dan.clicks("How sure are you? Sensor alerts").heading("On my own tonight I could")
    dan.shot("confidence-phone").presses("Mostly").heading("I know what to do")
    dan.presses("Half and half").heading("I know who to ask").presses("Yes, fully")
    dan.sees("Thank you.")

    # And passes, and is asked once more, and is not sure; by keyboard, on the smallest screen
    clock.now = NOW + timedelta(hours=3)
    with evidence.clock.at(clock.now):
        world.assess("dan", "C13")
    dan.page.set_viewport_size({"width": 320, "height": 640})
    dan.goes_to("/").sees("Checked on 18 November 2026")
    tab_to(dan, lambda on: on["text"].startswith("How sure are you?"))
    dan.page.keyboard.press("Enter")
    for heading in ("On my own tonight", "I know what to do", "I know who to ask"):
        dan.heading(heading).checked()
        tab_to(dan, lambda on: "Not really" in on["text"])
        dan.page.keyboard.press("Enter")
    dan.sees("Thank you.").checked()

    # Then her manager sees whom to talk to, and why
    ruth = visit("ruth").goes_to("/questions/").clicks("How sure are people?")
    ruth.heading("as sure as they are ready").sees("Ready, not sure yet")
    ruth.page.get_by_role("link", name="1 Pass, Not sure").click()
    ruth.checked().sees("Daniela Popescu: Sensor alerts").sees("Says 2 of 5.").shot("confidence")
    ruth.sees("A prompt to talk, not a verdict.").clicks("Daniela Popescu: Sensor alerts")
    ruth.heading("Daniela Popescu").sees("How sure, and how it went")
