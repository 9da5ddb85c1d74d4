"""Journey: each access role opens the product and sees what is theirs, and nothing that is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.journeys.conftest import Visit
from tests.provider import NOW, World

# Who, what the navigation offers, what it does not.
HOMES = [
    ("dan", ["Home"], ["Matrix", "People", "Assess", "Imports"]),
    ("cal", ["Assess", "Matrix", "People"], ["Reviews", "Imports", "Settings"]),
    ("tessa", ["Assess", "Live use", "Support"], ["Reviews", "Imports"]),
    ("ruth", ["Reviews", "Live use", "Imports", "Matrix"], ["Settings"]),
    ("helen", ["Matrix", "Assess", "Imports"], ["Settings"]),
    ("queenie", ["Matrix", "People", "Records", "Imports"], ["Assess", "Reviews"]),
    ("paul", ["Matrix", "Live use"], ["Assess", "Reviews", "Imports"]),
    ("nadia", ["Matrix", "Live use"], ["Assess", "Reviews", "Imports"]),
    ("ada", ["Imports"], ["Matrix", "People", "Assess", "Live use"]),
]


@pytest.mark.parametrize(("name", "offered", "kept_from"), HOMES, ids=[h[0] for h in HOMES])
def test_home(
    world: World,
    visit: Callable[..., Visit],
    name: str,
    offered: list[str],
    kept_from: list[str],
) -> None:
    # Given a failed check, and a shift tonight that is not cleared
    world.fail("dan", "C04")
    world.add_shift("dan", NOW + timedelta(hours=12))
    # When they open the product at a desk and on a phone
    desk = visit(name).goes_to("/")
    navigation = desk.page.get_by_role("navigation").first.inner_text()
    # Then the navigation offers their work alone, each link leads to a page that is for them
    for words in offered:
        assert words in navigation
    for words in kept_from:
        assert words not in navigation
    for link in desk.page.locator("main a[href^='/']").all()[:12]:
        href = str(link.get_attribute("href"))
        assert desk.page.request.get(desk.address + href).status == 200, href
    phone = visit(name, phone=True).goes_to("/")
    assert phone.page.get_by_role("heading", level=1).inner_text()
