"""Journey: an agency worker's competence runs out in the middle of the rota."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from playwright.sync_api import expect

from surehand import evidence
from surehand.people.access import AccessRole
from tests.journeys.conftest import Clock, Visit
from tests.journeys.steps import judge
from tests.provider import World


def test_competence_that_runs_out_before_a_shift_is_told_before_it_happens(
    world: World, visit: Callable[..., Visit], clock: Clock
) -> None:
    # Given Gus from an agency, independent; an agency post counts his escalation check 3 months
    with evidence.clock.at(datetime(2026, 9, 2, 9, tzinfo=UTC)):
        world.add_person("gus", "Gus Reid", role=AccessRole.CARE_WORKER)
        first, second = (
            (date(2026, 9, 1), date(2026, 9, 14)),
            (date(2026, 9, 15), date(2026, 12, 13)),
        )
        for start, end in (first, second):
            world.add_post("gus", world.alder, "CW", start=start, end=end, employment="agency")
        assert world.check("C08").agency_months == 3
        world.assess("gus", "C08")
    with evidence.clock.at(datetime(2026, 10, 20, 9, tzinfo=UTC)):
        world.pass_all("gus")
        world.sign_off("gus")
    clock.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    for day in (date(2026, 11, 30), date(2026, 12, 3)):
        world.add_shift("gus", datetime(day.year, day.month, day.day, 8, tzinfo=UTC))

    # When the registered manager looks a week ahead, one shift is clear and the later one is not
    ruth = visit("ruth").goes_to("/live-use/").sees("1 of 2 shifts is not")
    ruth.clicks("Gus Reid, 3 December").sees("“Escalate in time” ran out")
    expect(ruth.page.get_by_role("link", name="Escalate in time, 2 September")).to_be_visible()

    # Then she has it checked in time, and both are clear
    gus = world.people["gus"].pseudonym
    ruth.goes_to(f"/people/{gus}/ask-for-a-check/?service=ALD&check=C08").heading("Which check")
    cal = visit("cal", phone=True).goes_to(f"/assess/{gus}/C08/?service=ALD")
    judge(cal)
    cal.presses("Save the assessment").sees("Pass")
    ruth.goes_to("/live-use/").does_not_see("shifts is not")
    expect(ruth.page.get_by_role("link", name="Independent, Gus Reid")).to_have_count(2)
