"""Journey: a failed check, its review, coaching, the check again, sign-off, and a clear rota."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from tests.journeys.conftest import Clock, Visit
from tests.journeys.steps import enter_day, judge
from tests.provider import NOW, World


def test_a_failed_check_leads_through_coaching_to_a_clear_rota(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela, who has one check to go and works on Sunday
    world.pass_all("dan", but=["C04"])
    world.add_shift("dan", NOW + timedelta(days=4))
    critical = next(c for c in world.check("C04").criteria if c["critical"])
    dan = world.people["dan"].pseudonym

    # When Callum sees that a criterion which must be met is not
    cal = visit("cal", phone=True).goes_to("/assess/?name=Daniela")
    cal.clicks(world.check("C04").short)
    judge(cal, not_met=critical["text"])
    cal.fills("What did you see?", "The note could have been about anybody.")
    cal.presses("Save the assessment").sees("Further support required")

    # And the registered manager decides on coaching
    ruth = visit("ruth").goes_to("/").sees("1 failed or incomplete check to review")
    ruth.goes_to("/reviews/").clicks("Daniela Popescu")
    ruth.page.get_by_label("Coaching").check()
    ruth.fills("Why?", "She knows the resident, she does not write it yet.")
    ruth.page.get_by_label("Who gives the support?").select_option(label="Tessa Boyd")
    enter_day(ruth, "Support done by", 19, 11, 2026)
    enter_day(ruth, "Check again by", 20, 11, 2026)
    ruth.presses("Record the decision").sees("Coaching. Your decision is recorded.")
    ruth.goes_to("/live-use/").sees("1 of 1 shift is not")

    # Then Tessa coaches her and says how it went
    clock.now = NOW + timedelta(days=1)
    tessa = visit("tessa", phone=True).goes_to("/support/").clicks("Coaching: Daniela Popescu")
    tessa.page.get_by_label("It helped: ready for a re-check").check()
    tessa.fills("What was done, and what did you see?", "Four notes together; the last two alone.")
    tessa.presses("Record how it went").sees("recorded as finished")

    # And the check asked for is passed
    clock.now = NOW + timedelta(days=2)
    cal.goes_to("/assess/").sees("Asked for")
    cal.goes_to(f"/assess/{dan}/C04/?service=ALD")
    judge(cal)
    cal.presses("Save the assessment").sees("Pass")

    # And the workforce lead signs her off, from the matrix
    helen = visit("helen").goes_to("/matrix/?service=ALD").clicks("Sign off 1 person")
    helen.page.get_by_label("Sign off Daniela Popescu").check()
    helen.presses("Sign off the people chosen").sees("Signed off for independent live use")
    row = helen.goes_to("/matrix/?service=ALD").page.get_by_role("row", name="Daniela Popescu")
    expect(row.get_by_text("Independent").first).to_be_visible()

    # Then her shift is clear, and the ledger holds each step
    ruth.goes_to("/live-use/").does_not_see("shift is not")
    expect(ruth.page.get_by_role("link", name="Independent, Daniela Popescu")).to_be_visible()
    ruth.goes_to(f"/people/{dan}/?entries=all").sees("The note could have been about anybody.")
    ruth.sees("Four notes together").sees("Signed off")
