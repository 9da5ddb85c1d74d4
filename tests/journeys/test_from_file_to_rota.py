"""Journey: a person is assessed, signed off, and their shift is cleared."""

from collections.abc import Callable
from datetime import timedelta

from tests.journeys.conftest import Clock, Visit
from tests.provider import NOW, World


def judge_all_met(visit: Visit) -> None:
    for group in visit.page.locator("fieldset").filter(has_text="Not met").all():
        group.get_by_label("Met", exact=True).check()


def test_assessed_signed_off_and_cleared(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela, who has passed every check but one, and works tonight
    world.pass_all("dan", but=["C04"])
    world.add_shift("dan", NOW + timedelta(hours=12))

    # When the registered manager looks at the rota, she is not cleared
    ruth = visit("ruth").goes_to("/live-use/")
    ruth.sees("1 of 1 shift is not")

    # When Callum assesses the last check
    cal = visit("cal").goes_to("/assess/")
    cal.page.goto(f"{cal.address}/assess/{world.people['dan'].pseudonym}/C04/")
    cal.checked()
    judge_all_met(cal)
    cal.presses("Save the assessment").sees("Pass")

    # And the workforce lead signs her off
    helen = visit("helen").goes_to("/sign-off/?service=ALD")
    helen.page.get_by_label("Sign off Daniela Popescu").check()
    helen.presses("Sign off the people chosen")
    helen.sees("Signed off for independent live use: Daniela Popescu")

    # Then her shift is cleared
    ruth.goes_to("/live-use/").sees("Every shift is cleared")
