"""Journey: somebody restricted is on tomorrow's rota; the way out; lifted after a later pass."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand import evidence
from tests.journeys.conftest import Clock, Visit
from tests.journeys.steps import judge
from tests.provider import NOW, World


def test_a_restriction_is_seen_has_a_way_out_and_is_lifted_after_a_pass(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Samuel and Callum, both senior and independent; Samuel works tomorrow
    for name in ("sam", "cal"):
        world.pass_all(name, by="wendy")
    world.sign_off("sam", "cal")
    world.add_shift("sam", NOW + timedelta(days=1))
    sam = world.people["sam"].pseudonym

    # When the team leader stops his live use, she sees which shift that changes
    tessa = visit("tessa", phone=True).goes_to(f"/people/{sam}/restrict/").sees("1 coming shift")
    tessa.fills("Why?", "Two medicine prompts closed without looking.")
    tessa.presses("Stop live use now").sees("Independent live use is stopped for Samuel Tetteh")

    # Then the registered manager sees it on the rota, why, and the ways out
    ruth = visit("ruth").goes_to("/live-use/").sees("1 of 1 shift is not")
    ruth.clicks("Samuel Tetteh, 19 November").sees("What you can do")
    ruth.sees("Independent live use was stopped on 18 November 2026")
    expect(ruth.page.get_by_role("region", name="Samuel Tetteh")).to_contain_text(
        "Callum Whitfield"
    )

    # When he passes the check again the same afternoon, and she lifts it citing that
    clock.now = NOW + timedelta(hours=6)
    with evidence.clock.at(clock.now):
        cal = visit("cal").goes_to(f"/assess/{sam}/C11/?service=ALD")
        judge(cal)
        cal.presses("Save the assessment").sees("Pass")
        ruth.goes_to("/live-use/").clicks("Samuel Tetteh, 19 November")
        ruth.clicks("See the restriction").sees("Two medicine prompts closed")
        ruth.page.get_by_label("passed on 18 November 2026").check()
        ruth.presses("Lift the restriction").sees("The earlier sign-off does not come back")
        ruth.goes_to("/live-use/").sees("1 of 1 shift is not")

        # Then the workforce lead signs again, and tomorrow is clear
        helen = visit("helen").goes_to("/sign-off/?service=ALD")
        helen.page.get_by_label("Sign off Samuel Tetteh").check()
        helen.presses("Sign off the people chosen").sees("Signed off for independent live use")
        ruth.goes_to("/live-use/").does_not_see("shift is not")
        tomorrow = ruth.page.get_by_role("link", name="Independent, Samuel Tetteh, 19 November")
        expect(tomorrow).to_be_visible()
