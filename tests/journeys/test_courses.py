"""Journey: courses come in from a file, are seen beside competence, and change nobody's readiness;
what a course led to is asked about the course."""

from collections.abc import Callable
from datetime import timedelta

from surehand import evidence
from surehand.people.access import AccessRole
from tests.journeys.conftest import Visit
from tests.journeys.steps import bring_in
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import NOW, World
from tests.support.test_courses import INTRODUCTION, took


def test_attendance_is_brought_in_and_makes_nobody_ready(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Daniela, who has passed nothing yet
    dan = world.people["dan"]
    ruth = visit("ruth")
    # When Ruth brings in that she completed her courses
    bring_in(
        ruth,
        "Courses attended",
        "courses.csv",
        "person_id,course,date,provider,outcome\n"
        f"{dan.identity.reference},{INTRODUCTION},2026-11-02,Brindle Training,completed\n"
        f"{dan.identity.reference},Fire safety,2026-11-02,,attended\n"
        f"{dan.identity.reference},Fire safety,2027-11-02,,attended\n",
    )
    ruth.sees("Courses not seen before").sees("is still to come").shot("courses-preview")
    ruth.presses("Bring in the good rows").heading("Done, except for the rows refused")
    # Then the courses stand beside competence, and she is no more ready than before
    ruth.goes_to("/people/?service=ALD").clicks("Courses")
    ruth.heading("Which courses have people at Alder House attended?").sees("2 Nov ’26")
    ruth.shot("courses").goes_to(f"/people/{dan.pseudonym}/").sees("Not ready")
    ruth.sees("Courses – attendance is not competence").sees("given by Brindle Training")
    ruth.goes_to("/matrix/?service=ALD").sees("Courses – attendance is not competence")
    # And she reads the same of herself, on her phone
    own = visit("dan", phone=True).goes_to(f"/people/{dan.pseudonym}/")
    own.sees("Attending a course never makes anybody ready").shot("courses-own-phone")


def test_what_a_course_led_to_by_keyboard(world: World, visit: Callable[..., Visit]) -> None:
    # Given six people who came on one day, five of whom needed further support
    with evidence.clock.at(NOW - timedelta(days=20)):
        for number in range(6):
            world.add_person(f"n{number}", f"New Starter {number}", role=AccessRole.CARE_WORKER)
            world.add_post(f"n{number}", world.alder, "CW")
    took(world, *(f"n{number},{INTRODUCTION},2026-11-10" for number in range(6)))
    for number in range(6):
        judge = world.fail if number else world.assess
        judge(f"n{number}", "C04", by="wendy")
    # When the workforce lead follows the link on the home page by keyboard
    helen = visit("helen").goes_to("/")
    tab_to(helen, lambda on: on["text"].startswith("From course to check") and on["type"] == "a")
    helen.page.keyboard.press("Enter")
    helen.page.wait_for_url("**/courses/to-check/**")
    # Then the course is asked about
    helen.checked().heading("Does training at all services work first time?")
    helen.sees("5 of 6 who came on 10 November 2026 needed further support").shot("course-checks")
    # And one check alone can be chosen by keyboard
    tab_to(helen, lambda on: on["name"] == "check")
    assert "Check" in helen.page.evaluate(FOCUSED)["text"]
    helen.goes_to("/courses/to-check/?service=ALD&check=C01").sees("Nobody checked yet")
    phone = visit("ruth", phone=True).goes_to("/courses/to-check/?service=ALD")
    phone.sees("5 of 6 who came").shot("course-checks-phone")
