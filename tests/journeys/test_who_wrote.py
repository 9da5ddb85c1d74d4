"""Journey: who wrote live records on Saturday night, and what the registered manager does."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from tests.assurance.writing import an_account, wrote
from tests.journeys.conftest import Visit
from tests.journeys.test_by_keyboard import FOCUSED, tab_to
from tests.provider import NOW, World

SATURDAY = NOW.replace(hour=20, minute=0) - timedelta(days=4)


def test_nine_notes_on_saturday_night(world: World, visit: Callable[..., Visit]) -> None:
    # Given Eve, from an agency and not ready, who wrote nine notes on Saturday night, and two
    # accounts of which nobody knows who uses them
    world.add_shift("eve", SATURDAY)
    eve = an_account(world.people["eve"])
    for hour in range(9):
        wrote(eve, world.alder, SATURDAY + hour * timedelta(hours=1))
    wrote(an_account(shared=True, reference="night-tablet"), world.alder, SATURDAY)
    wrote(an_account(reference="tempstaff3"), world.alder, SATURDAY)

    # When Ruth comes in, home says so, and leads to who it was and why
    ruth = visit("ruth", phone=True).goes_to("/").sees("9 live records by somebody not cleared")
    ruth.clicks("9 live records by somebody not cleared").sees("Who has been writing live records?")
    ruth.sees("9 while not cleared").sees("Not ready to use the live system")
    ruth.does_not_see("tempstaff3")

    # Then what was known that night can be read, and supervised use be allowed
    ruth.clicks("What was known then").sees("Was this person cleared?")
    ruth.sees("14 November 2026, 20:00")
    ruth.goes_to("/live-records/?service=ALD&days=7&finding=not_cleared")
    ruth.clicks("Allow supervised use").sees("Eve O’Brien")

    # And by keyboard alone: only agency staff, then the accounts nobody knows
    desk = visit("ruth").goes_to("/live-records/?service=ALD").sees("11 of 11 live records")
    tab_to(desk, lambda on: on["name"] == "who")
    desk.page.keyboard.press("ArrowDown")
    desk.page.wait_for_url("**who=agency**")
    desk.checked().sees("9 of 9 live records of agency staff")
    desk.goes_to("/live-records/?service=ALD")
    tab_to(desk, lambda on: on["text"].startswith("1 by an account linked to nobody"))
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**finding=unknown_account**")
    desk.checked().sees("tempstaff3").does_not_see("night-tablet")
    assert desk.page.evaluate(FOCUSED)
    expect(desk.page.get_by_role("table", name="Live records by week")).to_contain_text("11")
