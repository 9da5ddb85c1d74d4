"""Journey: from what needs me to the person, at a desk and on a phone, and how it was before."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand import evidence
from tests.journeys.conftest import Clock, Visit
from tests.provider import NOW, World


def test_from_what_needs_me_to_why_and_back_in_time(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Samuel, signed off in October, who failed a check on the 12th and works tonight
    with evidence.clock.at(NOW - timedelta(days=20)):
        world.pass_all("sam")
        world.sign_off("sam")
    with evidence.clock.at(NOW - timedelta(days=6)):
        world.fail("sam", "C07", note="The nurse was not told.")
    world.add_shift("sam", NOW + timedelta(hours=12))

    # When the registered manager opens the page in the morning
    ruth = visit("ruth").goes_to("/").heading("Good morning, Ruth")
    ruth.sees("1 shift in the next 24 hours is not cleared")
    ruth.sees("1 failed or incomplete check to review").shot("home-desk")

    # And looks for Samuel from the header, one hit leads to him
    ruth.page.get_by_label("Find a person").first.fill("tetteh")
    ruth.page.keyboard.press("Enter")
    ruth.page.wait_for_url("**/people/*/")
    ruth.checked().heading("Samuel Tetteh")
    ruth.sees("not use the live system yet").sees("The nurse was not told.").shot("person-desk")

    # Then as at the 10th he worked on his own
    day = f"{NOW - timedelta(days=8):%Y-%m-%d}"
    ruth.page.goto(f"{ruth.page.url.split('?')[0]}?at_date={day}&at_time=12:00&known=then")
    ruth.checked().sees("without a supervisor").sees("the ledger up to entry")
    expect(ruth.page.get_by_text("The nurse was not told.")).to_have_count(0)
    ruth.goes_to("/people/").heading("Who works at Alder House?")

    # And on his phone, in the dark, he reads what he may do, and what is held about him
    sam = visit("sam", phone=True, dark=True).goes_to("/").heading("Hello, Samuel")
    sam.sees("Do not record yet.").shot("home-phone")
    sam.clicks("Your page").heading("Samuel Tetteh")
    sam.goes_to("/held-about-me/").heading("What is held about me?").sees("Evidence entries")

    # And the provider-wide desk and the sign-in page stand on a phone too
    visit("helen", phone=True).goes_to("/").sees("staff work on their own")
    sam.page.context.clear_cookies()
    sam.goes_to("/sign-in/").heading("Sign in")
