"""Journey: a workforce lead sees whom a stricter plan touches, and publishes it (R12)."""

from collections.abc import Callable

from surehand.competency.models import PlanVersion
from tests.journeys.conftest import Visit
from tests.provider import World
from tests.readiness.test_plan_pages import STRICTER


def test_a_plan_that_adds_a_gate_shows_whom_it_touches_first(
    world: World, visit: Callable[..., Visit]
) -> None:
    world.pass_all("dan")
    world.sign_off("dan")
    helen = visit("helen").goes_to("/plan/").clicks("Publish the next version")
    helen.page.get_by_label("Plan document").set_input_files(
        {"name": "plan.yaml", "mimeType": "application/yaml", "buffer": STRICTER.encode()}
    )
    helen.presses("See what it changes").heading("Whom does this plan touch?")
    helen.sees("C20 is raised for").sees("Daniela Popescu")
    assert PlanVersion.objects.count() == 1
    helen.presses("Publish this version").sees("Version 2 is published")
    helen.sees("What this version changed")
    assert PlanVersion.objects.count() == 2
