"""Journey: a check taken in practice is judged by an assessor, and is in the competency log."""

from collections.abc import Callable
from datetime import timedelta

from surehand import evidence
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import tab_to
from tests.practice.goes import BADLY, a_go
from tests.provider import NOW, World


def test_a_check_in_practice_is_agreed_with_and_another_judged_by_keyboard(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given Daniela, who showed everything, and Samuel, of whom marking cannot say all
    with evidence.clock.at(NOW - timedelta(hours=2)):
        shown = len(a_go(world, "dan", code="S02").end.marks)
        a_go(world, "sam", code="S06", script=BADLY)
    # When Callum opens what waits, on his phone, and agrees
    cal = visit("cal", phone=True).goes_to("/assess/?service=ALD")
    cal.sees("Checks in practice to judge").clicks("Daniela Popescu: Right person")
    cal.sees("If you agree with all of it: Pass").shot("judge-practice-phone")
    cal.clicks("Step 3").presses("Agree and record")
    # Then one tap has recorded it, with the way back to how it was done
    cal.heading("How did Daniela Popescu do?").sees("Two Harolds")
    cal.clicks("See how it was done Made from").heading("How was it done?")

    # When he judges the other one by keyboard, and leaves out what marking left open
    desk = visit("cal").goes_to("/assess/?service=ALD")
    tab_to(desk, lambda on: on["text"].startswith("Samuel Tetteh: Sensor alerts"))
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/assess/attempts/**")
    desk.checked().sees("Marking proposes nothing here. Judge it yourself.")
    tab_to(desk, lambda on: on["text"] == "Record what you judged")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("[class*=error-summary]")
    desk.checked()
    for code in ("C13.4", "C13.5"):
        tab_to(desk, lambda on, name=f"judged_{code}": on["name"] == name)  # type: ignore[misc]
        desk.page.keyboard.press("Space")
    tab_to(desk, lambda on: on["text"] == "Record what you judged")
    desk.page.keyboard.press("Enter")
    # Then it is judged, with the note that marking began
    desk.page.wait_for_url("**/assessments/**")
    desk.checked().sees("Further support required").sees("Not shown in practice: ")

    # And the manager sees in the log what was missed, and the person reads her own
    ruth = visit("ruth").goes_to("/people/?service=ALD").clicks("Practice", exact=True)
    ruth.goes_to("/practice/log/?service=ALD").sees("1 of 1 person").shot("log")
    own = visit("dan", phone=True).goes_to(f"/practice/log/{world.people['dan'].pseudonym}/")
    own.heading("What did you practise?").sees(f"{shown} of {shown}").shot("log-own-phone")
