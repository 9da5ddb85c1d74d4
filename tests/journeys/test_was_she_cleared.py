"""Journey: was she cleared at 07:00 that day, on what evidence? True then, and known then."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from surehand import evidence
from tests.journeys.conftest import Clock, Visit
from tests.provider import NOW, World


def test_true_then_and_known_then_are_two_answers(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Daniela, signed off, who worked on the 19th
    world.pass_all("dan")
    world.sign_off("dan")
    # And a failure of the 18th that was only written down on the 21st
    with evidence.clock.at(NOW + timedelta(days=3)):
        world.fail(
            "dan", "C07", happened_at=NOW + timedelta(hours=4), note="The nurse was not told."
        )
    clock.now = NOW + timedelta(days=5)

    # When the nominated individual asks about 07:00 on the 19th
    nadia = visit("nadia").goes_to("/readiness/?service=ALD")
    nadia.page.get_by_label("Person", exact=True).select_option(label="Daniela Popescu")
    nadia.page.get_by_label("Date", exact=True).fill("2026-11-19")
    nadia.page.get_by_label("Time", exact=True).fill("07:00")
    nadia.presses("Ask")

    # Then with all that is known now she was not cleared
    nadia.sees("No. Daniela Popescu was not ready at 19 November 2026")
    nadia.sees("with all that is known now")
    failed = world.check("C07").short
    expect(nadia.page.locator("main").get_by_text(failed).first).to_be_visible()

    # And by what was known then she was, and the evidence says on which checks it rested
    nadia.page.get_by_label("Show what was").select_option("then")
    nadia.presses("Ask").sees("Yes. Daniela Popescu could use the live system alone")
    nadia.sees("What was known then: up to entry").sees("The checks it rests on")
    expect(nadia.page.get_by_role("cell", name="Callum Whitfield").first).to_be_visible()
    # And both answers have an address that can be sent
    assert "known=then" in nadia.page.url
    assert "at_date=2026-11-19" in nadia.page.url
    helen = visit("helen", phone=True)
    helen.goes_to(nadia.page.url.removeprefix(nadia.address)).sees(
        "could use the live system alone"
    )
